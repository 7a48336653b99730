#include "tapedeck/query/bars.hpp"

#include "query/bar_range.hpp"
#include "query/klines.hpp"
#include "store/observed.hpp"

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
  return observed(store.core().observer(), "klines", {}, [&]() -> TapeAnswer {
    TapeRequest whole = request;
    whole.range = whole_bars(request.range, interval);
    const bool joins = made_of_minutes(interval);  // which are kept
    const TapeReading reading{store.core(), whole, {.from_trades = !joins}};
    const TapePlan& plan = reading.plan();
    TapeAnswer answer{.scale = plan.instrument.scale,
                      .grains = plan.grains,
                      .coverage = plan.coverage,
                      .rows = 0};
    const Completeness completeness{plan.covered};
    const UseBar give = [&](const Bar& bar) {
      answer.rows += bar.trades;
      return use({.bar = bar, .complete = completeness.of({bar.begin, bar.end})});
    };
    if (joins) {
      join_minutes(reading, interval, give);
    } else {
      fold_klines(reading, interval, give);
    }
    return answer;
  });
}

TapeAnswer for_each_event_bar(const Store& store, const TapeRequest& request, BarRule rule,
                              int128 size, const std::function<KeepGoing(const BarAnswer&)>& use) {
  return observed(store.core().observer(), "event_bars", {}, [&]() -> TapeAnswer {
    const TapeReading reading{store.core(), request};
    const Completeness completeness{reading.plan().covered};
    EventBarFold fold{rule, size};
    bool stopped = false;
    auto give = [&](const std::vector<Bar>& bars, bool filled) {
      for (const Bar& bar : bars) {
        const bool complete = filled && completeness.of({bar.begin, bar.end});
        stopped = stopped || use({.bar = bar, .complete = complete}) == KeepGoing::stop;
        if (stopped) return;
      }
    };
    TapeAnswer answer = scan_trades(reading, [&](const TradeView& view) {
      fold.add(view);
      give(fold.take_closed(), true);
      return stopped ? KeepGoing::stop : KeepGoing::go_on;
    });
    if (!stopped) give(fold.take_closed(), true);
    if (!stopped) give(fold.finish(), false);
    return answer;
  });
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
