// LiveWindow: the newest rows of a store in memory. Two kinds: what is acknowledged and not yet in
// the database, and the last stored trades and quotes. Safe for use from any thread; what it hands
// out does not change, and no lock is held while it is read.
#pragma once

#include "base/mutex.hpp"
#include "store/open_bars.hpp"
#include "store/trade_ring.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/quote.hpp"
#include "tapedeck/store/window.hpp"
#include "tapedeck/tape/payload.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace tapedeck {

// The trades of a frame that the database does not have yet.
struct PendingTrades {
  uint64_t sequence = 0;
  std::shared_ptr<const FrameContent> content;
  const TradeBlock& trades() const { return std::get<TradeRows>(*content).trades; }
};

// Trades that a transaction stored, in order.
struct StoredTrades {
  InstrumentId instrument{};
  Grain grain = Grain::trade;
  Scale scale;  // of the instrument since then
  TradeBlock trades;
  std::optional<OpenBar> open_bar = {};  // with all of them
};

// As of one moment, of the one grain that an instrument has.
struct RecentTrades {
  TradeRing stored;
  std::vector<PendingTrades> pending;
};

// What pending frames put behind the end. Rows that come before it wait for the database to give
// them their place.
struct TapeTail {
  TradeBlock trades;     // in order, each id once
  bool touches = false;  // some have the very time of the newest stored row
  bool whole = true;     // false: later frames cannot be one block with these
};
TapeTail tail_behind(std::span<const PendingTrades> pending, const TapeEnd& end, Scale scale);

class LiveWindow {
 public:
  using Key = std::pair<InstrumentId, Grain>;

  explicit LiveWindow(const WindowOptions& options) : options_{options} {}

  // In the order of the journal. Call before the frame can be applied.
  void add_acknowledged(uint64_t sequence, InstrumentId instrument,
                        const std::shared_ptr<const FrameContent>& content);
  // The frame is in the database, or never will be.
  void remove_acknowledged(uint64_t sequence, InstrumentId instrument);
  // Around each transaction. Unless it is said what it did, what is known of stored rows is
  // forgotten.
  void begin_write();
  void end_write();
  // Before the transaction changes anything: what it will, add_stored() says.
  void expect_stored();
  // The transaction was committed: the frames up to `sequence` are applied. `stored` is all that it
  // changed of trades; nullptr: it changed more.
  void add_stored(uint64_t sequence, const std::vector<StoredTrades>* stored);
  // The transaction changes no row.
  void keep_stored();
  // Transactions of which is not known what they did.
  uint64_t unknown_writes() const;

  std::vector<PendingTrades> pending(InstrumentId instrument, Grain grain) const;
  // nullopt: not in memory.
  std::optional<RecentTrades> recent(InstrumentId instrument) const;
  // The bar of the minute that a recording is in, with the frames up to `sequence` and no others;
  // nullopt: not known.
  std::optional<OpenBar> open_bar(Key key, uint64_t sequence) const;
  std::optional<Quote> last_quote(InstrumentId instrument) const;
  std::optional<OpenInterest> last_open_interest(InstrumentId instrument) const;

  // What a reader found in the database; kept when nothing is or was written since version() was
  // asked.
  uint64_t version() const;
  // Of an instrument that has trades of this grain alone.
  void fill(uint64_t version, Key key, const TradeRing& ring);
  // Return the newest of what is stored and what is acknowledged.
  std::optional<Quote> fill(uint64_t version, InstrumentId instrument,
                            const std::optional<Quote>& stored);
  std::optional<OpenInterest> fill(uint64_t version, InstrumentId instrument,
                                   const std::optional<OpenInterest>& stored);

  void count(bool hit);
  WindowStats stats() const;

 private:
  // The newest of what came since a write that is not known, and of what is stored once a reader
  // has looked.
  template <typename T>
  struct Newest {
    std::optional<T> value;
    uint64_t sequence = 0;  // of the frame that brought it; 0: the database
    bool is_of_store = false;
  };
  template <typename T>
  using NewestOf = std::map<InstrumentId, Newest<T>>;

  template <typename T>
  static void note(Newest<T>& newest, uint64_t sequence, const std::vector<T>& rows);
  template <typename T>
  void forget(NewestOf<T>& all) const REQUIRES(mutex_);
  template <typename T>
  std::optional<T> fill(NewestOf<T>& all, uint64_t version, InstrumentId instrument,
                        const std::optional<T>& stored) REQUIRES(mutex_);
  void add_stored(const StoredTrades& stored) REQUIRES(mutex_);
  void forget_stored() REQUIRES(mutex_);
  void put(Key key, const TradeRing& ring) REQUIRES(mutex_);
  void keep_within_bytes() REQUIRES(mutex_);

  // Constant after construction
  WindowOptions options_;

  mutable Mutex mutex_;
  std::map<Key, std::deque<PendingTrades>> pending_ GUARDED_BY(mutex_);
  std::map<Key, TradeRing> rings_ GUARDED_BY(mutex_);
  NewestOf<Quote> quotes_ GUARDED_BY(mutex_);
  NewestOf<OpenInterest> open_interest_ GUARDED_BY(mutex_);
  uint64_t applied_ GUARDED_BY(mutex_) = 0;  // up to here frames are in the rings
  uint64_t version_ GUARDED_BY(mutex_) = 0;
  bool writing_ GUARDED_BY(mutex_) = false;
  OpenBars open_bars_ GUARDED_BY(mutex_);
  bool is_expected_ GUARDED_BY(mutex_) = false;
  bool write_is_known_ GUARDED_BY(mutex_) = false;
  uint64_t unknown_writes_ GUARDED_BY(mutex_) = 0;
  int64_t hits_ GUARDED_BY(mutex_) = 0;
  int64_t misses_ GUARDED_BY(mutex_) = 0;
};

}  // namespace tapedeck
