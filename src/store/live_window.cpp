#include "store/live_window.hpp"

#include "store/trade_batch.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tapedeck {
namespace {

struct Gathered {
  TradeBlock rows;
  bool whole = true;
};

// Of the frames, up to one whose rows cannot lie with the others: of another kind, or finer.
Gathered gathered(std::span<const PendingTrades> pending, Scale scale) {
  Gathered all;
  all.rows.scale = scale;
  for (const PendingTrades& frame : pending) {
    const TradeBlock& rows = frame.trades();
    all.whole = all.rows.rows() == 0 || all.rows.has_ids == rows.has_ids;
    if (!all.whole) return all;
    if (rows.scale == scale) {
      append(all.rows, rows.view());
      continue;
    }
    TradeBlock rescaled = rows;
    all.whole = finest(rows.scale, scale) == scale && rescale(rescaled, scale).has_value();
    if (!all.whole) return all;
    append(all.rows, rescaled.view());
  }
  return all;
}

}  // namespace

TapeTail tail_behind(std::span<const PendingTrades> pending, const TapeEnd& end, Scale scale) {
  TapeTail tail;
  tail.trades.scale = scale;
  const Gathered all = gathered(pending, scale);
  tail.whole = all.whole;
  const OrderedBatch batch = in_order(all.rows);
  const TradeView rows = batch.trades.view();
  const int64_t newest = end.ts.value_or(INT64_MIN);
  const auto is_behind = [&](size_t row) {
    return rows.ts_event[row] >= newest &&
           (!rows.has_ids || !end.largest_id || rows.trade_id[row] > *end.largest_id);
  };
  for (size_t from = 0; from < rows.rows();) {
    size_t to = from;
    while (to < rows.rows() && is_behind(to))
      ++to;
    if (to > from && tail.trades.rows() == 0) tail.touches = rows.ts_event[from] == newest;
    append(tail.trades, rows.part(from, to));
    from = to + 1;
  }
  return tail;
}

template <typename T>
void LiveWindow::note(Newest<T>& newest, uint64_t sequence, const std::vector<T>& rows) {
  for (const T& row : rows) {
    if (newest.value && row.ts_event < newest.value->ts_event) continue;
    newest.value = row;
    newest.sequence = sequence;
  }
}

template <typename T>
std::optional<T> LiveWindow::fill(NewestOf<T>& all, uint64_t version, InstrumentId instrument,
                                  const std::optional<T>& stored) {
  Newest<T> newest = all[instrument];
  newest.is_of_store = true;
  if (stored && (!newest.value || stored->ts_event > newest.value->ts_event)) {
    newest.value = stored;
    newest.sequence = 0;
  }
  if (version == version_ && !writing_) all[instrument] = newest;
  return newest.value;
}

// All but what the database has not seen yet.
template <typename T>
void LiveWindow::forget(NewestOf<T>& all) const {
  std::erase_if(
      all, [applied = applied_](const auto& entry) { return entry.second.sequence <= applied; });
  for (auto& entry : all)
    entry.second.is_of_store = false;
}

void LiveWindow::add_acknowledged(uint64_t sequence, InstrumentId instrument,
                                  const std::shared_ptr<const FrameContent>& content) {
  const MutexLock lock{mutex_};
  if (const auto* trades = std::get_if<TradeRows>(&*content)) {
    if (trades->own_load || trades->trades.rows() == 0)
      return;  // its caller waits for the database
    pending_[{instrument, trades->grain}].push_back({sequence, content});
  } else if (const auto* quotes = std::get_if<QuoteRows>(&*content)) {
    note(quotes_[instrument], sequence, quotes->quotes);
  } else if (const auto* interest = std::get_if<OpenInterestRows>(&*content)) {
    note(open_interest_[instrument], sequence, interest->rows);
  }
}

void LiveWindow::remove_acknowledged(uint64_t sequence, InstrumentId instrument) {
  const MutexLock lock{mutex_};
  if (sequence > applied_) {  // it was refused
    const auto is_of_it = [&](const auto& entry) { return entry.second.sequence == sequence; };
    std::erase_if(quotes_, is_of_it);
    std::erase_if(open_interest_, is_of_it);
  }
  for (const Grain grain : {Grain::trade, Grain::aggregate}) {
    const auto found = pending_.find({instrument, grain});
    if (found == pending_.end()) continue;
    if (found->second.front().sequence == sequence) {
      found->second.pop_front();
    } else {
      std::erase_if(found->second,
                    [&](const PendingTrades& frame) { return frame.sequence == sequence; });
    }
    if (found->second.empty()) pending_.erase(found);
  }
}

void LiveWindow::add_stored(uint64_t sequence, const std::vector<StoredTrades>* stored) {
  const MutexLock lock{mutex_};
  applied_ = std::max(applied_, sequence);
  if (stored == nullptr) return forget_stored();
  for (const StoredTrades& rows : *stored) {
    open_bars_.put({rows.instrument, rows.grain}, sequence, rows.open_bar);
    add_stored(rows);
  }
  keep_within_bytes();
  write_is_known_ = true;
}

void LiveWindow::add_stored(const StoredTrades& stored) {
  if (stored.trades.rows() == 0) return;
  for (const Grain grain : {Grain::trade, Grain::aggregate}) {
    const auto found = rings_.find({stored.instrument, grain});
    if (found == rings_.end()) continue;
    std::optional<TradeRing> longer;
    if (grain == stored.grain && stored.scale == found->second.scale()) {
      longer = found->second.with(stored.trades);
    }
    if (longer) {
      put(found->first, *longer);
    } else {
      rings_.erase(found);  // a reader fills it again
    }
  }
}

