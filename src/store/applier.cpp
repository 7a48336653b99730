#include "store/applier.hpp"

#include "base/log.hpp"
#include "store/core.hpp"
#include "store/deletion.hpp"
#include "store/given_rows.hpp"
#include "store/grain_choice.hpp"
#include "store/loads.hpp"
#include "store/log_rows.hpp"
#include "store/minute_bars.hpp"
#include "store/quote_rows.hpp"
#include "store/settings.hpp"
#include "store/trade_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace tapedeck {
namespace {

void append_received(TradeBlock& block, const TradeBlock& rows, Timestamp ts_recv) {
  append(block, rows.view());
  block.ts_recv.resize(block.rows(), to_epoch_ns(ts_recv));
}

// Ends of the stretches of rising times that lie within one interval each.
std::vector<size_t> cuts_of(const TradeView& trades, size_t from, size_t to, BarInterval interval) {
  std::vector<size_t> ends;
  while (from < to) {
    const Timestamp next = interval.next(interval.begin_of(from_epoch_ns(trades.ts_event[from])));
    const auto begin = trades.ts_event.begin();
    const auto end = std::lower_bound(begin + static_cast<ptrdiff_t>(from),
                                      begin + static_cast<ptrdiff_t>(to), to_epoch_ns(next));
    from = static_cast<size_t>(end - begin);
    ends.push_back(from);
  }
  return ends;
}

}  // namespace

JournalPosition applied_position(duck::Connection& connection) {
  duck::Result rows =
      connection.run("SELECT sequence, segment, \"offset\" FROM tape.journal_position");
  if (!rows.next_row()) {
    throw Error{ErrorCode::corrupt, "tape.journal_position of the store is empty"};
  }
  return {.sequence = static_cast<uint64_t>(rows.int64(0)),
          .segment = static_cast<uint64_t>(rows.int64(1)),
          .offset = static_cast<uint64_t>(rows.int64(2))};
}

void set_applied_position(duck::Transaction& transaction, const JournalPosition& position) {
  transaction.connection()
      .prepare("UPDATE tape.journal_position SET sequence = ?, segment = ?, \"offset\" = ?")
      .bind(1, static_cast<int64_t>(position.sequence))
      .bind(2, static_cast<int64_t>(position.segment))
      .bind(3, static_cast<int64_t>(position.offset))
      .run();
}

// What one transaction stores. Rows of a stream are gathered over its frames, up to the next frame
// of another kind that must find them stored.
class Applier::Batch {
 public:
  Batch(Applier& applier, duck::Transaction& transaction)
      : applier_{applier}, core_{applier.core_}, transaction_{transaction} {}

  void apply(std::span<const PendingFrame> frames) {
    results_.resize(frames.size());
    const uint64_t applied = applied_position(transaction_.connection()).sequence;
    if (frames.front().position.sequence <= applied) {  // its commit was taken for a failure
      only_streams_ = false;
      core_.catalogue().load(transaction_.connection());
    }
    if (frames.back().position.sequence <= applied) return;
    only_streams_ = only_streams_ && std::ranges::all_of(frames, is_of_stream);
    if (only_streams_) core_.window().expect_stored();
    look_at_others();
    LiveBookBatch books{applier_.books_, transaction_};
    LedgerBatch ledger{applier_.positions_, transaction_};
    books_ = &books;
    ledger_ = &ledger;
    for (size_t place = 0; place < frames.size(); ++place) {
      const PendingFrame& frame = frames[place];
      if (frame.position.sequence <= applied) continue;
      std::visit([&](const auto& content) { apply_content(place, frame, content); },
                 *frame.content);
    }
    store_streams();
    books.store();
    ledger.store();
    rejects_ = ledger.rejects();
    set_applied_position(transaction_, frames.back().position);
  }

  // After the commit.
  std::vector<AppliedFrame> take_results() {
    applier_.went_on_.merge(went_on_);
    return std::move(results_);
  }
  void remember(uint64_t sequence) {
    for (const auto& entry : instruments_)
      core_.catalogue().remember(entry.second);
    for (StoredTrades& stored : stored_) {
      const auto minutes = applier_.minutes_.find({stored.instrument, stored.grain});
      if (minutes != applier_.minutes_.end()) stored.open_bar = minutes->second.open_bar();
    }
    core_.window().add_stored(sequence, only_streams_ ? &stored_ : nullptr);
  }
  const std::vector<TradeConflict>& conflicts() const { return conflicts_; }
  const std::vector<RejectRow>& rejects() const { return rejects_; }

 private:
  struct Stream {
    size_t first_frame = 0;  // whose result counts the rows
    TradeBlock rows;
  };

