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

void read_parquet(ParquetRows& rows, std::string_view name, const std::stop_token& stop,
                  ErrorCount& errors, Giving& give) {
  while (rows.next()) {
    if (stop.stop_requested()) throw_stopped();
    errors.add(name, rows.take_errors(), "row");
    give(rows.decoder().take_full());
  }
  give(rows.decoder().finish());
}

void read_csv(const Decoding& decoding, TableCsvDecoder&& decoder, Giving& give) {
  decoding.run(decoder, [&](size_t) { give(decoder.take_series()); });
}

}  // namespace

ReadResult read_table(const std::filesystem::path& path, const SourceFile& source,
                      const TableFormat& format, const TableReadOptions& options,
                      const std::function<void(TableSeries&&)>& use) {
  ErrorCount errors{path, options.max_errors};
  Giving give{use};
  naming(path, [&] {
    if (is_parquet(path)) {
      ParquetRows rows{path, source.bytes.bytes(), format, options.scale_of};
      return read_parquet(rows, path.filename().string(), options.stop, errors, give);
    }
    SeenTimes seen;
    for (const FileMember& member : members_of(path, source.bytes.bytes())) {
      const Decoding decoding{.member = member, .stop = options.stop, .errors = errors};
      read_csv(decoding, TableCsvDecoder{format, options.scale_of, &seen}, give);
    }
  });
  return {.errors = errors.take(), .rows = give.rows, .symbol = {}};
}

}  // namespace tapedeck
