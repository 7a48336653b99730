#include "feed/capture_batch.hpp"

#include <cstring>
#include <type_traits>
#include <utility>
#include <variant>

namespace tapedeck {
namespace {

// Batches stay small: fresh pages cost more than decoding does.
constexpr size_t kBatchBytes = size_t{48} << 10;
constexpr size_t kBatchMessages = 256;

std::unique_ptr<std::pmr::monotonic_buffer_resource> new_memory() {
  return std::make_unique<std::pmr::monotonic_buffer_resource>(kBatchBytes);
}

}  // namespace

CaptureCollector::CaptureCollector() {
  batch_.memory = new_memory();
}

std::string_view CaptureCollector::keep(std::string_view text) {
  if (text.empty()) return {};
  auto* const copy = static_cast<char*>(batch_.memory->allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  bytes_ += text.size();
  return {copy, text.size()};
}

std::span<const WireLevel> CaptureCollector::keep(std::span<const WireLevel> levels) {
  if (levels.empty()) return {};
  auto* const copy =
      static_cast<WireLevel*>(batch_.memory->allocate(levels.size_bytes(), alignof(WireLevel)));
  std::uninitialized_copy(levels.begin(), levels.end(), copy);
  bytes_ += levels.size_bytes();
  return {copy, levels.size()};
}

void CaptureCollector::add(CapturedMessage message, const DecodedMessage& decoded) {
  message.connection_sequence = decoded.connection_sequence;
  message.first_record = static_cast<uint32_t>(batch_.records.size());
  message.records = static_cast<uint32_t>(decoded.records.size());
  for (const FeedRecord& borrowed : decoded.records) {
    // The alternative alone: a whole record is some times as large as a message of a book.
    std::visit(
        [this](const auto& one) {
          using Record = std::decay_t<decltype(one)>;
          Record& kept =
              std::get<Record>(batch_.records.emplace_back(std::in_place_type<Record>, one));
          kept.symbol = keep(one.symbol);
          if constexpr (std::is_same_v<Record, BookMessage>) {
            kept.channel = keep(one.channel);
            kept.bids = keep(one.bids);
            kept.asks = keep(one.asks);
          }
        },
        borrowed);
  }
  batch_.messages.push_back(message);
}

std::optional<CaptureBatch> CaptureCollector::take(bool all) {
  const bool full = bytes_ > kBatchBytes || batch_.messages.size() >= kBatchMessages;
  if (batch_.messages.empty() || (!all && !full)) return std::nullopt;
  CaptureBatch taken = std::move(batch_);
  batch_ = {};
  batch_.messages.reserve(kBatchMessages);
  batch_.records.reserve(kBatchMessages);
  batch_.memory = new_memory();
  batch_.venues = taken.venues;
  bytes_ = 0;
  return taken;
}

}  // namespace tapedeck
