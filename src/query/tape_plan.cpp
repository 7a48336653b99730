#include "query/tape_plan.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tapedeck {
namespace {

struct LoadSpan {
  int64_t load_id = 0;
  TimeRange range;
  Grain grain = Grain::trade;
  bool ordered = true;
  double rows_per_ns = 0;
};

// What is left of `range` without the stretches set aside for this grain.
std::vector<TimeRange> kept(TimeRange range, Grain grain, const std::vector<SetAside>& set_aside) {
  std::vector<TimeRange> result;
  for (const auto& [grain_aside, aside] : set_aside) {
    if (grain_aside != grain || aside.end <= range.begin || aside.begin >= range.end) continue;
    const TimeRange before{.begin = range.begin, .end = aside.begin};
    if (!before.empty()) result.push_back(before);
    range.begin = aside.end;
  }
  if (!range.empty()) result.push_back(range);
  return result;
}

std::vector<LoadSpan> load_spans(const TapeFacts& facts, const TapeRequest& request,
                                 const std::vector<SetAside>& set_aside) {
  std::vector<LoadSpan> result;
  for (const TradeLoadSpan& load : facts.loads) {
    if (request.grain && *request.grain != load.grain) continue;
    const TimeRange asked = intersect(load.range, request.range);
    if (asked.empty()) continue;
    const double per_ns = static_cast<double>(load.rows) /
                          static_cast<double>((load.range.end - load.range.begin).count());
    for (const TimeRange& part : kept(asked, load.grain, set_aside)) {
      result.push_back({load.load_id, part, load.grain, load.ordered, per_ns});
    }
  }
  return result;
}

std::vector<GrainRange> grain_ranges_of(const std::vector<LoadSpan>& spans,
                                        const std::vector<SetAside>& set_aside) {
  std::vector<GrainRange> result;
  for (const Grain grain : {Grain::trade, Grain::aggregate}) {
    std::optional<TimeRange> hull;
    for (const LoadSpan& span : spans) {
      if (span.grain != grain) continue;
      if (!hull) hull = span.range;
      hull->begin = std::min(hull->begin, span.range.begin);
      hull->end = std::max(hull->end, span.range.end);
    }
    if (!hull) continue;
    for (const TimeRange& part : kept(*hull, grain, set_aside))
      result.push_back({.grain = grain, .range = part});
  }
  std::ranges::stable_sort(result, {}, [](const GrainRange& part) { return part.range.begin; });
  return result;
}

// A piece on its way, with the loads that its rows lie in.
struct OpenPiece {
  TapePiece piece;
  int64_t first_load = 0;
  int64_t last_load = 0;
};

bool may_join(const OpenPiece& earlier, const OpenPiece& later) {
  if (earlier.piece.grain != later.piece.grain) return false;
  if (earlier.piece.ordered != later.piece.ordered) return false;
  return !earlier.piece.ordered || earlier.last_load <= later.first_load;
}

// Cuts time at every begin and end of a span; between two cuts the set of spans is constant.
std::vector<TapePiece> pieces_of(const std::vector<LoadSpan>& spans) {
  std::vector<Timestamp> cuts;
  for (const LoadSpan& span : spans) {
    cuts.push_back(span.range.begin);
    cuts.push_back(span.range.end);
  }
  std::ranges::sort(cuts);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  std::vector<const LoadSpan*> by_begin;
  for (const LoadSpan& span : spans)
    by_begin.push_back(&span);
  std::ranges::stable_sort(by_begin, {}, [](const LoadSpan* span) { return span->range.begin; });

  std::vector<OpenPiece> open;
  std::vector<const LoadSpan*> active;
  size_t next_span = 0;
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const TimeRange range{.begin = cuts[i], .end = cuts[i + 1]};
    std::erase_if(active, [&](const LoadSpan* span) { return span->range.end <= range.begin; });
    for (; next_span < by_begin.size() && by_begin[next_span]->range.begin <= range.begin;
         ++next_span) {
      active.push_back(by_begin[next_span]);
    }
    if (active.empty()) continue;
    OpenPiece next{.piece = {.range = range, .grain = active.front()->grain},
                   .first_load = active.front()->load_id,
                   .last_load = active.front()->load_id};
    next.piece.ordered = active.size() == 1 && active.front()->ordered;
    double rows = 0;
    for (const LoadSpan* span : active) {
      rows += span->rows_per_ns * static_cast<double>((range.end - range.begin).count());
    }
    next.piece.rows = static_cast<int64_t>(rows) + 1;
    if (!open.empty() && may_join(open.back(), next)) {
      open.back().piece.range.end = range.end;
      open.back().piece.rows += next.piece.rows;
      open.back().last_load = next.last_load;
    } else {
      open.push_back(next);
    }
  }
  std::vector<TapePiece> result;
  for (const OpenPiece& piece : open)
    result.push_back(piece.piece);
  return result;
}

// Folded coverage of each grain, without the days on which it is set aside.
std::vector<CoverageRow> coverage_in_use(const TapeFacts& facts, const TapeRequest& request,
                                         const std::vector<SetAside>& set_aside) {
  std::vector<CoverageRow> result;
  for (const Grain grain : {Grain::trade, Grain::aggregate}) {
    if (request.grain && *request.grain != grain) continue;
    for (const CoverageRow& row : facts.covered(grain)) {
      if (row.range.empty()) {  // ids missing within one instant: keep the place
        const TimeRange instant{.begin = row.range.begin,
                                .end = row.range.begin + std::chrono::nanoseconds{1}};
        if (!kept(instant, grain, set_aside).empty()) result.push_back(row);
        continue;
      }
      for (const TimeRange& part : kept(row.range, grain, set_aside)) {
        CoverageRow piece = row;
        piece.range = part;
        result.push_back(std::move(piece));
      }
    }
  }
  std::ranges::stable_sort(result, {}, [](const CoverageRow& row) { return row.range.begin; });
  // A gap of one grain is none where the other grain is stored.
  std::erase_if(result, [&](const CoverageRow& row) {
    return row.status == CoverageStatus::gap &&
           std::ranges::any_of(result, [&](const CoverageRow& other) {
             return other.dataset != row.dataset && other.status != CoverageStatus::gap &&
                    other.range.begin <= row.range.begin && row.range.end <= other.range.end;
           });
  });
  return result;
}

