#include "ingest/table_reader.hpp"

#include "feed/table_csv.hpp"
#include "ingest/parquet_rows.hpp"

namespace tapedeck {
namespace {

// Counts rows on their way.
struct Giving {
  const std::function<void(TableSeries&&)>& use;
  int64_t rows = 0;

  void operator()(std::vector<TableSeries> full) {
    for (TableSeries& series : full) {
      rows += static_cast<int64_t>(series.rows());
      use(std::move(series));
    }
  }
};

}  // namespace

ReadResult read_table(const std::filesystem::path& path, const SourceFile& source,
                      const TableFormat& format, const TableDecoder::ScaleOf& scale_of,
                      const ReadOptions& options, const std::function<void(TableSeries&&)>& use) {
  ErrorCount errors{path, options.max_errors};
  SeenTimes seen;
  Giving give{use};
  naming(path, [&] {
    if (is_parquet(path)) {
      ParquetRows rows{path, source.bytes.bytes(), format, scale_of};
      while (rows.next()) {
        if (options.stop.stop_requested()) throw_stopped();
        errors.add(path.filename().string(), rows.take_errors(), "row");
        give(rows.decoder().take_full());
      }
      give(rows.decoder().finish());
      return;
    }
    for (const FileMember& member : members_of(path, source.bytes.bytes())) {
      const Decoding decoding{.member = member, .stop = options.stop, .errors = errors};
      TableCsvDecoder decoder{format, scale_of, &seen};
      decoding.run(decoder, [&](size_t) { give(decoder.take_series()); });
    }
  });
  return {.errors = errors.take(), .rows = give.rows, .symbol = {}};
}

}  // namespace tapedeck
