#include "tapedeck/query/tape.hpp"

#include "query/columns_reader.hpp"
#include "query/tape_scan.hpp"

#include <algorithm>

namespace tapedeck {
namespace {

void append_view(TradeBlock& block, const TradeView& view) {
  auto add = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  if (block.rows() == 0) block.has_ids = view.has_ids;
  add(block.ts_event, view.ts_event);
  add(block.price, view.price);
  add(block.quantity, view.quantity);
  add(block.side, view.side);
  if (view.has_ids) add(block.trade_id, view.trade_id);
}

// Views of one kind in one block; a change between with and without ids begins another.
using Blocks = std::vector<TradeBlock>;

Blocks read_slice(Reader& reader, const Instrument& instrument, const TapePiece& slice) {
  Blocks blocks;
  scan_piece(reader, instrument, slice, WithIds::yes, [&](const TradeView& view) {
    if (blocks.empty() || blocks.back().has_ids != view.has_ids) {
      blocks.emplace_back().scale = view.scale;
      blocks.back().reserve(static_cast<size_t>(slice.rows + slice.rows / 8));
    }
    append_view(blocks.back(), view);
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

TapeAnswer for_each_trades(const Store& store, const TapeRequest& request,
                           const std::function<KeepGoing(const TradeView&)>& use) {
  StoreCore& core = store.core();
  const TapePlan plan = plan_tape(core, request);
  TapeAnswer answer = answer_of(plan);
  auto counted_use = [&](const TradeView& view) {
    answer.rows += static_cast<int64_t>(view.rows());
    return use(view);
  };
  const int64_t rows = rows_of(plan);
  const QueryTurn turn{core.readers(), rows};
  if (rows < kReadAheadRows) {
    const auto reader = core.borrow_reader();
    for (const TapePiece& piece : plan.pieces) {
      if (!scan_piece(*reader, plan.instrument, piece, WithIds::yes, counted_use)) break;
    }
    return answer;
  }
  OrderedScan<Blocks> scan{core, sliced_for(plan.pieces, scan_threads()),
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

TapeAnswer read_trades(const Store& store, const TapeRequest& request, TradeBlock& into) {
  StoreCore& core = store.core();
  const TapePlan plan = plan_tape(core, request);
  into.scale = plan.instrument.scale;
  TapeAnswer answer = answer_of(plan);
  const QueryTurn turn{core.readers(), rows_of(plan)};
  ColumnsReader columns{core, plan, into};
  columns.read();
  answer.rows = static_cast<int64_t>(into.rows());
  return answer;
}

std::optional<TimeRange> stored_range(const Store& store, const TapeRequest& request) {
  const TapePlan plan = plan_tape(store.core(), request);
  if (plan.pieces.empty()) return std::nullopt;
  return TimeRange{.begin = plan.pieces.front().range.begin, .end = plan.pieces.back().range.end};
}

Timestamp tail_begin(const Store& store, const TapeRequest& request, int64_t rows) {
  const TapePlan plan = plan_tape(store.core(), request);
  if (plan.pieces.empty()) return request.range.begin;
  const auto reader = store.core().borrow_reader();
  int64_t missing = rows;
  for (auto piece = plan.pieces.rbegin(); piece != plan.pieces.rend(); ++piece) {
    const std::chrono::nanoseconds whole = piece->range.end - piece->range.begin;
    // Twice the share of time that the rows would take if they came evenly; double until enough.
    auto width = std::chrono::nanoseconds{static_cast<int64_t>(
        std::min(1.0, 2.0 * static_cast<double>(missing) / static_cast<double>(piece->rows)) *
        static_cast<double>(whole.count()))};
    for (;; width *= 2) {
      width = std::clamp(width, std::chrono::nanoseconds{1}, whole);
      const Timestamp begin = piece->range.end - width;
      duck::Result count =
          reader
              ->prepare(
                  "SELECT count(*) FROM tape.trades WHERE instrument_id = CAST(? AS INTEGER) "
                  "AND grain = CAST(? AS UTINYINT) AND ts_event >= ? AND ts_event < ?")
              .bind(1, static_cast<int64_t>(plan.instrument.id))
              .bind(2, static_cast<int64_t>(piece->grain))
              .bind(3, begin)
              .bind(4, piece->range.end)
              .run();
      count.next_row();
      if (count.int64(0) >= missing) return begin;
      if (width == whole) {
        missing -= count.int64(0);
        break;
      }
    }
  }
  return plan.pieces.front().range.begin;
}

}  // namespace tapedeck
