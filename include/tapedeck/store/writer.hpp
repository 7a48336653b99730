// Writer: stores records, one call at a time or as a stream that is acknowledged when it is safe.
#pragma once

#include "tapedeck/market/book_message.hpp"
#include "tapedeck/market/data_kind.hpp"
#include "tapedeck/market/depth_snapshot.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/quote.hpp"
#include "tapedeck/market/tick.hpp"
#include "tapedeck/market/trade.hpp"
#include "tapedeck/store/store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace tapedeck {

// Limits of the live door.
struct LiveOptions {
  int64_t queue_rows = 1'000'000;             // that wait for the journal or the database
  int64_t group_rows = 10'000;                // that make a transaction at once
  std::chrono::milliseconds group_time{250};  // after which fewer do
};

struct AppendResult {
  int64_t rows = 0;        // stored now
  int64_t duplicates = 0;  // were there already, equal
  int64_t conflicts = 0;   // the same id is stored with other content; the stored row stays
};

struct TickResult {
  int64_t rows = 0;
  int64_t duplicates = 0;  // were there already, equal
  int64_t gaps = 0;        // between numbers; coverage says where
};

struct DepthOptions {
  std::string channel = "snapshots";  // of the book stream that they are kept as
  std::chrono::nanoseconds every{0};  // one that comes sooner behind the last is left out
  std::string source = "api";
};

// When a batch counts as stored.
enum class Durability {
  journal,  // it is synced to the journal: a power cut does not lose it
  applied,  // and committed to the database: every query sees it
  none,     // it is in the queue
};

struct Acknowledgement {
  uint64_t sequence = 0;  // of the batch's frame in the journal; 0 with Durability::none
  int64_t rows = 0;       // of the batch
};

struct AppendOptions {
  // Where rows come from: websocket, rest, backfill, manual, backtest, or a word of the caller's;
  // goes into loads and coverage.
  std::string source = "api";
  Grain grain = Grain::trade;  // of trades
  Durability durability = Durability::journal;
  // So long it waits for room in the queue.
  std::chrono::milliseconds timeout{5'000};
  // Our clock when the rows came; default: when append_live() is called.
  std::optional<Timestamp> ts_recv = {};
  // Called once, on a thread of the store, when the batch counts as stored; not when it fails.
  // Must not throw or call the store.
  std::function<void(const Acknowledgement&)> acknowledged = {};
};

// Counters since the store was opened, and gauges of the moment.
struct LiveStats {
  int64_t accepted_rows = 0;      // that entered the queue
  int64_t acknowledged_rows = 0;  // that are in the journal
  int64_t applied_rows = 0;       // that the database has
  int64_t failed_rows = 0;        // whose batch was refused or could not be written
  int64_t timeouts = 0;           // batches for which there was no room in time
  int64_t syncs = 0;              // of the journal
  uint64_t sequence = 0;          // of the newest frame in the journal
  uint64_t applied_sequence = 0;  // of the newest frame in the database
  int64_t queued_rows = 0;        // now: on their way to the journal
  int64_t pending_rows = 0;       // now: in the journal, not in the database
  std::string stalled = {};       // why nothing is applied at the moment; empty when all is well
};

// Data that was fetched to be shown, on its way to be kept: dispatched by its kind.
struct FetchedTrades {
  InstrumentId instrument{};
  TradeBlock trades;
};
struct FetchedKlines {
  InstrumentId instrument{};
  BarInterval interval;
  std::vector<Kline> klines;
};
struct FetchedOpenInterest {
  InstrumentId instrument{};
  std::vector<OpenInterest> rows;
};
using FetchedData = std::variant<FetchedTrades, FetchedKlines, FetchedOpenInterest>;

// Calls from several threads take turns. The Store must outlive the Writer.
class Writer {
 public:
  // Error{read_only} when the store was opened for reading.
  explicit Writer(Store& store);

