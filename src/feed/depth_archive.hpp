// DepthArchiveDecoder: Binance's historical order books of futures (T_DEPTH) into the messages that
// its stream would have sent. Pure.
//   symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu
// One row a level; the rows of one message lie together. update_type is `set` in the file of
// updates and `snap` in that of snapshots, whose pu is -1; side is `b` or `a`; timestamps are
// milliseconds.
#pragma once

#include "feed/capture_batch.hpp"
#include "feed/csv.hpp"
#include "feed/decode_error.hpp"
#include "feed/fields.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// Channel of its streams.
inline constexpr std::string_view kDepthArchiveChannel = "T_DEPTH";

bool looks_like_depth_archive(std::string_view front);

class DepthArchiveDecoder {
 public:
  // `venue` instead of binance-um, or binance-cm for coin-margined symbols.
  explicit DepthArchiveDecoder(std::optional<std::string> venue = {});

  // The file of snapshots: each takes its place among the updates by its time. Before decode().
  void add_side(std::span<const char> bytes);
  void decode(std::span<const char> bytes);
  void finish();

  // As those of CaptureDecoder.
  std::optional<CaptureBatch> take_batch(bool all) { return collected_.take(all); }
  std::vector<DecodeError> take_errors();
  int64_t lines() const { return updates_.log.lines(); }
  int64_t refused() const { return updates_.log.refused() + snapshots_.log.refused(); }
  static int64_t unknown() { return 0; }

 private:
  // Rows of one message.
  struct Message {
    std::string symbol;
    Timestamp ts_event;
    int64_t first_update_id = 0;
    int64_t last_update_id = 0;
    int64_t previous = -1;
    bool is_snapshot = false;
    std::vector<WireLevel> bids = {};
    std::vector<WireLevel> asks = {};
    bool is_same(const Message& other) const;
  };
  struct File {
    LineLog log{std::nullopt};
    LinePieces pieces;
    std::optional<Message> open = {};
    bool is_damaged = false;              // a row of the last message, or of the next, was refused
    std::optional<Message> damaged = {};  // that next one
  };

  void add(File& file, std::span<const char> bytes);
  void finish(File& file);
  void take_lines(File& file, std::string_view lines);
  void take_overlong(File& file, std::string_view front);
  Field<void> take_row(File& file, std::string_view line);
  static Field<Message> read_row(std::string_view line);
  void add_row(File& file, Message row);
  void lose_row(File& file);
  void close(File& file);
  void take_snapshots_until(std::optional<Timestamp> t);
  void emit(const Message& message);
  uint32_t connection_of(const std::string& symbol);

  std::optional<std::string> venue_;
  File updates_;
  File snapshots_;
  std::deque<Message> side_;  // rising in time
  std::map<std::string, uint32_t> connections_;
  DecodedMessage message_;
  CaptureCollector collected_;
};

}  // namespace tapedeck
