#include "query/book_scan.hpp"

#include "query/book_choice.hpp"
#include "store/core.hpp"
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

class Scan {
 public:
  Scan(Reader& reader, const BookStream& stream, BookVisitor& visitor)
      : reader_{reader}, stream_{stream}, visitor_{visitor} {}

  // [begin, end); false when the visitor wants no more.
  bool run(const IndexedBook& book, TimeRange range) {
    const StoredBook at_begin = read_book(reader_, stream_, book, range.begin, BookClock::event);
    clock_ = to_epoch_ns(range.begin);
    visitor_.on_begin(range.begin, at_begin.book);
    const KeyframePlace* const keyframe = book.keyframe_before(range.begin, BookClock::event);
    const Timestamp until = range.end - kNanosecond;
    for (const IndexedBook::OrdinalRange& rows :
         book.ranges_behind(*keyframe, until, BookClock::event)) {
      scan_updates(reader_, stream_, book.stretch, rows,
                   {.clock = BookClock::event, .after = range.begin, .until = until},
                   [&](const UpdateColumns& columns) { return take(columns); });
      if (stopped_) return false;
    }
    visitor_.on_end(std::max(range.end, from_epoch_ns(clock_)));
    return true;
  }

  int64_t updates() const { return updates_; }

 private:
  KeepGoing take(UpdateColumns columns) {
    updates_ += static_cast<int64_t>(columns.rows());
    if (columns.ts_event.front() < clock_ || !std::ranges::is_sorted(columns.ts_event)) {
      columns.ts_event = never_back(columns.ts_event);
    }
    clock_ = columns.ts_event.back();
    stopped_ = visitor_.on_updates(columns) == KeepGoing::stop;
    return stopped_ ? KeepGoing::stop : KeepGoing::go_on;
  }

  // A message that came after another one changed the book after it, whatever its time says.
  std::span<const int64_t> never_back(std::span<const int64_t> times) {
    clamped_.assign(times.begin(), times.end());
    int64_t latest = clock_;
    for (int64_t& time : clamped_)
      time = latest = std::max(latest, time);
    return clamped_;
  }

  Reader& reader_;
  const BookStream& stream_;
  BookVisitor& visitor_;
  int64_t clock_ = INT64_MIN;
  int64_t updates_ = 0;
  bool stopped_ = false;
  std::vector<int64_t> clamped_;
};

}  // namespace

BookScanResult scan_book(const Store& store, const BookScanRequest& request, BookVisitor& visitor) {
  const QueryTurn turn{store.core().readers(), true};
  const auto reader = store.core().borrow_reader();
  const duck::Snapshot snapshot{*reader};
  std::optional<BookIndex> chosen;
  for (BookStream& stream : chosen_streams(*reader, request.instrument, request.stream)) {
    BookIndex index = read_book_index(*reader, std::move(stream));
    const bool has_books = !books_within(index, request.range).empty();
    if (chosen && !has_books) continue;
    chosen = std::move(index);
    if (has_books) break;
  }
  const std::string dataset = dataset_of_book(chosen->stream.channel);
  BookScanResult result{
      .stream = info_of(chosen->stream, book_stretches(*reader, chosen->stream.id)),
      .scale = chosen->stream.scale,
      .coverage = coverage_within(folded(coverage_rows(*reader, request.instrument.id, dataset)),
                                  request.range)};
  Scan scan{*reader, chosen->stream, visitor};
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
