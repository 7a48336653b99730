#include "ingest/parquet_rows.hpp"

#include "base/file.hpp"
#include "duck/quoted.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

namespace tapedeck {
namespace {

constexpr size_t kMaxTextBytes = 512;  // of a refused row: DecodeError::text

void check_magic(std::span<const std::byte> bytes) {
  constexpr std::string_view kMagic = "PAR1";
  const auto is_magic = [&](const std::byte* at) {
    return std::memcmp(at, kMagic.data(), kMagic.size()) == 0;
  };
  if (bytes.size() >= 12 && is_magic(bytes.data()) &&
      is_magic(bytes.data() + bytes.size() - kMagic.size()))
    return;
  throw Error{ErrorCode::bad_input,
              "this is no whole Parquet file: it does not begin and end with PAR1"};
}

// The shortest decimal that is this number and no other.
std::string shortest(double value) {
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                 std::chars_format::scientific);
  std::string plain;
  return std::string{without_exponent({digits.data(), end.ptr}, plain)};
}

// What DuckDB finds wrong with a file is the file's fault.
template <typename Work>
auto blaming_file(Work work) {
  try {
    return work();
  } catch (const Error& error) {
    throw Error{ErrorCode::bad_input, fmt::format("the Parquet file is damaged: {}", error.what())};
  }
}

}  // namespace

ParquetRows::OpenFile::OpenFile(const std::filesystem::path& path)
    : descriptor_{::open(path.c_str(), O_RDONLY | O_CLOEXEC)} {
  if (descriptor_ < 0) fail_io("open", path, errno);
}

ParquetRows::OpenFile::~OpenFile() {
  ::close(descriptor_);
}

// Read by its descriptor: a path with * or [ would be a pattern, one with a=b would add columns.
ParquetRows::ParquetRows(const std::filesystem::path& path, std::span<const std::byte> bytes,
                         const TableFormat& format, TableDecoder::ScaleOf scale_of)
    : file_{path},
      from_{fmt::format("read_parquet('/proc/self/fd/{}', hive_partitioning = false)",
                        file_.descriptor())},
      database_{
          duck::DatabaseOptions{.path = {}, .read_only = false, .settings = {{"threads", "1"}}}},
      connection_{database_.connect()} {
  check_magic(bytes);
  std::vector<std::string> names;
  const duck::Statement every = blaming_file(
      [&] { return connection_.prepare_once(fmt::format("SELECT * FROM {}", from_)); });
  for (size_t i = 0; i < every.columns(); ++i)
    names.push_back(every.column_name(i));
  const std::string select = select_texts(format, names, every);
  TableFormat told = format;
  if (time_unit_) told.time_unit = time_unit_;
  decoder_.emplace(told, names, std::move(scale_of));
  numbers_.resize(names.size());
  values_.resize(names.size());
  blaming_file([&] {
    statement_.emplace(connection_.prepare_once(select));
    result_ = statement_->stream();
  });
}

std::string ParquetRows::select_texts(const TableFormat& format,
                                      const std::vector<std::string>& names,
                                      const duck::Statement& every) {
  const TableColumns columns{format, names};
  std::string list;
  for (size_t i = 0; i < names.size(); ++i) {
    is_double_.push_back(false);
    list += fmt::format("{}{}", i == 0 ? "" : ", ",
                        expression(format, columns.field_of(i), names[i],
                                   duckdb_get_type_id(every.column_type(i).get())));
  }
  return fmt::format("SELECT {} FROM {}", list, from_);
}

std::string ParquetRows::expression(const TableFormat& format, std::optional<TableField> field,
                                    const std::string& name, duckdb_type type) {
  if (!field) return "NULL::VARCHAR";
  const std::string quoted = duck::quoted_name(name);
  switch (type) {
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
      if (!format.from_double) {
        throw Error{ErrorCode::bad_input,
                    fmt::format("the column '{}' holds binary floating-point, in which 0.1 is not "
                                "exact; --from-double reads each number as its shortest decimal",
                                name)};
      }
      is_double_.back() = true;
      // A FLOAT's shortest decimal is not that of the DOUBLE it becomes.
      return type == DUCKDB_TYPE_DOUBLE
                 ? quoted
                 : fmt::format("CAST(CAST({} AS VARCHAR) AS DOUBLE)", quoted);
    case DUCKDB_TYPE_TIMESTAMP_NS:
      if (*field == TableField::time) time_unit_ = TimeUnit::ns;
      return fmt::format("CAST(epoch_ns({}) AS VARCHAR)", quoted);
    // In microseconds, so that a time beyond nanoseconds is a bad row and no failed query.
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      if (*field == TableField::time) time_unit_ = TimeUnit::us;
      return fmt::format("CAST(epoch_us({}) AS VARCHAR)", quoted);
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
      if (*field == TableField::time) time_unit_ = TimeUnit::us;
      return fmt::format("CAST(epoch_us(CAST({} AS TIMESTAMP)) AS VARCHAR)", quoted);
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_BLOB:
      throw Error{ErrorCode::bad_input,
                  fmt::format("the column '{}' holds lists, structs or bytes, no {}", name,
                              to_text(*field))};
    default: return fmt::format("CAST({} AS VARCHAR)", quoted);
  }
}

bool ParquetRows::next() {
  if (!blaming_file([&] { return result_.next_chunk(); })) return false;
  for (size_t row = 0; row < result_.rows(); ++row)
    take_row(row);
  return true;
}

void ParquetRows::take_row(size_t row) {
  for (size_t i = 0; i < values_.size(); ++i) {
    values_[i] = {};
    if (result_.is_null_at(i, row)) continue;
    if (!is_double_[i]) {
      values_[i] = result_.text_at(i, row);
      continue;
    }
    const double number = result_.column<double>(i)[row];
    if (std::isnan(number)) continue;
    numbers_[i] = shortest(number);
    values_[i] = numbers_[i];
  }
  ++rows_;
  if (auto taken = decoder_->take_row(values_, rows_); !taken) {
    std::string text = fmt::format("{}", fmt::join(values_, ","));
    text.resize(std::min(text.size(), kMaxTextBytes));
    errors_.push_back({.line = rows_, .reason = std::move(taken.error()), .text = std::move(text)});
  }
}

}  // namespace tapedeck
