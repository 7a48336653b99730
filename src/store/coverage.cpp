#include "tapedeck/store/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

bool is_stored(CoverageStatus status) {
  return status == CoverageStatus::recorded || status == CoverageStatus::verified_empty ||
         status == CoverageStatus::backfilled || status == CoverageStatus::unverifiable;
}

bool continues(const CoverageRow& earlier, const CoverageRow& later) {
  if (earlier.id_end && later.id_begin && *later.id_begin <= *earlier.id_end + 1) return true;
  if (earlier.id_end && later.id_begin) return false;  // ids say that something is between
  return later.range.begin <= earlier.range.end;
}

void extend(CoverageRow& row, const CoverageRow& later) {
  if (row.status == CoverageStatus::verified_empty) row.status = later.status;
  row.range.end = std::max(row.range.end, later.range.end);
  // An end without a begin is what a deletion left: where its ids begin is not known.
  if (!row.id_end) row.id_begin = later.id_begin;
  if (later.id_end) row.id_end = std::max(row.id_end.value_or(*later.id_end), *later.id_end);
  if (row.source != later.source && !later.source.empty()) row.source = "several";
}

bool earlier_first(const CoverageRow& a, const CoverageRow& b) {
  return std::pair{a.range.begin, a.id_begin} < std::pair{b.range.begin, b.id_begin};
}

// Rows that were deleted and then stored again are deleted no more.
std::vector<CoverageRow> without_restored(const std::vector<CoverageRow>& rows) {
  std::vector<CoverageRow> result;
  for (const CoverageRow& row : rows) {
    if (row.status != CoverageStatus::deleted) {
      result.push_back(row);
      continue;
    }
    CoverageRow piece = row;
    TimeRange left = row.range;
    for (const CoverageRow& other : rows) {
      const TimeRange restored = intersect(left, other.range);
      if (!is_stored(other.status) || restored.empty()) continue;
      piece.range = {.begin = left.begin, .end = restored.begin};
      if (!piece.range.empty()) result.push_back(piece);
      left.begin = restored.end;
    }
    piece.range = left;
    if (!left.empty()) result.push_back(piece);
  }
  std::ranges::sort(result, earlier_first);
  return result;
}

CoverageRow gap_between(const CoverageRow& earlier, const CoverageRow& later) {
  CoverageRow gap{
      .dataset = earlier.dataset,
      .range = {.begin = std::min(earlier.range.end, later.range.begin), .end = later.range.begin},
      .status = CoverageStatus::gap,
      .cause = "not stored"};
  if (earlier.id_end && later.id_begin) {
    gap.id_begin = *earlier.id_end + 1;
    gap.id_end = *later.id_begin - 1;
    const int64_t missing = *gap.id_end - *gap.id_begin + 1;
    gap.cause = fmt::format("{} id{} missing", missing, missing == 1 ? "" : "s");
  }
  return gap;
}

}  // namespace

std::string_view to_text(CoverageStatus status) {
  switch (status) {
    case CoverageStatus::recorded: return "recorded";
    case CoverageStatus::verified_empty: return "verified_empty";
    case CoverageStatus::gap: return "gap";
    case CoverageStatus::backfilled: return "backfilled";
    case CoverageStatus::unverifiable: return "unverifiable";
    case CoverageStatus::deleted: return "deleted";
  }
  return "gap";
}

std::string dataset_of(Grain grain) {
  return grain == Grain::trade ? "trades" : "aggregates";
}

std::string dataset_of_klines(BarInterval interval) {
  return fmt::format("klines:{}", interval.text());
}

std::vector<CoverageRow> folded(std::vector<CoverageRow> rows) {
  std::ranges::sort(rows, earlier_first);
  if (std::ranges::find(rows, CoverageStatus::deleted, &CoverageRow::status) != rows.end()) {
    rows = without_restored(rows);
  }
  std::vector<CoverageRow> result;
  std::optional<size_t> last_stored;  // index into result
  std::string cause;                  // why rows are missing since then, when it was written down
  for (CoverageRow& row : rows) {
    if (row.status == CoverageStatus::deleted) {
      result.push_back(std::move(row));
      last_stored.reset();
      continue;
    }
    if (!is_stored(row.status)) {
      cause = row.cause;
      continue;
    }
    if (!last_stored) {
      result.push_back(std::move(row));
      last_stored = result.size() - 1;
    } else if (continues(result[*last_stored], row)) {
      extend(result[*last_stored], row);
    } else {
      CoverageRow gap = gap_between(result[*last_stored], row);
      if (!cause.empty()) gap.cause = fmt::format("{}, {}", gap.cause, cause);
      result.push_back(std::move(gap));
      result.push_back(std::move(row));
      last_stored = result.size() - 1;
    }
    cause.clear();
  }
  return result;
}

Coverage coverage_within(const std::vector<CoverageRow>& folded_rows, TimeRange range) {
  const TimeRange open;
  if (!folded_rows.empty()) {
    if (range.begin == open.begin) range.begin = folded_rows.front().range.begin;
    if (range.end == open.end) range.end = folded_rows.back().range.end;
  }
  Coverage answer{.range = range, .gaps = {}};
  Timestamp known_until = range.begin;
  auto add_hole = [&](Timestamp end, std::string cause) {
    if (known_until >= end) return;
    answer.gaps.push_back({.dataset = folded_rows.empty() ? "" : folded_rows.front().dataset,
                           .range = {.begin = known_until, .end = end},
                           .status = CoverageStatus::gap,
                           .cause = std::move(cause)});
    known_until = end;
  };
  for (const CoverageRow& row : folded_rows) {
    if (row.range.end < range.begin || row.range.begin >= range.end) continue;
    if (is_stored(row.status)) {
      add_hole(row.range.begin, "not stored");
      known_until = std::max(known_until, row.range.end);
      continue;
    }
    CoverageRow gap = row;
    gap.range = intersect(row.range, range);
    // A gap without extent (ids missing within one instant) counts when it lies inside.
    if (gap.range.empty() && !range.contains(row.range.begin)) continue;
    known_until = std::max(known_until, gap.range.end);
    answer.gaps.push_back(std::move(gap));
  }
  add_hole(range.end, "not stored");
  return answer;
}

std::vector<TimeRange> covered_ranges(const std::vector<CoverageRow>& folded_rows) {
  std::vector<TimeRange> result;
  bool hole = true;
  for (const CoverageRow& row : folded_rows) {
    if (!is_stored(row.status)) {
      hole = true;
    } else if (!hole && row.range.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, row.range.end);
    } else {
      result.push_back(row.range);
      hole = false;
    }
  }
  return result;
}

bool covers(const std::vector<CoverageRow>& folded_rows, TimeRange range) {
  return coverage_within(folded_rows, range).complete();
}

}  // namespace tapedeck
