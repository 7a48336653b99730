#include "store/given_rows.hpp"

#include <chrono>

namespace tapedeck {
namespace {

constexpr std::chrono::nanoseconds kNanosecond{1};

// DECIMAL(38,12) without its trailing zeros.
Decimal decimal_at(const duck::Result& rows, size_t column) {
  Decimal value{rows.hugeint(column), -12};
  for (; value.exponent < 0 && value.units % 10 == 0; ++value.exponent)
    value.units /= 10;
  return value;
}

std::optional<Decimal> find_decimal(const duck::Result& rows, size_t column) {
  return rows.is_null(column) ? std::nullopt : std::optional{decimal_at(rows, column)};
}

}  // namespace

std::vector<GivenSeries> given_series(duck::Connection& connection, InstrumentId instrument) {
  duck::Result rows = connection
                          .prepare(
                              "SELECT interval, source, min(\"begin\"), max(\"begin\") FROM "
                              "tape.bars WHERE instrument_id = CAST(? AS "
                              "INTEGER) GROUP BY ALL ORDER BY ALL")
                          .bind(1, static_cast<int64_t>(instrument))
                          .run();
  std::vector<GivenSeries> result;
  while (rows.next_row()) {
    // Rows that another program wrote may hold any word; no answer is made of them.
    const std::optional<BarInterval> interval = BarInterval::parse(rows.text(0));
    if (!interval) continue;
    const TimeRange range{.begin = rows.timestamp(2), .end = rows.timestamp(3) + kNanosecond};
    result.push_back({*interval, rows.text(1), range});
  }
  return result;
}

std::vector<Kline> given_klines(duck::Connection& connection, InstrumentId instrument,
                                BarInterval interval, std::string_view source, TimeRange range) {
  duck::Result rows =
      connection
          .prepare(
              "SELECT \"begin\", open, high, low, close, volume, quote_volume, buy_volume, "
              "buy_quote_volume, trades FROM tape.bars WHERE instrument_id = CAST(? AS INTEGER) "
              "AND interval = ? AND source = ? AND \"begin\" >= ? AND \"begin\" < ? ORDER BY "
              "\"begin\"")
          .bind(1, static_cast<int64_t>(instrument))
          .bind(2, interval.text())
          .bind(3, source)
          .bind(4, range.begin)
          .bind(5, range.end)
          .run();
  std::vector<Kline> result;
  while (rows.next_row()) {
    result.push_back({.begin = rows.timestamp(0),
                      .open = decimal_at(rows, 1),
                      .high = decimal_at(rows, 2),
                      .low = decimal_at(rows, 3),
                      .close = decimal_at(rows, 4),
                      .volume = decimal_at(rows, 5),
                      .quote_volume = find_decimal(rows, 6),
                      .buy_volume = find_decimal(rows, 7),
                      .buy_quote_volume = find_decimal(rows, 8),
                      .trades = rows.find_int64(9)});
  }
  return result;
}

std::optional<TimeRange> open_interest_range(duck::Connection& connection,
                                             InstrumentId instrument) {
  duck::Result rows =
      connection
          .prepare(
              "SELECT min(ts_event), max(ts_event) FROM tape.open_interest WHERE instrument_id = "
              "CAST(? AS INTEGER)")
          .bind(1, static_cast<int64_t>(instrument))
          .run();
  rows.next_row();
  if (rows.is_null(0)) return std::nullopt;
  return TimeRange{.begin = rows.timestamp(0), .end = rows.timestamp(1) + kNanosecond};
}

std::vector<OpenInterest> given_open_interest(duck::Connection& connection, InstrumentId instrument,
                                              TimeRange range) {
  duck::Result rows =
      connection
          .prepare(
              "SELECT ts_event, open_interest, open_interest_value, top_trader_account_ratio, "
              "top_trader_position_ratio, account_ratio, taker_volume_ratio FROM "
              "tape.open_interest WHERE instrument_id = CAST(? AS INTEGER) AND ts_event >= ? AND "
              "ts_event < ? ORDER BY ts_event")
          .bind(1, static_cast<int64_t>(instrument))
          .bind(2, range.begin)
          .bind(3, range.end)
          .run();
  std::vector<OpenInterest> result;
  while (rows.next_row()) {
    result.push_back({.ts_event = rows.timestamp(0),
                      .open_interest = decimal_at(rows, 1),
                      .open_interest_value = find_decimal(rows, 2),
                      .top_trader_account_ratio = find_decimal(rows, 3),
                      .top_trader_position_ratio = find_decimal(rows, 4),
                      .account_ratio = find_decimal(rows, 5),
                      .taker_volume_ratio = find_decimal(rows, 6)});
  }
  return result;
}

}  // namespace tapedeck