  // Its trades, if any, are a part of a recording.
  static bool is_of_stream(const PendingFrame& frame) {
    const auto* const trades = std::get_if<TradeRows>(&*frame.content);
    return trades != nullptr ? !trades->own_load
                             : !std::holds_alternative<Deletion>(*frame.content);
  }

  void look_at_others() {
    const uint64_t unknown = core_.window().unknown_writes();
    if (std::exchange(applier_.unknown_writes_, unknown) == unknown) return;
    for (auto& entry : applier_.minutes_)
      entry.second.distrust(transaction_.connection());
    applier_.books_.forget();
    applier_.positions_.forget();
    applier_.series_.forget();
  }

  void apply_content(size_t place, const PendingFrame& frame, const TradeRows& rows) {
    if (rows.trades.rows() == 0) return;
    if (rows.own_load) {
      store_streams();
      return store_own_load(place, frame.instrument, rows);
    }
    const StreamId id{{frame.instrument, rows.grain}, rows.source, rows.trades.has_ids};
    const auto found = streams_.find(id);
    if (found == streams_.end()) return begin_stream(id, place, frame.ts_recv, rows.trades);
    TradeBlock& block = found->second.rows;
    if (block.scale == rows.trades.scale) return append_received(block, rows.trades, frame.ts_recv);
    const Scale scale = finest(block.scale, rows.trades.scale);
    TradeBlock rescaled = rows.trades;
    if (rescale(rescaled, scale) && rescale(block, scale)) {
      return append_received(block, rescaled, frame.ts_recv);
    }
    store_streams();
    begin_stream(id, place, frame.ts_recv, rows.trades);
  }

  void apply_content(size_t place, const PendingFrame& frame, const KlineRows& rows) {
    results_[place].rows = upsert_given_klines(transaction_, frame.instrument, rows.interval,
                                               rows.klines, rows.source);
    insert_kline_coverage(transaction_, frame.instrument, rows.interval, rows.klines, rows.source);
  }

  void apply_content(size_t place, const PendingFrame& frame, const OpenInterestRows& rows) {
    results_[place].rows = upsert_given_open_interest(transaction_, frame.instrument, rows.rows);
    insert_open_interest_coverage(transaction_, frame.instrument, rows.rows, rows.source);
  }

  void apply_content(size_t place, const PendingFrame& frame, const QuoteRows& rows) {
    results_[place].rows = insert_quotes(transaction_, frame.instrument, rows.quotes);
    insert_quote_coverage(transaction_, frame.instrument, rows.quotes, rows.source);
  }

  void apply_content(size_t place, const PendingFrame& frame, const BookRows& rows) {
    books_->add(instrument(frame.instrument), rows);
    results_[place].rows = rows_of(*frame.content);
  }

  template <typename Entries>
  void apply_content(size_t place, const PendingFrame& frame,
                     const Entries& rows) requires requires {
    rows.entries;
  }
  {
    ledger_->add({.sequence = frame.position.sequence, .recorded_at = frame.ts_recv}, rows);
    results_[place].rows = static_cast<int64_t>(rows.entries.size());
  }

  void apply_content(size_t place, const PendingFrame& /*frame*/, const MetricRows& rows) {
    results_[place].rows = insert_metrics(transaction_, applier_.series_, rows);
  }

  void apply_content(size_t place, const PendingFrame& /*frame*/, const LogRows& rows) {
    insert_logs(transaction_, rows);
    results_[place].rows = static_cast<int64_t>(rows.rows.size());
  }

  void apply_content(size_t place, const PendingFrame& /*frame*/, const EventRows& rows) {
    insert_events(transaction_, rows);
    results_[place].rows = static_cast<int64_t>(rows.rows.size());
  }

  void apply_content(size_t /*place*/, const PendingFrame& frame, const InstrumentRow& row) {
    const auto made = instruments_.find(frame.instrument);
    if (made != instruments_.end() && made->second.name == row.name) return;
    const std::optional<Instrument> by_id = core_.catalogue().find(frame.instrument);
    const std::optional<Instrument> by_name = core_.catalogue().find(row.name);
    if (by_id && by_id->name == row.name) return;
    const std::optional<Instrument>& other = by_id ? by_id : by_name;
    if (other || made != instruments_.end()) {
      const Instrument& known = other ? *other : made->second;
      throw Error{
          ErrorCode::conflict,
          fmt::format("instrument {} is {} in the journal, and {} is number {} in the "
                      "database of '{}': they do not belong together; put back the "
                      "store.duckdb that belongs to tape/, or see `tapedeck salvage --help`",
                      static_cast<uint32_t>(frame.instrument), to_text(row.name),
                      to_text(known.name), static_cast<uint32_t>(known.id),
                      core_.location().folder.string())};
    }
    Catalogue::find_or_insert_venue(transaction_, row.name.venue);
    instruments_[frame.instrument] = Catalogue::insert_as(transaction_, frame.instrument, row.name);
  }

