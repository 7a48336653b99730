#include "tapedeck/market/bar.hpp"

#include "market/random_trades.hpp"
#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

BarInterval interval(std::string_view word) {
  const auto parsed = BarInterval::parse(word);
  REQUIRE(parsed.has_value());
  return *parsed;
}

Timestamp at(std::string_view text) {
  const auto t = parse_timestamp(text);
  REQUIRE(t.has_value());
  return *t;
}

Timestamp at_ms(int64_t ms) {
  return from_epoch_ns(ms * 1'000'000);
}

void add(TradeBlock& block, int64_t ms, int64_t price, int64_t quantity, AggressorSide side) {
  block.push_back(
      {.ts_event = at_ms(ms), .price = Price{price}, .quantity = Qty{quantity}, .side = side});
}

std::vector<Bar> folded(const TradeView& trades, std::string_view word) {
  BarFold fold{interval(word)};
  fold.add(trades);
  return fold.finish();
}

// The definition, row by row.
std::vector<Bar> bars_by_definition(const TradeView& trades, BarInterval by) {
  std::map<Timestamp, Bar> bars;
  for (size_t row = 0; row < trades.rows(); ++row) {
    const Trade trade = trades[row];
    const Timestamp begin = by.begin_of(trade.ts_event);
    auto [found, is_new] = bars.try_emplace(begin);
    Bar& bar = found->second;
    if (is_new) {
      bar = {.begin = begin,
             .end = by.next(begin),
             .open = trade.price,
             .high = trade.price,
             .low = trade.price,
             .close = trade.price};
    }
    const Volume quantity = trade.quantity.raw();
    bar.high = std::max(bar.high, trade.price);
    bar.low = std::min(bar.low, trade.price);
    bar.close = trade.price;
    bar.volume += quantity;
    if (trade.side == AggressorSide::buy) bar.buy_volume += quantity;
    if (trade.side == AggressorSide::sell) bar.sell_volume += quantity;
    bar.notional += quantity * trade.price.raw();
    ++bar.trades;
  }
  std::vector<Bar> all;
  for (const auto& [begin, bar] : bars)
    all.push_back(bar);
  return all;
}

}  // namespace

// OR-01
TEST_CASE("four trades give the two worked bars") {
  TradeBlock block;
  add(block, 60000, 100, 1, AggressorSide::buy);
  add(block, 60500, 101, 2, AggressorSide::sell);
  add(block, 119999, 99, 1, AggressorSide::buy);
  add(block, 120000, 102, 4, AggressorSide::sell);
  const std::vector<Bar> bars = folded(block.view(), "1m");
  REQUIRE(bars.size() == 2);
  CHECK(bars[0] == Bar{.begin = at_ms(60000),
                       .end = at_ms(120000),
                       .open = Price{100},
                       .high = Price{101},
                       .low = Price{99},
                       .close = Price{99},
                       .volume = 4,
                       .buy_volume = 2,
                       .sell_volume = 2,
                       .notional = 401,
                       .trades = 3});
  CHECK(bars[1] == Bar{.begin = at_ms(120000),
                       .end = at_ms(180000),
                       .open = Price{102},
                       .high = Price{102},
                       .low = Price{102},
                       .close = Price{102},
                       .volume = 4,
                       .buy_volume = 0,
                       .sell_volume = 4,
                       .notional = 408,
                       .trades = 1});
  CHECK(to_text(*vwap(bars[0], block.scale)) == "100.25");
  CHECK(to_text(*vwap(bars[1], block.scale)) == "102");
}

TEST_CASE("every interval is spelled as it is listed, shortest first") {
  const std::vector<std::string_view> words{
      "100ms", "200ms", "300ms", "500ms", "1s", "5s", "15s", "30s", "1m", "3m", "5m",
      "15m",   "30m",   "1h",    "2h",    "4h", "6h", "12h", "1d",  "1w", "1mo"};
  const auto all = BarInterval::all();
  REQUIRE(all.size() == words.size());
  for (size_t code = 0; code < words.size(); ++code) {
    CAPTURE(words[code]);
    CHECK(all[code].text() == words[code]);
    CHECK(all[code].code() == static_cast<int>(code));
    CHECK(BarInterval::parse(words[code]) == all[code]);
    CHECK(all[code].width().has_value() == (words[code] != "1mo"));
    if (code > 0 && all[code].width()) CHECK(*all[code - 1].width() < *all[code].width());
  }
  CHECK(BarInterval::parse("1M") == interval("1mo"));
  CHECK(interval("second").width() == std::chrono::seconds{1});
  CHECK(interval("minute") == interval("1m"));
  CHECK(interval("hour") == interval("1h"));
  CHECK(interval("day") == interval("1d"));
  CHECK(interval("week") == interval("1w"));
  CHECK(interval("month") == interval("1mo"));
  CHECK(interval("hour").text() == "1h");
  CHECK(interval("1m").width() == std::chrono::minutes{1});
  for (const std::string_view word :
       {"", "m", "7m", "1", "1min", "60s", "1H", "1D", "1W", "1m ", "days", "Day", "1day"}) {
    CAPTURE(word);
    CHECK_FALSE(BarInterval::parse(word).has_value());
  }
}

