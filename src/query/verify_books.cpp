#include "query/verify_books.hpp"

#include "book/checksum.hpp"
#include "query/verify_text.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/book/book_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

struct VenueChecksum {
  int64_t ordinal = 0;  // of the last row or keyframe in front of it
  uint32_t checksum = 0;
  int price_digits = 0;
  int qty_digits = 0;
};

struct VenueQuote {
  std::array<Decimal, 4> values;  // bid price and quantity, ask price and quantity
  bool operator==(const VenueQuote&) const = default;
};

std::string text_of(const VenueQuote& quote) {
  return fmt::format("{} {}, {} {}", to_text(quote.values[0]), to_text(quote.values[1]),
                     to_text(quote.values[2]), to_text(quote.values[3]));
}

std::optional<VenueQuote> quote_of(const OrderBook& book) {
  const auto bid = book.best(BookSide::bid);
  const auto ask = book.best(BookSide::ask);
  if (!bid || !ask) return std::nullopt;
  const Scale scale = book.scale();
  return VenueQuote{
      {Decimal{bid->price.raw(), scale.price_exp}, Decimal{bid->quantity.raw(), scale.qty_exp},
       Decimal{ask->price.raw(), scale.price_exp}, Decimal{ask->quantity.raw(), scale.qty_exp}}};
}

uint32_t checksum_of(const OrderBook& book, BookChecksum kind, const VenueChecksum& given) {
  return kind == BookChecksum::okx ? okx_checksum(book)
                                   : kraken_checksum(book, given.price_digits, given.qty_digits);
}

std::vector<VenueChecksum> read_checksums(duck::Connection& reader, BookStreamId stream,
                                          int64_t begin, int64_t end) {
  duck::Result rows =
      reader
          .prepare(
              "SELECT ordinal, checksum, price_digits, qty_digits FROM tape.book_checksums WHERE "
              "stream_id = CAST(? AS INTEGER) AND ordinal >= ? AND ordinal < ? ORDER BY ordinal")
          .bind(1, static_cast<int64_t>(stream))
          .bind(2, begin)
          .bind(3, end)
          .run();
  std::vector<VenueChecksum> result;
  while (rows.next_row()) {
    result.push_back({.ordinal = rows.int64(0),
                      .checksum = static_cast<uint32_t>(rows.int64(1)),
                      .price_digits = static_cast<int>(rows.int64(2)),
                      .qty_digits = static_cast<int>(rows.int64(3))});
  }
  return result;
}

// By number; numbers that say two different things are left out.
std::map<int64_t, VenueQuote> read_numbered_quotes(duck::Connection& reader,
                                                   InstrumentId instrument, int64_t first,
                                                   int64_t last) {
  duck::Result rows =
      reader
          .prepare(
              "SELECT sequence, any_value(bid_price), any_value(bid_quantity), "
              "any_value(ask_price), any_value(ask_quantity), any_value(price_exp), "
              "any_value(qty_exp) FROM tape.quotes WHERE instrument_id = CAST(? AS INTEGER) AND "
              "sequence >= ? AND sequence <= ? GROUP BY sequence HAVING count(DISTINCT (bid_price, "
              "bid_quantity, ask_price, ask_quantity)) = 1")
          .bind(1, static_cast<int64_t>(instrument))
          .bind(2, first)
          .bind(3, last)
          .run();
  std::map<int64_t, VenueQuote> quotes;
  while (rows.next_row()) {
    const auto price_exp = static_cast<int>(rows.int64(5));
    const auto qty_exp = static_cast<int>(rows.int64(6));
    quotes[rows.int64(0)] = {{Decimal{rows.int64(1), price_exp}, Decimal{rows.int64(2), qty_exp},
                              Decimal{rows.int64(3), price_exp}, Decimal{rows.int64(4), qty_exp}}};
  }
  return quotes;
}

// Levels of one that the other does not have so.
std::vector<std::pair<BookSide, BookLevel>> missing_in(const OrderBook& book, const OrderBook& of) {
  std::vector<std::pair<BookSide, BookLevel>> levels;
  for (const BookSide side : {BookSide::bid, BookSide::ask}) {
    for (const BookLevel& level : of.levels(side))
      if (book.quantity_at(side, level.price) != level.quantity) levels.emplace_back(side, level);
  }
  return levels;
}

std::string text_of(const std::vector<std::pair<BookSide, BookLevel>>& levels, Scale scale) {
  if (levels.empty()) return "no others";
  const auto& [side, level] = levels.front();
  return fmt::format("{} {} {}{}", to_text(side),
                     to_text(Decimal{level.price.raw(), scale.price_exp}),
                     to_text(Decimal{level.quantity.raw(), scale.qty_exp}),
                     levels.size() > 1 ? fmt::format(" and {} others", levels.size() - 1) : "");
}

}  // namespace

