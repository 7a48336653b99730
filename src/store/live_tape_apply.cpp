// The applier's half of LiveTape: what is acknowledged goes into the database, group by group.
#include "base/log.hpp"
#include "store/core.hpp"
#include "store/live_faults.hpp"
#include "store/live_tape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

using std::chrono::steady_clock;

constexpr int64_t kMostGroupRows = 200'000;  // in one transaction

}  // namespace

void LiveTape::run_applier() {
  for (;;) {
    Submissions group = take_group();
    if (group.empty()) return;
    if (gave_up_) {
      give_up(group);
    } else {
      apply(std::move(group));
    }
  }
}

LiveTape::Submissions LiveTape::take_group() {
  Submissions group;
  const MutexLock lock{mutex_};
  for (;;) {
    if (pending_.empty() && journal_ended_) return group;
    if (pending_.empty()) {
      changed_.wait(mutex_);
      continue;
    }
    const auto due = oldest_pending_ + options_.group_time;
    if (hurried_ > 0 || closed_ || stats_.pending_rows >= options_.group_rows ||
        steady_clock::now() >= due) {
      break;
    }
    changed_.wait_until(mutex_, due);
  }
  int64_t rows = 0;
  while (!pending_.empty() && rows < kMostGroupRows) {
    rows += pending_.front()->rows;
    if (pending_.front()->durability == Durability::applied) --hurried_;
    group.push_back(std::move(pending_.front()));
    pending_.pop_front();
  }
  oldest_pending_ = steady_clock::now();
  return group;
}

void LiveTape::apply(Submissions group) {
  for (int tries = 0; !group.empty(); ++tries) {
    try {
      if (!core_.location().in_memory()) check_free_space(core_.location().folder);
      apply_at_once(group);
      return;
    } catch (const Error& error) {
      if (!is_of_the_machine(error)) return apply_singly(group);
      refuse_waiting(group, error);
      if (!group.empty() && !pause_after(error, tries)) return give_up(group);
    }
  }
}

// A caller that waits is told; what was acknowledged is tried again.
void LiveTape::refuse_waiting(Submissions& group, const Error& reason) {
  Submissions rest;
  for (auto& submission : group) {
    if (submission->durability == Durability::applied) {
      refuse(std::move(submission), reason);
    } else {
      rest.push_back(std::move(submission));
    }
  }
  group = std::move(rest);
}

void LiveTape::apply_at_once(Submissions& group) {
  std::vector<PendingFrame> frames;
  for (const auto& submission : group) {
    frames.push_back({.position = submission->position,
                      .ts_recv = submission->ts_recv,
                      .instrument = submission->instrument,
                      .content = submission->content});
  }
  std::vector<AppliedFrame> results;
  const auto began = steady_clock::now();
  try {
    results = applier_.apply(frames);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {  // of the standard library, as for want of memory
    throw Error{ErrorCode::engine, error.what()};
  }
  int64_t rows = 0;
  for (const AppliedFrame& result : results)
    rows += result.rows;
  count_commit(rows, steady_clock::now() - began);
  {
    const MutexLock lock{mutex_};
    stats_.applied_sequence = frames.back().position.sequence;
    stats_.applied_rows += rows;
  }
  for (size_t i = 0; i < group.size(); ++i) {
    if (group[i]->result) *group[i]->result = results[i];
    if (group[i]->durability == Durability::applied) acknowledge(*group[i]);
  }
  settle(group);
}

void LiveTape::count_commit(int64_t rows, std::chrono::nanoseconds took) {
  CounterRegistry& counters = core_.observer().counters();
  counters.counter("tapedeck.ingest.rows").add(rows);
  counters.histogram("tapedeck.ingest.batch_rows").observe(static_cast<double>(rows));
  counters.histogram("tapedeck.ingest.commit_ms")
      .observe(std::chrono::duration<double, std::milli>(took).count());
}

// One of them cannot be applied: which?
void LiveTape::apply_singly(Submissions& group) {
  for (auto& submission : group) {
    Submissions one;
    one.push_back(std::move(submission));
    if (gave_up_) {
      give_up(one);
      continue;
    }
    try {
      apply_at_once(one);
    } catch (const Error& error) {
      if (is_of_the_machine(error)) {
        apply(std::move(one));
      } else {
        pass_over(one, error);
      }
    }
  }
}

void LiveTape::pass_over(Submissions& one, const Error& reason) {
  Submission& submission = *one.front();
  for (int tries = 0;; ++tries) {
    try {
      applier_.pass_over({.position = submission.position,
                          .ts_recv = {},
                          .instrument = {},
                          .content = submission.content});
      break;
    } catch (const Error& error) {
      if (!pause_after(error, tries)) return give_up(one);
    }
  }
  if (submission.durability == Durability::applied) {
    submission.promise.set_exception(std::make_exception_ptr(reason));
  } else {
    core_.observer().counters().counter("tapedeck.ingest.rejected").add(submission.rows);
    applier_.keep_rejects({{.reason = reason.what(),
                            .text = fmt::format("journal frame {}, {} rows",
                                                submission.position.sequence, submission.rows)}});
  }
  settle(one);
}

// From here on nothing is applied: what is acknowledged stays in the journal, in its order.
void LiveTape::give_up(Submissions& group) {
  gave_up_ = true;
  for (auto& submission : group) {
    if (submission->durability != Durability::applied) continue;
    submission->promise.set_exception(std::make_exception_ptr(
        Error{ErrorCode::cancelled,
              fmt::format("frame {} of the journal was not applied before the store was closed; it "
                          "is when the store is opened again",
                          submission->position.sequence)}));
  }
  settle(group);
}

void LiveTape::refuse(std::unique_ptr<Submission> submission, const Error& reason) {
  auto refusal =
      submission_of({}, Refusal{.sequence = submission->position.sequence, .reason = reason.what()},
                    {.durability = Durability::none});
  refusal->reason = reason;
  core_.window().remove_acknowledged(submission->position.sequence, submission->instrument);
  const MutexLock lock{mutex_};
  stats_.pending_rows -= submission->rows;
  stats_.failed_rows += submission->rows;
  unsettled_.erase(submission->number);
  refusal->refused = std::move(submission);
  if (journal_ended_) {
    tell_refused(*refusal, false);
  } else {
    enqueue(std::move(refusal));
  }
  changed_.notify_all();
}

// False when the store is being closed: what is left stays in the journal.
bool LiveTape::pause_after(const Error& reason, int tries) {
  constexpr std::chrono::milliseconds kFirst{500};
  constexpr std::chrono::milliseconds kLongest{5'000};
  std::chrono::milliseconds pause = kFirst;
  for (int i = 0; i < tries && pause < kLongest; ++i)
    pause = std::min(pause * 3 / 2, kLongest);
  const auto until = steady_clock::now() + pause;
  const MutexLock lock{mutex_};
  if (!stalled_) {
    log::warn("store '{}': what is acknowledged cannot be applied yet: {}",
              core_.location().folder.string(), reason.what());
  }
  stalled_ = reason;
  while (!closed_ && steady_clock::now() < until)
    changed_.wait_until(mutex_, until);
  return !closed_;
}

void LiveTape::settle(const Submissions& group) {
  for (const auto& submission : group) {
    core_.window().remove_acknowledged(submission->position.sequence, submission->instrument);
  }
  const MutexLock lock{mutex_};
  if (!gave_up_ && std::exchange(stalled_, std::nullopt)) log::info("live: writing goes on");
  for (const auto& submission : group) {
    stats_.pending_rows -= submission->rows;
    unsettled_.erase(submission->number);
  }
  changed_.notify_all();
}

}  // namespace tapedeck
