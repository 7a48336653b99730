#include "cli/output.hpp"

#include "cli/interrupt.hpp"
#include "cli/selection.hpp"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <limits>

namespace tapedeck {
namespace {

constexpr int64_t kTerminalRows = 100;
constexpr std::array<std::string_view, 5> kFormats{"table", "csv", "json", "ndjson", "parquet"};

bool goes_to_stdout(const OutputOptions& options) {
  return options.output.empty() || options.output == "-";
}

size_t terminal_width() {
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

Format choose_format(const OutputOptions& options, bool on_terminal) {
  Format format = on_terminal ? Format::table : Format::csv;
  if (!options.format.empty()) {
    format = static_cast<Format>(index_of_word("--format", options.format, kFormats));
  } else if (!goes_to_stdout(options)) {
    const std::string extension = std::filesystem::path{options.output}.extension().string();
    for (size_t i = 1; i < kFormats.size(); ++i) {
      if (extension == fmt::format(".{}", kFormats[i])) format = static_cast<Format>(i);
    }
  }
  if (format == Format::parquet && goes_to_stdout(options)) {
    throw Error{ErrorCode::invalid_argument,
                "--format parquet needs a file; add: --output FILE.parquet"};
  }
  return format;
}

Output::Output(const OutputOptions& options)
    : options_{options},
      on_terminal_{goes_to_stdout(options) && isatty(STDOUT_FILENO) == 1},
      format_{choose_format(options, on_terminal_)},
      style_{parse_time_style(options.epoch)},
      shown_at_most_{std::numeric_limits<int64_t>::max()} {
  if (options.limit && *options.limit < 0) {
    throw Error{ErrorCode::invalid_argument, fmt::format("--limit {} is below 0", *options.limit)};
  }
  if (options.limit) {
    shown_at_most_ = *options.limit;
  } else if (on_terminal_ && format_ == Format::table) {
    shown_at_most_ = kTerminalRows;
  }
}

Existing Output::existing() const {
  return options_.replace ? Existing::replace : Existing::refuse;
}

void Output::open_file() {
  if (file_ != nullptr) return;
  file_ = goes_to_stdout(options_) ? std::make_unique<TextFile>()
                                   : std::make_unique<TextFile>(options_.output, existing());
}

void Output::begin(std::span<const Column> columns, std::string_view head) {
  if (format_ != Format::parquet) open_file();
  switch (format_) {
    case Format::table:
      sink_ = table_sink(*file_, style_, on_terminal_ ? terminal_width() : 0);
      break;
    case Format::csv: sink_ = csv_sink(*file_, style_); break;
    case Format::ndjson: sink_ = ndjson_sink(*file_, style_); break;
    case Format::json: {
      auto json = std::make_unique<JsonSink>(*file_, style_);
      json->set_head(std::string{head});
      json_ = json.get();
      sink_ = std::move(json);
      break;
    }
    case Format::parquet: sink_ = parquet_sink(options_.output, existing()); break;
  }
  sink_->begin(columns);
}

KeepGoing Output::row(std::span<const Cell> cells) {
  if (interrupted() || reader_gone()) return KeepGoing::stop;
  if (rows_ < shown_at_most_) {
    sink_->row(cells);
    ++rows_;
    return rows_ == options_.limit ? KeepGoing::stop : KeepGoing::go_on;
  }
  if (options_.limit) return KeepGoing::stop;
  ++hidden_;
  return KeepGoing::go_on;
}

void Output::end(std::string_view tail) {
  if (interrupted()) throw Error{ErrorCode::cancelled, "interrupted"};
  if (json_ != nullptr) json_->set_tail(std::string{tail});
  sink_->end();
  if (file_ != nullptr) file_->finish();
}

void Output::note(std::string_view line) {
  if (format_ != Format::table) return;
  open_file();
  file_->text() += line;
  file_->text() += '\n';
}

}  // namespace tapedeck
