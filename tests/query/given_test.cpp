#include "tapedeck/query/given.hpp"

#include "sql_rows.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::at;
using test::check_refused;
using test::interval;
using test::new_instrument;

constexpr std::chrono::minutes kMinute{1};

Kline kline_at(Timestamp begin, int64_t close, std::string_view = {}) {
  return {.begin = begin,
          .open = {close, 0},
          .high = {close + 1, 0},
          .low = {close - 1, 0},
          .close = {close, 0},
          .volume = {1, -1},
          .quote_volume = {},
          .buy_volume = {},
          .buy_quote_volume = {},
          .trades = 2};
}

std::vector<Kline> minutes(std::string_view from, int64_t count) {
  std::vector<Kline> klines;
  for (int64_t i = 0; i < count; ++i)
    klines.push_back(kline_at(at(from) + i * kMinute, 100 + i));
  return klines;
}

// "2024-01-01T00:00:00Z 100 159 6 complete; … | 1m, 60 rows"
std::string given(const Store& store, const GivenRequest& request, std::string_view word) {
  std::string line;
  const GivenAnswer answer =
      for_each_given_kline(store, request, interval(word), [&](const GivenKline& one) {
        line += fmt::format("{} {} {} {}{}; ", to_iso(one.kline.begin), to_text(one.kline.open),
                            to_text(one.kline.close), to_text(one.kline.volume),
                            one.complete ? " complete" : "");
        return KeepGoing::go_on;
      });
  return line + fmt::format("| {}, {} rows of {}", answer.made_of ? answer.made_of->text() : "none",
                            answer.rows, answer.source);
}

TEST_CASE("klines of the interval asked for come as they are stored") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.upsert_klines(btc.id, interval("1m"), minutes("2024-01-01", 3));
  CHECK(given(store, {.instrument = btc}, "1m") ==
        "2024-01-01T00:00:00Z 100 100 0.1 complete; 2024-01-01T00:01:00Z 101 101 0.1 complete; "
        "2024-01-01T00:02:00Z 102 102 0.1 complete; | 1m, 3 rows of venue");
  CHECK(given(store, {.instrument = btc, .range = {at("2024-01-01T00:01"), at("2024-01-01T00:02")}},
              "1m") == "2024-01-01T00:01:00Z 101 101 0.1 complete; | 1m, 1 rows of venue");
}

TEST_CASE("longer intervals are joined from a finer one that divides them") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.upsert_klines(btc.id, interval("1m"), minutes("2024-01-01", 61));
  CHECK(given(store, {.instrument = btc}, "1h") ==
        "2024-01-01T00:00:00Z 100 159 6 complete; 2024-01-01T01:00:00Z 160 160 0.1; | 1m, 61 rows "
        "of venue");
  CHECK(given(store, {.instrument = btc}, "1mo") ==
        "2024-01-01T00:00:00Z 100 160 6.1; | 1m, 61 rows of venue");
  CHECK(given(store, {.instrument = btc}, "30s") == "| none, 0 rows of venue");
}

TEST_CASE("a bar that begins before the range is left out, one that begins in it is whole") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.upsert_klines(btc.id, interval("1m"), minutes("2024-01-01", 180));
  CHECK(given(store, {.instrument = btc, .range = {at("2024-01-01T00:30"), at("2024-01-01T01:30")}},
              "1h") == "2024-01-01T01:00:00Z 160 219 6 complete; | 1m, 60 rows of venue");
}

TEST_CASE("what covers most of the range is used: of equals the interval itself, then the finest") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.upsert_klines(btc.id, interval("1m"), minutes("2024-01-01", 120));
  writer.upsert_klines(btc.id, interval("1h"), std::vector{kline_at(at("2024-01-01"), 7)});
  const TimeRange first_hour{at("2024-01-01"), at("2024-01-01T01:00")};
  CHECK(given(store, {.instrument = btc, .range = first_hour}, "1h") ==
        "2024-01-01T00:00:00Z 7 7 0.1 complete; | 1h, 1 rows of venue");
  CHECK(given(store, {.instrument = btc}, "1h").ends_with("| 1m, 120 rows of venue"));
  writer.upsert_klines(btc.id, interval("1h"), std::vector{kline_at(at("2024-01-01T01:00"), 8)});
  CHECK(given(store, {.instrument = btc}, "2h").ends_with("| 1m, 120 rows of venue"));
  writer.upsert_klines(btc.id, interval("1h"), std::vector{kline_at(at("2024-01-01T02:00"), 9)});
  CHECK(given(store, {.instrument = btc}, "2h").ends_with("| 1h, 3 rows of venue"));
}

TEST_CASE("a missing kline leaves its bar incomplete and is told as a gap") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  std::vector<Kline> klines = minutes("2024-01-01", 120);
  klines.erase(klines.begin() + 30);
  Writer{store}.upsert_klines(btc.id, interval("1m"), klines);
  CHECK(given(store, {.instrument = btc}, "1h") ==
        "2024-01-01T00:00:00Z 100 159 5.9; 2024-01-01T01:00:00Z 160 219 6 complete; | 1m, 119 rows "
        "of venue");
  const GivenAnswer answer = for_each_given_kline(store, {.instrument = btc}, interval("1h"),
                                                  [](const auto&) { return KeepGoing::stop; });
  REQUIRE(answer.coverage.gaps.size() == 1);
  CHECK(answer.coverage.gaps[0].range.begin == at("2024-01-01T00:30"));
}

TEST_CASE("sources are never mixed; without a wish the venue's come first") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.upsert_klines(btc.id, interval("1m"), minutes("2024-01-01", 2), "mine");
  CHECK(given(store, {.instrument = btc}, "1m").ends_with("2 rows of mine"));
  writer.upsert_klines(btc.id, interval("1m"), minutes("2024-01-01", 1));
  CHECK(given(store, {.instrument = btc}, "1m").ends_with("1 rows of venue"));
  CHECK(given(store, {.instrument = btc, .source = "mine"}, "1m").ends_with("2 rows of mine"));
  check_refused(ErrorCode::not_found,
                {"no klines are stored of source 'min'; did you mean 'mine'?"},
                [&] { given(store, {.instrument = btc, .source = "min"}, "1m"); });
}

TEST_CASE("open interest comes as stored, or the last row of each interval") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  std::vector<OpenInterest> rows;
  for (int i = 0; i < 25; ++i) {
    OpenInterest row;
    row.ts_event = at("2024-01-01") + i * 5 * kMinute;
    row.open_interest = {1000 + i, -1};
    row.account_ratio = Decimal{i, 0};
    rows.push_back(row);
  }
  Writer{store}.upsert_open_interest(btc.id, rows);
  const auto shown = [&](std::optional<BarInterval> every, TimeRange range) {
    std::string line;
    for_each_open_interest(store, {.instrument = btc, .range = range}, every,
                           [&](const OpenInterest& row) {
                             line += fmt::format("{} {}; ", to_iso(row.ts_event).substr(11, 5),
                                                 to_text(row.open_interest));
                             return KeepGoing::go_on;
                           });
    return line;
  };
  CHECK(shown({}, {at("2024-01-01"), at("2024-01-01T00:10")}) == "00:00 100; 00:05 100.1; ");
  CHECK(shown(interval("1h"), {}) == "00:55 101.1; 01:55 102.3; 02:00 102.4; ");
  CHECK(shown(interval("1h"), {at("2024-01-01T01:00"), at("2024-01-01T02:00")}) == "01:55 102.3; ");
}

}  // namespace
}  // namespace tapedeck
