#include "feed/table_csv.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The one that the line has most of.
char delimiter_of(std::string_view line) {
  char best = ',';
  for (const char candidate : {',', ';', '\t', '|'}) {
    if (std::ranges::count(line, candidate) > std::ranges::count(line, best)) best = candidate;
  }
  return best;
}

bool is_number(std::string_view text) {
  const auto value = parse_decimal(text);
  return value || value.error() != DecimalError::not_a_number;
}

}  // namespace

TableCsvDecoder::TableCsvDecoder(const TableFormat& format, TableDecoder::ScaleOf scale_of,
                                 SeenTimes* seen)
    : format_{format}, scale_of_{std::move(scale_of)}, seen_{seen} {}

void TableCsvDecoder::decode(std::span<const char> bytes) {
  pieces_.add(
      {bytes.data(), bytes.size()}, [this](std::string_view lines) { take_lines(lines); },
      [this](std::string_view front) { log_.next_overlong(front); });
}

void TableCsvDecoder::finish() {
  pieces_.finish([this](std::string_view lines) { take_lines(lines); },
                 [this](std::string_view front) { log_.next_overlong(front); });
  finished_ = true;
}

std::vector<TableSeries> TableCsvDecoder::take_series() {
  if (!decoder_) return {};
  return finished_ ? decoder_->finish() : decoder_->take_full();
}

std::vector<TableSeries> TableCsvDecoder::take_all() {
  return decoder_ ? decoder_->finish() : std::vector<TableSeries>{};
}

void TableCsvDecoder::take_lines(std::string_view lines) {
  log_.each_row(lines, [this](std::string_view line) { return take_line(line); });
}

Field<void> TableCsvDecoder::take_line(std::string_view line) {
  if (!decoder_) {
    if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    if (!begin_with(line)) return {};
  }
  split_fields(line, delimiter_, fields_);
  if (fields_.size() != decoder_->columns().size()) {
    return tl::make_unexpected(
        fmt::format("must have {} columns, found {}", decoder_->columns().size(), fields_.size()));
  }
  return decoder_->take_row(fields_, log_.lines());
}

bool TableCsvDecoder::begin_with(std::string_view line) {
  if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF")) {
    throw Error{ErrorCode::bad_input, "the text is UTF-16; save it as UTF-8"};
  }
  delimiter_ = format_.delimiter.value_or(delimiter_of(line));
  if (!format_.columns.empty()) {
    decoder_.emplace(format_, format_.columns, scale_of_, seen_);
    return true;
  }
  split_fields(line, delimiter_, fields_);
  if (std::ranges::any_of(fields_, is_number)) {
    throw Error{ErrorCode::bad_input,
                fmt::format("there is no header line: the file begins with '{}'; name its columns, "
                            "for example --columns time,price,quantity",
                            line.substr(0, 80))};
  }
  decoder_.emplace(format_, std::vector<std::string>{fields_.begin(), fields_.end()}, scale_of_,
                   seen_);
  return false;
}

}  // namespace tapedeck
