#include "query/book_choice.hpp"

#include "base/suggest.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

namespace tapedeck {
namespace {

constexpr std::chrono::nanoseconds kNanosecond{1};

// Verified before deep.
bool is_better(const BookStream& a, const BookStream& b) {
  if (a.integrity != b.integrity) return a.integrity > b.integrity;
  const auto levels = [](const BookStream& one) { return one.depth == 0 ? INT32_MAX : one.depth; };
  if (levels(a) != levels(b)) return levels(a) > levels(b);
  return a.updates > b.updates;
}

}  // namespace

std::vector<BookStream> best_first(std::vector<BookStream> streams) {
  std::ranges::stable_sort(streams, is_better);
  return streams;
}

std::vector<std::string> channels_of(const std::vector<BookStream>& streams) {
  std::vector<std::string> channels;
  for (const BookStream& stream : streams)
    channels.push_back(stream.channel);
  return channels;
}

std::vector<BookStream> chosen_streams(duck::Connection& connection, const Instrument& instrument,
                                       const std::string& channel) {
  std::vector<BookStream> streams = best_first(book_streams(connection, instrument.id));
  const std::string name = to_text(instrument.name);
  if (streams.empty()) {
    throw Error{ErrorCode::not_found,
                fmt::format("no book messages of {} are stored; import a recording of them", name)};
  }
  if (channel.empty()) return streams;
  const std::vector<std::string> channels = channels_of(streams);
  std::erase_if(streams, [&](const BookStream& one) { return one.channel != channel; });
  if (streams.empty()) {
    const auto meant = nearest(channel, channels);
    throw Error{ErrorCode::not_found,
                fmt::format("{} has no stream '{}'{}; it has {}", name, channel,
                            meant ? fmt::format(", did you mean '{}'?", *meant) : "",
                            fmt::join(channels, ", "))};
  }
  return streams;
}

BookStreamInfo info_of(const BookStream& stream, const std::vector<BookStretch>& stretches) {
  BookStreamInfo info{.channel = stream.channel,
                      .depth = stream.depth,
                      .integrity = stream.integrity,
                      .updates = stream.updates,
                      .books = std::ssize(stretches)};
  for (const BookStretch& stretch : stretches) {
    if (!info.range) info.range = TimeRange{stretch.event_begin, stretch.event_end + kNanosecond};
    info.range->begin = std::min(info.range->begin, stretch.event_begin);
    info.range->end = std::max(info.range->end, stretch.event_end + kNanosecond);
  }
  return info;
}

}  // namespace tapedeck
