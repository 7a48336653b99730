// KeyframeCache: levels of keyframes that were read, kept as long as nothing is committed: whoever
// looks at one moment of a book looks at those beside it next.
#pragma once

#include "base/mutex.hpp"
#include "store/book_streams.hpp"
#include "tapedeck/market/book_message.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tapedeck {

struct KeyframeLevel {
  BookSide side;
  int64_t price;  // in units of the stream's scale, as is the quantity
  int64_t quantity;
};

// A moment is StoreCore::commits() of the snapshot that was read, if it can be told: without one
// nothing is found or kept. Any thread may call.
class KeyframeCache {
 public:
  static constexpr size_t kMostLevels = 1'000'000;  // 24 MB
  using Levels = std::shared_ptr<const std::vector<KeyframeLevel>>;

  // Null when it is not known of that moment.
  Levels find(std::optional<uint64_t> moment, BookStreamId stream, int64_t ordinal) {
    const MutexLock lock{mutex_};
    if (!moment || *moment != moment_) return nullptr;
    const auto found = kept_.find({stream, ordinal});
    return found == kept_.end() ? nullptr : found->second;
  }

  void keep(std::optional<uint64_t> moment, BookStreamId stream, int64_t ordinal,
            const Levels& levels) {
    const MutexLock lock{mutex_};
    if (!moment || *moment < moment_ || levels->size() > kMostLevels) return;
    if (*moment > moment_ || levels_ + levels->size() > kMostLevels) {
      kept_.clear();
      levels_ = 0;
    }
    moment_ = *moment;
    if (kept_.insert_or_assign({stream, ordinal}, levels).second) levels_ += levels->size();
  }

 private:
  Mutex mutex_;
  uint64_t moment_ GUARDED_BY(mutex_) = 0;  // of all that is kept
  size_t levels_ GUARDED_BY(mutex_) = 0;
  std::map<std::pair<BookStreamId, int64_t>, Levels> kept_ GUARDED_BY(mutex_);
};

}  // namespace tapedeck
