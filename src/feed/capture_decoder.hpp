// CaptureDecoder: the bytes of a capture into batches of records that own what they say. Finds out
// which venue each connection goes to: by its URL, else by facts of its messages, else as told.
#pragma once

#include "feed/capture.hpp"
#include "feed/capture_batch.hpp"
#include "feed/feed_venue.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

class CaptureDecoder {
 public:
  // Messages of connections whose venue nothing tells are `fallback`'s.
  explicit CaptureDecoder(std::optional<std::string> fallback = {});

  // Another capture of the same session, REST answers as a rule: its lines take their place among
  // those that follow by the time when they came. Before the first decode().
  void add_side(std::span<const char> bytes);
  void decode(std::span<const char> bytes);
  // Throws Error{invalid_argument} when the venue of a connection is not known by now, and
  // Error{unsupported} for a URL of a venue that there is no decoder for; decode() too.
  void finish();

  // What was decoded since; nullopt when it is not much and more may follow.
  std::optional<CaptureBatch> take_batch(bool all) { return collected_.take(all); }
  // Lines and messages that were refused, and unknown messages; the first thousand.
  std::vector<DecodeError> take_errors();
  int64_t lines() const { return reader_.lines(); }
  int64_t refused() const { return refused_ + reader_.refused(); }
  int64_t unknown() const { return unknown_; }

 private:
  // A line with texts of its own.
  struct Line {
    CaptureLineKind kind;
    int64_t number;
    std::string connection;
    std::string url;
    std::optional<Timestamp> ts_recv;
    std::string text;  // padding behind
    size_t bytes;      // of text without padding
    explicit Line(const CaptureLine& line);
    CaptureLine view() const;
  };
  struct Connection {
    const FeedVenue* venue = nullptr;
    std::unique_ptr<MessageDecoder> decoder;
    std::deque<Line> held;  // until the venue is known
    size_t held_bytes = 0;  // of messages
  };

  void take(const CaptureLine& line);
  void take_refused();
  void take_sides_until(std::optional<Timestamp> t);
  void use(const CaptureLine& line);
  uint32_t connection_of(const CaptureLine& line);
  const FeedVenue& fallback_venue() const;
  void set_venue(uint32_t index, const FeedVenue& venue);
  void find_venue(uint32_t index, const CaptureLine& line);
  void decode_line(uint32_t index, const CaptureLine& line);
  void refuse(const CaptureLine& line, std::string reason);

  std::optional<std::string> fallback_;
  CaptureReader reader_;
  std::deque<Line> side_;  // rising in time
  std::map<std::string, uint32_t, std::less<>> by_name_;
  std::deque<Connection> connections_;
  DecodedMessage message_;
  CaptureCollector collected_;
  std::vector<DecodeError> errors_;
  int64_t refused_ = 0;
  int64_t unknown_ = 0;
};

}  // namespace tapedeck