void LiveWindow::put(Key key, const TradeRing& ring) {
  const int64_t last = ring.end().ts.value_or(INT64_MIN);
  const std::chrono::nanoseconds time = std::min(options_.trades_time, std::chrono::minutes{60});
  const int64_t oldest = last < INT64_MIN + time.count() ? INT64_MIN : last - time.count();
  rings_.insert_or_assign(key, ring.cut_to(options_.trades_rows, from_epoch_ns(oldest)));
}

void LiveWindow::keep_within_bytes() {
  uint64_t bytes = 0;
  for (const auto& entry : rings_)
    bytes += entry.second.bytes();
  while (bytes > options_.bytes) {
    const auto longest = std::ranges::max_element(
        rings_, {}, [](const auto& entry) { return entry.second.bytes(); });
    const uint64_t before = longest->second.bytes();
    TradeRing shorter =
        longest->second.cut_to(longest->second.rows() / 2, Timestamp{TimeRange{}.begin});
    bytes -= before - shorter.bytes();
    if (shorter.bytes() == before) {  // a single chunk
      bytes -= before;
      rings_.erase(longest);
    } else {
      longest->second = std::move(shorter);
    }
  }
}

void LiveWindow::begin_write() {
  const MutexLock lock{mutex_};
  writing_ = true;
}

void LiveWindow::end_write() {
  const MutexLock lock{mutex_};
  writing_ = false;
  is_expected_ = false;
  ++version_;
  if (std::exchange(write_is_known_, false)) return;
  ++unknown_writes_;
  forget_stored();
}

void LiveWindow::expect_stored() {
  const MutexLock lock{mutex_};
  is_expected_ = true;
}

void LiveWindow::keep_stored() {
  const MutexLock lock{mutex_};
  is_expected_ = true;
  write_is_known_ = true;
}

uint64_t LiveWindow::unknown_writes() const {
  const MutexLock lock{mutex_};
  return unknown_writes_;
}

// Rows of a write that is not expected may be in the database already.
std::optional<OpenBar> LiveWindow::open_bar(Key key, uint64_t sequence) const {
  const MutexLock lock{mutex_};
  if ((writing_ && !is_expected_) || sequence > applied_) return std::nullopt;
  return open_bars_.find(key, sequence);
}

void LiveWindow::forget_stored() {
  rings_.clear();
  open_bars_.clear();
  forget(quotes_);
  forget(open_interest_);
}

std::vector<PendingTrades> LiveWindow::pending(InstrumentId instrument, Grain grain) const {
  const MutexLock lock{mutex_};
  const auto found = pending_.find({instrument, grain});
  if (found == pending_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::optional<RecentTrades> LiveWindow::recent(InstrumentId instrument) const {
  const MutexLock lock{mutex_};
  for (const Grain grain : {Grain::trade, Grain::aggregate}) {
    const auto ring = rings_.find({instrument, grain});
    if (ring == rings_.end()) continue;
    const Grain other = grain == Grain::trade ? Grain::aggregate : Grain::trade;
    if (pending_.contains({instrument, other})) return std::nullopt;
    RecentTrades result{.stored = ring->second, .pending = {}};
    const auto found = pending_.find({instrument, grain});
    if (found == pending_.end()) return result;
    for (const PendingTrades& frame : found->second) {
      if (frame.sequence > applied_) result.pending.push_back(frame);
    }
    return result;
  }
  return std::nullopt;
}

std::optional<Quote> LiveWindow::last_quote(InstrumentId instrument) const {
  const MutexLock lock{mutex_};
  const auto found = quotes_.find(instrument);
  return found != quotes_.end() && found->second.is_of_store ? found->second.value : std::nullopt;
}

std::optional<OpenInterest> LiveWindow::last_open_interest(InstrumentId instrument) const {
  const MutexLock lock{mutex_};
  const auto found = open_interest_.find(instrument);
  return found != open_interest_.end() && found->second.is_of_store ? found->second.value
                                                                    : std::nullopt;
}

uint64_t LiveWindow::version() const {
  const MutexLock lock{mutex_};
  return version_;
}

void LiveWindow::fill(uint64_t version, Key key, const TradeRing& ring) {
  const MutexLock lock{mutex_};
  if (version != version_ || writing_) return;
  put(key, ring);
  keep_within_bytes();
}

std::optional<Quote> LiveWindow::fill(uint64_t version, InstrumentId instrument,
                                      const std::optional<Quote>& stored) {
  const MutexLock lock{mutex_};
  return fill(quotes_, version, instrument, stored);
}

std::optional<OpenInterest> LiveWindow::fill(uint64_t version, InstrumentId instrument,
                                             const std::optional<OpenInterest>& stored) {
  const MutexLock lock{mutex_};
  return fill(open_interest_, version, instrument, stored);
}

void LiveWindow::count(bool hit) {
  const MutexLock lock{mutex_};
  ++(hit ? hits_ : misses_);
}

WindowStats LiveWindow::stats() const {
  const MutexLock lock{mutex_};
  WindowStats stats{.hits = hits_, .misses = misses_};
  stats.instruments = rings_.size();
  for (const auto& entry : rings_) {
    stats.trades += entry.second.rows();
    stats.bytes += entry.second.bytes();
  }
  for (const auto& entry : pending_) {
    for (const PendingTrades& frame : entry.second) {
      stats.pending_trades += static_cast<int64_t>(frame.trades().rows());
      stats.bytes += frame.trades().rows() * kTradeBytes;
    }
  }
  return stats;
}

}  // namespace tapedeck