  // The live door: rows are checked, queued, written to the journal with one sync for all that
  // wait, acknowledged, and applied to the database within 300 ms. The future holds what the
  // acknowledgement says, or the Error why the batch is not stored: disk_full, io. Batches of one
  // caller keep their order. Throws at once: invalid_argument naming the row; timeout when the
  // queue stays full (nothing is dropped: try again); not_found for an unknown instrument.
  std::future<Acknowledgement> append_live(InstrumentId instrument, TradeBlock trades,
                                           const AppendOptions& options = {});
  std::future<Acknowledgement> append_live(InstrumentId instrument, std::vector<Quote> quotes,
                                           const AppendOptions& options = {});
  std::future<Acknowledgement> append_live(InstrumentId instrument, BarInterval interval,
                                           std::vector<Kline> klines,
                                           const AppendOptions& options = {});
  std::future<Acknowledgement> append_live(InstrumentId instrument, std::vector<OpenInterest> rows,
                                           const AppendOptions& options = {});
  // Messages of one book stream in the order of their coming, as the venue sent them; times and
  // texts of the options are not theirs, their numbers are those of parse_wire_number(). They
  // become rows and a book by the rules of the venue (book_rules()); one that waits for another is
  // kept. A refused batch is a hole: give it again before the next, or the book is lost where no
  // number shows what is missing.
  std::future<Acknowledgement> append_live(InstrumentId instrument, BookMessages messages,
                                           const AppendOptions& options = {});
  // Rows from a venue's REST interface, with the source `rest` unless options name another.
  std::future<Acknowledgement> persist_fetched_data(FetchedData data, AppendOptions options = {});

  // Returns when everything given so far is applied.
  void flush();
  // Takes nothing more, applies what waits and closes the open minute; the Store's destructor does
  // the same. Afterwards every call throws Error{invalid_argument}.
  void close();
  LiveStats stats() const;

  // The calls below return when the change is applied; when they throw, nothing was stored.

  // Trades in any order. Refuses the whole batch with Error{invalid_argument} naming the row when a
  // price is not above 0 or a quantity below 0. Rows with a trade_id that is stored already are not
  // stored again. `source` goes into coverage.
  AppendResult append(InstrumentId instrument, const TradeBlock& trades, Grain grain = Grain::trade,
                      const std::string& source = "api");

  // By (instrument, interval, begin, source): the last value wins, within the call as well.
  // Returns the rows that are new or changed.
  int64_t upsert_klines(InstrumentId instrument, BarInterval interval,
                        std::span<const Kline> klines, const std::string& source = "venue");
  int64_t upsert_open_interest(InstrumentId instrument, std::span<const OpenInterest> rows);

  // Stored like open interest, but never replaced: several may have one time.
  int64_t append_quotes(InstrumentId instrument, std::span<const Quote> quotes);

  // Ticks in any order, kept as given; equal ones are stored once. Numbers that are left out become
  // gaps of coverage. Error{invalid_argument} naming the tick when a price is not above 0, a
  // quantity below 0 or the correlation_id no UUID; out_of_range for more than DECIMAL(38,12)
  // holds.
  TickResult append_ticks(InstrumentId instrument, std::span<const Tick> ticks,
                          const std::string& source = "websocket");

  // Snapshots of whole books, later ones than are stored: what comes at or before the last one is
  // left out. Between two of them the book stands as the first one says. Returns how many were
  // stored. A snapshot that stands crossed is kept as rows that no book takes. Error
  // {invalid_argument} naming the snapshot when a price is not above 0 or a quantity below 0.
  int64_t append_depth(InstrumentId instrument, std::span<const DepthSnapshot> snapshots,
                       const DepthOptions& options = {});

  // Deletes rows of a kind before `cutoff` (klines: that begin before it), of one instrument or of
  // all; coverage keeps the range as `deleted`, and a file whose rows are all gone may be imported
  // again. Returns the rows deleted. Error{unsupported} for the kinds of books.
  int64_t delete_before(DataKind kind, Timestamp cutoff,
                        std::optional<InstrumentId> instrument = {});

 private:
  Store& store_;
};

// Rows stored of one instrument, in the grain that answers are given from.
int64_t count_trades(const Store& store, InstrumentId instrument);

}  // namespace tapedeck
