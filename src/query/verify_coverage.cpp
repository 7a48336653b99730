#include "query/verify_coverage.hpp"

#include "store/coverage_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace tapedeck {
namespace {

bool is_stored(const CoverageRow& row) {
  return row.status != CoverageStatus::gap && row.status != CoverageStatus::deleted;
}

// The ids that coverage says are stored: rising, not touching. A stretch that lost its begin to a
// deletion begins with the first id that is stored.
std::vector<IdRange> recorded_ids(const std::vector<CoverageRow>& covered,
                                  const std::vector<IdRun>& runs) {
  std::vector<IdRange> result;
  for (const CoverageRow& row : covered) {
    if (!is_stored(row) || !row.id_end) continue;
    int64_t begin = *row.id_end;
    if (row.id_begin) {
      begin = *row.id_begin;
    } else {
      for (const IdRun& run : runs) {
        if (run.last >= row.range.begin) begin = std::min(begin, run.begin);
      }
    }
    result.push_back({.begin = begin, .end = *row.id_end});
  }
  std::ranges::sort(result, {}, &IdRange::begin);
  std::vector<IdRange> joined;
  for (const IdRange& range : result) {
    if (!joined.empty() && range.begin <= joined.back().end + 1) {
      joined.back().end = std::max(joined.back().end, range.end);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

std::string ids_text(int64_t begin, int64_t end) {
  if (begin == end) return fmt::format("id {}", begin);
  return fmt::format("ids {} – {} ({})", begin, end, end - begin + 1);
}

// A part of the time shows a part of the ids.
std::vector<IdRange> within(const std::vector<IdRange>& ranges, const std::vector<IdRun>& runs) {
  std::vector<IdRange> result;
  if (runs.empty()) return result;
  const int64_t last = std::ranges::max(runs, {}, &IdRun::end).end;
  for (const IdRange& range : ranges) {
    const IdRange part{std::max(range.begin, runs.front().begin), std::min(range.end, last)};
    if (part.begin <= part.end) result.push_back(part);
  }
  return result;
}

// Near the edges of a range an id may lie at a time outside of it.
std::vector<IdRun> really_missing(Reader& reader, const ComparedTape& tape,
                                  const IdRun& candidate) {
  duck::Result rows = reader
                          .prepare(
                              "SELECT trade_id, ts_event FROM tape.trades WHERE instrument_id = "
                              "CAST(? AS INTEGER) AND grain = CAST(? AS UTINYINT) AND trade_id "
                              "BETWEEN ? AND ? ORDER BY trade_id")
                          .bind(1, static_cast<int64_t>(tape.instrument.id))
                          .bind(2, static_cast<int64_t>(tape.grain))
                          .bind(3, candidate.begin)
                          .bind(4, candidate.end)
                          .run();
  std::vector<IdRun> stored;
  while (rows.next_row())
    stored.push_back({rows.int64(0), rows.int64(0), rows.timestamp(1), rows.timestamp(1)});
  if (stored.empty()) return {candidate};
  return missing_ids(stored, {{candidate.begin, candidate.end}});
}

Finding finding_of(const ComparedTape& tape, const IdRun& run) {
  return {.instrument = to_text(tape.instrument.name),
          .dataset = dataset_of(tape.grain),
          .time = run.first,
          .what = "trade_id"};
}

}  // namespace

bool check_ids(Reader& reader, const ComparedTape& tape, const std::vector<IdRun>& runs,
               const UseFinding& use) {
  bool hold = true;
  for (const IdRun& run : doubled_ids(runs)) {
    hold = false;
    Finding twice = finding_of(tape, run);
    twice.expected = ids_text(run.begin, run.end) + " once";
    twice.found = "more than once";
    use(twice);
  }
  // Not folded: an id that came with an earlier time than the one before it lies in another
  // stretch.
  std::vector<IdRange> recorded =
      recorded_ids(coverage_rows(reader, tape.instrument.id, dataset_of(tape.grain)), runs);
  for (const IdRun& run : unknown_ids(runs, recorded)) {
    Finding unknown = finding_of(tape, run);
    unknown.dataset = "coverage";
    unknown.expected = "covered";
    unknown.found = ids_text(run.begin, run.end);
    unknown.cause = "stored, but coverage does not know it";
    use(unknown);
  }
  if (tape.range != TimeRange{}) recorded = within(recorded, runs);
  const bool whole = tape.range == TimeRange{};
  for (const IdRun& candidate : missing_ids(runs, recorded)) {
    const std::vector<IdRun> found =
        whole ? std::vector{candidate} : really_missing(reader, tape, candidate);
    for (const IdRun& run : found) {
      hold = false;
      Finding missing = finding_of(tape, run);
      missing.expected = ids_text(run.begin, run.end);
      missing.found = "none";
      missing.cause = "coverage says that it is stored";
      use(missing);
    }
  }
  return hold;
}

}  // namespace tapedeck
