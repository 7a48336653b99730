#include "query/answer_columns.hpp"

#include "duck/quoted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace tapedeck {
namespace {

ColumnSource source_of(const std::string& name, duckdb_logical_type type) {
  const duckdb_type id = duckdb_get_type_id(type);
  ColumnSource source{.column = {.name = name}, .type = id};
  switch (id) {
    case DUCKDB_TYPE_VARCHAR: source.column.type = CellType::text; return source;
    case DUCKDB_TYPE_BOOLEAN: source.column.type = CellType::boolean; return source;
    case DUCKDB_TYPE_DOUBLE: source.column.type = CellType::real; return source;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER: source.column.type = CellType::integer; return source;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_NS: source.column.type = CellType::time; return source;
    case DUCKDB_TYPE_HUGEINT:
      source.column = {.name = name, .type = CellType::decimal, .digits = 0};
      return source;
    case DUCKDB_TYPE_DECIMAL:
      source.column = {
          .name = name, .type = CellType::decimal, .digits = duckdb_decimal_scale(type)};
      source.internal = duckdb_decimal_internal_type(type);
      return source;
    default: return {.column = {.name = name}, .needs_cast = true};
  }
}

int128 to_int128(duckdb_hugeint value) {
  return static_cast<int128>((static_cast<uint128>(static_cast<uint64_t>(value.upper)) << 64) |
                             value.lower);
}

int128 decimal_units(const duck::Result& rows, size_t column, size_t row, duckdb_type internal) {
  switch (internal) {
    case DUCKDB_TYPE_SMALLINT: return rows.column<int16_t>(column)[row];
    case DUCKDB_TYPE_INTEGER: return rows.column<int32_t>(column)[row];
    case DUCKDB_TYPE_BIGINT: return rows.column<int64_t>(column)[row];
    default: return to_int128(rows.column<duckdb_hugeint>(column)[row]);
  }
}

int64_t integer_at(const duck::Result& rows, size_t column, size_t row, duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_TINYINT: return rows.column<int8_t>(column)[row];
    case DUCKDB_TYPE_SMALLINT: return rows.column<int16_t>(column)[row];
    case DUCKDB_TYPE_INTEGER: return rows.column<int32_t>(column)[row];
    case DUCKDB_TYPE_UTINYINT: return rows.column<uint8_t>(column)[row];
    case DUCKDB_TYPE_USMALLINT: return rows.column<uint16_t>(column)[row];
    case DUCKDB_TYPE_UINTEGER: return rows.column<uint32_t>(column)[row];
    default: return rows.column<int64_t>(column)[row];
  }
}

Cell cell_at(const duck::Result& rows, const ColumnSource& source, size_t column, size_t row) {
  if (rows.is_null_at(column, row)) return std::monostate{};
  switch (source.column.type) {
    case CellType::text: return rows.text_at(column, row);
    case CellType::boolean: return rows.column<bool>(column)[row];
    case CellType::real: return rows.column<double>(column)[row];
    case CellType::integer: return integer_at(rows, column, row, source.type);
    case CellType::time: {
      const int64_t value = rows.column<int64_t>(column)[row];
      return from_epoch_ns(source.type == DUCKDB_TYPE_TIMESTAMP ? value * 1000 : value);
    }
    case CellType::decimal: {
      const int128 units = source.type == DUCKDB_TYPE_HUGEINT
                               ? to_int128(rows.column<duckdb_hugeint>(column)[row])
                               : decimal_units(rows, column, row, source.internal);
      return Decimal{units, -source.column.digits};
    }
  }
  return std::monostate{};
}

}  // namespace

AnswerColumns::AnswerColumns(const duck::Statement& statement) {
  for (size_t i = 0; i < statement.columns(); ++i) {
    const duck::TypeHandle type = statement.column_type(i);
    sources_.push_back(source_of(statement.column_name(i), type.get()));
  }
}

bool AnswerColumns::need_cast() const {
  return std::ranges::any_of(sources_, &ColumnSource::needs_cast);
}

std::string AnswerColumns::with_casts(const std::string& sql) const {
  std::string names;
  std::string list;
  for (size_t i = 0; i < sources_.size(); ++i) {
    const std::string separator = i == 0 ? "" : ", ";
    const std::string alias = fmt::format("c{}", i);
    names += separator + alias;
    list += fmt::format("{}{} AS {}", separator,
                        sources_[i].needs_cast ? fmt::format("CAST({} AS VARCHAR)", alias) : alias,
                        duck::quoted_name(sources_[i].column.name));
  }
  const size_t end = sql.find_last_not_of("; \t\r\n");
  return fmt::format("SELECT {} FROM ({}\n) AS answer({})", list, sql.substr(0, end + 1), names);
}

int64_t AnswerColumns::give_rows(duck::Statement& statement, RowSink& sink) const {
  std::vector<Column> columns;
  for (const ColumnSource& source : sources_)
    columns.push_back(source.column);
  sink.begin(columns);
  duck::Result rows = statement.stream();
  std::vector<Cell> cells(sources_.size());
  int64_t given = 0;
  while (rows.next_chunk()) {
    for (size_t row = 0; row < rows.rows(); ++row) {
      for (size_t i = 0; i < sources_.size(); ++i)
        cells[i] = cell_at(rows, sources_[i], i, row);
      sink.row(cells);
    }
    given += static_cast<int64_t>(rows.rows());
  }
  sink.end();
  return given;
}

}  // namespace tapedeck
