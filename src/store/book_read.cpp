#include "store/book_read.hpp"

#include "base/check.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tapedeck {
namespace {

std::optional<Timestamp> find_time(const duck::Result& rows, size_t column) {
  return rows.is_null(column) ? std::nullopt : std::optional{rows.timestamp(column)};
}

// True when that clock of it is known and at or before `at`.
bool until(const std::optional<Timestamp>& t, Timestamp at) {
  return t && *t <= at;
}

std::optional<Timestamp> clock_of(const KeyframePlace& keyframe, BookClock clock) {
  return clock == BookClock::event ? std::optional{keyframe.ts_event} : keyframe.ts_recv;
}

constexpr const char* kUpdates =
    "SELECT ordinal, ts_event, ts_recv, side, price, quantity, sequence, price_exp, qty_exp FROM "
    "tape.book_updates WHERE stream_id = CAST(? AS INTEGER) AND ordinal > ? AND ordinal <= ? AND "
    "book = ?";

// Units of 10^from as units of 10^to, the finest of the stream: a later book may have made it finer
// than this one can be counted in.
int64_t in_units(int64_t units, int from, int to) {
  int64_t scaled = 0;
  if (!__builtin_mul_overflow(units, power_of_ten(from - to), &scaled)) return scaled;
  throw Error{ErrorCode::out_of_range,
              fmt::format("{} does not fit 64 bits at the {} digits behind the point that its book "
                          "stream has by now",
                          to_text(Decimal{units, from}), -to)};
}

// Chunks in the units of the stream's scale.
class UpdateChunk {
 public:
  explicit UpdateChunk(Scale scale) : scale_{scale} {}

  UpdateColumns columns(const duck::Result& rows) {
    return {.ordinal = rows.column<int64_t>(0),
            .ts_event = rows.column<int64_t>(1),
            .ts_recv = rows.column<int64_t>(2),
            .side = rows.column<uint8_t>(3),
            .price =
                in_scale(rows.column<int64_t>(4), rows.column<int8_t>(7), scale_.price_exp, price_),
            .quantity = in_scale(rows.column<int64_t>(5), rows.column<int8_t>(8), scale_.qty_exp,
                                 quantity_),
            .sequence = rows.column<int64_t>(6),
            .recv_validity = rows.validity(2),
            .sequence_validity = rows.validity(6)};
  }

 private:
  static std::span<const int64_t> in_scale(std::span<const int64_t> units,
                                           std::span<const int8_t> exponents, int8_t exponent,
                                           std::vector<int64_t>& rescaled) {
    if (std::ranges::all_of(exponents, [&](int8_t e) { return e == exponent; })) return units;
    rescaled.assign(units.begin(), units.end());
    for (size_t row = 0; row < rescaled.size(); ++row)
      rescaled[row] = in_units(units[row], exponents[row], exponent);
    return rescaled;
  }

  Scale scale_;
  std::vector<int64_t> price_;
  std::vector<int64_t> quantity_;
};

}  // namespace

UpdateColumns UpdateColumns::part(size_t from, size_t to) const {
  UpdateColumns some = *this;
  const size_t count = to - from;
  some.ordinal = ordinal.subspan(from, count);
  some.ts_event = ts_event.subspan(from, count);
  some.ts_recv = ts_recv.subspan(from, count);
  some.side = side.subspan(from, count);
  some.price = price.subspan(from, count);
  some.quantity = quantity.subspan(from, count);
  some.sequence = sequence.subspan(from, count);
  some.first_bit = first_bit + from;
  return some;
}

std::optional<Timestamp> IndexedBook::begin(BookClock clock) const {
  return clock == BookClock::event ? std::optional{stretch.event_begin} : stretch.recv_begin;
}

std::optional<Timestamp> IndexedBook::end(BookClock clock) const {
  return clock == BookClock::event ? std::optional{stretch.event_end} : stretch.recv_end;
}

const KeyframePlace* IndexedBook::keyframe_before(Timestamp at, BookClock clock) const {
  for (auto keyframe = keyframes.rbegin(); keyframe != keyframes.rend(); ++keyframe)
    if (until(clock_of(*keyframe, clock), at)) return &*keyframe;
  return nullptr;
}

