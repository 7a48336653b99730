#include "store/replay.hpp"

#include "store/live_faults.hpp"

#include <memory>
#include <span>
#include <utility>

namespace tapedeck {
namespace {

constexpr int64_t kGroupRows = 200'000;

}  // namespace

std::set<uint64_t> refused_frames(const std::filesystem::path& store, JournalPosition after) {
  std::set<uint64_t> refused;
  JournalReader reader{store, after};
  while (std::optional<JournalItem> item = reader.next()) {
    const Frame* const frame = std::get_if<Frame>(&*item);
    if (frame == nullptr || frame->kind != FrameKind::refused) continue;
    const auto content = read_payload(*frame);
    if (content) refused.insert(std::get<Refusal>(*content).sequence);
  }
  return refused;
}

void Replay::add(const Frame& frame, FrameContent content, JournalPosition position) {
  ++frames_;
  rows_ += frame.count;
  if (refused_.contains(frame.sequence)) content = Refusal{};
  group_.push_back({.position = position,
                    .ts_recv = frame.ts_recv,
                    .instrument = frame.instrument,
                    .content = std::make_shared<const FrameContent>(std::move(content))});
  if (rows_ >= kGroupRows) apply_group();
}

void Replay::apply_group() {
  const std::vector<PendingFrame> group = std::exchange(group_, {});
  rows_ = 0;
  try {
    applier_.apply(group);
  } catch (const Error& error) {
    if (is_of_the_machine(error)) throw;
    for (const PendingFrame& frame : group)
      apply_one(frame);
  }
}

void Replay::apply_one(const PendingFrame& frame) {
  try {
    applier_.apply(std::span{&frame, 1});
  } catch (const Error& error) {
    if (is_of_the_machine(error)) throw;
    not_applied_(frame, error);
    applier_.pass_over(frame);
  }
}

}  // namespace tapedeck
