#include "query/book_scan.hpp"

#include "base/check.hpp"
#include "query/book_reading.hpp"
#include "store/coverage_rows.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::chrono::nanoseconds kNanosecond{1};

// The books that meet the range, by the time of their begin.
std::vector<const IndexedBook*> books_within(const BookIndex& index, const TimeRange& range) {
  std::vector<const IndexedBook*> books;
  for (const IndexedBook& book : index.books) {
    if (book.stretch.event_begin < range.end && book.stretch.event_end >= range.begin) {
      books.push_back(&book);
    }
  }
  std::ranges::stable_sort(books, {},
                           [](const IndexedBook* book) { return book->stretch.event_begin; });
  return books;
}

// A message that came after another one changed the book after it, whatever its time says: so the
// clock of a scan never goes back, and rows are taken up to the first that lies behind the range.
class Scan {
 public:
  Scan(Reader& reader, const BookStream& stream, BookVisitor& visitor)
      : reader_{reader}, stream_{stream}, visitor_{visitor} {}

  // False when the visitor wants no more.
  bool run(const IndexedBook& book, TimeRange range) {
    const KeyframePlace* const keyframe = book.keyframe_before(range.begin, BookClock::event);
    TAPEDECK_CHECK(keyframe != nullptr, "book {} had not begun", book.stretch.book);
    range_ = range;
    begun_ = false;
    clock_ = to_epoch_ns(keyframe->ts_event);
    state_ = read_keyframe(reader_, stream_, keyframe->ordinal);
    scan_updates(reader_, stream_, book,
                 {.behind = keyframe->ordinal, .last = last_ordinal(book, range.end)},
                 [&](const UpdateColumns& columns) { return take(columns); });
    if (!begun_) begin();
    if (!stopped_) visitor_.on_end(range.end);
    return !stopped_;
  }

  int64_t updates() const { return updates_; }

 private:
  // A keyframe that holds something from behind the range ends the search.
  static int64_t last_ordinal(const IndexedBook& book, Timestamp end) {
    const auto behind = std::ranges::find_if(
        book.keyframes, [&](const KeyframePlace& one) { return one.ts_event >= end; });
    return behind == book.keyframes.end() ? INT64_MAX : behind->ordinal;
  }

  KeepGoing take(UpdateColumns columns) {
    columns.ts_event = never_back(columns.ts_event);
    const auto place_of = [&](auto bound) {
      return static_cast<size_t>(bound - columns.ts_event.begin());
    };
    const size_t first =
        place_of(std::ranges::upper_bound(columns.ts_event, to_epoch_ns(range_.begin)));
    const size_t last =
        place_of(std::ranges::lower_bound(columns.ts_event, to_epoch_ns(range_.end)));
    for (size_t row = 0; row < first; ++row) {
      state_.set(static_cast<BookSide>(columns.side[row]), Price{columns.price[row]},
                 Qty{columns.quantity[row]});
    }
    if (first < columns.rows() && !begun_) begin();
    if (first < last) {
      updates_ += static_cast<int64_t>(last - first);
      stopped_ = visitor_.on_updates(columns.part(first, last)) == KeepGoing::stop;
    }
    return stopped_ || last < columns.rows() ? KeepGoing::stop : KeepGoing::go_on;
  }

  void begin() {
    begun_ = true;
    visitor_.on_begin(range_.begin, state_);
  }

  std::span<const int64_t> never_back(std::span<const int64_t> times) {
    if (times.front() >= clock_ && std::ranges::is_sorted(times)) {
      clock_ = times.back();
      return times;
    }
    clamped_.assign(times.begin(), times.end());
    for (int64_t& time : clamped_)
      time = clock_ = std::max(clock_, time);
    return clamped_;
  }

  Reader& reader_;
  const BookStream& stream_;
  BookVisitor& visitor_;
  TimeRange range_;
  OrderBook state_;
  bool begun_ = false;
  int64_t clock_ = INT64_MIN;
  int64_t updates_ = 0;
  bool stopped_ = false;
  std::vector<int64_t> clamped_;
};

}  // namespace

BookScanResult scan_book(const Store& store, const BookScanRequest& request, BookVisitor& visitor) {
  const QueryTurn turn{store.core().readers(), true};
  const BookReading reading{store.core(), request.instrument, request.stream};
  const BookIndex* chosen = nullptr;
  for (const BookIndex* const index : reading.known_streams()) {
    const bool has_books = !books_within(*index, request.range).empty();
    if (chosen == nullptr || has_books) chosen = index;
    if (has_books) break;
  }
  const std::string dataset = dataset_of_book(chosen->stream.channel);
  BookScanResult result{
      .stream = info_of(*chosen),
      .scale = chosen->stream.scale,
      .coverage = coverage_within(
          folded(coverage_rows(reading.reader(), request.instrument.id, dataset)), request.range)};
  Scan scan{reading.reader(), chosen->stream, visitor};
  Timestamp free_from = request.range.begin;  // books of recordings that overlap are told once
  for (const IndexedBook* const book : books_within(*chosen, request.range)) {
    // What was lost may be of the last instant already.
    const Timestamp end =
        book->stretch.event_end + (book->stretch.cause ? std::chrono::nanoseconds{} : kNanosecond);
    const TimeRange range{.begin = std::max(book->stretch.event_begin, free_from),
                          .end = std::min(end, request.range.end)};
    if (range.empty()) continue;
    if (!scan.run(*book, range)) break;
    free_from = range.end;
  }
  result.updates = scan.updates();
  return result;
}

}  // namespace tapedeck
