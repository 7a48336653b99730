// Books read back: the last keyframe before a moment, and the updates behind it.
#pragma once

#include "duck/database.hpp"
#include "store/book_streams.hpp"
#include "store/keyframe_cache.hpp"
#include "tapedeck/base/keep_going.hpp"
#include "tapedeck/book/book_builder.hpp"
#include "tapedeck/store/book_clock.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tapedeck {

struct KeyframePlace {
  int64_t ordinal = 0;
  std::optional<int64_t> sequence = {};
  Timestamp ts_event;  // latest of what it includes
  std::optional<Timestamp> ts_recv = {};
  Timestamp ts_event_min;  // earliest of the updates since the keyframe before
  std::optional<Timestamp> ts_recv_min = {};
};

// A stretch with its keyframes, rising by ordinal; the first begins it.
struct IndexedBook {
  BookStretch stretch;
  std::vector<KeyframePlace> keyframes = {};

  std::optional<Timestamp> begin(BookClock clock) const;
  std::optional<Timestamp> end(BookClock clock) const;
  // The last keyframe of which everything has that clock at or before `at`. There is one when the
  // stretch has begun by then.
  const KeyframePlace* keyframe_before(Timestamp at, BookClock clock) const;
  // Rows (behind, last] that may hold updates up to `at` which the keyframe does not include.
  struct OrdinalRange {
    int64_t behind = 0;
    int64_t last = INT64_MAX;
  };
  std::vector<OrdinalRange> ranges_behind(const KeyframePlace& keyframe, Timestamp at,
                                          BookClock clock) const;
};

// Where the books of one stream lie, as of the snapshot that it was read in.
struct BookIndex {
  BookStream stream;
  std::vector<IndexedBook> books;  // rising by ordinal: by the order in which they were stored

  // Of those that go on until then the one that began last; else, of those that had begun by then,
  // the one that ended last; nullptr when none had. Recordings may overlap.
  const IndexedBook* book_at(Timestamp at, BookClock clock) const;
};
BookIndex read_book_index(duck::Connection& connection, BookStream stream);
// Of all streams of an instrument, by stream_id.
std::vector<BookIndex> read_book_indexes(duck::Connection& connection, InstrumentId instrument);

// Updates of one stream in its order, in units of its scale. Borrowed until `use` returns.
struct UpdateColumns {
  std::span<const int64_t> ordinal;
  std::span<const int64_t> ts_event;  // UTC nanoseconds
  std::span<const int64_t> ts_recv;   // where has_recv()
  std::span<const uint8_t> side;      // BookSide
  std::span<const int64_t> price;
  std::span<const int64_t> quantity;
  std::span<const int64_t> sequence;        // where has_sequence()
  const uint64_t* recv_validity = nullptr;  // a bit a row; nullptr: all
  const uint64_t* sequence_validity = nullptr;

  size_t first_bit = 0;  // of the validities

  size_t rows() const { return ordinal.size(); }
  bool has_recv(size_t row) const { return duck::is_valid(recv_validity, first_bit + row); }
  bool has_sequence(size_t row) const { return duck::is_valid(sequence_validity, first_bit + row); }
  // Rows [from, to).
  UpdateColumns part(size_t from, size_t to) const;
};
using UseUpdates = std::function<KeepGoing(const UpdateColumns&)>;

// Of the rows that a book took.
void scan_updates(duck::Connection& connection, const BookStream& stream, const IndexedBook& book,
                  IndexedBook::OrdinalRange rows, const UseUpdates& use);

// The levels of a keyframe, without the updates behind it.
OrderBook read_keyframe(duck::Connection& connection, const BookStream& stream, int64_t ordinal);

struct StoredBook {
  OrderBook book;
  std::optional<int64_t> sequence = {};
  Timestamp ts_event;  // latest in it
  std::optional<Timestamp> ts_recv = {};
};
// Where keyframes may be kept from one question to the next.
struct KeptKeyframes {
  KeyframeCache* cache = nullptr;
  std::optional<uint64_t> moment = {};
};
struct BookInstant {
  Timestamp at;
  BookClock clock = BookClock::event;
};
// With all updates up to the instant, at or behind the begin of the book.
StoredBook read_book(duck::Connection& connection, const BookStream& stream,
                     const IndexedBook& book, const BookInstant& instant,
                     const KeptKeyframes& kept = {});
// As a stretch ends.
BookState read_last_book(duck::Connection& connection, const BookStream& stream,
                         const BookStretch& stretch);

}  // namespace tapedeck
