// Reads one CSV or Parquet file of market data into series of rows. Runs on any thread.
#pragma once

#include "feed/table_decoder.hpp"
#include "ingest/decoding.hpp"

#include <functional>

namespace tapedeck {

struct TableReadOptions {
  TableDecoder::ScaleOf scale_of = {};
  int64_t max_errors = 0;
  std::stop_token stop = {};
};

// Hands the series to `use` as they become full. Values of Parquet columns go through their text:
// integers, decimals and timestamps are exact, DOUBLE is refused unless the format says
// `from_double`. Throws Error{bad_input} naming file, line and reason as soon as more than
// max_errors rows were refused, Error{cancelled} when stopped.
ReadResult read_table(const std::filesystem::path& path, const SourceFile& source,
                      const TableFormat& format, const TableReadOptions& options,
                      const std::function<void(TableSeries&&)>& use);

}  // namespace tapedeck
