#include "tapedeck/query/book.hpp"

#include "query/book_choice.hpp"
#include "store/book_read.hpp"
#include "store/core.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

// Why the stretch is not to be trusted then; empty when it is.
std::string distrust_of(const IndexedBook& book, Timestamp at, BookClock clock) {
  const BookStretch& stretch = book.stretch;
  const Timestamp end = book.end(clock).value_or(stretch.event_end);
  if (stretch.cause && at >= end) {
    return fmt::format("lost after {}: {}", to_iso(end), *stretch.cause);
  }
  if (at > end) return fmt::format("nothing was recorded after {}", to_iso(end));
  return {};
}

struct Candidate {
  BookIndex index;
  const IndexedBook* book;
  Timestamp at;
  std::string distrust;
};

std::optional<Candidate> candidate_of(duck::Connection& connection, const BookStream& stream,
                                      const BookRequest& request) {
  Candidate candidate{.index = read_book_index(connection, stream),
                      .book = nullptr,
                      .at = request.at.value_or(Timestamp::max()),
                      .distrust = {}};
  candidate.book = candidate.index.book_at(candidate.at, request.clock);
  if (candidate.book == nullptr) return std::nullopt;
  // The end is what is stored: nothing is missing behind it, but what was lost in front of it.
  if (!request.at) candidate.at = *candidate.book->end(request.clock);
  candidate.distrust = distrust_of(*candidate.book, candidate.at, request.clock);
  return candidate;
}

[[noreturn]] void throw_no_book(duck::Connection& connection, const BookRequest& request,
                                const std::vector<BookStream>& streams) {
  std::optional<Timestamp> first;
  bool unclocked = false;
  for (const BookStream& stream : streams) {
    for (const BookStretch& stretch : book_stretches(connection, stream.id)) {
      const auto begin = request.clock == BookClock::event ? std::optional{stretch.event_begin}
                                                           : stretch.recv_begin;
      unclocked = unclocked || !begin;
      if (begin) first = std::min(first.value_or(*begin), *begin);
    }
  }
  const std::string name = to_text(request.instrument.name);
  if (first) {
    throw Error{ErrorCode::not_found,
                fmt::format("there is no book of {} at {}: the first one begins at {}", name,
                            to_iso(*request.at), to_iso(*first))};
  }
  if (unclocked) {
    throw Error{
        ErrorCode::not_found,
        fmt::format("the recordings of {} hold no receive times: ask by the venue's clock", name)};
  }
  throw Error{ErrorCode::not_found,
              fmt::format("no book of {} can be given: its recordings ({}) have no snapshot, so "
                          "nothing tells what stood in it",
                          name, fmt::join(channels_of(streams), ", "))};
}

}  // namespace

std::vector<BookStreamInfo> list_book_streams(const Store& store, const Instrument& instrument) {
  const auto reader = store.core().borrow_reader();
  const duck::Snapshot snapshot{*reader};
  std::vector<BookStreamInfo> result;
  for (const BookStream& stream : best_first(book_streams(*reader, instrument.id)))
    result.push_back(info_of(stream, book_stretches(*reader, stream.id)));
  return result;
}

BookAnswer book_at(const Store& store, const BookRequest& request) {
  const auto reader = store.core().borrow_reader();
  const duck::Snapshot snapshot{*reader};
  const std::vector<BookStream> streams =
      chosen_streams(*reader, request.instrument, request.stream);
  std::optional<Candidate> best;
  for (const BookStream& stream : streams) {
    std::optional<Candidate> candidate = candidate_of(*reader, stream, request);
    if (!candidate) continue;
    const bool trusted = candidate->distrust.empty();
    if (!best || (trusted && !best->distrust.empty())) best = std::move(candidate);
    if (best->distrust.empty()) break;
  }
  if (!best) throw_no_book(*reader, request, streams);
  StoredBook stored = read_book(*reader, best->index.stream, *best->book, best->at, request.clock);
  return {.stream = info_of(best->index.stream, book_stretches(*reader, best->index.stream.id)),
          .book = std::move(stored.book),
          .sequence = stored.sequence,
          .ts_event = stored.ts_event,
          .ts_recv = stored.ts_recv,
          .distrust = std::move(best->distrust)};
}

}  // namespace tapedeck
