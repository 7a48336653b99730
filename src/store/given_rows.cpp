#include "store/given_rows.hpp"

#include "store/coverage_rows.hpp"
#include "store/given_stage.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <vector>

namespace tapedeck {
namespace {

// Of rows with one time the last stays.
template <typename Row, typename Time>
std::map<Timestamp, const Row*> by_time(std::span<const Row> rows, Time time) {
  std::map<Timestamp, const Row*> result;
  for (const Row& row : rows)
    result[row.*time] = &row;
  return result;
}

int64_t run_counted(duck::Connection& connection, const std::string& sql) {
  return connection.run(sql).rows_changed();
}

}  // namespace

int64_t upsert_given_klines(duck::Transaction& transaction, InstrumentId instrument,
                            BarInterval interval, std::span<const Kline> klines,
                            const std::string& source) {
  duck::Connection& connection = transaction.connection();
  GivenStage stage{transaction,
                   {.time = "\"begin\"",
                    .decimals = {"open", "high", "low", "close", "volume", "quote_volume",
                                 "buy_volume", "buy_quote_volume"},
                    .wholes = {"trades"}}};
  for (const auto& [begin, kline] : by_time(klines, &Kline::begin)) {
    stage.add(begin,
              {kline->open, kline->high, kline->low, kline->close, kline->volume,
               kline->quote_volume, kline->buy_volume, kline->buy_quote_volume},
              {kline->trades});
  }
  stage.close();
  // The source is a word of ours or of the API's caller; it is bound, never written into SQL.
  connection.run("SET VARIABLE given_source = NULL");
  connection.prepare("SET VARIABLE given_source = CAST(? AS VARCHAR)")
      .bind(1, std::string_view{source})
      .run();
  const std::string key = fmt::format(
      "b.instrument_id = {} AND b.interval = '{}' AND b.source = getvariable('given_source') AND "
      "b.\"begin\" = g.\"begin\"",
      static_cast<uint32_t>(instrument), interval.text());
  run_counted(connection,
              "DELETE FROM given g USING tape.bars b WHERE " + key +
                  " AND (b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.buy_volume, "
                  "b.buy_quote_volume, b.trades) IS NOT DISTINCT FROM (g.open, g.high, g.low, "
                  "g.close, g.volume, g.quote_volume, g.buy_volume, g.buy_quote_volume, g.trades)");
  run_counted(connection, "DELETE FROM tape.bars b USING given g WHERE " + key);
  const int64_t stored = run_counted(
      connection,
      fmt::format("INSERT INTO tape.bars SELECT {}, '{}', \"begin\", getvariable('given_source'), "
                  "open, high, low, close, volume, quote_volume, buy_volume, buy_quote_volume, "
                  "trades FROM given ORDER BY \"begin\"",
                  static_cast<uint32_t>(instrument), interval.text()));
  connection.run("DROP TABLE given");
  return stored;
}

int64_t upsert_given_open_interest(duck::Transaction& transaction, InstrumentId instrument,
                                   std::span<const OpenInterest> rows) {
  duck::Connection& connection = transaction.connection();
  GivenStage stage{
      transaction,
      {.time = "ts_event",
       .decimals = {"open_interest", "open_interest_value", "top_trader_account_ratio",
                    "top_trader_position_ratio", "account_ratio", "taker_volume_ratio"},
       .wholes = {}}};
  for (const auto& [at, row] : by_time(rows, &OpenInterest::ts_event)) {
    stage.add(at, {row->open_interest, row->open_interest_value, row->top_trader_account_ratio,
                   row->top_trader_position_ratio, row->account_ratio, row->taker_volume_ratio});
  }
  stage.close();
  const std::string key = fmt::format("o.instrument_id = {} AND o.ts_event = g.ts_event",
                                      static_cast<uint32_t>(instrument));
  run_counted(
      connection,
      "DELETE FROM given g USING tape.open_interest o WHERE " + key +
          " AND (o.open_interest, o.open_interest_value, o.top_trader_account_ratio, "
          "o.top_trader_position_ratio, o.account_ratio, o.taker_volume_ratio) IS NOT "
          "DISTINCT FROM (g.open_interest, g.open_interest_value, g.top_trader_account_ratio, "
          "g.top_trader_position_ratio, g.account_ratio, g.taker_volume_ratio)");
  run_counted(connection, "DELETE FROM tape.open_interest o USING given g WHERE " + key);
  const int64_t stored = run_counted(
      connection,
      fmt::format("INSERT INTO tape.open_interest SELECT {}, given.* FROM given ORDER BY ts_event",
                  static_cast<uint32_t>(instrument)));
  connection.run("DROP TABLE given");
  return stored;
}

void insert_kline_coverage(duck::Transaction& transaction, InstrumentId instrument,
                           BarInterval interval, std::span<const Kline> klines,
                           const std::string& source) {
  std::vector<TimeRange> stretches;
  for (const auto& entry : by_time(klines, &Kline::begin)) {
    const TimeRange bar{.begin = entry.first, .end = interval.next(entry.first)};
    if (!stretches.empty() && stretches.back().end == bar.begin) {
      stretches.back().end = bar.end;
    } else {
      stretches.push_back(bar);
    }
  }
  std::vector<CoverageRow> rows;
  for (const TimeRange& range : stretches) {
    rows.push_back({.dataset = dataset_of_klines(interval), .range = range, .source = source});
  }
  insert_coverage(transaction, instrument, rows);
}

void insert_open_interest_coverage(duck::Transaction& transaction, InstrumentId instrument,
                                   std::span<const OpenInterest> rows, const std::string& source) {
  if (rows.empty()) return;
  const auto ordered = by_time(rows, &OpenInterest::ts_event);
  insert_coverage(transaction, instrument,
                  {.dataset = std::string{kOpenInterestDataset},
                   .range = {.begin = ordered.begin()->first,
                             .end = ordered.rbegin()->first + std::chrono::nanoseconds{1}},
                   .status = CoverageStatus::unverifiable,
                   .source = source});
}

}  // namespace tapedeck
