// tape.book_streams: one row a stream of book messages. Streams never mix: the same instrument may
// have several, by channel.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/book/book_rules.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

enum class BookStreamId : int32_t {};

struct BookStream {
  BookStreamId id{};
  InstrumentId instrument{};
  std::string channel = {};  // the venue's word
  int depth = 0;             // levels a side; 0: all
  BookIntegrity integrity = BookIntegrity::none;
  Scale scale = {};     // the finest of its rows
  int64_t ordinal = 0;  // the greatest of its rows and keyframes
  int64_t updates = 0;  // rows
};

// A stretch in which the book of a stream can be trusted.
struct BookStretch {
  int64_t book = 0;  // ordinal of the keyframe that begins it
  Timestamp event_begin;
  Timestamp event_end;  // of its last update, inclusive
  std::optional<Timestamp> recv_begin = {};
  std::optional<Timestamp> recv_end = {};
  std::optional<int64_t> sequence = {};   // of its last update
  std::optional<std::string> cause = {};  // why it was lost; absent: it may go on
  // Earliest of the updates behind its last keyframe
  std::optional<Timestamp> tail_event = {};
  std::optional<Timestamp> tail_recv = {};
};

// "book:depth@100ms"
std::string dataset_of_book(std::string_view channel);

std::vector<BookStream> book_streams(duck::Connection& connection, InstrumentId instrument);
std::optional<BookStream> find_book_stream(duck::Connection& connection, InstrumentId instrument,
                                           std::string_view channel);
// Stores it under the next id, which is returned.
BookStreamId insert_book_stream(duck::Transaction& transaction, const BookStream& stream);
BookStream find_or_insert_book_stream(duck::Transaction& transaction, InstrumentId instrument,
                                      std::string_view channel);
void update_book_stream(duck::Transaction& transaction, const BookStream& stream);

// Rising by the ordinal of their begin.
std::vector<BookStretch> book_stretches(duck::Connection& connection, BookStreamId stream);
// Stores it, in the place of what was known of the same book.
void put_book_stretch(duck::Transaction& transaction, BookStreamId stream,
                      const BookStretch& stretch);

// The first ordinal that no row has.
int64_t next_book_ordinal(duck::Connection& connection);

}  // namespace tapedeck
