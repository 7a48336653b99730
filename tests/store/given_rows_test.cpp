#include "store/given_rows.hpp"

#include "sql_rows.hpp"
#include "store/core.hpp"
#include "tapedeck/query/given.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::at_ms;
using test::check_refused;
using test::interval;
using test::new_instrument;
using test::sql_line;

Decimal decimal(std::string_view text) {
  const auto parsed = parse_decimal(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

Kline kline(int64_t minute, std::string_view close, std::string_view volume = "1") {
  return {.begin = at_ms(minute * 60'000),
          .open = decimal("1"),
          .high = decimal("9"),
          .low = decimal("0.5"),
          .close = decimal(close),
          .volume = decimal(volume),
          .quote_volume = {},
          .buy_volume = {},
          .buy_quote_volume = {},
          .trades = {}};
}

std::string closes(const Store& store, const Instrument& instrument) {
  std::string line;
  for_each_given_kline(
      store, {.instrument = instrument}, interval("1m"), [&](const GivenKline& given) {
        line += fmt::format("{}:{} ", to_epoch_ns(given.kline.begin) / 60'000'000'000,
                            to_text(given.kline.close));
        return KeepGoing::go_on;
      });
  return line;
}

TEST_CASE("of klines with one begin the last wins, within a call and between calls") {
  Store store{":memory:"};
  const Instrument instrument = new_instrument(store);
  Writer writer{store};
  const BarInterval minute = interval("1m");
  CHECK(writer.upsert_klines(instrument.id, minute,
                             std::vector{kline(2, "2"), kline(1, "1"), kline(2, "2.5")}) == 2);
  CHECK(closes(store, instrument) == "1:1 2:2.5 ");
  CHECK(writer.upsert_klines(instrument.id, minute,
                             std::vector{kline(1, "1.000"), kline(2, "3"), kline(3, "4")}) == 2);
  CHECK(closes(store, instrument) == "1:1 2:3 3:4 ");
  CHECK(writer.upsert_klines(instrument.id, minute, std::vector{kline(3, "4")}) == 0);
  CHECK(writer.upsert_klines(instrument.id, minute, {}) == 0);
  CHECK(sql_line(store, "SELECT count(*) FROM tape.bars") == "3");
}

TEST_CASE("interval, instrument and source keep klines apart") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const Instrument eth = new_instrument(store, "ETHUSDT");
  Writer writer{store};
  const std::vector<Kline> one{kline(0, "1")};
  CHECK(writer.upsert_klines(btc.id, interval("1m"), one) == 1);
  CHECK(writer.upsert_klines(btc.id, interval("1h"), one) == 1);
  CHECK(writer.upsert_klines(eth.id, interval("1m"), one) == 1);
  CHECK(writer.upsert_klines(btc.id, interval("1m"), one, "it's mine'; DROP TABLE tape.bars; --") ==
        1);
  CHECK(sql_line(store, "SELECT count(*), count(DISTINCT source) FROM tape.bars") == "4 2");
}

TEST_CASE("a kline keeps every field and digit") {
  Store store{":memory:"};
  const Instrument instrument = new_instrument(store);
  Kline full = kline(1, "0.000000000001", "99999999999999999999999999.999999999999");
  full.quote_volume = decimal("2.5");
  full.buy_volume = decimal("0");
  full.buy_quote_volume = decimal("1.25");
  full.trades = 77;
  Writer{store}.upsert_klines(instrument.id, interval("1m"), std::vector{full});
  std::vector<Kline> back;
  for_each_given_kline(store, {.instrument = instrument}, interval("1m"),
                       [&](const GivenKline& given) {
                         back.push_back(given.kline);
                         return KeepGoing::go_on;
                       });
  REQUIRE(back.size() == 1);
  CHECK(back[0].begin == full.begin);
  CHECK((back[0].close == full.close));
  CHECK(to_text(back[0].volume) == "99999999999999999999999999.999999999999");
  CHECK((back[0].quote_volume == full.quote_volume));
  CHECK((back[0].buy_volume == full.buy_volume));
  CHECK((back[0].buy_quote_volume == full.buy_quote_volume));
  CHECK(back[0].trades == 77);
}

TEST_CASE("a value that DECIMAL(38,12) cannot hold exactly is refused, and nothing is stored") {
  Store store{":memory:"};
  const Instrument instrument = new_instrument(store);
  Writer writer{store};
  const std::pair<Decimal, const char*> values[]{{{1, -13}, "more than 12 digits"},
                                                 {{int128{1} << 120, 0}, "too large"}};
  for (const auto& [value, words] : values) {
    Kline bad = kline(2, "1");
    bad.volume = value;
    check_refused(ErrorCode::out_of_range, {"volume", "1970-01-01T00:02:00Z", words}, [&] {
      writer.upsert_klines(instrument.id, interval("1m"), std::vector{kline(1, "1"), bad});
    });
  }
  CHECK(closes(store, instrument).empty());
  CHECK(store.coverage(instrument.id).empty());
  CHECK(writer.upsert_klines(instrument.id, interval("1m"), std::vector{kline(1, "1")}) == 1);
}

TEST_CASE("klines cover the stretches that follow one another") {
  Store store{":memory:"};
  const Instrument instrument = new_instrument(store);
  Writer{store}.upsert_klines(instrument.id, interval("1m"),
                              std::vector{kline(1, "1"), kline(2, "1"), kline(5, "1")});
  CHECK(test::coverage_line(store.coverage(instrument.id, "klines:1m")) ==
        "[60000, 180000) recorded; [180000, 300000) gap; [300000, 360000) recorded");
}

TEST_CASE("open interest is kept by its instant, the last value wins") {
  Store store{":memory:"};
  const Instrument instrument = new_instrument(store);
  Writer writer{store};
  const auto row = [&](int64_t ms, std::string_view value) {
    OpenInterest one;
    one.ts_event = at_ms(ms);
    one.open_interest = decimal(value);
    one.taker_volume_ratio = decimal("0.5");
    return one;
  };
  CHECK(writer.upsert_open_interest(instrument.id,
                                    std::vector{row(1, "10"), row(2, "20"), row(1, "11")}) == 2);
  CHECK(writer.upsert_open_interest(instrument.id, std::vector{row(2, "20"), row(3, "30")}) == 1);
  CHECK(sql_line(store,
                 "SELECT open_interest, open_interest_value, taker_volume_ratio FROM "
                 "open_interest ORDER BY time") == "11 NULL 0.5; 20 NULL 0.5; 30 NULL 0.5");
  CHECK(to_text(store.coverage(instrument.id, kOpenInterestDataset)[0].status) == "unverifiable");
}

}  // namespace
}  // namespace tapedeck
