#include "query/live_piece.hpp"

#include "store/minute_bars.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tapedeck {
namespace {

using std::chrono::nanoseconds;

// Where both grains are stored, which one counts is decided when the rows are.
std::optional<Grain> grain_of(const TapeFacts& facts, const PendingTape& pending,
                              const TapeRequest& request) {
  if (request.grain || pending.size() != 1) return request.grain;
  const Grain grain = pending.begin()->first;
  const bool other = std::ranges::any_of(
      facts.loads, [&](const TradeLoadSpan& load) { return load.grain != grain; });
  return other ? std::nullopt : std::optional{grain};
}

void drop_applied(std::vector<PendingTrades>& frames, uint64_t applied) {
  std::erase_if(frames, [&](const PendingTrades& frame) { return frame.sequence <= applied; });
}

// The stored rows of the newest instant, and what follows them; nullopt when they cannot be one
// block yet.
std::optional<TradeBlock> with_newest_instant(duck::Connection& reader,
                                              const Instrument& instrument, Grain grain,
                                              Timestamp newest, const TradeBlock& tail) {
  const TapePiece piece{
      .range = {.begin = newest, .end = TimeRange{}.end}, .grain = grain, .ordered = false};
  TradeBlock rows;
  rows.scale = instrument.scale;
  bool one_kind = true;
  try {
    scan_piece(reader, instrument, piece, WithIds::yes, [&](const TradeView& view) {
      one_kind = one_kind && (rows.rows() == 0 || rows.has_ids == view.has_ids);
      if (one_kind) append(rows, view);
      return one_kind ? KeepGoing::go_on : KeepGoing::stop;
    });
  } catch (const Error& error) {
    if (error.code() == ErrorCode::out_of_range) return std::nullopt;
    throw;
  }
  if (!one_kind || (rows.rows() > 0 && rows.has_ids != tail.has_ids)) return std::nullopt;
  append(rows, tail.view());
  return rows;
}

void cut_pieces(std::vector<TapePiece>& pieces, Timestamp end) {
  for (TapePiece& piece : pieces)
    piece.range.end = std::min(piece.range.end, end);
  std::erase_if(pieces, [](const TapePiece& piece) { return piece.range.empty(); });
}

// The minutes of the piece are not kept.
void add_range(TapePlan& plan, Grain grain, TimeRange range,
               const std::shared_ptr<const TradeBlock>& behind) {
  const Timestamp open = one_minute().begin_of(range.begin);
  GrainRange* last = nullptr;
  for (GrainRange& counted : plan.grain_ranges) {
    if (counted.grain == grain) last = &counted;
  }
  if (last == nullptr) {
    plan.grain_ranges.push_back({.grain = grain, .range = range, .open_minute = open});
    return;
  }
  last->range.end = std::max(last->range.end, range.end);
  last->open_minute = std::min(last->open_minute.value_or(open), open);
  last->behind = behind;
}

// Runs of ids without a hole.
std::vector<CoverageRow> coverage_of(const TradeView& rows, Grain grain,
                                     const std::string& source) {
  std::vector<CoverageRow> result;
  for (size_t from = 0; from < rows.rows();) {
    size_t to = from + 1;
    while (to < rows.rows() && (!rows.has_ids || rows.trade_id[to] == rows.trade_id[to - 1] + 1))
      ++to;
    CoverageRow& row = result.emplace_back();
    row = {.dataset = dataset_of(grain),
           .range = {.begin = from_epoch_ns(rows.ts_event[from]),
                     .end = from_epoch_ns(rows.ts_event[to - 1] + 1)},
           .source = source};
    if (rows.has_ids) {
      row.id_begin = rows.trade_id[from];
      row.id_end = rows.trade_id[to - 1];
    }
    from = to;
  }
  return result;
}

void add_coverage(TapePlan& plan, std::vector<CoverageRow> rows) {
  const auto last =
      std::find_if(plan.covered.rbegin(), plan.covered.rend(), [&](const CoverageRow& row) {
        return row.dataset == rows.front().dataset && row.status != CoverageStatus::gap;
      });
  if (last != plan.covered.rend()) {
    // A recording without ids goes on from its last row.
    if (!rows.front().id_begin && !last->id_end && last->source == rows.front().source) {
      rows.front().range.begin = last->range.end;
    }
    rows.push_back(*last);
    plan.covered.erase(std::next(last).base());
  }
  for (CoverageRow& row : folded(std::move(rows)))
    plan.covered.push_back(std::move(row));
  std::ranges::stable_sort(plan.covered, {},
                           [](const CoverageRow& row) { return row.range.begin; });
}

// They are of another scale than the answer.
void forget_open_bars(TapePlan& plan) {
  for (GrainRange& counted : plan.grain_ranges)
    counted.open_bar.reset();
}

// A finer scale of frames becomes that of the answer, as it does when they are applied.
void take_scale(const std::vector<PendingTrades>& frames, const TapeFacts& facts,
                Instrument& instrument) {
  Scale scale = facts.loads.empty() ? frames.front().trades().scale : instrument.scale;
  for (const PendingTrades& frame : frames)
    scale = finest(scale, frame.trades().scale);
  if (!facts.loads.empty() && scale != instrument.scale) instrument.mixed_scale = true;
  instrument.scale = scale;
}

}  // namespace