TEST_CASE("a bar begins on its grid in UTC") {
  struct Row {
    std::string_view word;
    std::string_view inside;
    std::string_view begin;
    std::string_view next;
  };
  const std::vector<Row> rows{
      {"100ms", "2024-08-08T00:00:00.199999999", "2024-08-08T00:00:00.1", "2024-08-08T00:00:00.2"},
      {"1m", "2024-08-08T23:59:59.999", "2024-08-08T23:59", "2024-08-09"},
      {"4h", "2024-08-08T07:59", "2024-08-08T04:00", "2024-08-08T08:00"},
      {"1d", "2024-08-08T12:00", "2024-08-08", "2024-08-09"},
      {"1w", "2024-08-08", "2024-08-05", "2024-08-12"},                     // Thursday
      {"1w", "2024-08-05", "2024-08-05", "2024-08-12"},                     // Monday
      {"1w", "2024-08-04T23:59:59.999999999", "2024-07-29", "2024-08-05"},  // Sunday
      {"1w", "1970-01-01", "1969-12-29", "1970-01-05"},
      {"1w", "1970-01-05", "1970-01-05", "1970-01-12"},
      {"1w", "1969-12-28T23:59", "1969-12-22", "1969-12-29"},
      {"1mo", "2024-02-29T23:59", "2024-02-01", "2024-03-01"},
      {"1mo", "2023-02-28", "2023-02-01", "2023-03-01"},
      {"1mo", "2024-12-31", "2024-12-01", "2025-01-01"},
      {"1mo", "1969-12-31T23:59:59.999", "1969-12-01", "1970-01-01"},
      {"1mo", "1900-02-28", "1900-02-01", "1900-03-01"},
      {"1m", "1969-12-31T23:59:59.999999999", "1969-12-31T23:59", "1970-01-01"},
      {"1d", "1969-12-31T00:00", "1969-12-31", "1970-01-01"},
      {"5s", "1969-12-31T23:59:54.999", "1969-12-31T23:59:50", "1969-12-31T23:59:55"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.word);
    CAPTURE(row.inside);
    const BarInterval by = interval(row.word);
    CHECK(to_iso(by.begin_of(at(row.inside))) == to_iso(at(row.begin)));
    CHECK(to_iso(by.next(by.begin_of(at(row.inside)))) == to_iso(at(row.next)));
  }
}

TEST_CASE("the first and the last bar are cut where 64-bit nanoseconds end") {
  for (const BarInterval by : BarInterval::all()) {
    CAPTURE(by.text());
    CHECK(by.begin_of(Timestamp::min()) == Timestamp::min());
    CHECK(by.next(Timestamp::min()) > Timestamp::min());
    CHECK(by.begin_of(by.next(Timestamp::min())) == by.next(Timestamp::min()));
    CHECK(by.begin_of(Timestamp::max()) < Timestamp::max());
    CHECK(by.next(by.begin_of(Timestamp::max())) == Timestamp::max());
  }
}