std::vector<IndexedBook::OrdinalRange> IndexedBook::ranges_behind(const KeyframePlace& keyframe,
                                                                  Timestamp at,
                                                                  BookClock clock) const {
  std::vector<OrdinalRange> ranges;
  auto add = [&](int64_t behind, int64_t last) {
    if (!ranges.empty() && ranges.back().last == behind) {
      ranges.back().last = last;
    } else {
      ranges.push_back({behind, last});
    }
  };
  int64_t behind = keyframe.ordinal;
  auto next = std::ranges::upper_bound(keyframes, behind, {}, &KeyframePlace::ordinal);
  for (; next != keyframes.end(); ++next) {
    const auto earliest =
        clock == BookClock::event ? std::optional{next->ts_event_min} : next->ts_recv_min;
    if (until(earliest, at)) add(behind, next->ordinal);
    behind = next->ordinal;
  }
  const auto& tail = clock == BookClock::event ? stretch.tail_event : stretch.tail_recv;
  if (until(tail, at)) add(behind, INT64_MAX);
  return ranges;
}

const IndexedBook* BookIndex::book_at(Timestamp at, BookClock clock) const {
  const auto rank = [&](const IndexedBook& book) {
    const auto end = book.end(clock);
    const bool goes_on = book.stretch.cause ? end > at : end >= at;
    return std::pair{goes_on, goes_on ? book.begin(clock) : end};
  };
  const IndexedBook* best = nullptr;
  for (const IndexedBook& book : books) {
    if (!until(book.begin(clock), at)) continue;
    if (best == nullptr || rank(book) >= rank(*best)) best = &book;
  }
  return best;
}

BookIndex read_book_index(duck::Connection& connection, BookStream stream) {
  BookIndex index{.stream = std::move(stream), .books = {}};
  for (BookStretch& stretch : book_stretches(connection, index.stream.id))
    index.books.push_back({.stretch = std::move(stretch)});
  duck::Result rows =
      connection
          .prepare(
              "SELECT book, ordinal, sequence, ts_event, ts_recv, ts_event_min, ts_recv_min FROM "
              "tape.book_keyframes WHERE stream_id = CAST(? AS INTEGER) ORDER BY book, ordinal")
          .bind(1, static_cast<int64_t>(index.stream.id))
          .run();
  auto book = index.books.begin();
  while (rows.next_row()) {
    while (book != index.books.end() && book->stretch.book < rows.int64(0))
      ++book;
    if (book == index.books.end() || book->stretch.book != rows.int64(0)) continue;
    book->keyframes.push_back({.ordinal = rows.int64(1),
                               .sequence = rows.find_int64(2),
                               .ts_event = rows.timestamp(3),
                               .ts_recv = find_time(rows, 4),
                               .ts_event_min = rows.timestamp(5),
                               .ts_recv_min = find_time(rows, 6)});
  }
  std::erase_if(index.books, [](const IndexedBook& one) { return one.keyframes.empty(); });
  return index;
}

std::vector<BookIndex> read_book_indexes(duck::Connection& connection, InstrumentId instrument) {
  std::vector<BookIndex> indexes;
  for (BookStream& stream : book_streams(connection, instrument))
    indexes.push_back(read_book_index(connection, std::move(stream)));
  return indexes;
}

void scan_updates(duck::Connection& connection, const BookStream& stream, const IndexedBook& book,
                  IndexedBook::OrdinalRange rows, const UseUpdates& use) {
  duck::Statement& select = connection.prepare(kUpdates);
  select.bind(1, static_cast<int64_t>(stream.id))
      .bind(2, rows.behind)
      .bind(3, rows.last)
      .bind(4, book.stretch.book);
  duck::Result result = select.stream();
  UpdateChunk chunk{stream.scale};
  int64_t last = INT64_MIN;
  while (result.next_chunk()) {
    if (result.rows() == 0) continue;
    const UpdateColumns columns = chunk.columns(result);
    // Rows are written in the order of their ordinals: sorting would cost more than reading.
    if (columns.ordinal.front() <= last || !std::ranges::is_sorted(columns.ordinal)) {
      throw Error{ErrorCode::corrupt,
                  fmt::format("the updates of book stream {} do not lie in the order of their "
                              "ordinals: another program wrote tape.book_updates anew; import the "
                              "recordings into a new store",
                              static_cast<int32_t>(stream.id))};
    }
    last = columns.ordinal.back();
    if (use(columns) == KeepGoing::stop) return;
  }
}

