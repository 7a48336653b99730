// The books of one instrument read for verify: each is replayed from keyframe to keyframe, and
// compared with what else is known of it.
#pragma once

#include "query/verify_klines.hpp"
#include "store/book_read.hpp"
#include "tapedeck/query/verify.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace tapedeck {

struct CheckedBooks {
  int64_t updates = 0;
  int64_t keyframes = 0;
  int64_t checksums = 0;  // of the venue, computed again from the book
  int64_t quotes = 0;     // of the venue, with the number of an update
};

class BookCheck {
 public:
  // What it is given must outlive it. `go_on` is asked between two keyframes, after each of which
  // `checked` is up to date.
  BookCheck(duck::Connection& reader, const Instrument& instrument, const BookIndex& index,
            const UseFinding& use, CheckedBooks& checked);

  // Books that have a part in the range: rows, keyframes, the venue's checksums and quotes, and the
  // end of each.
  void run(TimeRange range, const std::function<bool()>& go_on);
  // Of the stream as a whole: its number of rows, and rows that belong to no book of it.
  void count_rows();

 private:
  struct Interval;
  class Replay;

  bool check_book(const IndexedBook& book, TimeRange range, const std::function<bool()>& go_on);
  void check_interval(const IndexedBook& book, const Interval& interval, Replay& replay);
  void compare_keyframe(const KeyframePlace& keyframe, Replay& replay);
  void check_end(const IndexedBook& book, const Replay& replay);
  void report(std::optional<Timestamp> time, std::string what, std::string expected,
              std::string found, std::string cause);

  duck::Connection& reader_;
  const Instrument& instrument_;
  const BookIndex& index_;
  const UseFinding& use_;
  CheckedBooks& checked_;
  bool has_quotes_;  // numbered as the updates are: Binance
};

}  // namespace tapedeck
