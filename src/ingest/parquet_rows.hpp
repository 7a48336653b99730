// The rows of a Parquet file through a TableDecoder, chunk by chunk.
#pragma once

#include "duck/database.hpp"
#include "feed/decode_error.hpp"
#include "feed/table_decoder.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

class ParquetRows {
 public:
  // Throws Error{bad_input} for what is no Parquet file or has columns of types that cannot be
  // read, and what TableColumns throws.
  ParquetRows(const std::filesystem::path& path, std::span<const std::byte> bytes,
              const TableFormat& format, TableDecoder::ScaleOf scale_of);

  // Decodes the next chunk; false at the end.
  bool next();
  TableDecoder& decoder() { return *decoder_; }
  std::vector<DecodeError> take_errors() { return std::exchange(errors_, {}); }

 private:
  class OpenFile {
   public:
    explicit OpenFile(const std::filesystem::path& path);
    ~OpenFile();
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int descriptor() const { return descriptor_; }

   private:
    int descriptor_;
  };

  std::string select_texts(const TableFormat& format, const std::vector<std::string>& names,
                           const duck::Statement& every);
  std::string expression(const TableFormat& format, std::optional<TableField> field,
                         const std::string& name, duckdb_type type);
  void take_row(size_t row);

  OpenFile file_;
  std::string from_;  // read_parquet(…)
  duck::Database database_;
  duck::Connection connection_;
  std::optional<duck::Statement> statement_;
  duck::Result result_;
  std::vector<bool> is_double_;  // by column
  std::optional<TimeUnit> time_unit_;
  std::optional<TableDecoder> decoder_;
  std::vector<std::string> numbers_;  // texts of the row's DOUBLE
  std::vector<std::string_view> values_;
  std::vector<DecodeError> errors_;
  int64_t rows_ = 0;
};

}  // namespace tapedeck