TEST_CASE("bars are what their definition says, at every interval, before 1970 as well") {
  for (const int64_t begin_ns : {int64_t{1'723'075'200'000'000'000}, int64_t{-200'000'000'000}}) {
    const TradeBlock block = test::random_trades(1, {.begin_ns = begin_ns, .low = -500});
    for (const BarInterval by : BarInterval::all()) {
      CAPTURE(by.text());
      CHECK(folded(block.view(), by.text()) == bars_by_definition(block.view(), by));
    }
  }
}

TEST_CASE("a tape fed in pieces gives the bars of the tape fed whole") {
  const TradeBlock block = test::random_trades(2, {.rows = 5000});
  for (unsigned seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    BarFold fold{interval("1m")};
    test::add_in_pieces(fold, block.view(), seed, 1 + seed * 60);
    CHECK(fold.finish() == folded(block.view(), "1m"));
  }
}

TEST_CASE("closed bars are handed out once, the open one stays until the end") {
  const TradeBlock block = test::random_trades(3);
  const TradeView trades = block.view();
  BarFold fold{interval("5s")};
  std::vector<Bar> bars;
  for (size_t row = 0; row < trades.rows(); ++row) {
    fold.add(trades.part(row, row + 1));
    for (const Bar& bar : fold.take_closed()) {
      CHECK(bar.end <= trades[row].ts_event);
      bars.push_back(bar);
    }
  }
  const std::vector<Bar> rest = fold.finish();
  CHECK(rest.size() == 1);
  bars.insert(bars.end(), rest.begin(), rest.end());
  CHECK(bars == folded(trades, "5s"));
  CHECK(fold.finish().empty());
}

TEST_CASE("two parts of a bar join to the bar of the whole") {
  const TradeBlock block = test::random_trades(4, {.rows = 300, .max_pause_ms = 10});
  const std::vector<Bar> whole = folded(block.view(), "1d");
  REQUIRE(whole.size() == 1);
  for (size_t cut = 1; cut < block.rows(); ++cut) {
    const std::vector<Bar> earlier = folded(block.view().part(0, cut), "1d");
    const std::vector<Bar> later = folded(block.view().part(cut, block.rows()), "1d");
    CHECK(joined(earlier[0], later[0]) == whole[0]);
  }
}

TEST_CASE("minutes join to the bars of longer intervals") {
  const TradeBlock block = test::random_trades(5, {.rows = 20'000});
  for (const std::string_view word : {"5m", "1h", "1d", "1w", "1mo"}) {
    CAPTURE(word);
    const BarInterval by = interval(word);
    std::vector<Bar> longer;
    for (Bar minute : folded(block.view(), "1m")) {
      minute.begin = by.begin_of(minute.begin);
      minute.end = by.next(minute.begin);
      if (!longer.empty() && longer.back().begin == minute.begin) {
        longer.back() = joined(longer.back(), minute);
      } else {
        longer.push_back(minute);
      }
    }
    CHECK(longer == folded(block.view(), word));
  }
}

TEST_CASE("volumes and money beyond 64 bits are exact") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  TradeBlock block;
  add(block, 0, kMax, kMax, AggressorSide::buy);
  add(block, 0, -kMax, kMax, AggressorSide::sell);
  add(block, 0, kMax, kMax, AggressorSide::buy);
  add(block, 0, kMax, kMax, AggressorSide::buy);
  add(block, 0, 1, 1, AggressorSide::unknown);
  const std::vector<Bar> bars = folded(block.view(), "1m");
  REQUIRE(bars.size() == 1);
  CHECK(bars[0].volume == int128{kMax} * 4 + 1);
  CHECK(bars[0].buy_volume == int128{kMax} * 3);
  CHECK(bars[0].sell_volume == kMax);
  CHECK(bars[0].notional == int128{kMax} * kMax * 2 + 1);
  CHECK(bars[0].high == Price{kMax});
  CHECK(bars[0].low == Price{-kMax});
}

TEST_CASE("money beyond 128 bits is refused") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  TradeBlock block;
  for (int row = 0; row < 3; ++row)
    add(block, 0, kMax, kMax, AggressorSide::buy);
  CHECK_THROWS_AS(folded(block.view(), "1m"), Error);
}

TEST_CASE("trades out of order are refused") {
  TradeBlock block;
  add(block, 60'000, 1, 1, AggressorSide::buy);
  add(block, 59'999, 1, 1, AggressorSide::buy);
  CHECK_THROWS_AS(folded(block.view(), "1m"), Error);
}

TEST_CASE("no trades give no bars") {
  CHECK(folded(TradeView{}, "1m").empty());
}

TEST_CASE("a bar without volume has no average price") {
  TradeBlock block;
  add(block, 0, 100, 0, AggressorSide::buy);
  const std::vector<Bar> bars = folded(block.view(), "1m");
  REQUIRE(bars.size() == 1);
  CHECK_FALSE(vwap(bars[0], block.scale).has_value());
}

TEST_CASE("the average price has four digits more than the price, half to even") {
  Bar bar;
  const Scale scale{.price_exp = -2, .qty_exp = -3};
  bar.notional = 2;
  bar.volume = 3;
  CHECK(to_text(*vwap(bar, scale)) == "0.006667");
  bar.notional = 1;
  bar.volume = 20'000;  // 0.00005 of a price unit
  CHECK(to_text(*vwap(bar, scale)) == "0");
  bar.notional = 3;  // 0.00015
  CHECK(to_text(*vwap(bar, scale)) == "0.000002");
}

}  // namespace tapedeck
