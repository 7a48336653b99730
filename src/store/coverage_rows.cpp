#include "store/coverage_rows.hpp"

#include "base/check.hpp"
#include "base/clock.hpp"
#include "duck/appender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

CoverageStatus parse_status(const std::string& word) {
  for (const CoverageStatus status :
       {CoverageStatus::recorded, CoverageStatus::verified_empty, CoverageStatus::gap,
        CoverageStatus::backfilled, CoverageStatus::unverifiable, CoverageStatus::deleted}) {
    if (word == to_text(status)) return status;
  }
  TAPEDECK_CHECK(false, "unknown coverage status '{}'", word);
  return CoverageStatus::gap;
}

// The columns of tape.coverage, in order.
void set_row(duck::RowChunk& chunk, size_t at, InstrumentId instrument, const CoverageRow& row,
             int64_t now_us) {
  const auto set_id = [&](size_t column, const std::optional<int64_t>& id) {
    if (id) {
      chunk.column<int64_t>(column)[at] = *id;
    } else {
      chunk.set_null(column, at);
    }
  };
  chunk.column<int32_t>(0)[at] = static_cast<int32_t>(instrument);
  chunk.set_text(1, at, row.dataset);
  chunk.column<int64_t>(2)[at] = to_epoch_ns(row.range.begin);
  chunk.column<int64_t>(3)[at] = to_epoch_ns(row.range.end);
  set_id(4, row.id_begin);
  set_id(5, row.id_end);
  chunk.set_text(6, at, to_text(row.status));
  if (row.cause.empty()) {
    chunk.set_null(7, at);
  } else {
    chunk.set_text(7, at, row.cause);
  }
  chunk.set_text(8, at, row.source);
  chunk.column<int64_t>(9)[at] = now_us;
}

std::vector<CoverageRow> rows_of(duck::Result rows) {
  std::vector<CoverageRow> result;
  while (rows.next_row()) {
    result.push_back({.dataset = rows.text(0),
                      .range = {.begin = rows.timestamp(1), .end = rows.timestamp(2)},
                      .id_begin = rows.find_int64(3),
                      .id_end = rows.find_int64(4),
                      .status = parse_status(rows.text(5)),
                      .cause = rows.find_text(6).value_or(""),
                      .source = rows.text(7)});
  }
  return result;
}

}  // namespace

std::vector<CoverageRow> coverage_rows(duck::Connection& connection, InstrumentId instrument,
                                       std::string_view dataset) {
  duck::Statement& select = connection.prepare(
      "SELECT dataset, \"begin\", \"end\", id_begin, id_end, status, cause, source FROM "
      "tape.coverage WHERE instrument_id = ? AND dataset = ?");
  return rows_of(select.bind(1, static_cast<int64_t>(instrument)).bind(2, dataset).run());
}

std::map<std::string, std::vector<CoverageRow>> coverage_by_dataset(duck::Connection& connection,
                                                                    InstrumentId instrument) {
  duck::Statement& select = connection.prepare(
      "SELECT dataset, \"begin\", \"end\", id_begin, id_end, status, cause, source FROM "
      "tape.coverage WHERE instrument_id = ?");
  std::map<std::string, std::vector<CoverageRow>> result;
  for (CoverageRow& row : rows_of(select.bind(1, static_cast<int64_t>(instrument)).run())) {
    result[row.dataset].push_back(std::move(row));
  }
  return result;
}

void insert_coverage(duck::Transaction& transaction, InstrumentId instrument,
                     std::span<const CoverageRow> rows) {
  if (rows.empty()) return;
  const int64_t now_us = now_epoch_ns() / 1'000;
  duck::RowChunk chunk{DUCKDB_TYPE_INTEGER,      DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_TIMESTAMP_NS,
                       DUCKDB_TYPE_TIMESTAMP_NS, DUCKDB_TYPE_BIGINT,  DUCKDB_TYPE_BIGINT,
                       DUCKDB_TYPE_VARCHAR,      DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_VARCHAR,
                       DUCKDB_TYPE_TIMESTAMP};
  duck::Appender appender{transaction, "tape", "coverage"};
  while (!rows.empty()) {
    const size_t count = std::min(rows.size(), duck::RowChunk::kRows);
    chunk.reset();
    for (size_t at = 0; at < count; ++at)
      set_row(chunk, at, instrument, rows[at], now_us);
    chunk.set_rows(count);
    appender.append(chunk);
    rows = rows.subspan(count);
  }
  appender.close();
}

bool extend_coverage(duck::Transaction& transaction, InstrumentId instrument,
                     const CoverageRow& row, bool goes_on) {
  if (!row.id_begin && !goes_on) return false;
  // The latest row alone: an older one that would do is joined when coverage is folded.
  const std::string_view condition = row.id_begin ? "id_end = $8 - 1" : "id_end IS NULL";
  return transaction.connection()
             .prepare(fmt::format(
                 "UPDATE tape.coverage SET \"end\" = greatest(\"end\", $1), id_end = $2 WHERE "
                 "instrument_id = $3 AND dataset = $4 AND source = $5 AND status = $6 AND "
                 "\"begin\" "
                 "<= $7 AND {} AND \"begin\" = (SELECT max(\"begin\") FROM tape.coverage WHERE "
                 "instrument_id = $3 AND dataset = $4 AND source = $5 AND status = $6){}",
                 condition, row.id_begin ? "" : " AND $8 IS NULL"))
             .bind(1, row.range.end)
             .bind(2, row.id_end)
             .bind(3, static_cast<int64_t>(instrument))
             .bind(4, std::string_view{row.dataset})
             .bind(5, std::string_view{row.source})
             .bind(6, to_text(row.status))
             .bind(7, row.range.begin)
             .bind(8, row.id_begin)
             .run()
             .rows_changed() > 0;
}

}  // namespace tapedeck
