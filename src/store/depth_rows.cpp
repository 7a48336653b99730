#include "store/depth_rows.hpp"

#include "store/book_load.hpp"
#include "store/book_read.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/book/book_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace tapedeck {
namespace {

void check(const DepthSnapshot& snapshot) {
  for (const auto* const side : {&snapshot.bids, &snapshot.asks}) {
    for (const WireLevel& level : *side) {
      if (level.price.units > 0 && level.quantity.units >= 0) continue;
      throw Error{
          ErrorCode::invalid_argument,
          fmt::format("the snapshot at {} has {} at {}: prices must be above 0, quantities 0 "
                      "or more",
                      to_iso(snapshot.ts_event),
                      to_text(Decimal{level.quantity.units, level.quantity.exponent}),
                      to_text(Decimal{level.price.units, level.price.exponent}))};
    }
  }
}

// The stretch that goes on, if the last one does.
std::optional<BookStretch> open_stretch(duck::Connection& connection, BookStreamId stream) {
  std::vector<BookStretch> stretches = book_stretches(connection, stream);
  if (stretches.empty() || stretches.back().cause) return std::nullopt;
  return std::move(stretches.back());
}

std::vector<const DepthSnapshot*> in_order(std::span<const DepthSnapshot> snapshots) {
  std::vector<const DepthSnapshot*> ordered;
  for (const DepthSnapshot& snapshot : snapshots) {
    check(snapshot);
    ordered.push_back(&snapshot);
  }
  std::ranges::stable_sort(ordered, {}, &DepthSnapshot::ts_event);
  return ordered;
}

}  // namespace

int64_t insert_depth_snapshots(duck::Transaction& transaction, InstrumentId instrument,
                               std::span<const DepthSnapshot> snapshots,
                               const DepthOptions& options) {
  const std::vector<const DepthSnapshot*> ordered = in_order(snapshots);
  const BookStream stream = find_or_insert_book_stream(transaction, instrument, options.channel);
  const std::optional<BookStretch> resumed = open_stretch(transaction.connection(), stream.id);
  BookTables tables{transaction};
  BookLoad load{stream, resumed};
  load.begin(tables);
  BookBuilder builder{{.whole = true}, load, stream.scale};
  std::optional<Timestamp> last;
  if (resumed) {
    builder.resume(read_last_book(transaction.connection(), stream, *resumed));
    last = resumed->event_end;
  }
  int64_t stored = 0;
  for (const DepthSnapshot* const one : ordered) {
    const bool is_stored = last && one->ts_event <= *last;
    if (is_stored || (last && one->ts_event - *last < options.every)) continue;
    builder.apply({.kind = BookMessageKind::snapshot,
                   .channel = options.channel,
                   .ts_event = one->ts_event,
                   .sequence = one->sequence,
                   .bids = one->bids,
                   .asks = one->asks});
    last = one->ts_event;
    ++stored;
  }
  builder.finish();
  load.store(builder, options.source, Recording::ends);
  tables.close();
  return stored;
}

}  // namespace tapedeck
