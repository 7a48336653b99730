#include "tapedeck/query/tape.hpp"

#include "query/columns_reader.hpp"
#include "query/tape_scan.hpp"
#include "store/observed.hpp"

#include <algorithm>

namespace tapedeck {
namespace {

// Views of one kind in one block; a change between with and without ids begins another.
using Blocks = std::vector<TradeBlock>;

Blocks read_slice(Reader& reader, const Instrument& instrument, const TapePiece& slice) {
  Blocks blocks;
  scan_piece(reader, instrument, slice, WithIds::yes, [&](const TradeView& view) {
    if (blocks.empty() || blocks.back().has_ids != view.has_ids) {
      blocks.emplace_back().scale = view.scale;
      blocks.back().reserve(static_cast<size_t>(slice.rows + slice.rows / 8));
    }
    append(blocks.back(), view);
    return KeepGoing::go_on;
  });
  return blocks;
}

TapeAnswer answer_of(const TapePlan& plan) {
  return {
      .scale = plan.instrument.scale, .grains = plan.grains, .coverage = plan.coverage, .rows = 0};
}

// A small answer is streamed straight from the scan; a large one is read ahead on all cores.
constexpr int64_t kReadAheadRows = 4 * kRowsWorthACore;

}  // namespace

TapeAnswer scan_trades(const TapeReading& reading,
                       const std::function<KeepGoing(const TradeView&)>& use) {
  const TapePlan& plan = reading.plan();
  TapeAnswer answer = answer_of(plan);
  auto counted_use = [&](const TradeView& view) {
    answer.rows += static_cast<int64_t>(view.rows());
    return use(view);
  };
  if (rows_of(plan) < kReadAheadRows) {
    for (const TapePiece& piece : plan.pieces) {
      if (!scan_piece(reading.reader(), plan.instrument, piece, WithIds::yes, counted_use)) break;
    }
    return answer;
  }
  OrderedScan<Blocks> scan{reading.readers(), sliced_for(plan.pieces, scan_threads()),
                           [&](Reader& reader, const TapePiece& slice) {
                             return read_slice(reader, plan.instrument, slice);
                           }};
  scan.run([&](Blocks&& blocks) {
    for (const TradeBlock& block : blocks) {
      if (counted_use(block.view()) == KeepGoing::stop) return KeepGoing::stop;
    }
    return KeepGoing::go_on;
  });
  return answer;
}

TapeAnswer for_each_trades(const Store& store, const TapeRequest& request,
                           const std::function<KeepGoing(const TradeView&)>& use) {
  return observed(store.core().observer(), "trades", {}, [&]() -> TapeAnswer {
    return scan_trades(TapeReading{store.core(), request}, use);
  });
}

TapeAnswer read_trades(const Store& store, const TapeRequest& request, TradeBlock& into) {
  return observed(store.core().observer(), "trades", {}, [&]() -> TapeAnswer {
    const TapeReading reading{store.core(), request};
    TapeAnswer answer = answer_of(reading.plan());
    read_columns(reading, into);
    answer.rows = static_cast<int64_t>(into.rows());
    return answer;
  });
}

std::optional<TimeRange> stored_range(const Store& store, const TapeRequest& request) {
  const TapeReading reading{store.core(), request, {.from_trades = false}};
  const std::vector<TapePiece>& pieces = reading.plan().pieces;
  if (pieces.empty()) return std::nullopt;
  return TimeRange{.begin = pieces.front().range.begin, .end = pieces.back().range.end};
}

Timestamp tail_begin(const Store& store, const TapeRequest& request, int64_t rows) {
  const TapeReading reading{store.core(), request, {.from_trades = false}};
  const TapePlan& plan = reading.plan();
  return plan.pieces.empty() ? request.range.begin : tail_begin(reading.reader(), plan, rows);
}

}  // namespace tapedeck
