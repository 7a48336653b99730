#include "base/check.hpp"
#include "base/file.hpp"
#include "duck/appender.hpp"
#include "duck/database.hpp"
#include "duck/quoted.hpp"
#include "tapedeck/query/rows.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

std::string type_of(const Column& column) {
  switch (column.type) {
    case CellType::time: return "TIMESTAMP_NS";
    case CellType::decimal: return fmt::format("DECIMAL(38,{})", column.digits);
    case CellType::integer: return "BIGINT";
    case CellType::real: return "DOUBLE";
    case CellType::boolean: return "BOOLEAN";
    case CellType::text: return "VARCHAR";
  }
  return "VARCHAR";
}

duck::TypeHandle handle_of(const Column& column) {
  switch (column.type) {
    case CellType::time:
      return duck::TypeHandle{duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP_NS)};
    case CellType::decimal:
      return duck::TypeHandle{duckdb_create_decimal_type(38, static_cast<uint8_t>(column.digits))};
    case CellType::integer: return duck::TypeHandle{duckdb_create_logical_type(DUCKDB_TYPE_BIGINT)};
    case CellType::real: return duck::TypeHandle{duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE)};
    case CellType::boolean:
      return duck::TypeHandle{duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN)};
    case CellType::text: return duck::TypeHandle{duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR)};
  }
  return duck::TypeHandle{duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR)};
}

// Rows wait in a table of a database of their own: COPY writes the file in one go.
class ParquetSink final : public RowSink {
 public:
  ParquetSink(fs::path path, Existing existing)
      : path_{std::move(path)},
        database_{{.path = "", .read_only = false, .settings = {}}},
        connection_{database_.connect()} {
    std::error_code error;
    if (existing == Existing::refuse && fs::exists(path_, error)) {
      throw Error{ErrorCode::already_exists,
                  fmt::format("'{}' exists; pass --force to replace it", path_.string())};
    }
  }

  void begin(std::span<const Column> columns) override {
    columns_.assign(columns.begin(), columns.end());
    std::string list;
    std::vector<duck::TypeHandle> types;
    for (const Column& column : columns_) {
      list += fmt::format("{}{} {}", list.empty() ? "" : ", ", duck::quoted_name(column.name),
                          type_of(column));
      types.push_back(handle_of(column));
    }
    connection_.run(fmt::format("CREATE TABLE answer({})", list));
    transaction_.emplace(connection_);
    appender_.emplace(*transaction_, "main", "answer");
    chunk_.emplace(types);
  }

  void row(std::span<const Cell> cells) override {
    for (size_t i = 0; i < cells.size(); ++i)
      put(i, cells[i]);
    if (++rows_ == duck::RowChunk::kRows) flush();
  }

  void end() override {
    flush();
    appender_->close();
    appender_.reset();
    transaction_->commit();
    transaction_.reset();
    UnfinishedFile file{path_};
    connection_.prepare("SET VARIABLE target = CAST(? AS VARCHAR)")
        .bind(1, std::string_view{file.path().native()})
        .run();
    connection_.run(
        "COPY answer TO (getvariable('target')) (FORMAT parquet, COMPRESSION zstd, "
        "COMPRESSION_LEVEL 3)");
    file.finish();
  }

 private:
  void put(size_t column, const Cell& cell) {
    if (std::holds_alternative<std::monostate>(cell)) return chunk_->set_null(column, rows_);
    switch (columns_[column].type) {
      case CellType::time:
        chunk_->column<int64_t>(column)[rows_] = to_epoch_ns(std::get<Timestamp>(cell));
        break;
      case CellType::integer:
        chunk_->column<int64_t>(column)[rows_] = std::get<int64_t>(cell);
        break;
      case CellType::real: chunk_->column<double>(column)[rows_] = std::get<double>(cell); break;
      case CellType::boolean: chunk_->column<bool>(column)[rows_] = std::get<bool>(cell); break;
      case CellType::text: chunk_->set_text(column, rows_, std::get<std::string_view>(cell)); break;
      case CellType::decimal: put_decimal(column, std::get<Decimal>(cell)); break;
    }
  }

  void put_decimal(size_t column, const Decimal& value) {
    int128 units = value.units;
    int exponent = value.exponent;
    for (; exponent > -columns_[column].digits; --exponent)
      units *= 10;
    for (; exponent < -columns_[column].digits; ++exponent) {
      TAPEDECK_CHECK(units % 10 == 0, "column {} has more digits than declared",
                     columns_[column].name);
      units /= 10;
    }
    chunk_->column<duckdb_hugeint>(column)[rows_] = {.lower = static_cast<uint64_t>(units),
                                                     .upper = static_cast<int64_t>(units >> 64)};
  }

  void flush() {
    if (rows_ == 0) return;
    chunk_->set_rows(rows_);
    appender_->append(*chunk_);
    chunk_->reset();
    rows_ = 0;
  }

  fs::path path_;
  duck::Database database_;
  duck::Connection connection_;
  std::vector<Column> columns_;
  std::optional<duck::Transaction> transaction_;
  std::optional<duck::Appender> appender_;
  std::optional<duck::RowChunk> chunk_;
  size_t rows_ = 0;
};

}  // namespace

std::unique_ptr<RowSink> parquet_sink(const fs::path& path, Existing existing) {
  return std::make_unique<ParquetSink>(path, existing);
}

}  // namespace tapedeck
