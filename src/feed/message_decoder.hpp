// MessageDecoder: raw messages of one connection to a venue, WebSocket frames and REST answers,
// into records. Pure: what comes out depends on the messages only.
#pragma once

#include "feed/feed_record.hpp"
#include "feed/fields.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tapedeck {

// A message with room behind it: `capacity` bytes from its begin may be read, kMessagePadding more
// than it has.
inline constexpr size_t kMessagePadding = 64;
struct PaddedText {
  std::string_view text;
  size_t capacity = 0;
};

enum class MessageKind : uint8_t {
  data,     // records, or a data message with nothing in it
  control,  // acknowledgements, heartbeats, and channels that nothing is kept of
  unknown,  // nothing that this decoder knows
};

struct DecodedMessage {
  MessageKind kind = MessageKind::unknown;
  // Of venues that number all messages of a connection in one row.
  std::optional<int64_t> connection_sequence = {};
  std::vector<FeedRecord> records = {};

  void clear() {
    kind = MessageKind::unknown;
    connection_sequence.reset();
    records.clear();
  }
};

class MessageDecoder {
 public:
  virtual ~MessageDecoder() = default;
  // Fills `message`, or says why the message is refused: nothing of it is used then. Records borrow
  // from `text` and the decoder until the next call.
  virtual Field<void> decode(PaddedText text, DecodedMessage& message) = 0;
  // The same for the body of a REST answer to `url`.
  virtual Field<void> decode_answer(std::string_view url, PaddedText text,
                                    DecodedMessage& message) = 0;
};

}  // namespace tapedeck
