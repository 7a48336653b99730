#include "store/given_rows.hpp"

#include "duck/appender.hpp"
#include "store/coverage_rows.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <optional>
#include <vector>

namespace tapedeck {
namespace {

constexpr int kDecimalDigits = 12;  // of DECIMAL(38,12)

// The value as units of 10^-12.
int128 to_units(const Decimal& value, std::string_view field, Timestamp at) {
  const auto refuse = [&](std::string_view why) {
    throw Error{ErrorCode::out_of_range,
                fmt::format("{} {} at {} {}", field, to_text(value), to_iso(at), why)};
  };
  int128 units = value.units;
  int exponent = value.exponent;
  for (; exponent < -kDecimalDigits; ++exponent) {
    if (units % 10 != 0) refuse("has more than 12 digits behind the point");
    units /= 10;
  }
  for (; exponent > -kDecimalDigits; --exponent) {
    if (__builtin_mul_overflow(units, int128{10}, &units)) refuse("is too large");
  }
  int128 limit = 1;
  for (int digit = 0; digit < 38; ++digit)
    limit *= 10;
  if (units >= limit || units <= -limit) refuse("is too large");
  return units;
}

// Rows of (time, decimals…, count) on their way into a temporary table `given`.
class Stage {
 public:
  Stage(duck::Transaction& transaction, std::string_view columns, std::vector<std::string> decimals)
      : names_{std::move(decimals)}, chunk_{types(names_.size())} {
    transaction.connection().run(fmt::format("CREATE OR REPLACE TEMP TABLE given({})", columns));
    appender_.emplace(transaction, "main", "given");
  }

  void add(Timestamp at, const std::vector<std::optional<Decimal>>& values,
           std::optional<int64_t> count) {
    chunk_.column<int64_t>(0)[row_] = to_epoch_ns(at);
    for (size_t i = 0; i < values.size(); ++i) {
      if (!values[i]) {
        chunk_.set_null(i + 1, row_);
        continue;
      }
      const int128 units = to_units(*values[i], names_[i], at);
      chunk_.column<duckdb_hugeint>(i + 1)[row_] = {.lower = static_cast<uint64_t>(units),
                                                    .upper = static_cast<int64_t>(units >> 64)};
    }
    const size_t last = values.size() + 1;
    if (count) chunk_.column<int64_t>(last)[row_] = *count;
    if (!count) chunk_.set_null(last, row_);
    if (++row_ == duck::RowChunk::kRows) flush();
  }

  void close() {
    flush();
    appender_->close();
  }

 private:
  static std::vector<duck::TypeHandle> types(size_t decimals) {
    std::vector<duck::TypeHandle> result;
    result.emplace_back(duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP_NS));
    for (size_t i = 0; i < decimals; ++i) {
      result.emplace_back(duckdb_create_decimal_type(38, kDecimalDigits));
    }
    result.emplace_back(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
    return result;
  }

  void flush() {
    if (row_ == 0) return;
    chunk_.set_rows(row_);
    appender_->append(chunk_);
    chunk_.reset();
    row_ = 0;
  }

  std::vector<std::string> names_;
  duck::RowChunk chunk_;
  std::optional<duck::Appender> appender_;
  size_t row_ = 0;
};

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
  Stage stage{
      transaction,
      "\"begin\" TIMESTAMP_NS, open DECIMAL(38,12), high DECIMAL(38,12), low "
      "DECIMAL(38,12), close DECIMAL(38,12), volume DECIMAL(38,12), quote_volume "
      "DECIMAL(38,12), buy_volume DECIMAL(38,12), buy_quote_volume DECIMAL(38,12), trades "
      "BIGINT",
      {"open", "high", "low", "close", "volume", "quote_volume", "buy_volume", "buy_quote_volume"}};
  for (const auto& [begin, kline] : by_time(klines, &Kline::begin)) {
    stage.add(begin,
              {kline->open, kline->high, kline->low, kline->close, kline->volume,
               kline->quote_volume, kline->buy_volume, kline->buy_quote_volume},
              kline->trades);
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
  Stage stage{transaction,
              "ts_event TIMESTAMP_NS, oi DECIMAL(38,12), oi_value DECIMAL(38,12), r1 "
              "DECIMAL(38,12), r2 DECIMAL(38,12), r3 DECIMAL(38,12), r4 DECIMAL(38,12), unused "
              "BIGINT",
              {"open_interest", "open_interest_value", "top_trader_account_ratio",
               "top_trader_position_ratio", "account_ratio", "taker_volume_ratio"}};
  for (const auto& [at, row] : by_time(rows, &OpenInterest::ts_event)) {
    stage.add(at,
              {row->open_interest, row->open_interest_value, row->top_trader_account_ratio,
               row->top_trader_position_ratio, row->account_ratio, row->taker_volume_ratio},
              std::nullopt);
  }
  stage.close();
  const std::string key = fmt::format("o.instrument_id = {} AND o.ts_event = g.ts_event",
                                      static_cast<uint32_t>(instrument));
  run_counted(connection,
              "DELETE FROM given g USING tape.open_interest o WHERE " + key +
                  " AND (o.open_interest, o.open_interest_value, o.top_trader_account_ratio, "
                  "o.top_trader_position_ratio, o.account_ratio, o.taker_volume_ratio) IS NOT "
                  "DISTINCT FROM (g.oi, g.oi_value, g.r1, g.r2, g.r3, g.r4)");
  run_counted(connection, "DELETE FROM tape.open_interest o USING given g WHERE " + key);
  const int64_t stored = run_counted(
      connection, fmt::format("INSERT INTO tape.open_interest SELECT {}, ts_event, oi, oi_value, "
                              "r1, r2, r3, r4 FROM given ORDER BY ts_event",
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
