#include "tapedeck/query/given.hpp"

#include "base/suggest.hpp"
#include "query/bar_range.hpp"
#include "store/core.hpp"
#include "store/coverage_rows.hpp"
#include "store/given_rows.hpp"
#include "store/observed.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::chrono::days kDay{1};
// So many klines of a series are in memory at once.
constexpr int64_t kWindowRows = 100'000;
constexpr std::chrono::days kLongestWindow{3650};

// Bars of `part` fill bars of `whole` without a rest.
bool divides(BarInterval part, BarInterval whole) {
  if (part == whole) return true;
  const auto width = part.width();
  if (!width) return false;
  static const BarInterval week = *BarInterval::parse("1w");
  if (!whole.width() || whole == week) return *width <= kDay;
  return *width < *whole.width() && *whole.width() % *width == std::chrono::nanoseconds{0};
}

std::string chosen_source(const std::vector<GivenSeries>& series, const std::string& wanted) {
  std::vector<std::string> known;
  for (const GivenSeries& one : series) {
    if (std::ranges::find(known, one.source) == known.end()) known.push_back(one.source);
  }
  std::ranges::sort(known);
  if (wanted.empty()) {
    if (known.empty() || std::ranges::find(known, "venue") != known.end()) return "venue";
    return known.front();
  }
  if (std::ranges::find(known, wanted) != known.end()) return wanted;
  const std::optional<std::string> meant = nearest(wanted, known);
  throw Error{ErrorCode::not_found,
              known.empty()
                  ? fmt::format("there is no source '{}': no klines of a venue are stored", wanted)
                  : fmt::format("no klines are stored of source '{}'{}; there is {}", wanted,
                                meant ? fmt::format("; did you mean '{}'?", *meant) : "",
                                fmt::join(known, ", "))};
}

std::chrono::nanoseconds covered_time(const std::vector<CoverageRow>& rows, TimeRange range) {
  std::chrono::nanoseconds sum{0};
  for (const TimeRange& stretch : covered_ranges(rows)) {
    const TimeRange part = intersect(stretch, range);
    if (!part.empty()) sum += part.end - part.begin;
  }
  return sum;
}

struct Choice {
  GivenSeries series;
  std::vector<CoverageRow> covered;  // folded
};

std::optional<Choice> choose(duck::Connection& connection, const GivenRequest& request,
                             const std::vector<GivenSeries>& series, const std::string& source,
                             BarInterval wanted) {
  std::optional<Choice> best;
  std::chrono::nanoseconds most{-1};
  const auto consider = [&](BarInterval interval) {
    const auto stored = std::ranges::find_if(series, [&](const GivenSeries& one) {
      return one.interval == interval && one.source == source;
    });
    if (stored == series.end()) return;
    std::vector<CoverageRow> rows =
        folded(coverage_rows(connection, request.instrument.id, dataset_of_klines(interval)));
    const std::chrono::nanoseconds time = covered_time(rows, request.range);
    if (time <= most) return;
    most = time;
    best = Choice{*stored, std::move(rows)};
  };
  consider(wanted);
  for (const BarInterval interval : BarInterval::all()) {  // shortest first
    if (interval != wanted && divides(interval, wanted)) consider(interval);
  }
  return best;
}

// Joins klines of a finer interval, and hands on what is whole.
class Resampler {
 public:
  Resampler(BarInterval interval, Completeness completeness,
            const std::function<KeepGoing(const GivenKline&)>& use)
      : interval_{interval}, completeness_{std::move(completeness)}, use_{use} {}

  KeepGoing add(const Kline& part) {
    const Timestamp begin = interval_.begin_of(part.begin);
    if (open_ && open_->begin == begin) {
      open_ = joined(*open_, part);
      return KeepGoing::go_on;
    }
    const KeepGoing next = finish();
    open_ = part;
    open_->begin = begin;
    return next;
  }

  KeepGoing finish() {
    const std::optional<Kline> whole = std::exchange(open_, std::nullopt);
    if (!whole) return KeepGoing::go_on;
    const TimeRange range{.begin = whole->begin, .end = interval_.next(whole->begin)};
    return use_({.kline = *whole, .complete = completeness_.of(range)});
  }