  void apply_content(size_t place, const PendingFrame& frame, const Deletion& deletion) {
    store_streams();
    for (const Instrument& instrument : all_instruments()) {
      if (!deletion.every_instrument && instrument.id != frame.instrument) continue;
      results_[place].rows +=
          delete_rows_before(transaction_, deletion.kind, instrument.id, deletion.cutoff);
      if (deletion.kind != DataKind::trades) continue;
      for (const Grain grain : {Grain::trade, Grain::aggregate}) {
        delete_minute_bars_before(transaction_, instrument, grain, deletion.cutoff);
        applier_.minutes_.erase({instrument.id, grain});  // it may have held rows that are gone
      }
      choose_grains(transaction_, instrument.id);
    }
  }

  void apply_content(size_t place, const PendingFrame& /*frame*/, const SettingChange& change) {
    results_[place].rows = change_setting(transaction_, change);
  }

  // Notes of what was done without the journal, and of what must not be done.
  void apply_content(size_t, const PendingFrame&, const LoadNote&) {}
  void apply_content(size_t, const PendingFrame&, const StatementNote&) {}
  void apply_content(size_t, const PendingFrame&, const Refusal&) {}

  Instrument instrument(InstrumentId id) const {
    const auto known = instruments_.find(id);
    if (known != instruments_.end()) return known->second;
    return core_.catalogue().at(id);
  }

  std::vector<Instrument> all_instruments() const {
    std::map<InstrumentId, Instrument> all = instruments_;
    for (const Instrument& known : core_.catalogue().all())
      all.emplace(known.id, known);
    std::vector<Instrument> result;
    for (const auto& entry : all)
      result.push_back(entry.second);
    return result;
  }

  void begin_stream(const StreamId& id, size_t place, Timestamp ts_recv, const TradeBlock& rows) {
    Stream& stream = streams_[id];
    stream.first_frame = place;
    stream.rows.scale = rows.scale;
    stream.rows.has_ids = rows.has_ids;
    append_received(stream.rows, rows, ts_recv);
  }

  void store_streams() {
    for (const auto& [id, stream] : std::exchange(streams_, {}))
      store_stream(id, stream);
  }

  // Late rows first, one load an hour; the others extend the load of their UTC day.
  void store_stream(const StreamId& id, const Stream& stream) {
    static const BarInterval hour = *BarInterval::parse("1h");
    static const BarInterval day = *BarInterval::parse("1d");
    const auto& [key, source, has_ids] = id;
    const OrderedBatch batch = in_order(stream.rows);
    keep(batch.conflicts);
    const TradeView trades = batch.trades.view();
    const std::optional<Timestamp> newest =
        newest_row(transaction_.connection(), {.instrument = key.first,
                                               .dataset = dataset_of(key.second),
                                               .source = source,
                                               .has_ids = has_ids});
    const size_t late =
        newest
            ? static_cast<size_t>(std::ranges::lower_bound(trades.ts_event, to_epoch_ns(*newest)) -
                                  trades.ts_event.begin())
            : 0;
    LoadFacts facts{.source = source,
                    .duplicates = batch.duplicates,
                    .conflicts = static_cast<int64_t>(batch.conflicts.size()),
                    .late = true};
    StoredTrades stored{.instrument = key.first, .grain = key.second, .scale = {}, .trades = {}};
    stored.trades.scale = trades.scale;
    AppliedFrame& result = results_[stream.first_frame];
    size_t from = 0;
    for (const size_t to : cuts_of(trades, 0, late, hour))
      store_part(id, stored, trades.part(std::exchange(from, to), to), facts, result);
    facts.late = false;
    for (const size_t to : cuts_of(trades, late, trades.rows(), day))
      store_part(id, stored, trades.part(std::exchange(from, to), to), facts, result);
    stored.scale = instrument(key.first).scale;
    stored_.push_back(std::move(stored));
  }

  // What `facts` counts of the whole stream goes with its first part.
  void store_part(const StreamId& id, StoredTrades& stored, const TradeView& rows, LoadFacts& facts,
                  AppliedFrame& result) {
    const StreamKey& key = std::get<StreamKey>(id);
    facts.goes_on = !went_on_.insert(id).second || applier_.session_ == Session::continued ||
                    applier_.went_on_.contains(id);
    LiveLoad live{applier_.live_minutes(transaction_.connection(), key), stored.trades};
    TradeLoad load{core_, transaction_, instrument(key.first), key.second, &live};
    load.add(rows);
    finish(load, facts, result);
    facts.duplicates = 0;
    facts.conflicts = 0;
  }

