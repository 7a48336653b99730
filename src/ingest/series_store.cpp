#include "ingest/series_store.hpp"

#include "store/book_streams.hpp"
#include "store/coverage_rows.hpp"
#include "store/derivative_rows.hpp"
#include "store/given_books.hpp"
#include "store/given_rows.hpp"
#include "store/quote_rows.hpp"
#include "store/tick_rows.hpp"
#include "store/trade_batch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace tapedeck {

// Blocks of one series whose ids follow one another are one load.
struct SeriesStore::OpenTrades {
  Instrument& instrument;
  Grain grain;
  bool has_ids;
  LoadFacts facts;
  TradeLoad load;
  int64_t last_id = INT64_MIN;

  OpenTrades(const SeriesStore& store, Instrument& of, const TableSeries& series, bool with_ids)
      : instrument{of},
        grain{series.grain},
        has_ids{with_ids},
        facts{store.facts_},
        load{store.core_, store.transaction_, of, series.grain} {
    // Without ids nobody can tell whether all trades are there.
    if (!has_ids) facts.status = CoverageStatus::unverifiable;
  }

  bool takes(const Instrument& other, Grain other_grain, const TradeBlock& ordered) const {
    return other.id == instrument.id && other_grain == grain && ordered.has_ids == has_ids &&
           (!has_ids || std::ranges::min(ordered.trade_id) > last_id);
  }
};

SeriesStore::SeriesStore(StoreCore& core, duck::Transaction& transaction, LoadFacts facts,
                         bool new_venue)
    : core_{core}, transaction_{transaction}, facts_{std::move(facts)}, new_venue_{new_venue} {}

SeriesStore::~SeriesStore() = default;

Instrument& SeriesStore::instrument(const InstrumentName& name) {
  const auto known = instruments_.find(name);
  if (known != instruments_.end()) return known->second;
  if (new_venue_) core_.catalogue().find_or_insert_venue(transaction_, name.venue);
  try {
    const Instrument found = core_.catalogue().find_or_insert(transaction_, name);
    return instruments_.emplace(name, found).first->second;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument) throw;
    throw Error{
        error.code(),
        fmt::format("{}; --venue says which of them is meant, --new-venue adds it", error.what())};
  }
}

void SeriesStore::add(const TableSeries& series) {
  Instrument& of = instrument(series.instrument);
  if (const auto* block = std::get_if<TradeBlock>(&series.content)) {
    add_trades(of, series, *block);
  } else if (const auto* levels = std::get_if<std::vector<DepthLevel>>(&series.content)) {
    auto& all = levels_[series.instrument];
    all.insert(all.end(), levels->begin(), levels->end());
  } else if (const auto* runs = std::get_if<std::vector<LevelRun>>(&series.content)) {
    auto& all = runs_[series.instrument];
    all.insert(all.end(), runs->begin(), runs->end());
  } else {
    add_given(of, series);
  }
}

void SeriesStore::add_trades(Instrument& instrument, const TableSeries& series,
                             const TradeBlock& block) {
  const OrderedBatch batch = in_order(block);
  if (!trades_ || !trades_->takes(instrument, series.grain, batch.trades)) {
    close(0);
    trades_ = std::make_unique<OpenTrades>(*this, instrument, series, block.has_ids);
  }
  trades_->facts.duplicates += batch.duplicates;
  trades_->facts.conflicts += static_cast<int64_t>(batch.conflicts.size());
  totals_.kept_conflicts.insert(totals_.kept_conflicts.end(), batch.conflicts.begin(),
                                batch.conflicts.end());
  if (block.has_ids) trades_->last_id = std::ranges::max(batch.trades.trade_id);
  trades_->load.add(batch.trades.view());
  if (!block.has_ids) note_unverifiable(instrument, dataset_of(series.grain), series);
}

void SeriesStore::note_unverifiable(const Instrument& instrument, const std::string& dataset,
                                    const TableSeries& series) {
  const auto times = series.times();
  if (!times) return;
  const TimeRange range{.begin = times->first, .end = times->second + std::chrono::nanoseconds{1}};
  const auto [known, is_new] = unverifiable_.try_emplace(std::pair{instrument.id, dataset}, range);
  known->second.begin = std::min(known->second.begin, range.begin);
  known->second.end = std::max(known->second.end, range.end);
}

