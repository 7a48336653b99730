#include "cli/answer.hpp"

#include "base/json_text.hpp"
#include "cli/completeness.hpp"
#include "cli/interrupt.hpp"
#include "cli/say.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <deque>

namespace tapedeck {
namespace {

using std::chrono::nanoseconds;
using Row = std::vector<Cell>;

// The last rows of a stream.
struct Tail {
  size_t wanted;
  std::deque<Row> rows = {};

  KeepGoing add(std::span<const Cell> cells) {
    if (interrupted()) return KeepGoing::stop;
    if (rows.size() == wanted) {
      Row reused = std::move(rows.front());
      rows.pop_front();
      reused.assign(cells.begin(), cells.end());
      rows.push_back(std::move(reused));
    } else {
      rows.emplace_back(cells.begin(), cells.end());
    }
    return KeepGoing::go_on;
  }
};

nanoseconds times(nanoseconds width, int64_t count) {
  int64_t ns = 0;
  if (__builtin_mul_overflow(width.count(), count, &ns)) return nanoseconds::max();
  return nanoseconds{ns};
}

Timestamp earlier(Timestamp t, nanoseconds by) {
  int64_t ns = 0;
  if (__builtin_sub_overflow(to_epoch_ns(t), by.count(), &ns)) return Timestamp::min();
  return from_epoch_ns(ns);
}

// The last rows of the query, and the answer for the stretch that they span.
TapeAnswer run_tail(const Store& store, const TapeRequest& request, const RowQuery& query,
                    Tail& tail) {
  const auto run = [&](Timestamp begin) {
    tail.rows.clear();
    TapeRequest from_begin = request;
    from_begin.range.begin = begin;
    return query.run(from_begin, [&](std::span<const Cell> cells) { return tail.add(cells); });
  };
  const std::optional<TimeRange> stored = stored_range(store, request);
  if (query.tail_search == TailSearch::none || !stored) return run(request.range.begin);

  const auto wanted = static_cast<int64_t>(tail.wanted);
  nanoseconds window = times(query.row_width, wanted);
  int64_t trades = wanted;
  while (true) {
    Timestamp begin = query.tail_search == TailSearch::by_trades
                          ? tail_begin(store, request, trades)
                          : earlier(stored->end, window);
    // All of it: coverage is then asked for what is there, not for a begin that nobody named.
    const bool all = begin <= stored->begin;
    if (all) begin = request.range.begin;
    TapeAnswer answer = run(begin);
    // Once more from the first row on: running sums begin there, and coverage is of what is shown.
    if (tail.rows.size() == tail.wanted) return run(std::get<Timestamp>(tail.rows.front().front()));
    if (all || interrupted()) return answer;
    window = times(window, 2);
    trades = trades > INT64_MAX / 2 ? INT64_MAX : trades * 2;
  }
}

}  // namespace

TapeRequest request_of(const Store& store, const Instrument& instrument,
                       const Selection& selection) {
  TapeRequest request{.instrument = instrument, .range = selection.range, .grain = selection.grain};
  if (selection.last && selection.last->span) {
    if (const std::optional<TimeRange> stored = stored_range(store, request)) {
      const Timestamp newest = stored->end - nanoseconds{1};
      request.range = {.begin = earlier(newest, *selection.last->span), .end = stored->end};
    }
  }
  return request;
}

std::string instrument_member(const Instrument& instrument) {
  std::string member = "\"instrument\":";
  append_json_text(member, to_text(instrument.name));
  return member;
}

TapeAnswer print_answer(const Store& store, const Instrument& instrument,
                        const QueryOptions& options, const RowQuery& query) {
  const Selection selection = parse_selection(options.selection);
  TapeRequest request = request_of(store, instrument, selection);
  if (query.newest && selection.last && selection.last->span) {
    request.range = {};
    if (const std::optional<Timestamp> newest = query.newest()) {
      request.range = {.begin = earlier(*newest, *selection.last->span),
                       .end = *newest + nanoseconds{1}};
    }
  }
  Output output{options.output};
  output.begin(query.columns, instrument_member(instrument));
  TapeAnswer answer;
  if (selection.last && selection.last->rows) {
    Tail tail{.wanted = static_cast<size_t>(*selection.last->rows)};
    answer = run_tail(store, request, query, tail);
    for (const Row& row : tail.rows) {
      if (output.row(row) == KeepGoing::stop) break;
    }
  } else {
    answer = query.run(request, [&](std::span<const Cell> cells) { return output.row(cells); });
  }
  output.end(completeness_json(answer, output.time_style()));
  print_notes(output, &answer, options.store);
  return answer;
}

void print_notes(const Output& output, const TapeAnswer* answer, const StoreChoice& choice) {
  if (choice.quiet || output.reader_gone()) return;
  if (output.hidden_rows() > 0) {
    say("… {} more rows; use --limit, --format csv or a pipe\n", grouped(output.hidden_rows()));
  }
  if (answer != nullptr) {
    say("{}", completeness_text(*answer, output.time_style()));
  }
}

nanoseconds nominal_width(BarInterval interval) {
  return interval.width().value_or(std::chrono::hours{24 * 31});
}

}  // namespace tapedeck
