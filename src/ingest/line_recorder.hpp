// LineRecorder: lines of a stream (CSV with a header, or NDJSON) into a store through its live
// door. Acknowledgements come in the order of the lines.
#pragma once

#include "base/mutex.hpp"
#include "feed/decode_error.hpp"
#include "tapedeck/feed/table_format.hpp"
#include "tapedeck/store/writer.hpp"

#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <variant>
#include <vector>

namespace tapedeck {

class TableCsvDecoder;
class TableNdjsonDecoder;
class SeenTimes;
struct TableSeries;

enum class LineFormat { csv, ndjson };

class LineRecorder {
 public:
  // The newest frame of a batch, and the batch's rows.
  using Acknowledged = std::function<void(uint64_t sequence, int64_t rows)>;

  // `store` and the callback, which is called on another thread, outlive it. Instruments that the
  // store does not have are made.
  LineRecorder(Store& store, const TableFormat& format, LineFormat lines, AppendOptions options,
               Acknowledged acknowledged);
  ~LineRecorder();
  LineRecorder(const LineRecorder&) = delete;
  LineRecorder& operator=(const LineRecorder&) = delete;

  // Throws Error{bad_input} for a header that cannot be read.
  void take(std::span<const char> bytes);
  // Whole rows that were taken and not yet given on.
  int64_t waiting_rows() const { return waiting_; }
  // Gives them to the store as one batch. Waits while the store has too much to do. Errors: why an
  // earlier batch could not be stored.
  void submit();
  // Throws why a batch could not be stored, if one could not.
  void check_failure();
  // The last line may lack its end. Waits until everything is acknowledged.
  void finish();

  // Refused lines since the last call.
  std::vector<DecodeError> take_errors();
  int64_t refused() const;
  int64_t acknowledged_rows() const;

 private:
  // Rows that are acknowledged together; of several instruments, or with and without ids.
  struct Batch;

  InstrumentId instrument_of(const InstrumentName& name);
  std::future<Acknowledgement> append(const TableSeries& series);
  void run_acknowledger();
  void await(Batch& batch);

  // Constant after construction
  Store& store_;
  Writer writer_;
  TableFormat format_;
  AppendOptions options_;
  Acknowledged acknowledged_;

  std::unique_ptr<SeenTimes> seen_;
  std::unique_ptr<TableCsvDecoder> csv_;
  std::unique_ptr<TableNdjsonDecoder> ndjson_;
  int64_t waiting_ = 0;
  int64_t lines_ = 0;
  int64_t refused_ = 0;

  mutable Mutex mutex_;
  Condition changed_;
  std::deque<std::unique_ptr<Batch>> batches_ GUARDED_BY(mutex_);
  bool ended_ GUARDED_BY(mutex_) = false;
  bool busy_ GUARDED_BY(mutex_) = false;
  std::exception_ptr failure_ GUARDED_BY(mutex_);
  int64_t acknowledged_rows_ GUARDED_BY(mutex_) = 0;
  std::jthread acknowledger_;
};

}  // namespace tapedeck
