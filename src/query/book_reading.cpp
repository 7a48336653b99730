#include "query/book_reading.hpp"

#include "base/suggest.hpp"
#include "store/live_tape.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

namespace tapedeck {
namespace {

constexpr std::chrono::nanoseconds kNanosecond{1};

// Verified before deep.
bool is_better(const BookIndex* one, const BookIndex* other) {
  const BookStream& a = one->stream;
  const BookStream& b = other->stream;
  if (a.integrity != b.integrity) return a.integrity > b.integrity;
  const auto levels = [](const BookStream& of) { return of.depth == 0 ? INT32_MAX : of.depth; };
  if (levels(a) != levels(b)) return levels(a) > levels(b);
  return a.updates > b.updates;
}

// What is acknowledged counts. While the database takes nothing, as on a full disk, the answer is
// what it has.
StoreCore& with_what_waits(StoreCore& core, InstrumentId instrument) {
  constexpr std::chrono::seconds kPatience{5};
  core.live_tape().apply_books(instrument, kPatience);
  return core;
}

}  // namespace

BookReading::BookReading(StoreCore& core, const Instrument& instrument, const std::string& channel)
    : core_{core},
      instrument_{instrument},
      channel_{channel},
      reader_{with_what_waits(core, instrument.id)} {
  all_ = core.book_indexes(*reader_, instrument.id, reader_.moment());
  for (const BookIndex& index : *all_)
    if (channel.empty() || index.stream.channel == channel) streams_.push_back(&index);
  std::ranges::stable_sort(streams_, is_better);
}

const std::vector<const BookIndex*>& BookReading::known_streams() const {
  if (!streams_.empty()) return streams_;
  const std::string name = to_text(instrument_.name);
  if (all_->empty()) {
    throw Error{ErrorCode::not_found,
                fmt::format("no book messages of {} are stored; import a recording of them", name)};
  }
  std::vector<std::string> channels;
  for (const BookIndex& index : *all_)
    channels.push_back(index.stream.channel);
  const auto meant = nearest(channel_, channels);
  throw Error{ErrorCode::not_found,
              fmt::format("{} has no stream '{}'{}; it has {}", name, channel_,
                          meant ? fmt::format(", did you mean '{}'?", *meant) : "",
                          fmt::join(channels, ", "))};
}

BookStreamInfo info_of(const BookIndex& index) {
  const BookStream& stream = index.stream;
  BookStreamInfo info{.channel = stream.channel,
                      .depth = stream.depth,
                      .integrity = stream.integrity,
                      .updates = stream.updates,
                      .books = std::ssize(index.books)};
  for (const IndexedBook& book : index.books) {
    const BookStretch& stretch = book.stretch;
    if (!info.range) info.range = TimeRange{stretch.event_begin, stretch.event_end + kNanosecond};
    info.range->begin = std::min(info.range->begin, stretch.event_begin);
    info.range->end = std::max(info.range->end, stretch.event_end + kNanosecond);
  }
  return info;
}

}  // namespace tapedeck
