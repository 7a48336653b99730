#include "store/grain_choice.hpp"

#include "store/coverage_rows.hpp"
#include "store/loads.hpp"

#include <vector>

namespace tapedeck {
namespace {

std::vector<TimeRange> ranges_within(const std::vector<TimeRange>& ranges, TimeRange day) {
  std::vector<TimeRange> result;
  for (const TimeRange& range : ranges) {
    if (const TimeRange part = intersect(range, day); !part.empty()) result.push_back(part);
  }
  return result;
}

bool contains_all(const std::vector<TimeRange>& outer, const std::vector<TimeRange>& inner) {
  for (const TimeRange& part : inner) {
    bool inside = false;
    for (const TimeRange& range : outer) {
      inside = inside || (range.begin <= part.begin && part.end <= range.end);
    }
    if (!inside) return false;
  }
  return true;
}

}  // namespace

std::vector<SetAside> grains_set_aside(const std::vector<CoverageRow>& trades,
                                       const std::vector<CoverageRow>& aggregates) {
  std::vector<SetAside> result;
  const std::vector<TimeRange> trade_ranges = covered_ranges(trades);
  const std::vector<TimeRange> aggregate_ranges = covered_ranges(aggregates);
  if (trade_ranges.empty() || aggregate_ranges.empty()) return result;
  const Date first = day_of(std::min(trade_ranges.front().begin, aggregate_ranges.front().begin));
  const Timestamp last = std::max(trade_ranges.back().end, aggregate_ranges.back().end);
  for (Date day = first; Timestamp{day} < last; day += std::chrono::days{1}) {
    const std::vector<TimeRange> of_trades = ranges_within(trade_ranges, day_range(day));
    const std::vector<TimeRange> of_aggregates = ranges_within(aggregate_ranges, day_range(day));
    if (of_trades.empty() || of_aggregates.empty()) continue;
    const Grain grain = contains_all(of_trades, of_aggregates) ? Grain::aggregate : Grain::trade;
    result.push_back({.grain = grain, .range = day_range(day)});
  }
  return result;
}

void choose_grains(duck::Transaction& transaction, InstrumentId instrument) {
  duck::Connection& connection = transaction.connection();
  connection.prepare("DELETE FROM tape.superseded WHERE instrument_id = ?")
      .bind(1, static_cast<int64_t>(instrument))
      .run();
  if (!has_rows(connection, instrument, dataset_of(Grain::trade)) ||
      !has_rows(connection, instrument, dataset_of(Grain::aggregate))) {
    return;
  }
  const auto covered = [&](Grain grain) {
    return folded(coverage_rows(connection, instrument, dataset_of(grain)));
  };
  for (const SetAside& day : grains_set_aside(covered(Grain::trade), covered(Grain::aggregate))) {
    connection.prepare("INSERT INTO tape.superseded VALUES (?, ?, ?, ?)")
        .bind(1, static_cast<int64_t>(instrument))
        .bind(2, static_cast<int64_t>(day.grain))
        .bind(3, day.range.begin)
        .bind(4, day.range.end)
        .run();
  }
}

}  // namespace tapedeck