PendingTape pending_tape(StoreCore& core, const TapeRequest& request) {
  PendingTape result;
  for (const Grain grain : {Grain::trade, Grain::aggregate}) {
    if (request.grain && *request.grain != grain) continue;
    auto frames = core.window().pending(request.instrument.id, grain);
    if (!frames.empty()) result.emplace(grain, std::move(frames));
  }
  return result;
}

TapeEnd end_of(const TapeFacts& facts, Grain grain) {
  TapeEnd end;
  for (const TradeLoadSpan& load : facts.loads) {
    if (load.grain != grain) continue;
    const int64_t last = to_epoch_ns(load.range.end) - 1;
    end.ts = std::max(end.ts.value_or(last), last);
  }
  for (const CoverageRow& row : facts.covered(grain)) {
    if (row.id_end) end.largest_id = std::max(end.largest_id.value_or(*row.id_end), *row.id_end);
  }
  return end;
}

void add_live_piece(duck::Connection& reader, const TapeFacts& facts, PendingTape pending,
                    const TapeRequest& request, TapePlan& plan) {
  for (auto& entry : pending)
    drop_applied(entry.second, facts.applied_sequence);
  std::erase_if(pending, [](const auto& entry) { return entry.second.empty(); });
  const std::optional<Grain> grain = grain_of(facts, pending, request);
  if (!grain || !pending.contains(*grain)) return;
  const std::vector<PendingTrades>& frames = pending.at(*grain);
  const TapeEnd end = end_of(facts, *grain);
  if (end.ts && request.range.end <= from_epoch_ns(*end.ts)) return;
  take_scale(frames, facts, plan.instrument);
  if (plan.instrument.scale != facts.scale) forget_open_bars(plan);
  TapeTail tail = tail_behind(frames, end, plan.instrument.scale);
  if (tail.trades.rows() == 0) return;
  const auto behind = std::make_shared<const TradeBlock>(tail.trades);
  if (tail.touches && end.ts) {
    auto rows =
        with_newest_instant(reader, plan.instrument, *grain, from_epoch_ns(*end.ts), tail.trades);
    if (!rows) return;
    tail.trades = std::move(*rows);
    cut_pieces(plan.pieces, from_epoch_ns(*end.ts));
  }
  const TradeView rows = tail.trades.view();
  const TimeRange whole{.begin = from_epoch_ns(rows.ts_event.front()),
                        .end = from_epoch_ns(rows.ts_event.back() + 1)};
  const TimeRange range = intersect(whole, request.range);
  if (range.empty()) return;
  add_range(plan, *grain, range, behind);
  add_coverage(plan,
               coverage_of(rows, *grain, std::get<TradeRows>(*frames.front().content).source));
  plan.pieces.push_back({.range = range,
                         .grain = *grain,
                         .ordered = true,
                         .rows = static_cast<int64_t>(rows.rows()),
                         .held = std::make_shared<const TradeBlock>(std::move(tail.trades))});
  if (std::ranges::find(plan.grains, *grain) == plan.grains.end()) plan.grains.push_back(*grain);
  plan.coverage = coverage_within(plan.covered, request.range);
}

}  // namespace tapedeck
