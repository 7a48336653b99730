#include "feed/binance_frames.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

using test::binance;
using test::only;
using test::records_of;
using test::TestDecoder;

// What messages say, as numbers that a few lines of Python with decimal.Decimal found too.
struct Tally {
  int64_t updates = 0;
  int64_t images = 0;
  int64_t levels = 0;
  int64_t trades = 0;
  int64_t sells = 0;
  int64_t quotes = 0;
  int64_t klines = 0;
  int64_t closed = 0;
  uint64_t sum = 0;  // of all values in order: sum × 31 + value, in 64 bits

  bool operator==(const Tally&) const = default;

  void add(int64_t value) { sum = sum * 31 + static_cast<uint64_t>(value); }
  void add(const Decimal& value) { add(*rescale(value.units, value.exponent, -8)); }
  void add(const WireNumber& value) { add(to_decimal(value)); }
  void add(Timestamp at) { add(to_epoch_ns(at) / 1'000'000); }

  void take(const BookMessage& book) {
    ++(book.kind == BookMessageKind::image ? images : updates);
    levels += static_cast<int64_t>(book.bids.size() + book.asks.size());
    add(book.sequence.value());
    add(book.sequence_begin.value_or(0));
    add(book.sequence_previous.value_or(0));
    add(book.ts_event.value_or(Timestamp{}));
    for (const auto side : {book.bids, book.asks}) {
      for (const WireLevel& level : side) {
        add(level.price);
        add(level.quantity);
      }
    }
  }
  void take(const FeedTrade& trade) {
    ++trades;
    if (trade.side == AggressorSide::sell) ++sells;
    add(trade.ts_event);
    add(trade.trade_id.value());
    add(trade.price);
    add(trade.quantity);
  }
  void take(const FeedQuote& quote) {
    ++quotes;
    add(quote.sequence.value());
    add(quote.ts_event.value_or(Timestamp{}));
    for (const WireLevel& level : {quote.bid, quote.ask}) {
      add(level.price);
      add(level.quantity);
    }
  }
  void take(const FeedKline& bar) {
    ++klines;
    if (bar.closed) ++closed;
    const Kline& kline = bar.kline;
    add(kline.begin);
    for (const Decimal& value :
         {kline.open, kline.high, kline.low, kline.close, kline.volume, kline.quote_volume.value(),
          kline.buy_volume.value(), kline.buy_quote_volume.value()}) {
      add(value);
    }
    add(kline.trades.value());
  }
  template <typename Record>
  void take(const Record&) {
    FAIL("a record that the recordings do not have");
  }
  void take(const DecodedMessage& message) {
    CHECK(message.kind == MessageKind::data);
    for (const FeedRecord& record : message.records)
      std::visit([this](const auto& one) { take(one); }, record);
  }
};

TEST_CASE("recordings are decoded whole") {
  struct Row {
    std::string_view file;
    Tally wanted;
  };
  const std::vector<Row> rows{
      {"ws_binance_collector/cm_ethusd_perp_20240808.gz",
       {.updates = 22'909,
        .images = 1,
        .levels = 195'753,
        .trades = 1'732,
        .sells = 1'008,
        .quotes = 15'812,
        .sum = 1'327'091'531'645'687'522U}},
      {"ws_binance_collector/spot_btcusdt_20230405_us.gz",
       {.updates = 3'929,
        .levels = 32'024,
        .trades = 3'144,
        .sells = 1'784,
        .quotes = 8'015,
        .sum = 8'202'861'689'486'014'948U}},
      {"ws_binance_collector/spot_btcusdt_20240808.gz",
       {.updates = 3'451,
        .images = 1,
        .levels = 126'090,
        .trades = 9'757,
        .sells = 5'654,
        .quotes = 28'040,
        .sum = 11'596'293'453'277'979'774U}},
      {"ws_binance_collector/spot_btcusdt_20240809.gz",
       {.updates = 3'044,
        .levels = 174'021,
        .trades = 10'147,
        .sells = 5'157,
        .quotes = 45'134,
        .sum = 16'970'269'036'773'190'377U}},
      {"ws_binance_collector/usdm_ethusdt_20240718.gz",
       {.updates = 3'273,
        .images = 1,
        .levels = 76'916,
        .trades = 1'640,
        .sells = 1'015,
        .quotes = 9'089,
        .sum = 2'984'732'781'870'268'125U}},
      {"ws_binance_collector/usdm_ethusdt_20240719.gz",
       {.updates = 5'656,
        .levels = 280'222,
        .trades = 12'015,
        .sells = 7'748,
        .quotes = 38'239,
        .sum = 12'589'859'335'943'255'457U}},
      {"ws_binance_cryptofeed/binance_spot_20211011.ws.gz",
       {.updates = 177,
        .levels = 422,
        .trades = 2,
        .quotes = 84,
        .klines = 2,
        .sum = 5'352'222'512'472'790'634U}},
      {"ws_binance_cryptofeed/binance_usdm_20210722.ws.gz",
       {.updates = 764,
        .levels = 6'297,
        .trades = 91,
        .sells = 44,
        .quotes = 613,
        .klines = 67,
        .closed = 4,
        .sum = 8'568'287'814'961'052'514U}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.file);
    TestDecoder decoder = binance();
    Tally found;
    const bool there = test::for_each_frame(
        row.file, [&](std::string_view frame) { found.take(decoder.decode(frame)); });
    if (there) CHECK(found == row.wanted);
  }
}

