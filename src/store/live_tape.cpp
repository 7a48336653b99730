#include "store/live_tape.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "store/core.hpp"
#include "store/live_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace tapedeck {
namespace {

using std::chrono::steady_clock;

// So many bytes go into the journal with one sync.
constexpr size_t kMostSyncBytes = size_t{4} << 20;
constexpr std::chrono::minutes kOldChecked{10};

}  // namespace

LiveTape::LiveTape(StoreCore& core) : core_{core}, options_{core.live_options()}, applier_{core} {}

LiveTape::~LiveTape() {
  try {
    close();
  } catch (const Error& error) {
    log::warn(
        "store '{}': {}; what is acknowledged is in its journal and is applied when it is "
        "opened again",
        core_.location().folder.string(), error.what());
  }
}

void LiveTape::start() {
  if (std::exchange(running_, true)) return;
  journal_thread_ = std::jthread{[this] { run_journal(); }};
  applier_thread_ = std::jthread{[this] { run_applier(); }};
}

void LiveTape::wait_for_room(int64_t rows, std::chrono::milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  const auto waiting = [&]() REQUIRES(mutex_) { return stats_.queued_rows + stats_.pending_rows; };
  while (!closed_ && waiting() > 0 && waiting() + rows > options_.queue_rows) {
    ++hurried_;
    changed_.notify_all();
    changed_.wait_until(mutex_, deadline);
    --hurried_;
    if (steady_clock::now() < deadline) continue;
    ++stats_.timeouts;
    throw Error{ErrorCode::timeout,
                fmt::format("{} rows wait to be stored in '{}' and there was no room for {} more "
                            "in {} ms{}; nothing was dropped: give the batch again",
                            waiting(), core_.location().folder.string(), rows, timeout.count(),
                            stalled_ ? fmt::format(" ({})", stalled_->what()) : std::string{})};
  }
  if (closed_) throw Error{ErrorCode::invalid_argument, "the writer was closed"};
}

std::unique_ptr<LiveTape::Submission> LiveTape::submission_of(InstrumentId instrument,
                                                              FrameContent content,
                                                              const AppendOptions& options) {
  auto submission = std::make_unique<Submission>();
  submission->instrument = instrument;
  submission->payload = to_payload(content);
  submission->rows = rows_of(content);
  submission->content = std::make_shared<const FrameContent>(std::move(content));
  submission->ts_recv = options.ts_recv.value_or(from_epoch_ns(now_epoch_ns()));
  submission->durability = options.durability;
  submission->acknowledged = options.acknowledged;
  return submission;
}

std::future<Acknowledgement> LiveTape::submit(std::unique_ptr<Submission> submission,
                                              std::chrono::milliseconds timeout) {
  if (core_.mode() == OpenMode::read) {
    throw Error{ErrorCode::read_only, fmt::format("the store '{}' was opened for reading only",
                                                  core_.location().folder.string())};
  }
  if (submission->payload.size() > kMaxPayloadBytes) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("a batch of {} rows is too large; give at most {} MB at once",
                            submission->rows, kMaxPayloadBytes >> 20)};
  }
  std::future<Acknowledgement> future = submission->promise.get_future();
  Submission told;  // with Durability::none, once the lock is given back
  const bool at_once = submission->durability == Durability::none;
  if (at_once) {
    told.rows = submission->rows;
    told.promise = std::move(submission->promise);
    told.acknowledged = std::move(submission->acknowledged);
  }
  {
    const MutexLock lock{mutex_};
    wait_for_room(submission->rows, timeout);
    start();
    enqueue(std::move(submission));
  }
  if (at_once) acknowledge(told);
  return future;
}

void LiveTape::enqueue(std::unique_ptr<Submission> submission) {
  submission->number = ++accepted_;
  unsettled_.insert(submission->number);
  stats_.accepted_rows += submission->rows;
  stats_.queued_rows += submission->rows;
  queue_.push_back(std::move(submission));
  changed_.notify_all();
}

std::future<Acknowledgement> LiveTape::append(InstrumentId instrument, FrameContent content,
                                              const AppendOptions& options) {
  return submit(submission_of(instrument, std::move(content), options), options.timeout);
}

AppliedFrame LiveTape::change(InstrumentId instrument, FrameContent content) {
  constexpr std::chrono::hours kNoLimit{24};
  AppendOptions options;
  options.durability = Durability::applied;
  auto submission = submission_of(instrument, std::move(content), options);
  const auto result = std::make_shared<AppliedFrame>();
  submission->result = result;
  submit(std::move(submission), kNoLimit).get();
  return *result;
}

void LiveTape::flush() {
  const MutexLock lock{mutex_};
  const int64_t until = accepted_;
  ++hurried_;
  changed_.notify_all();
  while (!unsettled_.empty() && *unsettled_.begin() <= until)
    changed_.wait(mutex_);
  --hurried_;
}

