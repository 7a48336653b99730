#include "tape/book_payload.hpp"

#include "tapedeck/market/decimal.hpp"

namespace tapedeck {
namespace {

constexpr size_t kLevelBytes = 20;

// Bits that say which fields follow.
enum Field : uint8_t {
  kTsEvent = 1,
  kTsRecv = 2,
  kSequenceBegin = 4,
  kSequence = 8,
  kSequencePrevious = 16,
  kChecksum = 32,
};

void put_number(ByteWriter& out, const WireNumber& number) {
  out.put(number.units);
  out.put(number.exponent);
  out.put(number.digits);
}

WireNumber take_number(ByteReader& in) {
  WireNumber number;
  number.units = in.take<int64_t>();
  number.exponent = in.take<int8_t>();
  number.digits = in.take<uint8_t>();
  return number;
}

std::optional<int64_t> take_if(ByteReader& in, bool is_there) {
  return is_there ? std::optional{in.take<int64_t>()} : std::nullopt;
}

std::optional<Timestamp> as_time(std::optional<int64_t> ns) {
  return ns ? std::optional{from_epoch_ns(*ns)} : std::nullopt;
}

}  // namespace

bool is_wire_number(const WireNumber& number) {
  return number.exponent >= kMinExponent && number.exponent <= 0;
}

void put_book_message(ByteWriter& out, const BookMessage& message,
                      std::optional<Timestamp> ts_recv) {
  unsigned fields = 0;
  if (message.ts_event) fields |= kTsEvent;
  if (ts_recv) fields |= kTsRecv;
  if (message.sequence_begin) fields |= kSequenceBegin;
  if (message.sequence) fields |= kSequence;
  if (message.sequence_previous) fields |= kSequencePrevious;
  if (message.checksum) fields |= kChecksum;
  out.put(message.kind);
  out.put(static_cast<uint8_t>(fields));
  if (message.ts_event) out.put(to_epoch_ns(*message.ts_event));
  if (ts_recv) out.put(to_epoch_ns(*ts_recv));
  for (const auto& number : {message.sequence_begin, message.sequence, message.sequence_previous})
    if (number) out.put(*number);
  if (message.checksum) out.put(*message.checksum);
  out.put(static_cast<uint32_t>(message.bids.size()));
  out.put(static_cast<uint32_t>(message.asks.size()));
  for (const auto& levels : {message.bids, message.asks}) {
    for (const WireLevel& level : levels) {
      put_number(out, level.price);
      put_number(out, level.quantity);
    }
  }
}

std::optional<OwnedBookMessage> take_book_message(ByteReader& in) {
  BookMessage message;
  message.kind = in.take<BookMessageKind>();
  const unsigned fields = in.take<uint8_t>();
  message.ts_event = as_time(take_if(in, (fields & kTsEvent) != 0));
  const std::optional<Timestamp> ts_recv = as_time(take_if(in, (fields & kTsRecv) != 0));
  message.sequence_begin = take_if(in, (fields & kSequenceBegin) != 0);
  message.sequence = take_if(in, (fields & kSequence) != 0);
  message.sequence_previous = take_if(in, (fields & kSequencePrevious) != 0);
  if ((fields & kChecksum) != 0) message.checksum = in.take<uint32_t>();
  const size_t bids = in.take<uint32_t>();
  const size_t asks = in.take<uint32_t>();
  if (in.failed() || message.kind > BookMessageKind::image ||
      bids + asks > in.left() / kLevelBytes) {
    return std::nullopt;
  }
  std::vector<WireLevel> levels(bids + asks);
  for (WireLevel& level : levels) {
    level.price = take_number(in);
    level.quantity = take_number(in);
    if (!is_wire_number(level.price) || !is_wire_number(level.quantity)) return std::nullopt;
  }
  message.bids = std::span{levels}.first(bids);
  message.asks = std::span{levels}.subspan(bids);
  return OwnedBookMessage{message, ts_recv};
}

}  // namespace tapedeck
