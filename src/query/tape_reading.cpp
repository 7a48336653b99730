#include "query/tape_reading.hpp"

#include "query/live_piece.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace tapedeck {
namespace {

// A query of so many rows takes a core for a tenth of a second.
constexpr int64_t kLongRows = 5'000'000;

// All queries that run at once get on with the readers that there are.
size_t most_readers(StoreCore& core) {
  const PoolOptions& pool = core.readers().options();
  const size_t cores = std::max(1U, std::thread::hardware_concurrency());
  return std::clamp<size_t>(pool.max_readers / pool.running, 1, cores);
}

}  // namespace

TapeReading::TapeReading(StoreCore& core, const TapeRequest& request, const ReadingOptions& options)
    : core_{core} {
  turn_.emplace(core.readers(), false);
  open(request, options);
  if (!options.from_trades || rows_of(plan_) < kLongRows) return;
  close_readers(0);
  turn_.reset();
  turn_.emplace(core.readers(), true);
  open(request, options);
}

void TapeReading::open(const TapeRequest& request, const ReadingOptions& options) {
  constexpr int kTries = 5;
  constexpr std::chrono::milliseconds kPause{2};  // a commit takes about as long
  for (int tries = 1;; ++tries) {
    close_readers(0);
    const std::optional<uint64_t> moment = read_plan(request, options.with_pending);
    if (!options.from_trades) return;
    add_readers();
    if (readers_.size() == 1 || core_.commits() == moment) return;
    // Something was committed meanwhile: they see different moments.
    close_readers(1);
    if (tries == kTries) return;  // one is right too, it takes longer
    std::this_thread::sleep_for(kPause);
  }
}

// Returns commits() of its moment, if it can be told.
std::optional<uint64_t> TapeReading::read_plan(const TapeRequest& request, bool with_pending) {
  PendingTape pending;
  if (with_pending) pending = pending_tape(core_, request);
  const SnapshotReader& first = held_.emplace_back(core_);
  readers_.push_back(&*first);
  facts_ = core_.tape_facts(reader(), request.instrument.id, first.moment());
  plan_ = plan_stored_tape(*facts_, request);
  if (!pending.empty()) add_live_piece(reader(), *facts_, std::move(pending), request, plan_);
  return first.moment();
}

void TapeReading::add_readers() {
  const auto worth = static_cast<size_t>(std::max<int64_t>(rows_of(plan_) / kRowsWorthACore, 1));
  while (held_.size() < std::min(worth, most_readers(core_))) {
    StoreCore::ReaderLease lease = core_.try_borrow_reader();
    if (!lease) return;
    readers_.push_back(&*held_.emplace_back(core_, std::move(lease)));
  }
}

void TapeReading::close_readers(size_t all_but) {
  while (held_.size() > all_but)
    held_.pop_back();
  readers_.resize(held_.size());
}

}  // namespace tapedeck
