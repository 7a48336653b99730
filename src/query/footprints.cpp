#include "tapedeck/query/footprints.hpp"

#include "query/bar_range.hpp"
#include "query/tape_scan.hpp"
#include "store/observed.hpp"

#include <fmt/format.h>

#include <utility>

namespace tapedeck {
namespace {

void check_step(PriceStep step) {
  if (step.units <= 0) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("a price step must be above 0, found {} units", step.units)};
  }
}

TapeAnswer answer_of(const TapePlan& plan) {
  return {
      .scale = plan.instrument.scale, .grains = plan.grains, .coverage = plan.coverage, .rows = 0};
}

int64_t trades_in(const std::vector<Level>& levels) {
  int64_t trades = 0;
  for (const Level& level : levels)
    trades += level.trades();
  return trades;
}

TapeAnswer footprints_of(const Store& store, const TapeRequest& request, BarInterval interval,
                         PriceStep step, const std::function<KeepGoing(const Footprint&)>& use) {
  check_step(step);
  TapeRequest whole = request;
  whole.range = whole_bars(request.range, interval);
  const TapeReading reading{store.core(), whole};
  const TapePlan& plan = reading.plan();
  TapeAnswer answer = answer_of(plan);
  OrderedScan<std::vector<Footprint>> scan{
      reading.readers(), sliced_for(plan.pieces, scan_threads()),
      [&](Reader& reader, const TapePiece& slice) {
        FootprintFold fold{interval, step};
        scan_piece(reader, plan.instrument, slice, WithIds::no, [&](const TradeView& view) {
          fold.add(view);
          return KeepGoing::go_on;
        });
        return fold.finish();
      }};
  std::optional<Footprint> pending;  // may go on in the next slice
  bool stopped = false;
  auto give = [&](const Footprint& footprint) {
    answer.rows += trades_in(footprint.levels);
    return use(footprint);
  };
  scan.run([&](std::vector<Footprint>&& footprints) {
    for (Footprint& footprint : footprints) {
      if (pending && pending->begin == footprint.begin) {
        join_levels(pending->levels, footprint.levels);
        continue;
      }
      if (pending && give(*pending) == KeepGoing::stop) {
        stopped = true;
        return KeepGoing::stop;
      }
      pending = std::move(footprint);
    }
    return KeepGoing::go_on;
  });
  if (pending && !stopped) give(*pending);
  return answer;
}

}  // namespace

TapeAnswer for_each_footprint(const Store& store, const TapeRequest& request, BarInterval interval,
                              PriceStep step,
                              const std::function<KeepGoing(const Footprint&)>& use) {
  return observed(store.core().observer(), "footprints", {},
                  [&] { return footprints_of(store, request, interval, step, use); });
}

ProfileAnswer volume_profile(const Store& store, const TapeRequest& request, PriceStep step,
                             ValueAreaRule rule, int share_percent) {
  return observed(store.core().observer(), "volume_profile", {}, [&]() -> ProfileAnswer {
    check_step(step);
    if (share_percent < 1 || share_percent > 100) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("the value area is 1 to 100 percent, found {}", share_percent)};
    }
    const TapeReading reading{store.core(), request};
    const TapePlan& plan = reading.plan();
    std::vector<LevelAccumulator> states;
    for (size_t i = 0; i < scan_threads(); ++i)
      states.emplace_back(step);
    unordered_scan<LevelAccumulator>(
        reading.readers(), sliced_for(plan.pieces, scan_threads()), states,
        [&](Reader& reader, const TapePiece& slice, LevelAccumulator& levels) {
          scan_piece(reader, plan.instrument, slice, WithIds::no, [&](const TradeView& view) {
            levels.add(view, 0, view.rows());
            return KeepGoing::go_on;
          });
        });
    for (size_t i = 1; i < states.size(); ++i)
      states[0].join(states[i]);
    std::vector<Level> all;
    states[0].take(all);
    ProfileAnswer answer{.tape = answer_of(plan), .profile = {}};
    answer.tape.rows = trades_in(all);
    answer.profile = make_profile(std::move(all), rule, share_percent);
    return answer;
  });
}

}  // namespace tapedeck
