// The half of BookBuilder that waits: for an image, or for an update that is missing.
#include "tapedeck/book/book_builder.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

// Its number tells which message it comes behind.
bool is_ordered(const BookRules& rules, const BookMessage& message) {
  return message.sequence && (rules.continuity == BookContinuity::consecutive ||
                              rules.continuity == BookContinuity::linked);
}

}  // namespace

// An update may come in front of the snapshot that it follows, as in front of another update.
void BookBuilder::wait_for_book(const BookMessage& message, std::optional<Timestamp> ts_recv) {
  const bool images = rules_.waits_for_image();
  if (!images && !is_ordered(rules_, message)) return tell_unsynced(message, ts_recv);
  hold(message, ts_recv);
  if (images) return try_bridge(held_.size() - 1);
  give_up_held(kReordered);
}

// What the book waits for does not come any more.
void BookBuilder::give_up_missing() {
  declare_lost(doubt_);
  begin_again();
}

// After a loss: an image may be there already.
void BookBuilder::begin_again() {
  if (rules_.waits_for_image()) return try_bridge(0);
  give_up_held(kReordered);
}

void BookBuilder::hold(const BookMessage& message, std::optional<Timestamp> ts_recv) {
  held_.emplace_back(message, ts_recv, ++held_number_);
  held_levels_ += held_.back().levels.size() + 1;
  while (held_levels_ > kHeldLevels && held_.size() > 1) {
    const Held oldest = take_held(0);
    tell_unsynced(oldest.message, oldest.ts_recv);
  }
}

BookBuilder::Held BookBuilder::take_held(size_t index) {
  const auto place = held_.begin() + static_cast<ptrdiff_t>(index);
  Held held = std::move(*place);
  held_.erase(place);
  held_levels_ -= held.levels.size() + 1;
  return held;
}

// Takes the updates that now have their place. What is left waits for one that is still missing.
void BookBuilder::drain() {
  for (size_t at = 0; at < held_.size() && at <= kReordered && trusted_so_far();) {
    const Relation relation = relation_of(held_[at].message);
    if (relation == Relation::ahead) {
      ++at;
      continue;
    }
    const Held held = take_held(at);
    if (relation == Relation::stale) {
      ++counts_.stale;
    } else {
      apply_update(held.message, held.ts_recv);
      at = 0;
    }
  }
  if (!trusted_so_far()) return;
  state_ = held_.empty() ? State::synced : State::doubtful;
  if (state_ == State::doubtful) doubt_ = doubt_of(held_.front().message);
}

// Updates whose content a whole book has are told in front of it.
void BookBuilder::give_up_stale() {
  std::deque<Held> all = std::exchange(held_, {});
  held_levels_ = 0;
  for (Held& held : all) {
    if (relation_of(held.message) == Relation::stale) {
      tell_unsynced(held.message, held.ts_recv);
    } else {
      held_levels_ += held.levels.size() + 1;
      held_.push_back(std::move(held));
    }
  }
}

// The oldest; `left` updates stay.
void BookBuilder::give_up_held(size_t left) {
  while (held_.size() > left) {
    const Held held = take_held(0);
    tell_unsynced(held.message, held.ts_recv);
  }
}

std::vector<BookBuilder::Waiting> BookBuilder::waiting() const {
  std::vector<Waiting> all;
  for (const Held& held : held_)
    all.push_back({held.number, &held});
  if (!image_) return all;
  const auto behind = std::ranges::upper_bound(all, image_->number, {}, &Waiting::number);
  all.insert(behind, {image_->number, &*image_});
  return all;
}

void BookBuilder::finish() {
  while (state_ == State::doubtful)
    give_up_missing();
  give_up_held(0);
}

}  // namespace tapedeck
