#include "store/live_books.hpp"

#include "base/check.hpp"
#include "store/book_read.hpp"
#include "store/loads.hpp"
#include "tape/book_payload.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tapedeck {
namespace {

constexpr std::chrono::nanoseconds kNanosecond{1};

struct LiveState {
  int64_t ordinal_begin = 0;
  int64_t book = 0;  // 0: none
};

std::optional<LiveState> live_state(duck::Connection& connection, BookStreamId stream) {
  duck::Result rows = connection
                          .prepare(
                              "SELECT ordinal_begin, book FROM tape.live_books WHERE stream_id = "
                              "CAST(? AS INTEGER)")
                          .bind(1, static_cast<int64_t>(stream))
                          .run();
  if (!rows.next_row()) return std::nullopt;
  return LiveState{.ordinal_begin = rows.int64(0), .book = rows.find_int64(1).value_or(0)};
}

// Of a recording that has no book so far.
std::optional<TimeRange> range_behind(duck::Connection& connection, BookStreamId stream,
                                      int64_t ordinal_begin) {
  duck::Result rows = connection
                          .prepare(
                              "SELECT min(ts_event), max(ts_event) FROM tape.book_updates WHERE "
                              "stream_id = CAST(? AS INTEGER) AND ordinal >= ?")
                          .bind(1, static_cast<int64_t>(stream))
                          .bind(2, ordinal_begin)
                          .run();
  rows.next_row();
  if (rows.is_null(0)) return std::nullopt;
  return TimeRange{.begin = rows.timestamp(0), .end = rows.timestamp(1) + kNanosecond};
}

std::vector<OwnedBookMessage> waiting_of(duck::Connection& connection, BookStreamId stream) {
  duck::Result rows = connection
                          .prepare(
                              "SELECT number, message FROM tape.book_waiting WHERE stream_id = "
                              "CAST(? AS INTEGER) ORDER BY number")
                          .bind(1, static_cast<int64_t>(stream))
                          .run();
  std::vector<OwnedBookMessage> result;
  while (rows.next_row()) {
    const std::string bytes = rows.text(1);
    ByteReader in{std::as_bytes(std::span{bytes})};
    std::optional<OwnedBookMessage> message = take_book_message(in);
    if (!message) {
      throw Error{ErrorCode::corrupt,
                  fmt::format("message {} of tape.book_waiting cannot be read", rows.int64(0))};
    }
    result.push_back(std::move(*message));
  }
  return result;
}

void delete_waiting(duck::Connection& connection, BookStreamId stream) {
  connection.prepare("DELETE FROM tape.book_waiting WHERE stream_id = CAST(? AS INTEGER)")
      .bind(1, static_cast<int64_t>(stream))
      .run();
}

}  // namespace

void LiveBookBatch::add(const Instrument& instrument, const BookRows& rows) {
  Open* open = find(instrument, rows.book.channel);
  if (open == nullptr) open = begin(instrument, rows);
  if (open == nullptr) return;
  open->source = rows.source;
  touch(*open);
  BookBuilder& builder = open->book->builder;
  if (!rows.book.interrupted.empty()) builder.interrupt(rows.book.interrupted);
  for (const OwnedBookMessage& message : rows.book.messages)
    builder.apply(message.message, message.ts_recv);
}

void LiveBookBatch::interrupt(const std::vector<Instrument>& instruments, std::string_view cause) {
  for (Open* const open : all(instruments)) {
    touch(*open);
    open->book->builder.interrupt(cause);
  }
}

void LiveBookBatch::store() {
  for (auto& [key, open] : books_.open_)
    if (touched_.erase(&open) > 0) store(open, Recording::goes_on);
  if (tables_) tables_->close();
  tables_.reset();
}

void LiveBookBatch::end(const std::vector<Instrument>& instruments) {
  for (Open* const open : all(instruments)) {
    touch(*open);
    open->book->builder.finish();
    store(*open, Recording::ends);
    delete_waiting(transaction_.connection(), open->book->load.stream().id);
    transaction_.connection()
        .prepare("DELETE FROM tape.live_books WHERE stream_id = CAST(? AS INTEGER)")
        .bind(1, static_cast<int64_t>(open->book->load.stream().id))
        .run();
  }
  touched_.clear();
  store();
  books_.forget();
}

LiveBookBatch::Open* LiveBookBatch::find(const Instrument& instrument, const std::string& channel) {
  const auto known = books_.open_.find({instrument.id, channel});
  if (known != books_.open_.end()) return &known->second;
  duck::Connection& connection = transaction_.connection();
  const std::optional<BookStream> stream = find_book_stream(connection, instrument.id, channel);
  if (!stream || !live_state(connection, stream->id)) return nullptr;
  return &books_.open_.emplace(std::pair{instrument.id, channel}, restored(instrument, *stream))
              .first->second;
}

// As the transactions before left it.
LiveBookBatch::Open LiveBookBatch::restored(const Instrument& instrument,
                                            const BookStream& stream) {
  duck::Connection& connection = transaction_.connection();
  const LiveState state = *live_state(connection, stream.id);
  BookPast past{.had_book = state.book > 0};
  std::optional<BookStretch> resumed;
  for (BookStretch& stretch : book_stretches(connection, stream.id)) {
    if (state.book == 0 || stretch.book != state.book) continue;
    if (stretch.cause) {
      past.lost_until = stretch.event_end + kNanosecond;
    } else {
      resumed = std::move(stretch);
    }
  }
  if (!past.had_book) past.range = range_behind(connection, stream.id, state.ordinal_begin);
  Open open{.book = std::make_unique<OpenBook>(stream, rules_of(stream, instrument.name.venue),
                                               resumed, past),
            .source = "journal",
            .known_book = state.book};
  open.book->load.begin(tables());
  BookBuilder& builder = open.book->builder;
  if (resumed) builder.resume(read_last_book(connection, stream, *resumed));
  for (const OwnedBookMessage& message : waiting_of(connection, stream.id))
    builder.apply(message.message, message.ts_recv);
  delete_waiting(connection, stream.id);  // it counts anew
  return open;
}

