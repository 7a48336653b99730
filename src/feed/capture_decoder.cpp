#include "feed/capture_decoder.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

// A venue that so much does not tell is not told any more.
constexpr size_t kHeldBytes = size_t{64} << 20;

std::string known_venues() {
  std::string words;
  for (const FeedVenue& venue : feed_venues())
    words += fmt::format("{}{}", words.empty() ? "" : ", ", venue.venue);
  return words;
}

}  // namespace

CaptureDecoder::Line::Line(const CaptureLine& line)
    : kind{line.kind},
      number{line.number},
      connection{line.connection},
      url{line.url},
      ts_recv{line.ts_recv},
      text{line.text.text},
      bytes{line.text.text.size()} {
  text.append(kMessagePadding, ' ');
}

CaptureLine CaptureDecoder::Line::view() const {
  return {.kind = kind,
          .number = number,
          .connection = connection,
          .url = url,
          .ts_recv = ts_recv,
          .text = {.text = std::string_view{text}.substr(0, bytes), .capacity = text.size()}};
}

CaptureDecoder::CaptureDecoder(std::optional<std::string> fallback)
    : fallback_{std::move(fallback)}, reader_{[this](const CaptureLine& line) { take(line); }} {}

void CaptureDecoder::add_side(std::span<const char> bytes) {
  CaptureReader reader{[this](const CaptureLine& line) {
    const bool is_kept =
        line.kind != CaptureLineKind::passed_over && line.kind != CaptureLineKind::refused;
    if (is_kept) side_.emplace_back(line);
  }};
  reader.decode(bytes);
  reader.finish();
  refused_ += reader.refused();
  for (DecodeError& error : reader.take_errors())
    errors_.push_back(std::move(error));
  std::ranges::stable_sort(side_, {}, &Line::ts_recv);
}

void CaptureDecoder::decode(std::span<const char> bytes) {
  reader_.decode(bytes);
}

void CaptureDecoder::finish() {
  reader_.finish();
  take_sides_until(std::nullopt);
  for (uint32_t index = 0; index < connections_.size(); ++index) {
    Connection& connection = connections_[index];
    if (connection.venue != nullptr || connection.held_bytes == 0) continue;
    set_venue(index, fallback_venue());
  }
}

const FeedVenue& CaptureDecoder::fallback_venue() const {
  const FeedVenue* const venue = fallback_ ? find_feed_venue(*fallback_) : nullptr;
  if (venue != nullptr) return *venue;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("nothing in it tells which venue it is from: say it with "
                          "--instrument-prefix, one of {}",
                          known_venues())};
}

void CaptureDecoder::take(const CaptureLine& line) {
  if (line.kind == CaptureLineKind::passed_over) return;
  if (line.kind == CaptureLineKind::refused) return take_refused();
  if (line.ts_recv) take_sides_until(line.ts_recv);
  use(line);
}

// It may have been a message of any of them.
void CaptureDecoder::take_refused() {
  for (uint32_t index = 0; index < connections_.size(); ++index) {
    collected_.add({.outcome = CapturedMessage::Outcome::refused, .connection = index});
  }
}

void CaptureDecoder::take_sides_until(std::optional<Timestamp> t) {
  while (!side_.empty() && (!t || side_.front().ts_recv <= t)) {
    const Line line = std::move(side_.front());
    side_.pop_front();
    use(line.view());
  }
}

void CaptureDecoder::use(const CaptureLine& line) {
  const uint32_t index = connection_of(line);
  if (connections_[index].venue == nullptr) {
    find_venue(index, line);
  } else {
    decode_line(index, line);
  }
}

// Answers of one venue are a connection of their own: their URLs tell.
uint32_t CaptureDecoder::connection_of(const CaptureLine& line) {
  const FeedVenue* venue = nullptr;
  std::string name{line.connection};
  if (!line.url.empty()) {
    venue = venue_of_url(line.url);
    if (venue == nullptr) {
      throw Error{ErrorCode::unsupported,
                  fmt::format("there is no decoder for '{}'; there are for {}",
                              line.url.substr(0, 80), known_venues())};
    }
  }
  if (line.kind == CaptureLineKind::answer) name = fmt::format("REST {}", venue->venue);
  const auto next = static_cast<uint32_t>(connections_.size());
  const auto [place, is_new] = by_name_.try_emplace(name, next);
  const FeedVenue* const known = is_new ? nullptr : connections_[place->second].venue;
  // A connection stays with its venue; captures of two that were joined have two of them.
  if (venue != nullptr && known != nullptr && known != venue) place->second = next;
  if (place->second == next) {
    connections_.emplace_back();
    collected_.add_connection();
  }
  if (venue != nullptr && connections_[place->second].venue == nullptr) {
    set_venue(place->second, *venue);
  }
  return place->second;
}

void CaptureDecoder::set_venue(uint32_t index, const FeedVenue& venue) {
  Connection& connection = connections_[index];
  connection.venue = &venue;
  connection.decoder = venue.make_decoder();
  collected_.set_venue(index, venue.venue);
  const std::deque<Line> held = std::exchange(connection.held, {});
  for (const Line& line : held)
    decode_line(index, line.view());
}

void CaptureDecoder::find_venue(uint32_t index, const CaptureLine& line) {
  Connection& connection = connections_[index];
  const FeedVenue* venue = venue_of_message(line.text.text);
  connection.held.emplace_back(line);
  if (line.kind != CaptureLineKind::connect) {
    connection.held_bytes += sizeof(Line) + line.text.text.size();
  }
  if (venue == nullptr && connection.held_bytes > kHeldBytes) venue = &fallback_venue();
  if (venue != nullptr) set_venue(index, *venue);
}

void CaptureDecoder::decode_line(uint32_t index, const CaptureLine& line) {
  Connection& connection = connections_[index];
  CapturedMessage captured{.connection = index, .ts_recv = line.ts_recv};
  if (line.kind == CaptureLineKind::connect) {
    captured.outcome = CapturedMessage::Outcome::connected;
    return collected_.add(captured);
  }
  const Field<void> done = line.kind == CaptureLineKind::answer
                               ? connection.decoder->decode_answer(line.url, line.text, message_)
                               : connection.decoder->decode(line.text, message_);
  if (!done) {
    refuse(line, done.error());
    captured.outcome = CapturedMessage::Outcome::refused;
  } else if (message_.kind == MessageKind::unknown) {
    ++unknown_;
    --refused_;  // it is counted apart
    refuse(line, "unknown message");
  } else {
    return collected_.add(captured, message_);
  }
  collected_.add(captured);
}

void CaptureDecoder::refuse(const CaptureLine& line, std::string reason) {
  ++refused_;
  if (errors_.size() >= kKeptErrors) return;
  errors_.push_back({.line = line.number,
                     .reason = std::move(reason),
                     .text = std::string{line.text.text.substr(0, kKeptErrorText)}});
}

std::vector<DecodeError> CaptureDecoder::take_errors() {
  std::vector<DecodeError> errors = std::exchange(errors_, {});
  for (DecodeError& error : reader_.take_errors()) {
    errors.push_back(std::move(error));
  }
  return errors;
}

}  // namespace tapedeck
