#include "store/book_streams.hpp"

#include <fmt/format.h>

namespace tapedeck {
namespace {

constexpr const char* kSelect =
    "SELECT stream_id, instrument_id, channel, depth, integrity, price_exp, qty_exp, ordinal, "
    "updates FROM tape.book_streams";

BookIntegrity parse_integrity(const std::string& word) {
  for (const BookIntegrity integrity : {BookIntegrity::sequence, BookIntegrity::checksum})
    if (word == to_text(integrity)) return integrity;
  return BookIntegrity::none;
}

std::optional<Timestamp> find_time(const duck::Result& rows, size_t column) {
  return rows.is_null(column) ? std::nullopt : std::optional{rows.timestamp(column)};
}

BookStream stream_at(const duck::Result& rows) {
  return {.id = BookStreamId{static_cast<int32_t>(rows.int64(0))},
          .instrument = InstrumentId{static_cast<uint32_t>(rows.int64(1))},
          .channel = rows.text(2),
          .depth = static_cast<int>(rows.find_int64(3).value_or(0)),
          .integrity = parse_integrity(rows.text(4)),
          .scale = {.price_exp = static_cast<int8_t>(rows.int64(5)),
                    .qty_exp = static_cast<int8_t>(rows.int64(6))},
          .ordinal = rows.int64(7),
          .updates = rows.int64(8)};
}

}  // namespace

std::string dataset_of_book(std::string_view channel) {
  return fmt::format("book:{}", channel);
}

std::vector<BookStream> book_streams(duck::Connection& connection, InstrumentId instrument) {
  duck::Result rows =
      connection
          .prepare(fmt::format("{} WHERE instrument_id = CAST(? AS INTEGER) ORDER BY stream_id",
                               kSelect))
          .bind(1, static_cast<int64_t>(instrument))
          .run();
  std::vector<BookStream> result;
  while (rows.next_row())
    result.push_back(stream_at(rows));
  return result;
}

std::optional<BookStream> find_book_stream(duck::Connection& connection, InstrumentId instrument,
                                           std::string_view channel) {
  for (BookStream& stream : book_streams(connection, instrument))
    if (stream.channel == channel) return std::move(stream);
  return std::nullopt;
}

BookStreamId insert_book_stream(duck::Transaction& transaction, const BookStream& stream) {
  duck::Connection& connection = transaction.connection();
  duck::Result next =
      connection.run("SELECT coalesce(max(stream_id), 0) + 1 FROM tape.book_streams");
  next.next_row();
  const auto id = static_cast<int32_t>(next.int64(0));
  connection.prepare("INSERT INTO tape.book_streams VALUES (?, ?, ?, NULL, 'none', 0, 0, 0, 0)")
      .bind(1, int64_t{id})
      .bind(2, static_cast<int64_t>(stream.instrument))
      .bind(3, std::string_view{stream.channel})
      .run();
  return BookStreamId{id};
}

BookStream find_or_insert_book_stream(duck::Transaction& transaction, InstrumentId instrument,
                                      std::string_view channel) {
  if (auto known = find_book_stream(transaction.connection(), instrument, channel)) return *known;
  BookStream stream{.instrument = instrument, .channel = std::string{channel}};
  stream.id = insert_book_stream(transaction, stream);
  return stream;
}

void update_book_stream(duck::Transaction& transaction, const BookStream& stream) {
  transaction.connection()
      .prepare(
          "UPDATE tape.book_streams SET depth = ?, integrity = ?, price_exp = ?, qty_exp = ?, "
          "ordinal = ?, updates = ? WHERE stream_id = CAST(? AS INTEGER)")
      .bind(1, stream.depth > 0 ? std::optional{stream.depth} : std::nullopt)
      .bind(2, to_text(stream.integrity))
      .bind(3, int{stream.scale.price_exp})
      .bind(4, int{stream.scale.qty_exp})
      .bind(5, stream.ordinal)
      .bind(6, stream.updates)
      .bind(7, static_cast<int64_t>(stream.id))
      .run();
}

std::vector<BookStretch> book_stretches(duck::Connection& connection, BookStreamId stream) {
  duck::Result rows =
      connection
          .prepare(
              "SELECT book, ts_event_begin, ts_event_end, ts_recv_begin, ts_recv_end, sequence, "
              "cause, tail_event, tail_recv FROM tape.books WHERE stream_id = CAST(? AS INTEGER) "
              "ORDER BY book")
          .bind(1, static_cast<int64_t>(stream))
          .run();
  std::vector<BookStretch> result;
  while (rows.next_row()) {
    result.push_back({.book = rows.int64(0),
                      .event_begin = rows.timestamp(1),
                      .event_end = rows.timestamp(2),
                      .recv_begin = find_time(rows, 3),
                      .recv_end = find_time(rows, 4),
                      .sequence = rows.find_int64(5),
                      .cause = rows.find_text(6),
                      .tail_event = find_time(rows, 7),
                      .tail_recv = find_time(rows, 8)});
  }
  return result;
}

void put_book_stretch(duck::Transaction& transaction, BookStreamId stream,
                      const BookStretch& stretch) {
  duck::Connection& connection = transaction.connection();
  const bool is_known =
      connection
          .prepare(
              "UPDATE tape.books SET ts_event_end = $2, ts_recv_end = $3, sequence = $4, cause = "
              "$5, tail_event = $6, tail_recv = $7, ts_event_begin = $8, ts_recv_begin = $9 WHERE "
              "book = $1")
          .bind(1, stretch.book)
          .bind(2, stretch.event_end)
          .bind(3, stretch.recv_end)
          .bind(4, stretch.sequence)
          .bind(5, stretch.cause)
          .bind(6, stretch.tail_event)
          .bind(7, stretch.tail_recv)
          .bind(8, stretch.event_begin)
          .bind(9, stretch.recv_begin)
          .run()
          .rows_changed() > 0;
  if (is_known) return;
  connection.prepare("INSERT INTO tape.books VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(1, stretch.book)
      .bind(2, static_cast<int64_t>(stream))
      .bind(3, stretch.event_begin)
      .bind(4, stretch.event_end)
      .bind(5, stretch.recv_begin)
      .bind(6, stretch.recv_end)
      .bind(7, stretch.sequence)
      .bind(8, stretch.cause)
      .bind(9, stretch.tail_event)
      .bind(10, stretch.tail_recv)
      .run();
}

int64_t next_book_ordinal(duck::Connection& connection) {
  duck::Result rows = connection.run("SELECT coalesce(max(ordinal), 0) + 1 FROM tape.book_streams");
  rows.next_row();
  return rows.int64(0);
}

}  // namespace tapedeck