LiveBookBatch::Open* LiveBookBatch::begin(const Instrument& instrument, const BookRows& rows) {
  if (rows.book.messages.empty()) return nullptr;  // nothing has begun that could be interrupted
  duck::Connection& connection = transaction_.connection();
  std::unique_ptr<OpenBook> book =
      open_book(transaction_, instrument, rows.book.channel, rows.book.messages.front().message);
  connection.prepare("INSERT INTO tape.live_books VALUES (CAST(? AS INTEGER), ?, NULL)")
      .bind(1, static_cast<int64_t>(book->load.stream().id))
      .bind(2, next_book_ordinal(connection))
      .run();
  return &books_.open_
              .emplace(std::pair{instrument.id, rows.book.channel},
                       Open{.book = std::move(book), .source = rows.source})
              .first->second;
}

std::vector<LiveBookBatch::Open*> LiveBookBatch::all(const std::vector<Instrument>& instruments) {
  std::vector<std::pair<InstrumentId, std::string>> keys;
  duck::Result rows = transaction_.connection().run(
      "SELECT s.instrument_id, s.channel FROM tape.live_books l JOIN tape.book_streams s USING "
      "(stream_id) ORDER BY stream_id");
  while (rows.next_row())
    keys.emplace_back(InstrumentId{static_cast<uint32_t>(rows.int64(0))}, rows.text(1));
  std::vector<Open*> result;
  for (const auto& [id, channel] : keys) {
    const auto instrument = std::ranges::find(instruments, id, &Instrument::id);
    TAPEDECK_CHECK(instrument != instruments.end(), "a book of an unknown instrument");
    result.push_back(find(*instrument, channel));
  }
  return result;
}

void LiveBookBatch::touch(Open& open) {
  if (!touched_.insert(&open).second) return;
  open.book->load.begin(tables());
}

BookTables& LiveBookBatch::tables() {
  if (!tables_) tables_.emplace(transaction_);
  return *tables_;
}

void LiveBookBatch::store(Open& open, Recording recording) {
  open.book->load.store(open.book->builder, open.source, recording);
  store_load(open);
  keep_state(open);
  keep_waiting(open);
}

// A recording does not make a load of each transaction.
void LiveBookBatch::store_load(const Open& open) {
  const BookLoad& book = open.book->load;
  if (!book.range()) return;
  Load load{.instrument = book.stream().instrument,
            .dataset = dataset_of_book(book.stream().channel),
            .source = open.source,
            .rows = book.rows(),
            .ts_begin = book.range()->begin,
            .ts_end = book.range()->end - kNanosecond};
  const std::optional<LoadEnd> before = find_stream_end(transaction_.connection(),
                                                        {.instrument = load.instrument,
                                                         .dataset = load.dataset,
                                                         .source = load.source,
                                                         .has_ids = false},
                                                        day_of(*load.ts_begin));
  if (before) {
    extend_load(transaction_, before->load_id, load);
  } else {
    insert_load(transaction_, load);
  }
}

void LiveBookBatch::keep_state(Open& open) {
  const int64_t book = open.book->load.last_book();
  if (book == open.known_book) return;
  transaction_.connection()
      .prepare("UPDATE tape.live_books SET book = ? WHERE stream_id = CAST(? AS INTEGER)")
      .bind(1, book)
      .bind(2, static_cast<int64_t>(open.book->load.stream().id))
      .run();
  open.known_book = book;
}

// The oldest leave first, as a rule: those that stay are not written again.
void LiveBookBatch::keep_waiting(Open& open) {
  const std::vector<BookBuilder::Waiting> waiting = open.book->builder.waiting();
  std::vector<uint64_t> numbers;
  for (const BookBuilder::Waiting& one : waiting)
    numbers.push_back(one.number);
  if (numbers == open.kept) return;
  size_t stays = 0;  // of `numbers`, from the front
  const auto first = numbers.empty() ? open.kept.end() : std::ranges::find(open.kept, numbers[0]);
  const std::span<const uint64_t> tail{first, open.kept.end()};
  if (!tail.empty() && tail.size() <= numbers.size() &&
      std::equal(tail.begin(), tail.end(), numbers.begin())) {
    stays = tail.size();
  }
  duck::Connection& connection = transaction_.connection();
  const auto stream = static_cast<int64_t>(open.book->load.stream().id);
  if (stays == 0) {
    delete_waiting(connection, open.book->load.stream().id);
  } else if (first != open.kept.begin()) {
    connection
        .prepare(
            "DELETE FROM tape.book_waiting WHERE stream_id = CAST(? AS INTEGER) AND number < ?")
        .bind(1, stream)
        .bind(2, static_cast<int64_t>(numbers.front()))
        .run();
  }
  for (size_t at = stays; at < waiting.size(); ++at) {
    std::vector<std::byte> bytes;
    ByteWriter out{bytes};
    put_book_message(out, waiting[at].message->message, waiting[at].message->ts_recv);
    connection.prepare("INSERT INTO tape.book_waiting VALUES (CAST(? AS INTEGER), ?, ?)")
        .bind(1, stream)
        .bind(2, static_cast<int64_t>(waiting[at].number))
        .bind(3, std::span<const std::byte>{bytes})
        .run();
  }
  open.kept = std::move(numbers);
}

}  // namespace tapedeck
