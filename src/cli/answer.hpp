// From a query to rows on the screen: picks the range, keeps the last rows where only they are
// wanted, and says how complete the answer is.
#pragma once

#include "cli/options.hpp"
#include "cli/output.hpp"
#include "tapedeck/query/rows.hpp"
#include "tapedeck/query/tape.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace tapedeck {

using EmitRow = std::function<KeepGoing(std::span<const Cell>)>;

// How `--last N` finds a begin without reading everything.
enum class TailSearch {
  by_time,    // windows that double, at first `row_width` × N
  by_trades,  // windows of N trades, 2 N …
  none,       // rows depend on where the range begins: reads all of it
};

struct RowQuery {
  std::vector<Column> columns;  // with `--last N`, the first is the row's time
  // Gives rows to `emit` until it says stop. Texts in cells are literals: rows may be kept.
  std::function<TapeAnswer(const TapeRequest&, const EmitRow& emit)> run;
  TailSearch tail_search = TailSearch::by_time;
  std::chrono::nanoseconds row_width = std::chrono::minutes{1};
  // From where `--last 2h` counts back; else from the newest trade.
  std::function<std::optional<Timestamp>()> newest = {};
};

// The range that the selection means; `--last N` leaves it open.
TapeRequest request_of(const Store& store, const Instrument& instrument,
                       const Selection& selection);

// "instrument":"binance:BTCUSDT"
std::string instrument_member(const Instrument& instrument);

// Runs the query and prints all of it. Gives the answer for what else there is to say.
TapeAnswer print_answer(const Store& store, const Instrument& instrument,
                        const QueryOptions& options, const RowQuery& query);

// The notes that follow the rows on standard error: rows not shown, and completeness.
void print_notes(const Output& output, const TapeAnswer* answer, const StoreChoice& choice);

// Width of a bar, for windows; a month counts 31 days.
std::chrono::nanoseconds nominal_width(BarInterval interval);

}  // namespace tapedeck
