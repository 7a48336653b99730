#include "tapedeck/query/now.hpp"

#include "query/columns_reader.hpp"
#include "query/live_piece.hpp"
#include "store/given_rows.hpp"
#include "store/quote_rows.hpp"

#include <algorithm>
#include <chrono>
#include <memory>

namespace tapedeck {
namespace {

// False when the window does not reach back far enough.
bool copy_from_window(StoreCore& core, InstrumentId instrument, int64_t rows, TradeBlock& into) {
  const std::optional<RecentTrades> recent = core.window().recent(instrument);
  if (!recent) return false;
  const TradeRing& stored = recent->stored;
  const TapeTail behind = tail_behind(recent->pending, stored.end(), stored.scale());
  if (!behind.whole) return false;
  const TradeBlock& tail = behind.trades;
  const auto pending = static_cast<int64_t>(tail.rows());
  const bool whole = stored.whole_from() == TimeRange{}.begin;
  if (!whole && stored.rows() + pending < rows) return false;
  into.clear();
  into.scale = stored.scale();
  if (pending < rows) stored.copy_last(rows - pending, into);
  const TradeView newest =
      tail.view().part(static_cast<size_t>(std::max<int64_t>(pending - rows, 0)), tail.rows());
  if (into.rows() > 0 && newest.rows() > 0 && into.has_ids && !newest.has_ids) {
    into.has_ids = false;
    into.trade_id.clear();
  }
  append(into, newest);
  return true;
}

// The one grain whose trades are stored.
std::optional<Grain> only_grain(const TapeFacts& facts) {
  std::optional<Grain> grain;
  for (const TradeLoadSpan& load : facts.loads) {
    if (grain && *grain != load.grain) return std::nullopt;
    grain = load.grain;
  }
  return grain;
}

// The last `rows` of the plan, and perhaps more. Returns where they begin.
Timestamp read_last(TapeReading& reading, int64_t rows, TradeBlock& into) {
  std::vector<TapePiece>& pieces = reading.plan().pieces;
  const Timestamp begin = tail_begin(reading.reader(), reading.plan(), rows);
  std::erase_if(pieces, [&](const TapePiece& piece) { return piece.range.end <= begin; });
  if (!pieces.empty()) pieces.front().range.begin = std::max(pieces.front().range.begin, begin);
  read_columns(reading, into);
  return begin;
}

// Reads what the window needs for such an answer. False when it cannot hold one.
bool fill_window(StoreCore& core, const Instrument& instrument, int64_t rows) {
  const uint64_t version = core.window().version();
  TapeReading reading{
      core, {.instrument = instrument}, {.with_pending = false, .from_trades = false}};
  const std::optional<Grain> grain = only_grain(reading.facts());
  if (!grain || reading.plan().pieces.empty()) return false;
  const Timestamp first = reading.plan().pieces.front().range.begin;
  TradeBlock block;
  const Timestamp begin = read_last(reading, rows, block);
  core.window().fill(version, {instrument.id, *grain},
                     TradeRing{block, begin <= first ? TimeRange{}.begin : begin,
                               end_of(reading.facts(), *grain)});
  return true;
}

void keep_last(TradeBlock& block, int64_t rows) {
  const auto excess = static_cast<ptrdiff_t>(block.rows()) - static_cast<ptrdiff_t>(rows);
  if (excess <= 0) return;
  const auto cut = [&](auto& column) {
    if (!column.empty()) column.erase(column.begin(), column.begin() + excess);
  };
  cut(block.ts_event);
  cut(block.trade_id);
  cut(block.price);
  cut(block.quantity);
  cut(block.side);
}

}  // namespace

void last_trades(const Store& store, InstrumentId instrument, int64_t rows, TradeBlock& into) {
  StoreCore& core = store.core();
  if (rows <= 0) return into.clear();
  if (copy_from_window(core, instrument, rows, into)) return core.window().count(true);
  core.window().count(false);
  const Instrument known = core.catalogue().at(instrument);
  if (fill_window(core, known, rows) && copy_from_window(core, instrument, rows, into)) return;
  // Too many for the window, of two grains, or written to meanwhile.
  TapeReading reading{core, {.instrument = known}, {.from_trades = false}};
  read_last(reading, rows, into);
  keep_last(into, rows);
}

std::optional<Quote> last_quote(const Store& store, InstrumentId instrument) {
  LiveWindow& window = store.core().window();
  if (const std::optional<Quote> quote = window.last_quote(instrument)) {
    window.count(true);
    return quote;
  }
  window.count(false);
  const uint64_t version = window.version();
  return window.fill(version, instrument, newest_quote(*store.core().borrow_reader(), instrument));
}

std::optional<OpenInterest> last_open_interest(const Store& store, InstrumentId instrument) {
  LiveWindow& window = store.core().window();
  if (const std::optional<OpenInterest> row = window.last_open_interest(instrument)) {
    window.count(true);
    return row;
  }
  window.count(false);
  const uint64_t version = window.version();
  const auto reader = store.core().borrow_reader();
  std::optional<OpenInterest> newest;
  if (const auto range = open_interest_range(*reader, instrument)) {
    const auto rows =
        given_open_interest(*reader, instrument,
                            {.begin = range->end - std::chrono::nanoseconds{1}, .end = range->end});
    if (!rows.empty()) newest = rows.back();
  }
  return window.fill(version, instrument, newest);
}

}  // namespace tapedeck
