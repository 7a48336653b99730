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

void choose_grains(duck::Transaction& transaction, InstrumentId instrument) {
  duck::Connection& connection = transaction.connection();
  if (!has_rows(connection, instrument, dataset_of(Grain::trade)) ||
      !has_rows(connection, instrument, dataset_of(Grain::aggregate))) {
    return;
  }
  connection.prepare("DELETE FROM tape.superseded WHERE instrument_id = ?")
      .bind(1, static_cast<int64_t>(instrument))
      .run();
  const std::vector<TimeRange> trades =
      covered_ranges(folded(coverage_rows(connection, instrument, dataset_of(Grain::trade))));
  const std::vector<TimeRange> aggregates =
      covered_ranges(folded(coverage_rows(connection, instrument, dataset_of(Grain::aggregate))));
  if (trades.empty() || aggregates.empty()) return;
  const Date first = day_of(std::min(trades.front().begin, aggregates.front().begin));
  const Timestamp last = std::max(trades.back().end, aggregates.back().end);
  for (Date day = first; Timestamp{day} < last; day += std::chrono::days{1}) {
    const std::vector<TimeRange> of_trades = ranges_within(trades, day_range(day));
    const std::vector<TimeRange> of_aggregates = ranges_within(aggregates, day_range(day));
    if (of_trades.empty() || of_aggregates.empty()) continue;
    const Grain set_aside =
        contains_all(of_trades, of_aggregates) ? Grain::aggregate : Grain::trade;
    connection.prepare("INSERT INTO tape.superseded VALUES (?, ?, ?, ?)")
        .bind(1, static_cast<int64_t>(instrument))
        .bind(2, static_cast<int64_t>(set_aside))
        .bind(3, day_range(day).begin)
        .bind(4, day_range(day).end)
        .run();
  }
}

}  // namespace tapedeck
