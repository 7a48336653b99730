#include "tapedeck/ingest/importer.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "ingest/archive_reader.hpp"
#include "ingest/batch_queue.hpp"
#include "ingest/rejects.hpp"
#include "ingest/series_store.hpp"
#include "ingest/table_reader.hpp"
#include "store/live_tape.hpp"
#include "store/trade_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <thread>
#include <utility>

namespace tapedeck {
namespace {

// One file on its way: decoded by one thread, stored by the caller's.
struct Job {
  std::filesystem::path path;
  BatchQueue queue;
  // Written by the decoding thread before the queue closes, read by the storing one after that.
  ArchiveFile file;
  std::string sha256;
  std::optional<bool> checksum_matched;
  ReadResult read;
  bool unchanged = false;
  // Written by the decoding thread once, before the first batch.
  uint64_t bytes = 0;
};

Grain grain_of(ArchiveKind kind) {
  return kind == ArchiveKind::agg_trades ? Grain::aggregate : Grain::trade;
}

class Import {
 public:
  Import(Store& store, std::span<const std::filesystem::path> paths, const ImportOptions& options,
         const std::function<void(const ImportProgress&)>& progress, std::stop_token stop)
      : store_{store}, options_{options}, progress_{progress}, stop_{std::move(stop)} {
    for (const std::filesystem::path& path : find_files(paths, options.table.has_value())) {
      jobs_.push_back(std::make_unique<Job>());
      jobs_.back()->path = path;
      std::error_code error;
      const uintmax_t bytes = std::filesystem::file_size(path, error);
      jobs_.back()->bytes = error ? 0 : bytes;
      now_.bytes += jobs_.back()->bytes;
    }
    now_.files = jobs_.size();
  }

  ImportSummary run() {
    const int64_t began = steady_ns();
    const size_t decoders = options_.jobs > 0
                                ? static_cast<size_t>(options_.jobs)
                                : std::max(2U, std::thread::hardware_concurrency()) - 1;
    window_ = decoders + 1;
    {
      std::vector<std::jthread> threads;
      for (size_t i = 0; i < std::min(decoders, jobs_.size()); ++i) {
        threads.emplace_back([this] { decode_files(); });
      }
      try {
        store_files();
      } catch (...) {
        give_up();
        throw;
      }
    }
    if (!options_.dry_run && summary_.rows > 0) {
      store_.core().checkpoint();
    }
    report_progress(true);
    summary_.seconds = static_cast<double>(steady_ns() - began) / 1e9;
    return std::move(summary_);
  }

 private:
  void decode_files() {
    for (;;) {
      Job* job = nullptr;
      {
        const MutexLock lock{mutex_};
        while (!given_up_ && next_ < jobs_.size() && next_ >= stored_ + window_) {
          changed_.wait(mutex_);
        }
        if (given_up_ || next_ >= jobs_.size()) return;
        job = jobs_[next_++].get();
      }
      try {
        decode(*job);
        job->queue.close();
      } catch (...) {  // a thread's root: the storing thread rethrows it
        job->queue.close(std::current_exception());
      }
    }
  }

  void decode(Job& job) {
    if (stop_.stop_requested()) throw_stopped();
    if (!options_.table) job.file = classify(job.path, options_);
    const SourceFile source = open_source(job.path);
    job.sha256 = source.sha256;
    job.checksum_matched = source.checksum_matched;
    if (options_.table) {
      decode_table(job, source);
    } else {
      decode_archive(job, source);
    }
    if (job.read.rows == 0 && !job.read.errors.empty()) {
      const DecodeError& first = job.read.errors.front();
      throw Error{ErrorCode::bad_input,
                  fmt::format("'{}': every row was refused, the first one, number {}, because {}",
                              job.path.string(), first.line, first.reason)};
    }
    if (job.read.rows == 0 && !job.unchanged && !job.checksum_matched) {
      throw Error{ErrorCode::bad_input, fmt::format("'{}' holds no rows", job.path.string())};
    }
  }