  void store_own_load(size_t place, InstrumentId id, const TradeRows& rows) {
    const OrderedBatch batch = in_order(rows.trades);
    keep(batch.conflicts);
    TradeLoad load{core_, transaction_, instrument(id), rows.grain};
    load.add(batch.trades.view());
    finish(load,
           {.source = rows.source,
            .duplicates = batch.duplicates,
            .conflicts = static_cast<int64_t>(batch.conflicts.size())},
           results_[place]);
  }

  void finish(TradeLoad& load, const LoadFacts& facts, AppliedFrame& result) {
    const Load done = load.finish(facts);
    result.rows += done.rows;
    result.duplicates += done.duplicates;
    result.conflicts += done.conflicts;
    keep(load.conflicts());
    instruments_[load.instrument().id] = load.instrument();
  }

  void keep(const std::vector<TradeConflict>& conflicts) {
    conflicts_.insert(conflicts_.end(), conflicts.begin(), conflicts.end());
  }

  Applier& applier_;
  StoreCore& core_;
  duck::Transaction& transaction_;
  LiveBookBatch* books_ = nullptr;  // while frames are applied, and so is the next
  LedgerBatch* ledger_ = nullptr;
  std::map<StreamId, Stream> streams_;
  std::set<StreamId> went_on_;
  std::map<InstrumentId, Instrument> instruments_;  // as this transaction leaves them
  std::vector<StoredTrades> stored_;
  bool only_streams_ = true;
  std::vector<TradeConflict> conflicts_;
  std::vector<RejectRow> rejects_;
  std::vector<AppliedFrame> results_;
};

std::vector<AppliedFrame> Applier::apply(std::span<const PendingFrame> frames) {
  if (frames.empty()) return {};
  std::optional<Batch> batch;
  try {
    core_.write(
        [&](duck::Transaction& transaction) {
          batch.emplace(*this, transaction);
          batch->apply(frames);
        },
        [&] { batch->remember(frames.back().position.sequence); });
  } catch (...) {
    forget();
    throw;
  }
  keep_conflicts(batch->conflicts());
  keep_rejects(batch->rejects());
  return batch->take_results();
}

void Applier::pass_over(const PendingFrame& frame) {
  core_.write([&](duck::Transaction& transaction) {
    core_.window().keep_stored();
    set_applied_position(transaction, frame.position);
  });
}

void Applier::end_recordings() {
  try {
    core_.write([&](duck::Transaction& transaction) {
      const std::vector<Instrument> instruments = core_.catalogue().all();
      for (auto& [key, minutes] : minutes_) {
        const auto instrument = core_.catalogue().find(key.first);
        if (instrument) minutes.close(transaction, *instrument, key.second);
      }
      close_open_minutes(transaction, instruments);
      if (core_.window().unknown_writes() != unknown_writes_) books_.forget();
      LiveBookBatch{books_, transaction}.end(instruments);
    });
  } catch (...) {
    forget();
    throw;
  }
  minutes_.clear();
}

// It holds rows that are not stored.
void Applier::forget() {
  minutes_.clear();
  books_.forget();
  positions_.forget();
  series_.forget();
}

void Applier::begin_session(const std::string& cause) {
  session_ = Session::fresh;
  went_on_.clear();
  core_.write([&](duck::Transaction& transaction) {
    books_.forget();
    LiveBookBatch books{books_, transaction};
    books.interrupt(core_.catalogue().all(), cause);
    books.store();
  });
}

LiveMinutes& Applier::live_minutes(duck::Connection& connection, StreamKey key) {
  const auto found = minutes_.find(key);
  if (found != minutes_.end()) return found->second;
  return minutes_.try_emplace(key, connection, key.first, key.second).first->second;
}

void Applier::keep_conflicts(const std::vector<TradeConflict>& conflicts) const {
  std::vector<RejectRow> rows;
  for (const TradeConflict& conflict : conflicts)
    rows.push_back({.reason = reason_of(conflict), .text = offered_text(conflict)});
  keep_rejects(rows);
}

// What is stored stays stored where its rejects cannot be written.
void Applier::keep_rejects(const std::vector<RejectRow>& rows) const {
  if (rows.empty() || core_.location().in_memory()) return;
  try {
    append_rejects(core_.location().folder, kLiveRejects, rows);
  } catch (const std::exception& error) {
    log::warn("store '{}': {} refused rows are not kept: {}", core_.location().folder.string(),
              rows.size(), error.what());
  }
}

}  // namespace tapedeck
