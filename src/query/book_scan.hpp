// BookScan: what happened to the book of one stream within a range, in order: the fold below
// heatmaps, runs, streams and quotes.
#pragma once

#include "query/tape_reading.hpp"
#include "store/book_read.hpp"
#include "tapedeck/query/book.hpp"

#include <vector>

namespace tapedeck {

// Called in the order of time; the clock never goes back.
class BookVisitor {
 public:
  virtual ~BookVisitor() = default;
  // The book can be trusted from `at` on, and stands so.
  virtual void on_begin(Timestamp at, const OrderBook& book) = 0;
  // Levels that changed behind the begin. Rows of one message stand together. KeepGoing::stop ends
  // the scan.
  virtual KeepGoing on_updates(const UpdateColumns& rows) = 0;
  // The book is known until `at`, exclusive: it was lost, the recording or the range ends there.
  virtual void on_end(Timestamp at) = 0;
};

struct BookScanRequest {
  Instrument instrument;
  TimeRange range = {};  // of event times
  std::string stream = {};
};

struct BookScanResult {
  BookStreamInfo stream;
  Scale scale;
  Coverage coverage;  // of the range, cut to what is stored where it is open
  int64_t updates = 0;
};

// From the best stream (checksum, then sequence, then depth) unless one is named. Throws what
// book_at throws for an instrument without streams.
BookScanResult scan_book(const Store& store, const BookScanRequest& request, BookVisitor& visitor);

}  // namespace tapedeck
