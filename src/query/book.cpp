#include "tapedeck/query/book.hpp"

#include "query/book_reading.hpp"
#include "store/observed.hpp"

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
  const BookIndex* index = nullptr;
  const IndexedBook* book = nullptr;
  Timestamp at;
  std::string distrust = {};
};

std::optional<Candidate> candidate_of(const BookIndex& index, const BookRequest& request) {
  Candidate candidate{.index = &index, .at = request.at.value_or(Timestamp::max())};
  candidate.book = index.book_at(candidate.at, request.clock);
  if (candidate.book == nullptr) return std::nullopt;
  // The end is what is stored: nothing is missing behind it, but what was lost in front of it.
  if (!request.at) candidate.at = *candidate.book->end(request.clock);
  candidate.distrust = distrust_of(*candidate.book, candidate.at, request.clock);
  return candidate;
}

[[noreturn]] void throw_no_book(const BookRequest& request, const BookReading& reading) {
  std::optional<Timestamp> first;
  bool unclocked = false;
  std::vector<std::string> channels;
  for (const BookIndex* const index : reading.streams()) {
    channels.push_back(index->stream.channel);
    for (const IndexedBook& book : index->books) {
      const auto begin = book.begin(request.clock);
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
                          name, fmt::join(channels, ", "))};
}

}  // namespace

std::vector<BookStreamInfo> list_book_streams(const Store& store, const Instrument& instrument) {
  const BookReading reading{store.core(), instrument};
  std::vector<BookStreamInfo> result;
  for (const BookIndex* const index : reading.streams())
    result.push_back(info_of(*index));
  return result;
}

BookAnswer book_at(const Store& store, const BookRequest& request) {
  return observed(store.core().observer(), "book", {}, [&]() -> BookAnswer {
    const BookReading reading{store.core(), request.instrument, request.stream};
    std::optional<Candidate> best;
    for (const BookIndex* const index : reading.known_streams()) {
      std::optional<Candidate> candidate = candidate_of(*index, request);
      if (!candidate) continue;
      const bool trusted = candidate->distrust.empty();
      if (!best || (trusted && !best->distrust.empty())) best = std::move(candidate);
      if (best->distrust.empty()) break;
    }
    if (!best) throw_no_book(request, reading);
    StoredBook stored =
        read_book(reading.reader(), best->index->stream, *best->book,
                  {.at = best->at, .clock = request.clock}, reading.kept_keyframes());
    return {.stream = info_of(*best->index),
            .book = std::move(stored.book),
            .sequence = stored.sequence,
            .ts_event = stored.ts_event,
            .ts_recv = stored.ts_recv,
            .distrust = std::move(best->distrust)};
  });
}

}  // namespace tapedeck