  void decode_archive(Job& job, const SourceFile& source) {
    const std::optional<Instrument> known = store_.find_instrument(job.file.instrument);
    job.unchanged = loaded_before(job, known);
    if (job.unchanged) return;
    job.read = read_archive(
        job.file, source,
        {.scale = known ? known->scale : Scale{}, .max_errors = options_.max_errors, .stop = stop_},
        [&](ArchiveBatch&& batch) { push(job, std::move(batch)); });
  }

  void decode_table(Job& job, const SourceFile& source) {
    job.unchanged = table_loaded_before(job);
    if (job.unchanged) return;
    const auto scale_of = [&](const InstrumentName& name) {
      const std::optional<Instrument> known = store_.find_instrument(name);
      return known ? known->scale : Scale{};
    };
    job.read = read_table(job.path, source, *options_.table,
                          {.scale_of = scale_of, .max_errors = options_.max_errors, .stop = stop_},
                          [&](TableSeries&& series) { push(job, std::move(series)); });
  }

  static void push(Job& job, ArchiveBatch&& batch) {
    if (!job.queue.push(std::move(batch))) throw_stopped();
  }

  // The same bytes, read in the same way.
  bool table_loaded_before(const Job& job) const {
    const auto reader = store_.core().borrow_reader();
    return is_loaded(*reader, job.sha256, std::nullopt, std::nullopt, to_text(*options_.table));
  }

  bool loaded_before(const Job& job, const std::optional<Instrument>& known) const {
    const auto reader = store_.core().borrow_reader();
    duck::Connection& connection = *reader;
    if (known) return is_loaded(connection, job.sha256, known->id, job.file.dataset);
    return job.file.instrument.symbol.empty() &&
           is_loaded(connection, job.sha256, std::nullopt, job.file.dataset);
  }

  void store_files() {
    for (const std::unique_ptr<Job>& job : jobs_) {
      FileReport report{.path = job->path, .bytes = job->bytes};
      now_.file = job->path.filename().string();
      const int64_t rows_before = now_.rows;
      try {
        store(*job, report);
      } catch (const Error& error) {
        now_.rows = rows_before;
        if (ends_import(error)) throw;
        note_failure(error, report);
      }
      job->queue.abandon();
      note(std::move(report), *job);
      const MutexLock lock{mutex_};
      ++stored_;
      changed_.notify_all();
    }
  }

  // The store itself cannot go on; a file's own faults only end that file.
  bool ends_import(const Error& error) const {
    return storing_ && (error.code() == ErrorCode::disk_full || error.code() == ErrorCode::io ||
                        error.code() == ErrorCode::corrupt || error.code() == ErrorCode::read_only);
  }

  void store(Job& job, FileReport& report) {
    storing_ = false;
    std::optional<ArchiveBatch> first = job.queue.pop();
    report.dataset = job.file.dataset;
    if (!options_.table) report.instrument = to_text(job.file.instrument);
    // Once more: the same rows may have been stored since, from a copy of the file.
    if (job.unchanged || (options_.table && table_loaded_before(job))) {
      report.outcome = FileOutcome::unchanged;
      return;
    }
    if (options_.dry_run) {
      for (; first; first = job.queue.pop())
        count(*first, report);
      report.rejects = static_cast<int64_t>(job.read.errors.size());
      return;
    }
    storing_ = true;
    check_space(job);
    const std::vector<TradeConflict> conflicts = options_.table
                                                     ? store_table(job, std::move(first), report)
                                                     : store_archive(job, std::move(first), report);
    report.rejects = static_cast<int64_t>(job.read.errors.size());
    note_in_journal(job, report);
    const std::filesystem::path kept =
        write_rejects(store_.path(), job.path, job.sha256, job.read.errors, conflicts);
    if (!kept.empty()) report.message = fmt::format("refused rows are kept in '{}'", kept.string());
  }

