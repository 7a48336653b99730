#include "tapedeck/query/bars.hpp"

#include "query/bar_range.hpp"
#include "query/klines.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {

TimeRange whole_bars(TimeRange range, BarInterval interval) {
  const TimeRange open;
  if (range.begin != open.begin) {
    const Timestamp begin = interval.begin_of(range.begin);
    range.begin = begin == range.begin ? begin : interval.next(begin);
  }
  if (range.end != open.end && !range.empty()) {
    const Timestamp last = interval.begin_of(range.end - std::chrono::nanoseconds{1});
    range.end = interval.next(last);
  }
  return range;
}

Completeness::Completeness(const std::vector<CoverageRow>& folded_rows)
    : covered_{covered_ranges(folded_rows)} {}

bool Completeness::of(TimeRange range) const {
  const auto after = std::ranges::upper_bound(covered_, range.begin, {}, &TimeRange::begin);
  return after != covered_.begin() && std::prev(after)->end >= range.end;
}

TapeAnswer for_each_kline(const Store& store, const TapeRequest& request, BarInterval interval,
                          const std::function<KeepGoing(const BarAnswer&)>& use) {
  StoreCore& core = store.core();
  TapeRequest whole = request;
  whole.range = whole_bars(request.range, interval);
  const TapePlan plan = plan_tape(core, whole);
  const QueryTurn turn{core.readers(), 0};  // minutes are kept: few rows are read
  TapeAnswer answer{
      .scale = plan.instrument.scale, .grains = plan.grains, .coverage = plan.coverage, .rows = 0};
  const Completeness completeness{plan.covered};
  const UseBar give = [&](const Bar& bar) {
    answer.rows += bar.trades;
    return use({.bar = bar, .complete = completeness.of({bar.begin, bar.end})});
  };
  if (made_of_minutes(interval)) {
    join_minutes(core, plan, interval, give);
  } else {
    fold_klines(core, plan, interval, give);
  }
  return answer;
}

TapeAnswer for_each_event_bar(const Store& store, const TapeRequest& request, BarRule rule,
                              int128 size, const std::function<KeepGoing(const BarAnswer&)>& use) {
  const Completeness completeness{plan_tape(store.core(), request).covered};
  EventBarFold fold{rule, size};
  bool stopped = false;
  auto give = [&](const std::vector<Bar>& bars, bool filled) {
    for (const Bar& bar : bars) {
      const bool complete = filled && completeness.of({bar.begin, bar.end});
      stopped = stopped || use({.bar = bar, .complete = complete}) == KeepGoing::stop;
      if (stopped) return;
    }
  };
  TapeAnswer answer = for_each_trades(store, request, [&](const TradeView& view) {
    fold.add(view);
    give(fold.take_closed(), true);
    return stopped ? KeepGoing::stop : KeepGoing::go_on;
  });
  if (!stopped) give(fold.take_closed(), true);
  if (!stopped) give(fold.finish(), false);
  return answer;
}

TapeAnswer for_each_delta(const Store& store, const TapeRequest& request, BarInterval interval,
                          const std::function<KeepGoing(const DeltaAnswer&)>& use) {
  Volume cvd = 0;
  return for_each_kline(store, request, interval, [&](const BarAnswer& answer) {
    const Bar& bar = answer.bar;
    cvd += bar.buy_volume - bar.sell_volume;
    return use({.begin = bar.begin,
                .buy_volume = bar.buy_volume,
                .sell_volume = bar.sell_volume,
                .volume_delta = bar.buy_volume - bar.sell_volume,
                .cvd = cvd});
  });
}

}  // namespace tapedeck