namespace {

KeyframeCache::Levels read_levels(duck::Connection& connection, const BookStream& stream,
                                  int64_t ordinal) {
  std::vector<KeyframeLevel> levels;
  duck::Result rows = connection
                          .prepare(
                              "SELECT side, price, quantity, price_exp, qty_exp FROM "
                              "tape.book_snapshots WHERE stream_id = CAST(? AS INTEGER) AND "
                              "ordinal = ?")
                          .bind(1, static_cast<int64_t>(stream.id))
                          .bind(2, ordinal)
                          .stream();
  while (rows.next_chunk()) {
    const auto side = rows.column<uint8_t>(0);
    const auto price = rows.column<int64_t>(1);
    const auto quantity = rows.column<int64_t>(2);
    const auto price_exp = rows.column<int8_t>(3);
    const auto qty_exp = rows.column<int8_t>(4);
    for (size_t row = 0; row < rows.rows(); ++row) {
      levels.push_back({.side = static_cast<BookSide>(side[row]),
                        .price = in_units(price[row], price_exp[row], stream.scale.price_exp),
                        .quantity = in_units(quantity[row], qty_exp[row], stream.scale.qty_exp)});
    }
  }
  return std::make_shared<const std::vector<KeyframeLevel>>(std::move(levels));
}

OrderBook book_of(const std::vector<KeyframeLevel>& levels, Scale scale) {
  OrderBook book{scale};
  for (const auto& [side, price, quantity] : levels)
    book.set(side, Price{price}, Qty{quantity});
  return book;
}

}  // namespace

OrderBook read_keyframe(duck::Connection& connection, const BookStream& stream, int64_t ordinal) {
  return book_of(*read_levels(connection, stream, ordinal), stream.scale);
}

StoredBook read_book(duck::Connection& connection, const BookStream& stream,
                     const IndexedBook& book, const BookInstant& instant,
                     const KeptKeyframes& kept) {
  const Timestamp at = instant.at;
  const BookClock clock = instant.clock;
  const KeyframePlace* const keyframe = book.keyframe_before(at, clock);
  TAPEDECK_CHECK(keyframe != nullptr, "book {} had not begun", book.stretch.book);
  KeyframeCache::Levels levels;
  if (kept.cache != nullptr) levels = kept.cache->find(kept.moment, stream.id, keyframe->ordinal);
  if (!levels) {
    levels = read_levels(connection, stream, keyframe->ordinal);
    if (kept.cache != nullptr) {
      kept.cache->keep(kept.moment, stream.id, keyframe->ordinal, levels);
    }
  }
  StoredBook stored{.book = book_of(*levels, stream.scale),
                    .sequence = keyframe->sequence,
                    .ts_event = keyframe->ts_event,
                    .ts_recv = keyframe->ts_recv};
  const int64_t until = to_epoch_ns(at);
  // The clock may step back: of rows that lie behind each other, some may be later than `at`.
  const auto take = [&](const UpdateColumns& rows) {
    for (size_t row = 0; row < rows.rows(); ++row) {
      const bool has_recv = rows.has_recv(row);
      const bool is_later = clock == BookClock::event ? rows.ts_event[row] > until
                                                      : !has_recv || rows.ts_recv[row] > until;
      if (is_later) continue;
      stored.book.set(static_cast<BookSide>(rows.side[row]), Price{rows.price[row]},
                      Qty{rows.quantity[row]});
      stored.ts_event = std::max(stored.ts_event, from_epoch_ns(rows.ts_event[row]));
      if (has_recv) {
        const Timestamp recv = from_epoch_ns(rows.ts_recv[row]);
        stored.ts_recv = std::max(stored.ts_recv.value_or(recv), recv);
      }
      if (rows.has_sequence(row)) stored.sequence = rows.sequence[row];
    }
    return KeepGoing::go_on;
  };
  for (const IndexedBook::OrdinalRange& range : book.ranges_behind(*keyframe, at, clock))
    scan_updates(connection, stream, book, range, take);
  return stored;
}

BookState read_last_book(duck::Connection& connection, const BookStream& stream,
                         const BookStretch& stretch) {
  const BookIndex index = read_book_index(connection, stream);
  const auto book = std::ranges::find(index.books, stretch.book,
                                      [](const IndexedBook& one) { return one.stretch.book; });
  TAPEDECK_CHECK(book != index.books.end(), "book {} has no keyframe", stretch.book);
  StoredBook last = read_book(connection, stream, *book, {.at = Timestamp::max()});
  BookState state{
      .book = std::move(last.book), .sequence = stretch.sequence, .ts_event = stretch.event_end};
  duck::Result digits =
      connection
          .prepare(
              "SELECT price_digits, qty_digits FROM tape.book_checksums WHERE stream_id = CAST(? "
              "AS INTEGER) AND ordinal >= ? ORDER BY ordinal DESC LIMIT 1")
          .bind(1, static_cast<int64_t>(stream.id))
          .bind(2, stretch.book)
          .run();
  if (digits.next_row()) {
    state.price_digits = static_cast<uint8_t>(digits.int64(0));
    state.qty_digits = static_cast<uint8_t>(digits.int64(1));
  }
  return state;
}

}  // namespace tapedeck