  // The rows are in the file; a store that has to be built again reads it again.
  void note_in_journal(const Job& job, const FileReport& report) {
    if (store_.core().location().in_memory() || !store_.core().live_tape().is_open()) return;
    AppendOptions options;
    options.durability = Durability::none;
    store_.core().live_tape().append(
        {},
        LoadNote{.path = std::filesystem::absolute(job.path).string(),
                 .sha256 = job.sha256,
                 .instrument = report.instrument,
                 .dataset = report.dataset,
                 .read_as = options_.table ? to_text(*options_.table) : std::string{},
                 .rows = report.rows},
        options);
  }

  std::vector<TradeConflict> store_archive(Job& job, std::optional<ArchiveBatch> first,
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

  std::vector<TradeConflict> store_table(Job& job, std::optional<ArchiveBatch> batch,
                                         FileReport& report) {
    SeriesTotals totals;
    store_.core().write(
        [&](duck::Transaction& transaction) {
          LoadFacts facts = facts_of(job, "file");
          facts.read_as = to_text(*options_.table);
          SeriesStore table{store_.core(), transaction, facts, options_.table->new_venue};
          for (; batch; batch = next_batch(job)) {
            table.add(std::get<TableSeries>(*batch));
            count(*batch, report);
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

  std::vector<TradeConflict> store_trades(duck::Transaction& transaction, Instrument& instrument,
                                          Job& job, std::optional<ArchiveBatch> batch,
                                          FileReport& report) {
    TradeLoad load{store_.core(), transaction, instrument, grain_of(job.file.kind)};
    for (; batch; batch = next_batch(job)) {
      const auto& block = std::get<TradeBlock>(*batch);
      load.add(block.view());
      count(*batch, report);
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

  SeriesTotals store_given(duck::Transaction& transaction, Job& job,
                           std::optional<ArchiveBatch> batch, FileReport& report) {
    // The name of a metrics file may not tell the symbol; its rows do, and all of them are read by
    // the time that the queue ends.
    std::vector<ArchiveBatch> batches;
    for (; batch; batch = next_batch(job)) {
      count(*batch, report);
      batches.push_back(std::move(*batch));
    }
    if (batches.empty() && job.file.kind == ArchiveKind::klines) {
      batches.emplace_back(std::vector<Kline>{});  // the venue had none
    } else if (batches.empty()) {
      batches.emplace_back(std::vector<OpenInterest>{});
    }
    job.file.instrument.symbol = job.read.symbol;
    report.instrument = to_text(job.file.instrument);
    SeriesStore store{store_.core(), transaction, facts_of(job, "archive"), false};
    for (ArchiveBatch& one : batches) {
      TableSeries series{
          .instrument = job.file.instrument, .interval = job.file.interval, .source = "venue"};
      if (auto* klines = std::get_if<std::vector<Kline>>(&one)) {
        series.content = std::move(*klines);
      } else {
        series.content = std::get<std::vector<OpenInterest>>(std::move(one));
      }
      store.add(series);
    }
    return store.finish(static_cast<int64_t>(job.read.errors.size()));
  }

  static LoadFacts facts_of(const Job& job, const std::string& source) {
    return {.source = source,
            .path = job.path.string(),
            .sha256 = job.sha256,
            .bytes = static_cast<int64_t>(job.bytes),
            .checksum_matched = job.checksum_matched,
            .whole_period = {}};
  }

  std::optional<ArchiveBatch> next_batch(Job& job) {
    if (stop_.stop_requested()) throw_stopped();
    storing_ = false;  // what is thrown now comes from the file
    std::optional<ArchiveBatch> batch = job.queue.pop();
    storing_ = true;
    return batch;
  }

  void count(const ArchiveBatch& batch, FileReport& report) {
    const auto rows = std::visit(
        [](const auto& rows_or_block) -> int64_t {
          if constexpr (requires { rows_or_block.rows(); }) {
            return static_cast<int64_t>(rows_or_block.rows());
          } else {
            return static_cast<int64_t>(rows_or_block.size());
          }
        },
        batch);
    if (options_.dry_run) report.rows += rows;
    now_.rows += rows;
    report_progress(false);
  }

  // A checkpoint that meets a full disk makes the whole database unusable until it is opened again:
  // so refuse before. Rows take less room than their archive; twice that is ample.
  void check_space(const Job& job) const {
    if (store_.path().empty()) return;
    const uint64_t needed = (64ULL << 20) + 2 * job.bytes;
    const uint64_t free = free_bytes(store_.path());
    if (free >= needed) return;
    throw Error{ErrorCode::disk_full,
                fmt::format("'{}' was not loaded: the disk of the store '{}' has {} MB free, {} MB "
                            "are needed",
                            job.path.string(), store_.path().string(), free >> 20, needed >> 20)};
  }

  void note_failure(const Error& error, FileReport& report) {
    report.rows = 0;
    report.error = error.code();
    report.message = error.what();
    if (error.code() == ErrorCode::cancelled) {
      report.outcome = FileOutcome::cancelled;
      summary_.cancelled = true;
    } else if (error.code() == ErrorCode::unsupported) {
      report.outcome = FileOutcome::unsupported;
    } else {
      report.outcome = FileOutcome::failed;
    }
  }

  void note(FileReport&& report, const Job& job) {
    summary_.rows += report.rows;
    summary_.duplicates += report.duplicates;
    summary_.conflicts += report.conflicts;
    summary_.rejects += report.rejects;
    summary_.failed += report.outcome == FileOutcome::failed ? 1 : 0;
    summary_.unsupported += report.outcome == FileOutcome::unsupported ? 1 : 0;
    summary_.files.push_back(std::move(report));
    ++now_.files_done;
    now_.bytes_done += job.bytes;
    report_progress(false);
  }

  void report_progress(bool last) {
    constexpr int64_t kEveryNs = 100'000'000;
    const int64_t now = steady_ns();
    if (!progress_ || (!last && now - progress_at_ < kEveryNs)) return;
    progress_at_ = now;
    progress_(now_);
  }

  void give_up() {
    for (const std::unique_ptr<Job>& job : jobs_)
      job->queue.abandon();
    const MutexLock lock{mutex_};
    given_up_ = true;
    changed_.notify_all();
  }

  Store& store_;
  const ImportOptions& options_;
  const std::function<void(const ImportProgress&)>& progress_;
  std::stop_token stop_;
  std::vector<std::unique_ptr<Job>> jobs_;
  size_t window_ = 2;  // files decoded ahead of the one being stored

  // The storing thread's own
  ImportSummary summary_;
  ImportProgress now_;
  int64_t progress_at_ = 0;
  bool storing_ = false;

  Mutex mutex_;
  Condition changed_;
  size_t next_ GUARDED_BY(mutex_) = 0;
  size_t stored_ GUARDED_BY(mutex_) = 0;
  bool given_up_ GUARDED_BY(mutex_) = false;
};

}  // namespace

std::string_view to_text(FileOutcome outcome) {
  switch (outcome) {
    case FileOutcome::loaded: return "loaded";
    case FileOutcome::unchanged: return "unchanged";
    case FileOutcome::failed: return "failed";
    case FileOutcome::unsupported: return "unsupported";
    case FileOutcome::cancelled: return "cancelled";
  }
  return "failed";
}

ImportSummary import_files(Store& store, std::span<const std::filesystem::path> paths,
                           const ImportOptions& options,
                           const std::function<void(const ImportProgress&)>& progress,
                           std::stop_token stop) {
  return Import{store, paths, options, progress, std::move(stop)}.run();
}

}  // namespace tapedeck