// `URL -> SECONDS: BODY` of each line of a recording.
template <typename Take>
bool for_each_answer(std::string_view relative, Take take) {
  const std::string recorded = test::recorded_text(relative);
  for (size_t begin = 0; begin < recorded.size();) {
    const size_t end = std::min(recorded.find('\n', begin), recorded.size());
    const std::string_view line = std::string_view{recorded}.substr(begin, end - begin);
    begin = end + 1;
    const size_t arrow = line.find(" -> ");
    const size_t body = line.find(": {");
    if (arrow != std::string_view::npos && body != std::string_view::npos) {
      take(line.substr(0, arrow), line.substr(body + 2));
    }
  }
  return !recorded.empty();
}

TEST_CASE("recorded answers of depth are images with the symbols of their URLs") {
  struct Row {
    std::string_view file;
    std::vector<std::string> symbols;
    Tally wanted;
  };
  const std::vector<Row> rows{
      {"ws_binance_cryptofeed/binance_spot_20211011.http.gz",
       {"NKNUSDT", "BLZETH", "LRCBTC", "RUNEEUR"},
       {.images = 4, .levels = 4'648, .sum = 14'804'571'537'134'059'216U}},
      {"ws_binance_cryptofeed/binance_usdm_20210722.http.gz",
       {"SUSHIUSDT", "AKROUSDT", "KEEPUSDT", "CTKUSDT"},
       {.images = 4, .levels = 5'613, .sum = 3'728'093'094'902'848'497U}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.file);
    TestDecoder decoder = binance();
    Tally found;
    std::vector<std::string> symbols;
    const auto take = [&](std::string_view url, std::string_view body) {
      const DecodedMessage& message = decoder.answer(url, body);
      found.take(message);
      symbols.emplace_back(only<BookMessage>(message).symbol);
    };
    if (!for_each_answer(row.file, take)) continue;
    CHECK(found == row.wanted);
    CHECK(symbols == row.symbols);
  }
}

TEST_CASE("recorded answers of exchangeInfo give every instrument") {
  struct Row {
    std::string_view file;
    size_t instruments;
    int perpetuals;
    int futures;
    int inverse;
  };
  for (const Row& row : {Row{"rest/binance_exchangeInfo_spot_20211011.txt.gz", 1'695, 0, 0, 0},
                         Row{"rest/binance_exchangeInfo_usdm_20210722.txt.gz", 122, 120, 2, 0},
                         Row{"rest/binance_exchangeInfo_coinm.txt.gz", 36, 18, 18, 36}}) {
    CAPTURE(row.file);
    TestDecoder decoder = binance();
    for_each_answer(row.file, [&](std::string_view url, std::string_view body) {
      if (!url.ends_with("exchangeInfo")) return;
      const auto instruments = records_of<FeedInstrument>(decoder.answer(url, body));
      CHECK(instruments.size() == row.instruments);
      int perpetuals = 0;
      int futures = 0;
      int inverse = 0;
      for (const FeedInstrument& one : instruments) {
        CHECK_FALSE(one.symbol.empty());
        CHECK(one.tick_size.value().units > 0);
        CHECK(one.lot_size.value().units > 0);
        CHECK(one.inverse == one.contract_size.has_value());
        perpetuals += one.kind == InstrumentKind::perpetual ? 1 : 0;
        futures += one.kind == InstrumentKind::future ? 1 : 0;
        inverse += one.inverse ? 1 : 0;
      }
      CHECK(perpetuals == row.perpetuals);
      CHECK(futures == row.futures);
      CHECK(inverse == row.inverse);
    });
  }
}

}  // namespace
}  // namespace tapedeck