int64_t count_rows(duck::Connection& reader, const Instrument& instrument, const TapePiece& piece,
                   Timestamp begin) {
  duck::Result count =
      reader
          .prepare(
              "SELECT count(*) FROM tape.trades WHERE instrument_id = CAST(? AS INTEGER) "
              "AND grain = CAST(? AS UTINYINT) AND ts_event >= ? AND ts_event < ?")
          .bind(1, static_cast<int64_t>(instrument.id))
          .bind(2, static_cast<int64_t>(piece.grain))
          .bind(3, begin)
          .bind(4, piece.range.end)
          .run();
  count.next_row();
  return count.int64(0);
}

}  // namespace

TapePlan plan_stored_tape(const TapeFacts& facts, const TapeRequest& request) {
  // A grain that was asked for is read even where it is set aside.
  const std::vector<SetAside> set_aside = request.grain ? std::vector<SetAside>{} : facts.set_aside;
  const std::vector<LoadSpan> spans = load_spans(facts, request, set_aside);
  TapePlan plan{.instrument = request.instrument,
                .pieces = pieces_of(spans),
                .grains = {},
                .grain_ranges = grain_ranges_of(spans, set_aside),
                .covered = coverage_in_use(facts, request, set_aside),
                .coverage = {}};
  // The catalogue hears of a new scale a moment after the rows are there.
  if (facts.scale) {
    plan.instrument.scale = *facts.scale;
    plan.instrument.mixed_scale = facts.mixed_scale;
  }
  for (GrainRange& counted : plan.grain_ranges) {
    counted.open_minute = facts.open_minute(counted.grain);
    const std::optional<OpenBar> open = facts.open_bar(counted.grain);
    if (open && open->bar.begin == counted.open_minute && open->scale == facts.scale) {
      counted.open_bar = open->bar;
    }
  }
  for (const TapePiece& piece : plan.pieces) {
    if (std::ranges::find(plan.grains, piece.grain) == plan.grains.end()) {
      plan.grains.push_back(piece.grain);
    }
  }
  plan.coverage = coverage_within(plan.covered, request.range);
  return plan;
}

Timestamp tail_begin(duck::Connection& reader, const TapePlan& plan, int64_t rows) {
  if (rows <= 0) return TimeRange{}.end;
  int64_t missing = rows;
  for (auto piece = plan.pieces.rbegin(); piece != plan.pieces.rend(); ++piece) {
    if (piece->held) {
      const TradeView held = held_rows(*piece);
      const auto there = static_cast<int64_t>(held.rows());
      if (there >= missing)
        return from_epoch_ns(held.ts_event[static_cast<size_t>(there - missing)]);
      missing -= there;
      continue;
    }
    const std::chrono::nanoseconds whole = piece->range.end - piece->range.begin;
    // Twice the share of time that the rows would take if they came evenly; double until enough.
    auto width = std::chrono::nanoseconds{static_cast<int64_t>(
        std::min(1.0, 2.0 * static_cast<double>(missing) / static_cast<double>(piece->rows)) *
        static_cast<double>(whole.count()))};
    for (;; width *= 2) {
      width = std::clamp(width, std::chrono::nanoseconds{1}, whole);
      const Timestamp begin = piece->range.end - width;
      const int64_t there = count_rows(reader, plan.instrument, *piece, begin);
      if (there >= missing) return begin;
      if (width == whole) {
        missing -= there;
        break;
      }
    }
  }
  return plan.pieces.empty() ? TimeRange{}.begin : plan.pieces.front().range.begin;
}

int64_t rows_of(const TapePlan& plan) {
  int64_t rows = 0;
  for (const TapePiece& piece : plan.pieces)
    rows += piece.rows;
  return rows;
}

std::vector<TapePiece> sliced(const std::vector<TapePiece>& pieces, int64_t rows) {
  std::vector<TapePiece> result;
  for (const TapePiece& piece : pieces) {
    const int64_t parts = std::max<int64_t>(1, (piece.rows + rows - 1) / rows);
    const std::chrono::nanoseconds width = (piece.range.end - piece.range.begin) / parts;
    for (int64_t part = 0; part < parts; ++part) {
      TapePiece slice = piece;
      slice.rows = piece.rows / parts;
      slice.range.begin = piece.range.begin + part * width;
      if (part + 1 < parts) slice.range.end = slice.range.begin + width;
      if (!slice.range.empty()) result.push_back(slice);
    }
  }
  return result;
}

std::vector<TapePiece> sliced_for(const std::vector<TapePiece>& pieces, size_t workers) {
  constexpr int64_t kFewest = 150'000;
  constexpr int64_t kMost = 600'000;
  int64_t rows = 0;
  for (const TapePiece& piece : pieces)
    rows += piece.rows;
  return sliced(pieces, std::clamp(rows / static_cast<int64_t>(workers) + 1, kFewest, kMost));
}

}  // namespace tapedeck
