// Replay: what a journal holds, given to an applier in groups.
#pragma once

#include "store/applier.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <utility>
#include <vector>

namespace tapedeck {

// Sequences of frames that a later one takes back.
std::set<uint64_t> refused_frames(const std::filesystem::path& store, JournalPosition after = {});

class Replay {
 public:
  // Hears of a frame that cannot be applied because of what it says; it is passed over afterwards.
  using NotApplied = std::function<void(const PendingFrame&, const Error&)>;

  // `applier` must outlive it.
  Replay(Applier& applier, std::set<uint64_t> refused, NotApplied not_applied)
      : applier_{applier}, refused_{std::move(refused)}, not_applied_{std::move(not_applied)} {}

  // Applied with others, at the latest by apply_group().
  void add(const Frame& frame, FrameContent content, JournalPosition position);
  // Errors of the machine, and those that not_applied throws.
  void apply_group();
  int64_t frames() const { return frames_; }

 private:
  void apply_one(const PendingFrame& frame);

  // Constant after construction
  Applier& applier_;
  std::set<uint64_t> refused_;
  NotApplied not_applied_;

  std::vector<PendingFrame> group_;
  int64_t rows_ = 0;
  int64_t frames_ = 0;
};

}  // namespace tapedeck
