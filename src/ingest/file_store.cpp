#include "ingest/file_store.hpp"

#include "ingest/capture_store.hpp"
#include "ingest/series_store.hpp"

#include <utility>

namespace tapedeck {
namespace {

Grain grain_of(ArchiveKind kind) {
  return kind == ArchiveKind::agg_trades ? Grain::aggregate : Grain::trade;
}

LoadFacts facts_of(const ImportJob& job, const std::string& source) {
  return {.source = source,
          .path = job.path.string(),
          .sha256 = job.sha256,
          .bytes = static_cast<int64_t>(job.bytes),
          .checksum_matched = job.checksum_matched,
          .whole_period = {}};
}

// Of a file in which the venue had none.
ArchiveBatch no_rows(ArchiveKind kind) {
  switch (kind) {
    case ArchiveKind::klines: return std::vector<Kline>{};
    case ArchiveKind::book_ticker: return std::vector<Quote>{};
    case ArchiveKind::book_depth: return std::vector<DepthBand>{};
    default: return std::vector<OpenInterest>{};
  }
}

TableSeries series_of(const ArchiveFile& file, ArchiveBatch batch) {
  TableSeries series{.instrument = file.instrument, .interval = file.interval, .source = "venue"};
  std::visit(
      [&](auto&& rows) {
        if constexpr (requires { series.content = std::forward<decltype(rows)>(rows); }) {
          series.content = std::forward<decltype(rows)>(rows);
        }
      },
      std::move(batch));
  return series;
}

}  // namespace

int64_t rows_of(const ArchiveBatch& batch) {
  return std::visit(
      [](const auto& rows_or_block) -> int64_t {
        if constexpr (requires { rows_or_block.rows(); }) {
          return static_cast<int64_t>(rows_or_block.rows());
        } else {
          return static_cast<int64_t>(rows_or_block.size());
        }
      },
      batch);
}

FileStore::FileStore(Store& store, const ImportOptions& options, std::stop_token stop,
                     std::function<void(int64_t)> on_rows)
    : store_{store}, options_{options}, stop_{std::move(stop)}, on_rows_{std::move(on_rows)} {}

std::vector<TradeConflict> FileStore::store(ImportJob& job, std::optional<ArchiveBatch> first,
                                            FileReport& report) {
  reading_ = false;
  if (job.is_capture) return store_capture(job, std::move(first), report);
  std::vector<TradeConflict> conflicts = options_.table
                                             ? store_table(job, std::move(first), report)
                                             : store_archive(job, std::move(first), report);
  report.rejects = static_cast<int64_t>(job.read.errors.size());
  return conflicts;
}

std::vector<TradeConflict> FileStore::store_archive(ImportJob& job,
                                                    std::optional<ArchiveBatch> first,
                                                    FileReport& report) {
  std::optional<Instrument> instrument;
  std::vector<TradeConflict> conflicts;
  store_.core().write(
      [&](duck::Transaction& transaction) {
        const bool trades =
            job.file.kind == ArchiveKind::trades || job.file.kind == ArchiveKind::agg_trades;
        if (trades) {
          instrument = store_.core().catalogue().find_or_insert(transaction, job.file.instrument);
          conflicts = store_trades(transaction, *instrument, job, std::move(first), report);
        } else {
          const SeriesTotals totals = store_given(transaction, job, std::move(first), report);
          instrument = totals.instruments.at(0);
          report.rows = totals.rows;
          report.duplicates = totals.duplicates;
        }
      },
      [&] { store_.core().catalogue().remember(*instrument); });
  return conflicts;
}

std::vector<TradeConflict> FileStore::store_table(ImportJob& job, std::optional<ArchiveBatch> batch,
                                                  FileReport& report) {
  SeriesTotals totals;
  store_.core().write(
      [&](duck::Transaction& transaction) {
        LoadFacts facts = facts_of(job, "file");
        facts.read_as = to_text(*options_.table);
        SeriesStore table{store_.core(), transaction, facts, options_.table->new_venue};
        for (; batch; batch = next_batch(job)) {
          table.add(std::get<TableSeries>(*batch));
          on_rows_(rows_of(*batch));
        }
        totals = table.finish(static_cast<int64_t>(job.read.errors.size()));
      },
      [&] {
        for (const Instrument& instrument : totals.instruments)
          store_.core().catalogue().remember(instrument);
      });
  report.rows = totals.rows;
  report.duplicates = totals.duplicates;
  report.conflicts = totals.conflicts;
  report.dataset = totals.dataset;
  if (totals.instruments.size() == 1) report.instrument = to_text(totals.instruments[0].name);
  return totals.kept_conflicts;
}

std::vector<TradeConflict> FileStore::store_capture(ImportJob& job,
                                                    std::optional<ArchiveBatch> batch,
                                                    FileReport& report) {
  CaptureTotals totals;
  store_.core().write(
      [&](duck::Transaction& transaction) {
        CaptureStore capture{store_.core(), transaction, facts_of(job, "capture")};
        for (; batch; batch = next_batch(job)) {
          capture.add(std::get<CaptureBatch>(*batch));
          on_rows_(rows_of(*batch));
        }
        totals = capture.finish(job.captured.refused);
      },
      [&] {
        for (const Instrument& instrument : totals.series.instruments)
          store_.core().catalogue().remember(instrument);
      });
  job.read.errors = std::move(job.captured.errors);
  report.rejects = job.captured.refused;
  report.unknown = job.captured.unknown;
  report.rows = totals.rows;
  report.duplicates = totals.series.duplicates;
  report.conflicts = totals.series.conflicts;
  report.dataset = kCaptureDataset;
  report.streams = std::move(totals.streams);
  if (totals.series.instruments.size() == 1) {
    report.instrument = to_text(totals.series.instruments[0].name);
  }
  return totals.series.kept_conflicts;
}

std::vector<TradeConflict> FileStore::store_trades(duck::Transaction& transaction,
                                                   Instrument& instrument, ImportJob& job,
                                                   std::optional<ArchiveBatch> batch,
                                                   FileReport& report) {
  TradeLoad load{store_.core(), transaction, instrument, grain_of(job.file.kind)};
  for (; batch; batch = next_batch(job)) {
    const auto& block = std::get<TradeBlock>(*batch);
    load.add(block.view());
    on_rows_(rows_of(*batch));
  }
  LoadFacts facts = facts_of(job, "archive");
  facts.rejects = static_cast<int64_t>(job.read.errors.size());
  const bool whole = job.checksum_matched.value_or(false) && job.read.errors.empty();
  if (whole && job.file.whole_period) facts.whole_period = job.file.period;
  const Load done = load.finish(facts);
  report.rows = done.rows;
  report.duplicates = done.duplicates;
  report.conflicts = done.conflicts;
  instrument = load.instrument();
  return load.conflicts();
}

SeriesTotals FileStore::store_given(duck::Transaction& transaction, ImportJob& job,
                                    std::optional<ArchiveBatch> batch, FileReport& report) {
  SeriesStore store{store_.core(), transaction, facts_of(job, "archive"), false};
  // The name of a metrics file may not tell the symbol; its rows do, and all of them are read by
  // the time that the queue ends.
  const bool is_named = !job.file.instrument.symbol.empty();
  std::vector<ArchiveBatch> unnamed;
  if (!batch) batch = no_rows(job.file.kind);
  for (; batch; batch = next_batch(job)) {
    on_rows_(rows_of(*batch));
    if (is_named) {
      store.add(series_of(job.file, *std::move(batch)));
    } else {
      unnamed.push_back(*std::move(batch));
    }
  }
  job.file.instrument.symbol = job.read.symbol;
  report.instrument = to_text(job.file.instrument);
  for (ArchiveBatch& one : unnamed)
    store.add(series_of(job.file, std::move(one)));
  return store.finish(static_cast<int64_t>(job.read.errors.size()));
}

std::optional<ArchiveBatch> FileStore::next_batch(ImportJob& job) {
  if (stop_.stop_requested()) throw_stopped();
  reading_ = true;
  std::optional<ArchiveBatch> batch = job.queue.pop();
  reading_ = false;
  return batch;
}

}  // namespace tapedeck
