// CaptureBatch: records of recorded messages that own what they say, and how they are collected.
#pragma once

#include "feed/message_decoder.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tapedeck {

// What came with one line.
struct CapturedMessage {
  enum class Outcome : uint8_t {
    decoded,    // records, maybe none
    refused,    // its content is lost, or that of a line which may have been its connection's
    connected,  // the connection begins here
  };
  Outcome outcome = Outcome::decoded;
  uint32_t connection = 0;
  std::optional<Timestamp> ts_recv = {};
  std::optional<int64_t> connection_sequence = {};
  uint32_t first_record = 0;  // of the batch
  uint32_t records = 0;
};

// Texts and levels of the records lie in `memory`.
struct CaptureBatch {
  std::unique_ptr<std::pmr::monotonic_buffer_resource> memory;
  std::vector<CapturedMessage> messages;
  std::vector<FeedRecord> records;
  std::vector<std::string_view> venues;  // of each connection; the words live for ever

  size_t rows() const { return messages.size(); }
};

class CaptureCollector {
 public:
  CaptureCollector();

  // Connections are numbered from 0; `venue` lives for ever, empty until it is known.
  void add_connection(std::string_view venue = {}) { batch_.venues.push_back(venue); }
  void set_venue(uint32_t connection, std::string_view venue) { batch_.venues[connection] = venue; }

  void add(const CapturedMessage& message) { batch_.messages.push_back(message); }
  // With copies of its records.
  void add(CapturedMessage message, const DecodedMessage& decoded);

  // What came since; nullopt when it is not much and more may follow.
  std::optional<CaptureBatch> take(bool all);

 private:
  std::string_view keep(std::string_view text);
  std::span<const WireLevel> keep(std::span<const WireLevel> levels);

  CaptureBatch batch_;
  size_t bytes_ = 0;
};

}  // namespace tapedeck
