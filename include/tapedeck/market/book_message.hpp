// BookMessage: what one message of a venue says about the book of one instrument, as it stands on
// the wire; input of a BookBuilder.
#pragma once

#include "tapedeck/market/time.hpp"
#include "tapedeck/market/wire_number.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

enum class BookSide : uint8_t { bid = 0, ask = 1 };
std::string_view to_text(BookSide side);  // "bid", "ask"

struct WireLevel {
  WireNumber price;
  WireNumber quantity;  // the whole quantity that stands there now; 0: the level is gone
  constexpr bool operator==(const WireLevel&) const = default;
};

enum class BookMessageKind : uint8_t {
  update,    // levels that changed
  snapshot,  // all levels, sent on the stream itself
  image,     // all levels, asked for apart from the stream: Binance's REST depth
};

// Texts and levels are borrowed.
struct BookMessage {
  BookMessageKind kind = BookMessageKind::update;
  std::string_view symbol = {};   // the venue's own text; empty where the message does not say it
  std::string_view channel = {};  // the venue's word with its depth: "depth@100ms", "orderbook.200"
  std::optional<Timestamp> ts_event = {};  // the venue's clock
  // The venue's numbers, as its rules of continuity name them
  std::optional<int64_t> sequence_begin = {};     // first update that it joins: Binance `U`
  std::optional<int64_t> sequence = {};           // last one: `u`, `lastUpdateId`, `seqId`
  std::optional<int64_t> sequence_previous = {};  // of the message before: `pu`, `prevSeqId`
  std::optional<uint32_t> checksum = {};          // of the book after it; a signed one as its bits
  std::span<const WireLevel> bids = {};
  std::span<const WireLevel> asks = {};
};

// A message that keeps its levels, for the time until it is needed. Its texts are empty.
struct OwnedBookMessage {
  BookMessage message;
  std::optional<Timestamp> ts_recv;
  std::vector<WireLevel> levels;  // that the message's spans are of

  OwnedBookMessage(const BookMessage& from, std::optional<Timestamp> received);
  OwnedBookMessage(const OwnedBookMessage& other)
      : OwnedBookMessage{other.message, other.ts_recv} {}
  OwnedBookMessage& operator=(const OwnedBookMessage& other) {
    return *this = OwnedBookMessage{other};
  }
  OwnedBookMessage(OwnedBookMessage&&) noexcept = default;
  OwnedBookMessage& operator=(OwnedBookMessage&&) noexcept = default;
  ~OwnedBookMessage() = default;
};

// What came on one stream of one instrument, in the order in which it came.
struct BookMessages {
  std::string channel = {};  // the venue's word with its depth
  // Why something may be missing in front of it: "the connection was lost". Numbers and checksums
  // tell whether something is; a stream without them is lost. Empty: nothing is missing.
  std::string interrupted = {};
  std::vector<OwnedBookMessage> messages = {};
};

}  // namespace tapedeck