// (behind, last] of the ordinals, between two keyframes or behind the last one.
struct BookCheck::Interval {
  const KeyframePlace* keyframe;
  const KeyframePlace* next;  // nullptr: behind the last one

  int64_t behind() const { return keyframe->ordinal; }
  int64_t last() const { return next != nullptr ? next->ordinal : INT64_MAX; }
};

// The book as the rows make it; tells what stands at the end of each message.
class BookCheck::Replay {
 public:
  Replay(BookCheck& check, OrderBook book) : check_{check}, book_{std::move(book)} {}

  const OrderBook& book() const { return book_; }
  void restart(OrderBook book) { book_ = std::move(book); }
  std::optional<int64_t> sequence() const { return sequence_; }
  Timestamp event_end() const { return event_end_; }

  void begin(const IndexedBook& book, const Interval& interval) {
    const BookStream& stream = check_.index_.stream;
    checksum_kind_ = book_rules(check_.instrument_.name.venue, stream.channel).checksum;
    const bool is_last = interval.next == nullptr;
    const int64_t end = is_last ? next_book(book) : interval.next->ordinal;
    checksums_ = read_checksums(check_.reader_, stream.id, interval.behind(), end);
    checksum_ = 0;
    quotes_.clear();
    const auto last = is_last ? book.stretch.sequence : interval.next->sequence;
    if (check_.has_quotes_ && interval.keyframe->sequence && last) {
      quotes_ = read_numbered_quotes(check_.reader_, check_.instrument_.id,
                                     *interval.keyframe->sequence, *last);
    }
    event_end_ = std::max(event_end_, interval.keyframe->ts_event);
    if (interval.keyframe->sequence) sequence_ = interval.keyframe->sequence;
    message_.reset();
    if (interval.behind() != book.stretch.book) return;
    message_ = Message{to_epoch_ns(interval.keyframe->ts_event), 0, sequence_.value_or(-1)};
    end_message();
  }

  void take(const UpdateColumns& rows) {
    for (size_t row = 0; row < rows.rows(); ++row) {
      const Message message{rows.ts_event[row], rows.has_recv(row) ? rows.ts_recv[row] : 0,
                            rows.has_sequence(row) ? rows.sequence[row] : -1};
      if (message_ && *message_ != message) end_message();
      message_ = message;
      compare_checksums(rows.ordinal[row]);
      book_.set(static_cast<BookSide>(rows.side[row]), Price{rows.price[row]},
                Qty{rows.quantity[row]});
      event_end_ = std::max(event_end_, from_epoch_ns(rows.ts_event[row]));
      if (rows.has_sequence(row)) sequence_ = rows.sequence[row];
    }
    check_.checked_.updates += static_cast<int64_t>(rows.rows());
  }

  void finish() {
    compare_checksums(INT64_MAX);
    end_message();
  }

  void end_message() {
    if (!message_) return;
    const auto& [ts_event, ts_recv, sequence] = *message_;
    message_.reset();
    const Timestamp at = from_epoch_ns(ts_event);
    if (book_.crossed()) {
      check_.report(at, "best", "bid below ask", text_of(*quote_of(book_)),
                    "rows of a book were changed or removed");
    }
    const auto quote = quotes_.find(sequence);
    if (quote == quotes_.end()) return;
    ++check_.checked_.quotes;
    const auto found = quote_of(book_);
    if (found == quote->second) return;
    check_.report(at, "best", text_of(quote->second), found ? text_of(*found) : "a side is empty",
                  fmt::format("the venue's quote {} says otherwise", sequence));
  }

 private:
  using Message = std::tuple<int64_t, int64_t, int64_t>;  // both clocks and the number

  int64_t next_book(const IndexedBook& book) const {
    for (const IndexedBook& other : check_.index_.books)
      if (other.stretch.book > book.stretch.book) return other.stretch.book;
    return INT64_MAX;
  }

  // Those of the book in front of that row: also where the row that they name is gone.
  void compare_checksums(int64_t ordinal) {
    for (; checksum_ < checksums_.size() && checksums_[checksum_].ordinal < ordinal; ++checksum_) {
      const VenueChecksum& given = checksums_[checksum_];
      ++check_.checked_.checksums;
      const uint32_t ours = checksum_of(book_, checksum_kind_, given);
      if (ours == given.checksum) continue;
      check_.report(event_end_, "checksum", fmt::format("{:08x}", given.checksum),
                    fmt::format("{:08x}", ours), "the book is not the venue's");
    }
  }

