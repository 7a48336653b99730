#include "query/klines.hpp"

#include "query/tape_scan.hpp"
#include "store/minute_bars.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

std::vector<Bar> fold_slice(Reader& reader, const Instrument& instrument, const TapePiece& slice,
                            BarInterval interval) {
  BarFold fold{interval};
  scan_piece(reader, instrument, slice, WithIds::no, [&](const TradeView& view) {
    fold.add(view);
    return KeepGoing::go_on;
  });
  return fold.finish();
}

// Joins parts of one bar that come one after the other, and hands on what is whole.
class Joiner {
 public:
  explicit Joiner(const UseBar& use) : use_{use} {}

  KeepGoing add(const Bar& part) {
    if (open_ && open_->begin == part.begin) {
      open_ = joined(*open_, part);
      return KeepGoing::go_on;
    }
    const std::optional<Bar> whole = std::exchange(open_, part);
    if (whole && use_(*whole) == KeepGoing::stop) open_.reset();
    return open_ ? KeepGoing::go_on : KeepGoing::stop;
  }

  void finish() {
    if (open_) use_(*open_);
  }

 private:
  // Constant after construction
  const UseBar& use_;
  std::optional<Bar> open_;
};

// So many minutes are in memory at once: 2.9 MB.
constexpr std::chrono::days kWindow{16};

// Memory for the bars of a window, kept for the thread's next query: to fault in fresh pages would
// take longer than to read the bars. Taken out while in use, since `use` may ask a query itself.
class WindowMemory {
 public:
  WindowMemory() : bars_{std::exchange(kept(), {})} {}
  ~WindowMemory() { kept() = std::move(bars_); }
  WindowMemory(const WindowMemory&) = delete;
  WindowMemory& operator=(const WindowMemory&) = delete;
  std::vector<Bar>& bars() { return bars_; }

 private:
  static std::vector<Bar>& kept() {
    static thread_local std::vector<Bar> bars;
    return bars;
  }
  std::vector<Bar> bars_;
};

void fold_minutes(Reader& reader, const Instrument& instrument, const TapePiece& piece,
                  std::vector<Bar>& bars) {
  for (const Bar& bar : fold_slice(reader, instrument, piece, *BarInterval::parse("1m")))
    bars.push_back(bar);
}

// The minutes that are not kept: the one in memory and what came behind it, or all from their
// trades.
void add_open_minutes(Reader& reader, const TapePlan& plan, const GrainRange& counted,
                      TimeRange range, std::vector<Bar>& bars) {
  if (counted.open_bar) {
    const Timestamp begin = counted.open_bar->begin;
    if (range.begin <= begin && begin < range.end) bars.push_back(*counted.open_bar);
    if (!counted.behind) return;
    const TapePiece behind{.range = range, .grain = counted.grain, .held = counted.behind};
    return fold_minutes(reader, plan.instrument, behind, bars);
  }
  for (TapePiece piece : plan.pieces) {
    piece.range = intersect(piece.range, range);
    if (piece.grain == counted.grain && !piece.range.empty())
      fold_minutes(reader, plan.instrument, piece, bars);
  }
}

void read_window(Reader& reader, const TapePlan& plan, TimeRange window, std::vector<Bar>& bars) {
  static const BarInterval minute = *BarInterval::parse("1m");
  bars.clear();
  for (const GrainRange& counted : plan.grain_ranges) {
    TimeRange part = intersect(counted.range, window);
    if (part.empty()) continue;
    part = {.begin = minute.begin_of(part.begin),
            .end = minute.next(part.end - std::chrono::nanoseconds{1})};
    if (counted.open_minute && *counted.open_minute < part.end) {
      const Timestamp open = std::max(part.begin, *counted.open_minute);
      add_open_minutes(reader, plan, counted, {.begin = open, .end = part.end}, bars);
      part.end = open;
    }
    read_minute_bars(reader, plan.instrument, counted.grain, part, bars);
  }
  // An ORDER BY would cost the usual case as much as the read.
  // Stable: an open minute comes in parts.
  if (!std::ranges::is_sorted(bars, {}, &Bar::begin)) {
    std::ranges::stable_sort(bars, {}, &Bar::begin);
  }
}

}  // namespace

void fold_klines(const TapeReading& reading, BarInterval interval, const UseBar& use) {
  const TapePlan& plan = reading.plan();
  Joiner joiner{use};  // a bar may go on in the next slice
  OrderedScan<std::vector<Bar>> scan{reading.readers(), sliced_for(plan.pieces, scan_threads()),
                                     [&](Reader& reader, const TapePiece& slice) {
                                       return fold_slice(reader, plan.instrument, slice, interval);
                                     }};
  scan.run([&](std::vector<Bar>&& bars) {
    for (const Bar& bar : bars) {
      if (joiner.add(bar) == KeepGoing::stop) return KeepGoing::stop;
    }
    return KeepGoing::go_on;
  });
  joiner.finish();
}

void join_minutes(const TapeReading& reading, BarInterval interval, const UseBar& use) {
  const TapePlan& plan = reading.plan();
  if (plan.grain_ranges.empty()) return;
  Joiner joiner{use};
  WindowMemory memory;
  Timestamp last = plan.grain_ranges.front().range.end;
  for (const GrainRange& counted : plan.grain_ranges)
    last = std::max(last, counted.range.end);
  TimeRange window{.begin = Timestamp{day_of(plan.grain_ranges.front().range.begin)}, .end = {}};
  for (; window.begin < last; window.begin = window.end) {
    window.end = last - window.begin > kWindow ? window.begin + kWindow : last;
    read_window(reading.reader(), plan, window, memory.bars());
    for (const Bar& minute : memory.bars()) {
      Bar part = minute;
      part.begin = interval.begin_of(minute.begin);
      part.end = interval.next(minute.begin);
      if (joiner.add(part) == KeepGoing::stop) return;
    }
  }
  joiner.finish();
}

bool made_of_minutes(BarInterval interval) {
  const auto width = interval.width();
  return !width || *width >= std::chrono::minutes{1};
}

}  // namespace tapedeck