void LiveTape::apply_books(InstrumentId instrument, std::chrono::milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  const MutexLock lock{mutex_};
  const auto last = last_books_.find(instrument);
  if (last == last_books_.end()) return;
  const int64_t until = last->second;
  ++hurried_;
  changed_.notify_all();
  while (!closed_ && !stalled_ && !unsettled_.empty() && *unsettled_.begin() <= until &&
         steady_clock::now() < deadline) {
    changed_.wait_until(mutex_, deadline);
  }
  --hurried_;
}

void LiveTape::apply_until(uint64_t sequence, std::chrono::milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  const MutexLock lock{mutex_};
  ++hurried_;
  changed_.notify_all();
  const auto is_applied = [&]() REQUIRES(mutex_) {
    return unsettled_.empty() || stats_.applied_sequence >= sequence;
  };
  while (!closed_ && !stalled_ && !is_applied() && steady_clock::now() < deadline)
    changed_.wait_until(mutex_, deadline);
  --hurried_;
  if (is_applied()) return;
  throw Error{ErrorCode::timeout,
              fmt::format("what was acknowledged to '{}' is not in its database yet{}; it is not "
                          "lost: ask again",
                          core_.location().folder.string(),
                          stalled_ ? fmt::format(" ({})", stalled_->what()) : std::string{})};
}

void LiveTape::close() {
  {
    const MutexLock lock{mutex_};
    if (std::exchange(closed_, true) || !running_) return;
    changed_.notify_all();
  }
  journal_thread_.join();
  applier_thread_.join();
  {
    const MutexLock lock{mutex_};
    if (stalled_) throw Error{*stalled_};
  }
  applier_.end_recordings();
}

LiveStats LiveTape::stats() const {
  const MutexLock lock{mutex_};
  LiveStats stats = stats_;
  if (stalled_) stats.stalled = stalled_->what();
  return stats;
}

bool LiveTape::is_open() const {
  const MutexLock lock{mutex_};
  return !closed_;
}

// The journal's thread

void LiveTape::run_journal() {
  for (;;) {
    Submissions batch = take_queued();
    if (batch.empty()) return;
    write_journal(std::move(batch));
  }
}