  BookCheck& check_;
  OrderBook book_;
  BookChecksum checksum_kind_ = BookChecksum::none;
  std::vector<VenueChecksum> checksums_;
  size_t checksum_ = 0;  // the next
  std::map<int64_t, VenueQuote> quotes_;
  std::optional<Message> message_;
  std::optional<int64_t> sequence_;
  Timestamp event_end_ = Timestamp::min();
};

BookCheck::BookCheck(duck::Connection& reader, const Instrument& instrument, const BookIndex& index,
                     const UseFinding& use, CheckedBooks& checked)
    : reader_{reader},
      instrument_{instrument},
      index_{index},
      use_{use},
      checked_{checked},
      has_quotes_{book_rules(instrument.name.venue, index.stream.channel).waits_for_image()} {}

void BookCheck::run(TimeRange range, const std::function<bool()>& go_on) {
  for (const IndexedBook& book : index_.books) {
    const bool meets =
        book.stretch.event_begin < range.end && book.stretch.event_end >= range.begin;
    if (meets && !check_book(book, range, go_on)) return;
  }
}

bool BookCheck::check_book(const IndexedBook& book, TimeRange range,
                           const std::function<bool()>& go_on) {
  const KeyframePlace* first = book.keyframe_before(range.begin, BookClock::event);
  if (first == nullptr) first = &book.keyframes.front();
  Replay replay{*this, read_keyframe(reader_, index_.stream, first->ordinal)};
  const KeyframePlace* const end = book.keyframes.data() + book.keyframes.size();
  for (const KeyframePlace* at = first; at != end; ++at) {
    if (!go_on()) return false;
    if (at->ts_event >= range.end) return true;
    check_interval(book, {.keyframe = at, .next = at + 1 == end ? nullptr : at + 1}, replay);
  }
  check_end(book, replay);
  return true;
}

void BookCheck::check_interval(const IndexedBook& book, const Interval& interval, Replay& replay) {
  replay.begin(book, interval);
  try {
    scan_updates(reader_, index_.stream, book,
                 {.behind = interval.behind(), .last = interval.last()},
                 [&](const UpdateColumns& rows) {
                   replay.take(rows);
                   return KeepGoing::go_on;
                 });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::corrupt) throw;
    report(interval.keyframe->ts_event, "ordinal", "rising", "not rising", error.what());
  }
  replay.finish();
  if (interval.next != nullptr) compare_keyframe(*interval.next, replay);
}

void BookCheck::compare_keyframe(const KeyframePlace& keyframe, Replay& replay) {
  ++checked_.keyframes;
  OrderBook stored = read_keyframe(reader_, index_.stream, keyframe.ordinal);
  const auto wanted = missing_in(stored, replay.book());
  const auto found = missing_in(replay.book(), stored);
  if (wanted.empty() && found.empty()) return;
  report(keyframe.ts_event, "levels", text_of(wanted, stored.scale()),
         text_of(found, stored.scale()),
         "the updates do not lead to the next keyframe: rows were changed or removed");
  replay.restart(std::move(stored));
}

void BookCheck::check_end(const IndexedBook& book, const Replay& replay) {
  Differences differences;
  if (replay.event_end() != book.stretch.event_end) {
    differences.add("ts_event_end", to_iso(replay.event_end()), to_iso(book.stretch.event_end));
  }
  if (differences.empty()) return;
  report(book.stretch.event_begin, std::move(differences.what), std::move(differences.expected),
         std::move(differences.found), "tape.books and tape.book_updates differ");
}

void BookCheck::count_rows() {
  duck::Result rows =
      reader_
          .prepare(
              "SELECT count(*), count(*) FILTER (book IS NOT NULL AND book NOT IN (SELECT book "
              "FROM tape.books WHERE stream_id = CAST($1 AS INTEGER))) FROM tape.book_updates "
              "WHERE stream_id = CAST($1 AS INTEGER)")
          .bind(1, static_cast<int64_t>(index_.stream.id))
          .run();
  rows.next_row();
  if (rows.int64(0) != index_.stream.updates) {
    report({}, "rows", fmt::format("{}", index_.stream.updates), fmt::format("{}", rows.int64(0)),
           "the recordings wrote another number");
  }
  if (rows.int64(1) > 0) {
    report({}, "book", "a row of tape.books", fmt::format("none for {} rows", rows.int64(1)),
           "no book takes them");
  }
}

void BookCheck::report(std::optional<Timestamp> time, std::string what, std::string expected,
                       std::string found, std::string cause) {
  use_({.instrument = to_text(instrument_.name),
        .dataset = dataset_of_book(index_.stream.channel),
        .time = time,
        .what = std::move(what),
        .expected = std::move(expected),
        .found = std::move(found),
        .cause = std::move(cause)});
}

}  // namespace tapedeck
