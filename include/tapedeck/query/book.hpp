// The order book at an instant, from the streams that are stored.
#pragma once

#include "tapedeck/book/book_rules.hpp"
#include "tapedeck/book/order_book.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/time.hpp"
#include "tapedeck/store/book_clock.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

// One stream of book messages that is stored of an instrument.
struct BookStreamInfo {
  std::string channel;  // the venue's word, with its depth: "depth@100ms", "orderbook.200"
  int depth = 0;        // levels a side that the venue sends; 0: all
  BookIntegrity integrity = BookIntegrity::none;
  int64_t updates = 0;  // level changes stored
  int64_t books = 0;    // stretches in which its book can be trusted; 0: it never had a snapshot
  std::optional<TimeRange> range = {};  // from the first of them to the last
};
// Best first: checksum before sequence before none, then the deeper one.
std::vector<BookStreamInfo> list_book_streams(const Store& store, const Instrument& instrument);

struct BookRequest {
  Instrument instrument;
  std::optional<Timestamp> at = {};  // default: the end of what is stored
  BookClock clock = BookClock::event;
  std::string stream = {};  // its channel; default: the best that has a trusted book then
};

struct BookAnswer {
  BookStreamInfo stream;
  OrderBook book;
  std::optional<int64_t> sequence = {};  // the venue's number of the last update in it
  Timestamp ts_event;                    // latest update in it
  std::optional<Timestamp> ts_recv = {};
  // Why the book is not to be trusted at the instant asked for: what was lost, or that nothing was
  // recorded any more. Empty when it is what the venue showed, as far as `stream.integrity` tells.
  std::string distrust = {};
};

// Every whole message with that clock at or before `at`, in the order in which they came. Errors:
// not_found when the instrument has no stream (of that name), or none of them had a book by then.
BookAnswer book_at(const Store& store, const BookRequest& request);

}  // namespace tapedeck
