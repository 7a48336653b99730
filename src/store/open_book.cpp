#include "store/open_book.hpp"

#include "store/book_read.hpp"

#include <string>
#include <utility>

namespace tapedeck {
namespace {

// A recording that goes on where another one ended continues its book, if something shows that
// nothing is between.
bool can_go_on(const BookRules& rules) {
  return !rules.whole &&
         (rules.checksum != BookChecksum::none || (rules.continuity != BookContinuity::none &&
                                                   rules.continuity != BookContinuity::connection));
}

// The latest stretch that may go on, when the message is not from before it.
std::optional<BookStretch> stretch_before(duck::Connection& connection, const BookStream& stream,
                                          const BookMessage& first) {
  std::optional<BookStretch> latest;
  for (BookStretch& stretch : book_stretches(connection, stream.id)) {
    if (!latest || stretch.event_end >= latest->event_end) latest = std::move(stretch);
  }
  const bool later =
      latest && !latest->cause && (!first.ts_event || *first.ts_event >= latest->event_begin);
  return later ? latest : std::nullopt;
}

}  // namespace

BookRules rules_of(const BookStream& stream, std::string_view venue) {
  BookRules rules = book_rules(venue, stream.channel);
  if (rules.depth_of_snapshot) rules.depth = stream.depth;
  return rules;
}

std::unique_ptr<OpenBook> open_book(duck::Transaction& transaction, const Instrument& instrument,
                                    std::string_view channel, const BookMessage& first) {
  duck::Connection& connection = transaction.connection();
  std::optional<BookStream> stream = find_book_stream(connection, instrument.id, channel);
  std::optional<BookStretch> resumed;
  if (!stream) {
    stream = BookStream{
        .instrument = instrument.id, .channel = std::string{channel}, .scale = instrument.scale};
    stream->id = insert_book_stream(transaction, *stream);
  } else if (first.kind == BookMessageKind::update) {
    resumed = stretch_before(connection, *stream, first);
  }
  const BookRules rules = rules_of(*stream, instrument.name.venue);
  if (!can_go_on(rules)) resumed.reset();
  auto open = std::make_unique<OpenBook>(*stream, rules, resumed);
  if (resumed) open->builder.resume(read_last_book(connection, *stream, *resumed));
  return open;
}

}  // namespace tapedeck
