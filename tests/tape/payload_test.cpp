#include "tapedeck/tape/payload.hpp"

#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::at_ms;

Frame frame_of(const FrameContent& content) {
  return {.sequence = 1,
          .ts_recv = at_ms(1),
          .kind = kind_of(content),
          .instrument = InstrumentId{1},
          .count = rows_of(content),
          .payload = to_payload(content)};
}

template <typename Content>
Content again(const Content& content) {
  const auto read = read_payload(frame_of(content));
  REQUIRE(read.has_value());
  REQUIRE(std::holds_alternative<Content>(*read));
  return std::get<Content>(*read);
}

Decimal decimal(std::string_view text) {
  return *parse_decimal(text);
}

TEST_CASE("trades come back as they were given") {
  for (const bool has_ids : {true, false}) {
    TradeRows rows{.grain = Grain::aggregate, .source = "websocket", .own_load = has_ids};
    rows.trades.scale = {.price_exp = -2, .qty_exp = -8};
    for (int64_t i = 0; i < 100; ++i) {
      rows.trades.push_back({.ts_event = at_ms(i),
                             .trade_id = has_ids ? std::optional{INT64_MAX - i} : std::nullopt,
                             .price = Price{i + 1},
                             .quantity = Qty{i * i},
                             .side = static_cast<AggressorSide>(i % 3)});
    }
    const TradeRows read = again(rows);
    CHECK(read.grain == rows.grain);
    CHECK(read.source == rows.source);
    CHECK(read.own_load == rows.own_load);
    CHECK(read.trades.scale == rows.trades.scale);
    CHECK(read.trades.has_ids == has_ids);
    CHECK(read.trades.ts_event == rows.trades.ts_event);
    CHECK(read.trades.trade_id == rows.trades.trade_id);
    CHECK(read.trades.price == rows.trades.price);
    CHECK(read.trades.quantity == rows.trades.quantity);
    CHECK(read.trades.side == rows.trades.side);
  }
}

TEST_CASE("klines, open interest and quotes keep their digits, and what they lack") {
  const KlineRows klines =
      again(KlineRows{.interval = test::interval("1mo"),
                      .source = "venue",
                      .klines = {{.begin = at_ms(5),
                                  .open = decimal("1.5"),
                                  .high = decimal("123456789012345678.000000000001"),
                                  .low = decimal("0.000000000001"),
                                  .close = decimal("2"),
                                  .volume = decimal("0"),
                                  .quote_volume = decimal("-7.25"),
                                  .buy_volume = std::nullopt,
                                  .buy_quote_volume = std::nullopt,
                                  .trades = 7}}});
  REQUIRE(klines.klines.size() == 1);
  const Kline& kline = klines.klines.front();
  CHECK(klines.interval == test::interval("1mo"));
  CHECK(kline.begin == at_ms(5));
  CHECK(to_text(kline.high) == "123456789012345678.000000000001");
  CHECK(to_text(kline.low) == "0.000000000001");
  CHECK(to_text(kline.quote_volume.value()) == "-7.25");
  CHECK_FALSE(kline.buy_volume.has_value());
  CHECK(kline.trades == 7);

  const OpenInterestRows open_interest =
      again(OpenInterestRows{.source = "rest",
                             .rows = {{.ts_event = at_ms(6),
                                       .open_interest = decimal("10.5"),
                                       .open_interest_value = std::nullopt,
                                       .top_trader_account_ratio = std::nullopt,
                                       .top_trader_position_ratio = decimal("0.9"),
                                       .account_ratio = std::nullopt,
                                       .taker_volume_ratio = std::nullopt}}});
  CHECK(to_text(open_interest.rows.at(0).top_trader_position_ratio.value()) == "0.9");
  CHECK_FALSE(open_interest.rows.at(0).account_ratio.has_value());

  const QuoteRows quotes = again(QuoteRows{.source = "websocket",
                                           .quotes = {{.ts_event = at_ms(7),
                                                       .bid_price = decimal("1.1"),
                                                       .bid_quantity = decimal("2"),
                                                       .ask_price = decimal("1.2"),
                                                       .ask_quantity = decimal("3")}}});
  CHECK(to_text(quotes.quotes.at(0).ask_price) == "1.2");
  CHECK_FALSE(quotes.quotes.at(0).ts_recv.has_value());
  const QuoteRows received =
      again(QuoteRows{.quotes = {{.ts_event = at_ms(7), .ts_recv = at_ms(8), .sequence = -5}}});
  CHECK(received.quotes.at(0).ts_recv == at_ms(8));
  CHECK(received.quotes.at(0).sequence == -5);
}

TEST_CASE("changes carry their arguments") {
  const Deletion deletion =
      again(Deletion{.kind = DataKind::quotes, .cutoff = at_ms(8), .every_instrument = true});
  CHECK(deletion.kind == DataKind::quotes);
  CHECK(deletion.cutoff == at_ms(8));
  CHECK(deletion.every_instrument);
  CHECK(again(SettingChange{.key = "k", .json = "{\"a\":1}"}).json == "{\"a\":1}");
  CHECK_FALSE(again(SettingChange{.key = "k"}).json.has_value());
  CHECK(again(LoadNote{.path = "p", .sha256 = "s", .read_as = "trades time", .rows = 3}).read_as ==
        "trades time");
  CHECK(again(StatementNote{.sql = "DELETE"}).sql == "DELETE");
  CHECK(again(Refusal{.sequence = 4, .reason = "full"}).sequence == 4);
  CHECK(again(InstrumentRow{.name = {.venue = "binance", .symbol = "BTCUSDT"}}).name.symbol ==
        "BTCUSDT");
}

TEST_CASE("bytes that are too few, too many or of a later version are told from rows") {
  Frame frame = frame_of(TradeRows{.source = "s", .trades = test::run_of(1, 3, 1)});
  Frame shorter = frame;
  shorter.payload.pop_back();
  CHECK(read_payload(shorter).error() == "the payload is no trades");
  Frame longer = frame;
  longer.payload.push_back({});
  CHECK_FALSE(read_payload(longer).has_value());
  Frame more_rows = frame;
  more_rows.count = UINT32_MAX;
  CHECK_FALSE(read_payload(more_rows).has_value());
  Frame later = frame;
  later.kind = FrameKind::depth_snapshots;
  CHECK(read_payload(later).error() == "frames of kind 6 are of a later version");
}

}  // namespace
}  // namespace tapedeck
