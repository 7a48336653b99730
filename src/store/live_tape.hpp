// LiveTape: what a store is given while it runs. Batches queue up, go into the journal with one
// sync for all that wait, are acknowledged, and are applied to the database in groups.
#pragma once

#include "base/mutex.hpp"
#include "store/applier.hpp"
#include "tape/journal.hpp"
#include "tapedeck/store/writer.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tapedeck {

class LiveTape {
 public:
  // Threads begin with the first batch. `core` outlives it.
  explicit LiveTape(StoreCore& core);
  // close(), whose failure is logged.
  ~LiveTape();
  LiveTape(const LiveTape&) = delete;
  LiveTape& operator=(const LiveTape&) = delete;

  // Waits for room in the queue, at most options.timeout. Errors: timeout; read_only.
  std::future<Acknowledgement> append(InstrumentId instrument, FrameContent content,
                                      const AppendOptions& options);
  // A change that is applied when it returns, or not at all and it throws.
  AppliedFrame change(InstrumentId instrument, FrameContent content);

  // Everything given so far is applied, or has failed.
  void flush();
  // The messages of books of the instrument that are acknowledged by now are applied, when the
  // database takes them within `patience`.
  void apply_books(InstrumentId instrument, std::chrono::milliseconds patience);
  // The frames up to this one are applied. Error{timeout} when the database does not take them
  // within `patience`, with the reason where there is one.
  void apply_until(uint64_t sequence, std::chrono::milliseconds patience);
  // Takes nothing more, applies what waits, closes the open minutes. Errors: those of the last
  // attempt to apply; what is not applied stays in the journal.
  void close();

  LiveStats stats() const;
  // Until close().
  bool is_open() const;

 private:
  struct Submission {
    InstrumentId instrument{};
    std::shared_ptr<const FrameContent> content;
    std::vector<std::byte> payload;
    Timestamp ts_recv;
    int64_t rows = 0;
    int64_t number = 0;  // in the order of their coming
    Durability durability = Durability::journal;
    std::function<void(const Acknowledgement&)> acknowledged;
    std::promise<Acknowledgement> promise;
    std::shared_ptr<AppliedFrame> result;  // of a change
    JournalPosition position;              // once it is in the journal
    // Of a refusal: whom it tells, once the journal has it.
    std::unique_ptr<Submission> refused;
    std::optional<Error> reason;
  };
  using Submissions = std::vector<std::unique_ptr<Submission>>;
  using BookKey = std::pair<InstrumentId, std::string>;  // with its channel

  static std::unique_ptr<Submission> submission_of(InstrumentId instrument, FrameContent content,
                                                   const AppendOptions& options);
  std::future<Acknowledgement> submit(std::unique_ptr<Submission> submission,
                                      std::chrono::milliseconds timeout);
  void enqueue(std::unique_ptr<Submission> submission) REQUIRES(mutex_);
  void start() REQUIRES(mutex_);
  void wait_for_room(int64_t rows, std::chrono::milliseconds timeout) REQUIRES(mutex_);

  void note_interruptions(Submissions& batch);
  void run_journal();
  Submissions take_queued();
  void write_journal(Submissions batch);
  std::vector<JournalPosition> write_frames(Submissions& batch);
  void hand_to_applier(Submissions batch);
  void remove_old();
  void fail(Submissions batch, const Error& reason);

  void run_applier();
  Submissions take_group();
  void apply(Submissions group);
  void apply_at_once(Submissions& group);
  void count_commit(int64_t rows, std::chrono::nanoseconds took);
  void apply_singly(Submissions& group);
  void pass_over(Submissions& one, const Error& reason);
  void give_up(Submissions& group);
  void refuse_waiting(Submissions& group, const Error& reason);
  void refuse(std::unique_ptr<Submission> submission, const Error& reason);
  bool pause_after(const Error& reason, int tries);
  void settle(const Submissions& group);

  static void acknowledge(Submission& submission);
  static void tell_refused(Submission& refusal, bool is_in_journal);

  // Constant after construction
  StoreCore& core_;
  LiveOptions options_;

  // Of the journal's thread
  std::optional<Journal> journal_;
  uint64_t next_in_memory_ = 1;
  bool failing_ = false;
  std::chrono::steady_clock::time_point old_checked_at_;
  std::map<BookKey, std::string> interrupted_;  // why; of streams that are known

  // Of the applier's thread, and of close() after it
  Applier applier_;
  bool gave_up_ = false;

  mutable Mutex mutex_;
  Condition changed_;
  std::deque<std::unique_ptr<Submission>> queue_ GUARDED_BY(mutex_);    // to the journal
  std::deque<std::unique_ptr<Submission>> pending_ GUARDED_BY(mutex_);  // to the applier
  std::chrono::steady_clock::time_point oldest_pending_ GUARDED_BY(mutex_);
  int64_t hurried_ GUARDED_BY(mutex_) = 0;  // callers and batches that wait for the applier
  bool closed_ GUARDED_BY(mutex_) = false;
  bool running_ GUARDED_BY(mutex_) = false;
  bool journal_ended_ GUARDED_BY(mutex_) = false;
  std::optional<Error> stalled_ GUARDED_BY(mutex_);
  int64_t accepted_ GUARDED_BY(mutex_) = 0;  // submissions
  std::set<int64_t> unsettled_
      GUARDED_BY(mutex_);  // of them, by number: neither applied nor failed
  std::map<InstrumentId, int64_t> last_books_ GUARDED_BY(mutex_);  // acknowledged, by number
  LiveStats stats_ GUARDED_BY(mutex_);

  std::jthread journal_thread_;
  std::jthread applier_thread_;
};

}  // namespace tapedeck
