#include "store/coverage_rows.hpp"

#include "base/check.hpp"

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

}  // namespace

std::vector<CoverageRow> coverage_rows(duck::Connection& connection, InstrumentId instrument,
                                       std::string_view dataset) {
  duck::Statement select = connection.prepare(
      "SELECT dataset, \"begin\", \"end\", id_begin, id_end, status, cause, source FROM "
      "tape.coverage WHERE instrument_id = ? AND dataset = ?");
  duck::Result rows = select.bind(1, static_cast<int64_t>(instrument)).bind(2, dataset).run();
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

std::vector<std::string> datasets_with_coverage(duck::Connection& connection,
                                                InstrumentId instrument) {
  duck::Statement select = connection.prepare(
      "SELECT DISTINCT dataset FROM tape.coverage WHERE instrument_id = ? ORDER BY dataset");
  duck::Result rows = select.bind(1, static_cast<int64_t>(instrument)).run();
  std::vector<std::string> result;
  while (rows.next_row())
    result.push_back(rows.text(0));
  return result;
}

void insert_coverage(duck::Transaction& transaction, InstrumentId instrument,
                     const CoverageRow& row) {
  transaction.connection()
      .prepare(
          "INSERT INTO tape.coverage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(now() AT TIME "
          "ZONE 'UTC' AS TIMESTAMP))")
      .bind(1, static_cast<int64_t>(instrument))
      .bind(2, std::string_view{row.dataset})
      .bind(3, row.range.begin)
      .bind(4, row.range.end)
      .bind(5, row.id_begin)
      .bind(6, row.id_end)
      .bind(7, to_text(row.status))
      .bind(8, row.cause.empty() ? std::optional<std::string_view>{}
                                 : std::optional<std::string_view>{row.cause})
      .bind(9, std::string_view{row.source})
      .run();
}

}  // namespace tapedeck