 private:
  // Constant after construction
  BarInterval interval_;
  Completeness completeness_;
  const std::function<KeepGoing(const GivenKline&)>& use_;
  std::optional<Kline> open_;
};

// Calls `use(window)` for one window after the other.
template <typename Use>
void each_window(TimeRange range, std::chrono::nanoseconds row_width, Use&& use) {
  const std::chrono::nanoseconds width =
      std::min<std::chrono::nanoseconds>(kLongestWindow, kWindowRows * row_width);
  while (!range.empty()) {
    const Timestamp end = range.end - range.begin > width ? range.begin + width : range.end;
    if (use(TimeRange{.begin = range.begin, .end = end}) == KeepGoing::stop) return;
    range.begin = end;
  }
}

}  // namespace

GivenAnswer for_each_given_kline(const Store& store, const GivenRequest& request,
                                 BarInterval interval,
                                 const std::function<KeepGoing(const GivenKline&)>& use) {
  return observed(store.core().observer(), "given_klines", {}, [&]() -> GivenAnswer {
    const auto reader = store.core().borrow_reader();
    const duck::Snapshot snapshot{*reader};
    const std::vector<GivenSeries> series = given_series(*reader, request.instrument.id);
    GivenAnswer answer{.made_of = {},
                       .source = chosen_source(series, request.source),
                       .coverage = {.range = request.range, .gaps = {}}};
    GivenRequest whole = request;
    whole.range = whole_bars(request.range, interval);
    const std::optional<Choice> choice = choose(*reader, whole, series, answer.source, interval);
    if (!choice) {
      answer.coverage = coverage_within({}, whole.range);
      return answer;
    }
    answer.made_of = choice->series.interval;
    answer.coverage = coverage_within(choice->covered, whole.range);
    Resampler resampler{interval, Completeness{choice->covered}, use};
    bool stopped = false;
    each_window(
        intersect(whole.range, choice->series.range),
        choice->series.interval.width().value_or(kDay), [&](TimeRange window) {
          for (const Kline& kline : given_klines(*reader, request.instrument.id,
                                                 choice->series.interval, answer.source, window)) {
            ++answer.rows;
            stopped = resampler.add(kline) == KeepGoing::stop;
            if (stopped) return KeepGoing::stop;
          }
          return KeepGoing::go_on;
        });
    if (!stopped) resampler.finish();
    return answer;
  });
}

namespace {

GivenAnswer open_interest_of(const Store& store, const GivenRequest& request,
                             std::optional<BarInterval> interval,
                             const std::function<KeepGoing(const OpenInterest&)>& use) {
  const auto reader = store.core().borrow_reader();
  const duck::Snapshot snapshot{*reader};
  const TimeRange range = interval ? whole_bars(request.range, *interval) : request.range;
  const std::vector<CoverageRow> covered =
      folded(coverage_rows(*reader, request.instrument.id, kOpenInterestDataset));
  GivenAnswer answer{.made_of = {}, .source = "venue", .coverage = coverage_within(covered, range)};
  std::optional<OpenInterest> last;  // of the interval at work
  const std::optional<TimeRange> stored = open_interest_range(*reader, request.instrument.id);
  if (!stored) return answer;
  each_window(intersect(range, *stored), std::chrono::minutes{1}, [&](TimeRange window) {
    for (const OpenInterest& row : given_open_interest(*reader, request.instrument.id, window)) {
      ++answer.rows;
      if (!interval) {
        if (use(row) == KeepGoing::stop) return KeepGoing::stop;
        continue;
      }
      const bool next =
          last && interval->begin_of(last->ts_event) != interval->begin_of(row.ts_event);
      const std::optional<OpenInterest> done = std::exchange(last, row);
      if (next && use(*done) == KeepGoing::stop) {
        last.reset();
        return KeepGoing::stop;
      }
    }
    return KeepGoing::go_on;
  });
  if (last) use(*last);
  return answer;
}

}  // namespace

GivenAnswer for_each_open_interest(const Store& store, const GivenRequest& request,
                                   std::optional<BarInterval> interval,
                                   const std::function<KeepGoing(const OpenInterest&)>& use) {
  return observed(store.core().observer(), "open_interest", {},
                  [&] { return open_interest_of(store, request, interval, use); });
}

}  // namespace tapedeck