// Series of one dataset that follow one another are one load.
Load& SeriesStore::given_load(const Instrument& instrument, const std::string& dataset) {
  if (given_ && given_->instrument == instrument.id && given_->dataset == dataset) return *given_;
  close(0);
  return given_.emplace(Load{.instrument = instrument.id, .dataset = dataset});
}

void SeriesStore::add_given(const Instrument& instrument, const TableSeries& series) {
  std::string dataset;
  int64_t stored = 0;
  if (const auto* klines = std::get_if<std::vector<Kline>>(&series.content)) {
    dataset = dataset_of_klines(*series.interval);
    stored =
        upsert_given_klines(transaction_, instrument.id, *series.interval, *klines, series.source);
    insert_kline_coverage(transaction_, instrument.id, *series.interval, *klines, facts_.source);
  } else if (const auto* quotes = std::get_if<std::vector<Quote>>(&series.content)) {
    dataset = kQuotesDataset;
    stored = insert_quotes(transaction_, instrument.id, *quotes);
    note_unverifiable(instrument, dataset, series);
  } else if (const auto* bands = std::get_if<std::vector<DepthBand>>(&series.content)) {
    dataset = kDepthBandsDataset;
    stored = insert_depth_bands(transaction_, instrument.id, *bands);
    note_unverifiable(instrument, dataset, series);
  } else if (const auto* ticks = std::get_if<std::vector<Tick>>(&series.content)) {
    dataset = kTicksDataset;
    stored = insert_ticks(transaction_, instrument.id, *ticks, series.source).rows;
  } else {
    const auto& rows = std::get<std::vector<OpenInterest>>(series.content);
    dataset = kOpenInterestDataset;
    stored = upsert_given_open_interest(transaction_, instrument.id, rows);
    note_unverifiable(instrument, dataset, series);
  }
  add_to_load(instrument, dataset, series, stored);
}

void SeriesStore::store_books() {
  for (auto& [name, levels] : levels_) {
    TableSeries series{.instrument = name};
    series.content = levels;
    const Instrument& of = instrument(name);
    add_to_load(of, dataset_of_book(kSnapshotsChannel), series,
                insert_depth_levels(transaction_, of.id, std::move(levels), facts_.source));
  }
  for (auto& [name, runs] : runs_) {
    TableSeries series{.instrument = name};
    series.content = runs;
    const Instrument& of = instrument(name);
    add_to_load(of, dataset_of_book(kRunsChannel), series,
                insert_level_runs(transaction_, of.id, std::move(runs), facts_.source));
  }
}

void SeriesStore::add_to_load(const Instrument& instrument, const std::string& dataset,
                              const TableSeries& series, int64_t stored) {
  Load& load = given_load(instrument, dataset);
  load.rows += stored;
  load.duplicates += static_cast<int64_t>(series.rows()) - stored;
  if (const auto times = series.times()) {
    load.ts_begin = std::min(load.ts_begin.value_or(times->first), times->first);
    load.ts_end = std::max(load.ts_end.value_or(times->second), times->second);
  }
}

void SeriesStore::close(int64_t rejects) {
  Load done;
  if (trades_) {
    trades_->facts.rejects = rejects;
    done = trades_->load.finish(trades_->facts);
    trades_->instrument = trades_->load.instrument();
    const std::vector<TradeConflict>& conflicts = trades_->load.conflicts();
    totals_.kept_conflicts.insert(totals_.kept_conflicts.end(), conflicts.begin(), conflicts.end());
    trades_.reset();
  } else if (given_) {
    done = *given_;
    LoadFacts facts = facts_;
    facts.rejects = rejects;
    describe(done, facts);
    insert_load(transaction_, done);
    given_.reset();
  } else {
    return;
  }
  totals_.rows += done.rows;
  totals_.duplicates += done.duplicates;
  totals_.conflicts += done.conflicts;
  if (totals_.dataset.empty()) totals_.dataset = done.dataset;
}

SeriesTotals SeriesStore::finish(int64_t rejects) {
  store_books();
  close(rejects);
  for (const auto& [key, range] : unverifiable_) {
    insert_coverage(transaction_, key.first,
                    {.dataset = key.second,
                     .range = range,
                     .status = CoverageStatus::unverifiable,
                     .source = facts_.source});
  }
  for (const auto& entry : instruments_)
    totals_.instruments.push_back(entry.second);
  return std::move(totals_);
}

}  // namespace tapedeck
