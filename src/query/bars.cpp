#include "tapedeck/query/bars.hpp"

#include "query/bar_range.hpp"
#include "query/tape_scan.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

std::vector<Bar> fold_slice(Reader& reader, const Instrument& instrument, const TapePiece& slice,
                            BarInterval interval) {
  BarFold fold{interval};
  scan_slice(reader, instrument, slice, WithIds::no, [&](const TradeView& view) {
    fold.add(view);
    return KeepGoing::go_on;
  });
  return fold.finish();
}

}  // namespace

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
  TapeAnswer answer{
      .scale = plan.instrument.scale, .grains = plan.grains, .coverage = plan.coverage, .rows = 0};
  const Completeness completeness{plan.covered};
  auto give = [&](const Bar& bar) {
    answer.rows += bar.trades;
    return use({.bar = bar, .complete = completeness.of({bar.begin, bar.end})});
  };
  std::optional<Bar> pending;  // may go on in the next slice
  bool stopped = false;
  OrderedScan<std::vector<Bar>> scan{core, sliced_for(plan.pieces, scan_threads()),
                                     [&](Reader& reader, const TapePiece& slice) {
                                       return fold_slice(reader, plan.instrument, slice, interval);
                                     }};
  scan.run([&](std::vector<Bar>&& bars) {
    for (const Bar& bar : bars) {
      if (pending && pending->begin == bar.begin) {
        pending = joined(*pending, bar);
        continue;
      }
      if (pending && give(*pending) == KeepGoing::stop) {
        stopped = true;
        return KeepGoing::stop;
      }
      pending = bar;
    }
    return KeepGoing::go_on;
  });
  if (pending && !stopped) give(*pending);
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

int64_t for_each_given_kline(const Store& store, const TapeRequest& request, BarInterval interval,
                             const std::function<KeepGoing(const Kline&)>& use) {
  const auto reader = store.core().borrow_reader();
  duck::Result rows =
      reader
          ->prepare(
              "SELECT \"begin\", open, high, low, close, volume, quote_volume, buy_volume, "
              "buy_quote_volume, trades FROM tape.bars WHERE instrument_id = ? AND interval = ? "
              "AND "
              "\"begin\" >= ? AND \"begin\" < ? ORDER BY \"begin\", source")
          .bind(1, static_cast<int64_t>(request.instrument.id))
          .bind(2, interval.text())
          .bind(3, request.range.begin)
          .bind(4, request.range.end)
          .stream();
  int64_t given = 0;
  auto decimal = [&](size_t column) {
    Decimal value{rows.hugeint(column), -12};  // DECIMAL(38,12)
    for (; value.exponent < 0 && value.units % 10 == 0; ++value.exponent)
      value.units /= 10;
    return value;
  };
  auto find_decimal = [&](size_t column) {
    return rows.is_null(column) ? std::optional<Decimal>{} : decimal(column);
  };
  while (rows.next_row()) {
    ++given;
    const Kline kline{.begin = rows.timestamp(0),
                      .open = decimal(1),
                      .high = decimal(2),
                      .low = decimal(3),
                      .close = decimal(4),
                      .volume = decimal(5),
                      .quote_volume = find_decimal(6),
                      .buy_volume = find_decimal(7),
                      .buy_quote_volume = find_decimal(8),
                      .trades = rows.find_int64(9)};
    if (use(kline) == KeepGoing::stop) break;
  }
  return given;
}

}  // namespace tapedeck
