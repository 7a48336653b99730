#include "store/derivative_rows.hpp"

#include "sql_rows.hpp"
#include "store/core.hpp"
#include "tapedeck/store/store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using namespace test;

Decimal decimal(std::string_view text) {
  const auto parsed = parse_decimal(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

struct OneStore {
  Store store{":memory:"};
  Instrument btc = new_instrument(store, "BTCUSDT", "binance-um");
  Instrument eth = new_instrument(store, "ETHUSDT", "binance-um");

  // Runs `insert` in a transaction, gives what it returns.
  template <typename Insert>
  int64_t stored(Insert insert) {
    int64_t rows = 0;
    store.core().write([&](duck::Transaction& transaction) { rows = insert(transaction); });
    return rows;
  }
  int64_t marks(const Instrument& instrument, const std::vector<MarkPrice>& rows) {
    return stored(
        [&](auto& transaction) { return insert_mark_prices(transaction, instrument.id, rows); });
  }
  int64_t funding(const std::vector<FundingRate>& rows) {
    return stored(
        [&](auto& transaction) { return insert_funding_rates(transaction, btc.id, rows); });
  }
  int64_t liquidations(const std::vector<Liquidation>& rows) {
    return stored(
        [&](auto& transaction) { return insert_liquidations(transaction, btc.id, rows); });
  }
  std::string sql(const std::string& text) { return sql_line(store, text); }
};

MarkPrice mark(int64_t ms, std::string_view price, std::optional<std::string_view> index = {},
               std::optional<int64_t> recv_ms = {}) {
  return {.ts_event = at_ms(ms),
          .mark_price = decimal(price),
          .index_price = index ? std::optional{decimal(*index)} : std::nullopt,
          .ts_recv = recv_ms ? std::optional{at_ms(*recv_ms)} : std::nullopt};
}

TEST_CASE("mark prices are stored once, whatever our clock said, with their digits") {
  OneStore one;
  const std::vector<MarkPrice> rows{mark(2, "100.5", "100.25", 12), mark(1, "99"),
                                    mark(2, "100.50", "100.250", 11)};
  CHECK(one.marks(one.btc, rows) == 2);
  CHECK(one.sql("SELECT epoch_ns(ts_event) // 1000000, epoch_ns(ts_recv) // 1000000, mark_price, "
                "index_price FROM tape.mark_prices ORDER BY ts_event") ==
        "1 NULL 99 NULL; 2 11 100.5 100.25");
  CHECK(one.marks(one.btc, rows) == 0);
  CHECK(one.marks(one.eth, rows) == 2);
  CHECK(one.marks(one.btc, {}) == 0);
  CHECK(one.sql("SELECT count(*) FROM tape.mark_prices") == "4");
}

TEST_CASE("rows of one time that differ in a value, or in having it, are several rows") {
  OneStore one;
  CHECK(one.marks(one.btc, {mark(1, "100"), mark(1, "101"), mark(1, "100", "99"),
                            mark(1, "100", "98")}) == 4);
  CHECK(one.marks(one.btc, {mark(1, "100"), mark(1, "100", "98"), mark(1, "100", "97")}) == 1);
  CHECK(
      one.funding(
          {{.ts_event = at_ms(1), .funding_rate = decimal("0.0001")},
           {.ts_event = at_ms(1), .funding_rate = decimal("0.0001"), .next_funding = at_ms(9)},
           {.ts_event = at_ms(1), .funding_rate = decimal("-0.0001"), .next_funding = at_ms(9)},
           {.ts_event = at_ms(1), .funding_rate = decimal("0.00010"), .next_funding = at_ms(9)}}) ==
      3);
  CHECK(one.sql("SELECT funding_rate, epoch_ns(next_funding) // 1000000 FROM tape.funding_rates "
                "ORDER BY ALL") == "-0.0001 9; 0.0001 9; 0.0001 NULL");
}

TEST_CASE("liquidations are told apart by side, price and quantity") {
  OneStore one;
  const auto row = [](AggressorSide side, std::string_view price, std::string_view quantity) {
    return Liquidation{.ts_event = at_ms(5),
                       .side = side,
                       .price = decimal(price),
                       .quantity = decimal(quantity),
                       .ts_recv = at_ms(6)};
  };
  using enum AggressorSide;
  const std::vector<Liquidation> rows{row(buy, "100", "1"), row(sell, "100", "1"),
                                      row(buy, "100", "2"), row(buy, "101", "1"),
                                      row(buy, "100.0", "1.0")};
  CHECK(one.liquidations(rows) == 4);
  CHECK(one.liquidations(rows) == 0);
  CHECK(one.sql("SELECT side, price, quantity FROM tape.liquidations ORDER BY ALL") ==
        "1 100 1; 1 100 2; 1 101 1; 2 100 1");
}

TEST_CASE(
    "a value that DECIMAL(38,12) cannot hold is refused with its time, and nothing is stored") {
  OneStore one;
  check_refused(
      ErrorCode::out_of_range, {"mark_price", "1970-01-01T00:00:00.003Z", "12 digits"}, [&] {
        one.marks(one.btc, {mark(1, "1"), {.ts_event = at_ms(3), .mark_price = {1, -13}}});
      });
  check_refused(ErrorCode::out_of_range, {"funding_rate", "too large"}, [&] {
    one.funding({{.ts_event = at_ms(3), .funding_rate = {int128{1} << 100, 0}}});
  });
  check_refused(ErrorCode::out_of_range, {"quantity", "12 digits"}, [&] {
    one.liquidations({{.ts_event = at_ms(3), .price = {1, 0}, .quantity = {1, -13}}});
  });
  CHECK(one.sql("SELECT count(*) FROM tape.mark_prices") == "0");
  CHECK(one.marks(one.btc, {mark(1, "1")}) == 1);
}

TEST_CASE("rows lie in the order of their time, thousands at once") {
  OneStore one;
  std::vector<MarkPrice> rows;
  for (int64_t i = 0; i < 5'000; ++i)
    rows.push_back(mark((i * 7'919) % 5'000, "100"));
  CHECK(one.marks(one.btc, rows) == 5'000);
  CHECK(one.sql("SELECT count(*) FROM (SELECT ts_event, lag(ts_event) OVER (ORDER BY rowid) AS "
                "before FROM tape.mark_prices) WHERE ts_event < before") == "0");
  CHECK(one.marks(one.btc, rows) == 0);
}

}  // namespace
}  // namespace tapedeck
