// MomentCache: what was read of each instrument, kept as long as nothing is committed.
#pragma once

#include "base/mutex.hpp"
#include "tapedeck/market/instrument.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace tapedeck {

// A moment is StoreCore::commits() of the snapshot that was read, if it can be told: without one
// nothing is found or kept. Any thread may call.
template <typename Value>
class MomentCache {
 public:
  using Kept = std::shared_ptr<const Value>;

  // Null when it is not known of that moment.
  Kept find(InstrumentId instrument, std::optional<uint64_t> moment) {
    const MutexLock lock{mutex_};
    if (!moment || *moment != moment_) return nullptr;
    const auto found = kept_.find(instrument);
    return found == kept_.end() ? nullptr : found->second;
  }

  Kept keep(InstrumentId instrument, std::optional<uint64_t> moment, Value value) {
    auto made = std::make_shared<const Value>(std::move(value));
    const MutexLock lock{mutex_};
    if (!moment || *moment < moment_) return made;
    if (*moment > moment_ || kept_.size() >= kMostInstruments) kept_.clear();
    moment_ = *moment;
    return kept_.insert_or_assign(instrument, std::move(made)).first->second;
  }

 private:
  static constexpr size_t kMostInstruments = 256;

  Mutex mutex_;
  uint64_t moment_ GUARDED_BY(mutex_) = 0;  // of all that is kept
  std::map<InstrumentId, Kept> kept_ GUARDED_BY(mutex_);
};

}  // namespace tapedeck
