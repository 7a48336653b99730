#include "ingest/line_recorder.hpp"

#include "feed/table_csv.hpp"
#include "feed/table_ndjson.hpp"
#include "tapedeck/base/retry.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::chrono::minutes kPatience{10};

// A disk that is full may have room again.
bool may_pass(ErrorCode code) {
  return is_retryable(code) || code == ErrorCode::disk_full;
}

}  // namespace

struct LineRecorder::Batch {
  std::vector<TableSeries> series;
  std::vector<std::future<Acknowledgement>> futures;
  int64_t rows = 0;
};

LineRecorder::LineRecorder(Store& store, const TableFormat& format, LineFormat lines,
                           AppendOptions options, Acknowledged acknowledged)
    : store_{store},
      writer_{store},
      format_{format},
      options_{std::move(options)},
      acknowledged_{std::move(acknowledged)},
      seen_{std::make_unique<SeenTimes>()} {
  const auto scale_of = [this](const InstrumentName& name) {
    const std::optional<Instrument> known = store_.find_instrument(name);
    return known ? known->scale : Scale{};
  };
  if (lines == LineFormat::csv) {
    csv_ = std::make_unique<TableCsvDecoder>(format_, scale_of, seen_.get());
  } else {
    ndjson_ = std::make_unique<TableNdjsonDecoder>(format_, scale_of, seen_.get());
  }
  acknowledger_ = std::jthread{[this] { run_acknowledger(); }};
}

LineRecorder::~LineRecorder() {
  const MutexLock lock{mutex_};
  ended_ = true;
  changed_.notify_all();
}

void LineRecorder::take(std::span<const char> bytes) {
  if (csv_) csv_->decode(bytes);
  if (ndjson_) ndjson_->decode(bytes);
  // The first line of CSV is its header.
  const int64_t lines = csv_ ? std::max<int64_t>(0, csv_->lines() - 1) : ndjson_->lines();
  const int64_t refused = this->refused();
  waiting_ += (lines - std::exchange(lines_, lines)) - (refused - std::exchange(refused_, refused));
}

void LineRecorder::submit() {
  check_failure();
  waiting_ = 0;
  auto batch = std::make_unique<Batch>();
  batch->series = csv_ ? csv_->take_all() : ndjson_->take_all();
  seen_->forget();
  for (const TableSeries& series : batch->series) {
    batch->rows += static_cast<int64_t>(series.rows());
    with_retry([&] { batch->futures.push_back(append(series)); });
  }
  if (batch->rows == 0) return;
  const MutexLock lock{mutex_};
  batches_.push_back(std::move(batch));
  changed_.notify_all();
}

void LineRecorder::finish() {
  if (csv_) csv_->finish();
  if (ndjson_) ndjson_->finish();
  submit();
  {
    const MutexLock lock{mutex_};
    while (!failure_ && (busy_ || !batches_.empty()))
      changed_.wait(mutex_);
  }
  check_failure();
}

std::vector<DecodeError> LineRecorder::take_errors() {
  return csv_ ? csv_->take_errors() : ndjson_->take_errors();
}

int64_t LineRecorder::refused() const {
  return csv_ ? csv_->refused() : ndjson_->refused();
}

int64_t LineRecorder::acknowledged_rows() const {
  const MutexLock lock{mutex_};
  return acknowledged_rows_;
}

InstrumentId LineRecorder::instrument_of(const InstrumentName& name) {
  return store_.resolve_instrument(name, format_.new_venue ? NewVenue::add : NewVenue::refuse).id;
}

std::future<Acknowledgement> LineRecorder::append(const TableSeries& series) {
  const InstrumentId instrument = instrument_of(series.instrument);
  AppendOptions options = options_;
  options.grain = series.grain;
  if (const auto* trades = std::get_if<TradeBlock>(&series.content)) {
    return writer_.append_live(instrument, *trades, options);
  }
  if (const auto* quotes = std::get_if<std::vector<Quote>>(&series.content)) {
    return writer_.append_live(instrument, *quotes, options);
  }
  if (const auto* klines = std::get_if<std::vector<Kline>>(&series.content)) {
    return writer_.append_live(instrument, series.interval.value(), *klines, options);
  }
  return writer_.append_live(instrument, std::get<std::vector<OpenInterest>>(series.content),
                             options);
}

void LineRecorder::run_acknowledger() {
  for (;;) {
    std::unique_ptr<Batch> batch;
    {
      const MutexLock lock{mutex_};
      busy_ = false;
      changed_.notify_all();
      while (batches_.empty() && !ended_)
        changed_.wait(mutex_);
      if (batches_.empty() || failure_) return;
      batch = std::move(batches_.front());
      batches_.pop_front();
      busy_ = true;
    }
    try {
      await(*batch);
    } catch (...) {  // a thread's root: the failure goes to the caller
      const MutexLock lock{mutex_};
      failure_ = std::current_exception();
      changed_.notify_all();
      return;
    }
  }
}

// A part that could not be written is given again; later ones may be stored meanwhile, but nobody
// is told before it is.
void LineRecorder::await(Batch& batch) {
  uint64_t sequence = 0;
  for (size_t i = 0; i < batch.futures.size(); ++i) {
    with_retry(
        [&] {
          if (!batch.futures[i].valid()) batch.futures[i] = append(batch.series[i]);
          sequence = std::max(sequence, batch.futures[i].get().sequence);
        },
        {.total = kPatience, .when = may_pass});
  }
  acknowledged_(sequence, batch.rows);
  const MutexLock lock{mutex_};
  acknowledged_rows_ += batch.rows;
}

void LineRecorder::check_failure() {
  const MutexLock lock{mutex_};
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace tapedeck
