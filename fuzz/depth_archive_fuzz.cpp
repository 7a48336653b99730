// Historical depth: pieces of any length give what the whole gives, and no message lacks what a
// book needs.
#include "base/check.hpp"
#include "feed/depth_archive.hpp"
#include "input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <variant>

namespace tapedeck {
namespace {

std::string say(const CaptureBatch& batch, const CapturedMessage& message) {
  TAPEDECK_CHECK(message.connection < batch.venues.size(), "connection {}", message.connection);
  if (message.outcome == CapturedMessage::Outcome::refused) return "lost\n";
  TAPEDECK_CHECK(message.records == 1 && message.first_record < batch.records.size(), "{} records",
                 message.records);
  const auto& book = std::get<BookMessage>(batch.records[message.first_record]);
  TAPEDECK_CHECK(book.sequence && book.ts_event && !book.symbol.empty(), "a message without facts");
  TAPEDECK_CHECK(book.bids.size() + book.asks.size() > 0, "a message without rows");
  std::string said = fmt::format("{} {} {} {} {} {}", static_cast<int>(book.kind), book.symbol,
                                 to_iso(*book.ts_event), book.sequence_begin.value_or(-1),
                                 *book.sequence, book.sequence_previous.value_or(-1));
  for (const auto& side : {book.bids, book.asks}) {
    said += " |";
    for (const WireLevel& level : side) {
      TAPEDECK_CHECK(level.price.units > 0 && level.quantity.units >= 0, "a level that cannot be");
      said += fmt::format(" {}e{} {}e{}", level.price.units, level.price.exponent,
                          level.quantity.units, level.quantity.exponent);
    }
  }
  return said + "\n";
}

// What stands in front of the first empty line are snapshots.
std::string decoded(std::string_view text, bool has_side, size_t piece) {
  DepthArchiveDecoder decoder;
  if (has_side) {
    const size_t end = std::min(text.find("\n\n"), text.size());
    decoder.add_side(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  decode_in_pieces(decoder, text, piece);
  std::string said;
  while (const auto batch = decoder.take_batch(true)) {
    for (const CapturedMessage& message : batch->messages)
      said += say(*batch, message);
  }
  for (const DecodeError& error : decoder.take_errors())
    said += fmt::format("{}: {} | {}\n", error.line, error.reason, error.text);
  return said + fmt::format("{} lines, {} refused", decoder.lines(), decoder.refused());
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const bool has_side = (input.option() & 1U) != 0;
  const size_t piece = input.option() + size_t{1};
  TAPEDECK_CHECK(
      decoded(input.text(), has_side, size + 1) == decoded(input.text(), has_side, piece),
      "pieces of {}", piece);
  return 0;
}
