// Output: rows to the place and in the format that the user chose, no more of them than wanted.
#pragma once

#include "cli/cells.hpp"
#include "cli/sinks.hpp"
#include "cli/text_file.hpp"
#include "tapedeck/query/rows.hpp"
#include "tapedeck/query/tape.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tapedeck {

enum class Format : uint8_t { table, csv, json, ndjson, parquet };

// As typed; empty where not given.
struct OutputOptions {
  std::string format = {};
  std::string output = {};  // a file; "-" is standard output
  std::string epoch = {};
  std::optional<int64_t> limit = {};
  bool replace = false;
};

// `table` on a terminal, `csv` in a pipe, by its extension in a file. Error{invalid_argument} for
// an unknown word, and for parquet without a file.
Format choose_format(const OutputOptions& options, bool on_terminal);

// Opens nothing before begin(), so that a query that fails leaves no file behind.
class Output {
 public:
  explicit Output(const OutputOptions& options);

  Format format() const { return format_; }
  TimeStyle time_style() const { return style_; }
  bool is_json() const { return format_ == Format::json; }

  // `head` and, in end(), `tail`: members of the object around the rows; only JSON has a place for
  // them.
  void begin(std::span<const Column> columns, std::string_view head = {});
  // Says stop once no more rows are wanted: --limit is reached, the reader is gone, or Ctrl-C.
  KeepGoing row(std::span<const Cell> cells);
  // Errors: cancelled after Ctrl-C.
  void end(std::string_view tail = {});

  // A line of text in front of a table; nothing in other formats.
  void note(std::string_view line);
  // Rows that a terminal was spared.
  int64_t hidden_rows() const { return hidden_; }
  int64_t rows() const { return rows_; }
  bool reader_gone() const { return file_ != nullptr && file_->closed(); }

 private:
  Existing existing() const;
  void open_file();

  // Constant after construction
  OutputOptions options_;
  bool on_terminal_ = false;
  Format format_ = Format::table;
  TimeStyle style_;
  int64_t shown_at_most_ = 0;

  std::unique_ptr<TextFile> file_;  // absent for parquet
  std::unique_ptr<RowSink> sink_;
  JsonSink* json_ = nullptr;  // sink_, when it is one
  int64_t rows_ = 0;          // given to the sink
  int64_t hidden_ = 0;
};

}  // namespace tapedeck