LiveTape::Submissions LiveTape::take_queued() {
  Submissions batch;
  const MutexLock lock{mutex_};
  while (queue_.empty() && !closed_)
    changed_.wait(mutex_);
  if (queue_.empty()) {  // at once: nobody may queue a refusal behind the end
    journal_ended_ = true;
    changed_.notify_all();
  }
  size_t bytes = 0;
  while (!queue_.empty() && bytes < kMostSyncBytes) {
    bytes += queue_.front()->payload.size();
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

// Between the messages of a stream that this process has not seen, or whose batch was refused, and
// those before it something may be missing.
void LiveTape::note_interruptions(Submissions& batch) {
  for (const auto& submission : batch) {
    const auto* const rows = std::get_if<BookRows>(&*submission->content);
    if (rows == nullptr || rows->book.messages.empty()) continue;
    const auto [known, is_new] = interrupted_.try_emplace(
        {submission->instrument, rows->book.channel}, "the recording was stopped");
    std::string cause = std::exchange(known->second, {});
    if (cause.empty() || !rows->book.interrupted.empty()) continue;
    BookRows told = *rows;
    told.book.interrupted = std::move(cause);
    FrameContent content{std::move(told)};
    submission->payload = to_payload(content);
    submission->content = std::make_shared<const FrameContent>(std::move(content));
  }
}

void LiveTape::write_journal(Submissions batch) {
  note_interruptions(batch);
  try {
    const std::vector<JournalPosition> positions = write_frames(batch);
    for (size_t i = 0; i < batch.size(); ++i)
      batch[i]->position = positions[i];
  } catch (const Error& error) {
    return fail(std::move(batch), error);
  } catch (const std::exception& error) {  // of the standard library
    return fail(std::move(batch), Error{ErrorCode::io, error.what()});
  }
  hand_to_applier(std::move(batch));
  remove_old();
}

// Behind the frame of each submission.
std::vector<JournalPosition> LiveTape::write_frames(Submissions& batch) {
  std::vector<JournalPosition> positions;
  const Timestamp now = from_epoch_ns(now_epoch_ns());
  const std::filesystem::path& folder = core_.location().folder;
  if (core_.location().in_memory()) {
    for (size_t i = 0; i < batch.size(); ++i)
      positions.push_back({.sequence = next_in_memory_++, .segment = 0, .offset = 0});
    return positions;
  }
  check_free_space(folder);
  if (!journal_) {
    const auto reader = core_.borrow_reader();
    journal_.emplace(folder, core_.store_id(), applied_position(*reader), core_.journal_options());
  }
  std::vector<FrameDraft> drafts;
  std::vector<size_t> places;
  std::set<InstrumentId> described;
  const bool rotates = journal_->rotates(now);
  for (const auto& submission : batch) {
    const InstrumentId id = submission->instrument;
    const bool known = id == InstrumentId{} || (!rotates && journal_->is_described(id));
    if (!known && described.insert(id).second) {
      const std::optional<Instrument> instrument = core_.catalogue().find(id);
      if (!instrument) throw Error{ErrorCode::not_found, "the instrument is gone"};
      drafts.push_back({.ts_recv = submission->ts_recv,
                        .kind = FrameKind::instrument,
                        .instrument = id,
                        .count = 1,
                        .payload = to_payload(InstrumentRow{.name = instrument->name})});
    }
    places.push_back(drafts.size());
    drafts.push_back({.ts_recv = submission->ts_recv,
                      .kind = kind_of(*submission->content),
                      .instrument = id,
                      .count = static_cast<uint32_t>(submission->rows),
                      .payload = std::move(submission->payload)});
  }
  const std::vector<JournalPosition> written = journal_->write(drafts, now);
  for (const size_t place : places)
    positions.push_back(written[place]);
  return positions;
}

void LiveTape::remove_old() {
  if (!journal_ || steady_clock::now() - old_checked_at_ < kOldChecked) return;
  old_checked_at_ = steady_clock::now();
  try {
    const auto reader = core_.borrow_reader();
    journal_->remove_old(applied_position(*reader), from_epoch_ns(now_epoch_ns()));
  } catch (const Error& error) {
    log::warn("journal: old segments stay: {}", error.what());
  }
}

void LiveTape::hand_to_applier(Submissions batch) {
  if (std::exchange(failing_, false)) log::warn("journal: batches are taken again");
  for (const auto& submission : batch) {
    core_.window().add_acknowledged(submission->position.sequence, submission->instrument,
                                    submission->content);
  }
  Submissions done;  // wait for nothing but the journal
  {
    const MutexLock lock{mutex_};
    ++stats_.syncs;
    if (pending_.empty()) oldest_pending_ = steady_clock::now();
    stats_.sequence = batch.back()->position.sequence;
    for (auto& submission : batch) {
      stats_.queued_rows -= submission->rows;
      stats_.acknowledged_rows += submission->rows;
      stats_.pending_rows += submission->rows;
      if (submission->durability == Durability::applied) ++hurried_;
      if (std::holds_alternative<BookRows>(*submission->content)) {
        last_books_[submission->instrument] = submission->number;
      }
      if (submission->durability == Durability::journal || submission->refused) {
        auto told = std::make_unique<Submission>();
        told->rows = submission->rows;
        told->position = submission->position;
        told->promise = std::move(submission->promise);
        told->acknowledged = std::move(submission->acknowledged);
        told->refused = std::move(submission->refused);
        told->reason = submission->reason;
        done.push_back(std::move(told));
      }
      pending_.push_back(std::move(submission));
    }
    changed_.notify_all();
  }
  for (const auto& submission : done) {
    if (submission->refused) {
      tell_refused(*submission, true);
    } else {
      acknowledge(*submission);
    }
  }
}

void LiveTape::acknowledge(Submission& submission) {
  const Acknowledgement acknowledgement{.sequence = submission.position.sequence,
                                        .rows = submission.rows};
  if (submission.acknowledged) submission.acknowledged(acknowledgement);
  submission.promise.set_value(acknowledgement);
}

void LiveTape::tell_refused(Submission& refusal, bool is_in_journal) {
  std::string words = refusal.reason->what();
  if (!is_in_journal) {
    words += fmt::format(
        "; frame {} of the journal has it, and may be applied when the store is "
        "opened again",
        refusal.refused->position.sequence);
  }
  refusal.refused->promise.set_exception(
      std::make_exception_ptr(Error{refusal.reason->code(), words}));
}

void LiveTape::fail(Submissions batch, const Error& reason) {
  for (const auto& submission : batch) {
    if (const auto* const rows = std::get_if<BookRows>(&*submission->content)) {
      interrupted_.insert_or_assign(
          {submission->instrument, rows->book.channel},
          fmt::format("messages were refused: {}", to_text(reason.code())));
    }
    if (submission->refused) {
      tell_refused(*submission, false);
    } else if (submission->durability != Durability::none) {
      submission->promise.set_exception(std::make_exception_ptr(reason));
    }
  }
  // One line for a stretch of failures: a full disk refuses thousands of batches.
  if (!std::exchange(failing_, true)) {
    log::warn("store '{}': {}; batches are refused until it passes",
              core_.location().folder.string(), reason.what());
  }
  const MutexLock lock{mutex_};
  for (const auto& submission : batch) {
    stats_.queued_rows -= submission->rows;
    stats_.failed_rows += submission->rows;
    unsettled_.erase(submission->number);
  }
  changed_.notify_all();
}

}  // namespace tapedeck
