#include "tapedeck/ingest/importer.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "ingest/archive_reader.hpp"
#include "ingest/capture_file.hpp"
#include "ingest/file_store.hpp"
#include "ingest/rejects.hpp"
#include "ingest/table_reader.hpp"
#include "store/live_tape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <thread>
#include <utility>

namespace tapedeck {
namespace {

// Answers lie beside the frames that they belong to.
std::vector<std::filesystem::path> without_answers(std::vector<std::filesystem::path> paths) {
  for (std::filesystem::path& path : paths)
    path = frames_beside(path).value_or(path);
  std::set<std::filesystem::path> seen;
  std::erase_if(paths, [&](const auto& path) { return !seen.insert(path).second; });
  return paths;
}

class Import {
 public:
  Import(Store& store, std::span<const std::filesystem::path> paths, const ImportOptions& options,
         const std::function<void(const ImportProgress&)>& progress, std::stop_token stop)
      : store_{store},
        options_{options},
        progress_{progress},
        stop_{std::move(stop)},
        files_{store, options, stop_, [this](int64_t rows) { count(rows); }} {
    const bool tables = options.table.has_value();
    for (const std::filesystem::path& path : without_answers(find_files(paths, tables))) {
      jobs_.push_back(std::make_unique<ImportJob>());
      jobs_.back()->path = path;
      jobs_.back()->is_capture = !tables && is_capture(path);
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
      ImportJob* job = nullptr;
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

  void decode(ImportJob& job) {
    if (stop_.stop_requested()) throw_stopped();
    if (job.is_capture) return decode_capture(job);
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

  void decode_archive(ImportJob& job, const SourceFile& source) {
    const std::optional<Instrument> known = store_.find_instrument(job.file.instrument);
    job.unchanged = loaded_before(job, known);
    if (job.unchanged) return;
    job.read = read_archive(
        job.file, source,
        {.scale = known ? known->scale : Scale{}, .max_errors = options_.max_errors, .stop = stop_},
        [&](ArchiveBatch&& batch) { push(job, std::move(batch)); });
  }

  void decode_capture(ImportJob& job) {
    const CaptureSource source = open_capture(job.path);
    job.sha256 = source.sha256;
    job.unchanged = bytes_loaded_before(job);
    if (job.unchanged) return;
    job.captured = read_capture(job.path, source, options_.instrument_prefix, stop_,
                                [&](CaptureBatch&& batch) { push(job, std::move(batch)); });
    if (job.captured.messages == 0) {
      throw Error{ErrorCode::bad_input, fmt::format("'{}' holds no message", job.path.string())};
    }
  }

  void decode_table(ImportJob& job, const SourceFile& source) {
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

  static void push(ImportJob& job, ArchiveBatch&& batch) {
    if (!job.queue.push(std::move(batch))) throw_stopped();
  }

  bool bytes_loaded_before(const ImportJob& job) const {
    const auto reader = store_.core().borrow_reader();
    return is_loaded(*reader, job.sha256, std::nullopt, std::nullopt);
  }

  // The same bytes, read in the same way.
  bool table_loaded_before(const ImportJob& job) const {
    const auto reader = store_.core().borrow_reader();
    return is_loaded(*reader, job.sha256, std::nullopt, std::nullopt, to_text(*options_.table));
  }

  bool loaded_before(const ImportJob& job, const std::optional<Instrument>& known) const {
    const auto reader = store_.core().borrow_reader();
    duck::Connection& connection = *reader;
    if (known) return is_loaded(connection, job.sha256, known->id, job.file.dataset);
    return job.file.instrument.symbol.empty() &&
           is_loaded(connection, job.sha256, std::nullopt, job.file.dataset);
  }

  void store_files() {
    for (const std::unique_ptr<ImportJob>& job : jobs_) {
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
    return storing_ && !files_.failed_in_file() &&
           (error.code() == ErrorCode::disk_full || error.code() == ErrorCode::io ||
            error.code() == ErrorCode::corrupt || error.code() == ErrorCode::read_only);
  }

  void store(ImportJob& job, FileReport& report) {
    storing_ = false;
    std::optional<ArchiveBatch> first = job.queue.pop();
    report.dataset = job.file.dataset;
    const bool archive = !options_.table && !job.is_capture;
    if (archive) report.instrument = to_text(job.file.instrument);
    // Once more: the same rows may have been stored since, from a copy of the file.
    if (job.unchanged || (options_.table && table_loaded_before(job)) ||
        (job.is_capture && bytes_loaded_before(job))) {
      report.outcome = FileOutcome::unchanged;
      return;
    }
    if (options_.dry_run) {
      for (; first; first = job.queue.pop()) {
        report.rows += rows_of(*first);
        count(rows_of(*first));
      }
      report.rejects = static_cast<int64_t>(job.read.errors.size()) + job.captured.refused;
      report.unknown = job.captured.unknown;
      return;
    }
    storing_ = true;
    check_space(job);
    const std::vector<TradeConflict> conflicts = files_.store(job, std::move(first), report);
    note_in_journal(job, report);
    const std::filesystem::path kept =
        write_rejects(store_.path(), job.path, job.sha256, job.read.errors, conflicts);
    if (!kept.empty()) report.message = fmt::format("refused rows are kept in '{}'", kept.string());
  }

  // The rows are in the file; a store that has to be built again reads it again.
  void note_in_journal(const ImportJob& job, const FileReport& report) {
    if (store_.core().location().in_memory() || !store_.core().live_tape().is_open()) return;
    AppendOptions options;
    options.durability = Durability::none;
    store_.core().live_tape().append(
        {},
        LoadNote{.path = std::filesystem::absolute(job.path).string(),
                 .sha256 = job.sha256,
                 .instrument = report.instrument,
                 .dataset = report.dataset,
                 .read_as = options_.table ? to_text(*options_.table)
                                           : options_.instrument_prefix.value_or(""),
                 .rows = report.rows},
        options);
  }

  // A checkpoint that meets a full disk makes the whole database unusable until it is opened again:
  // so refuse before. Rows take less room than their archive; twice that is ample.
  void check_space(const ImportJob& job) const {
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

  void note(FileReport&& report, const ImportJob& job) {
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

  void count(int64_t rows) {
    now_.rows += rows;
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
    for (const std::unique_ptr<ImportJob>& job : jobs_)
      job->queue.abandon();
    const MutexLock lock{mutex_};
    given_up_ = true;
    changed_.notify_all();
  }

  Store& store_;
  const ImportOptions& options_;
  const std::function<void(const ImportProgress&)>& progress_;
  std::stop_token stop_;
  std::vector<std::unique_ptr<ImportJob>> jobs_;
  size_t window_ = 2;  // files decoded ahead of the one being stored

  // The storing thread's own
  ImportSummary summary_;
  ImportProgress now_;
  int64_t progress_at_ = 0;
  bool storing_ = false;
  FileStore files_;

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
