#include "base/mutex.hpp"
#include "base/suggest.hpp"
#include "duck/database.hpp"
#include "duck/failure.hpp"
#include "duck/quoted.hpp"
#include "duck/transaction.hpp"
#include "store/core.hpp"
#include "store/live_tape.hpp"
#include "tapedeck/query/rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

// How a column of DuckDB becomes a cell. Types without a cell of their own arrive as text.
struct Source {
  Column column;
  duckdb_type type = DUCKDB_TYPE_VARCHAR;      // of the column as fetched
  duckdb_type internal = DUCKDB_TYPE_INVALID;  // of a decimal
};

std::optional<Source> source_of(const std::string& name, duckdb_logical_type type) {
  const duckdb_type id = duckdb_get_type_id(type);
  Source source{.column = {.name = name}, .type = id};
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
    default: return std::nullopt;
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

Cell cell_at(const duck::Result& rows, const Source& source, size_t column, size_t row) {
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

// A statement of several that ends the read-only transaction would open the door to writes.
void refuse_transaction(duck::Statement& statement, SqlAccess access) {
  if (access == SqlAccess::read && statement.controls_transaction()) {
    throw Error{ErrorCode::read_only,
                "BEGIN, COMMIT and ROLLBACK are refused while reading; pass --write to change the "
                "store"};
  }
}

struct Last {
  duck::Statement statement;
  bool only = true;
};

void refuse_parameters(const duck::Statement& statement) {
  if (statement.parameters() > 0) {
    throw Error{ErrorCode::invalid_argument,
                "the SQL has a placeholder (? or $1); write the value in its place"};
  }
}

// Runs all statements but the last, which is prepared.
Last prepare_last(duck::Connection& connection, const std::string& sql, SqlAccess access) {
  duck::ExtractedHandle extracted;
  const idx_t count = duckdb_extract_statements(connection.raw(), sql.c_str(), extracted.out());
  if (count == 0) {
    const char* reason = duckdb_extract_statements_error(extracted.get());
    if (reason == nullptr) throw Error{ErrorCode::invalid_argument, "there is no SQL to run"};
    duck::fail("cannot read the SQL", reason, DUCKDB_ERROR_PARSER);
  }
  for (idx_t i = 0; i + 1 < count; ++i) {
    duck::Statement statement = connection.prepare_extracted(extracted, i, sql);
    refuse_transaction(statement, access);
    refuse_parameters(statement);
    statement.run();
  }
  Last last{.statement = connection.prepare_extracted(extracted, count - 1, sql),
            .only = count == 1};
  refuse_transaction(last.statement, access);
  refuse_parameters(last.statement);
  return last;
}

int64_t give_rows(duck::Statement& statement, const std::vector<Source>& sources, RowSink& sink) {
  std::vector<Column> columns;
  for (const Source& source : sources)
    columns.push_back(source.column);
  sink.begin(columns);
  duck::Result rows = statement.stream();
  std::vector<Cell> cells(sources.size());
  int64_t given = 0;
  while (rows.next_chunk()) {
    for (size_t row = 0; row < rows.rows(); ++row) {
      for (size_t i = 0; i < sources.size(); ++i)
        cells[i] = cell_at(rows, sources[i], i, row);
      sink.row(cells);
    }
    given += static_cast<int64_t>(rows.rows());
  }
  sink.end();
  return given;
}

// The same query with the columns that no cell can hold cast to text.
std::string with_text_columns(const std::string& sql, const std::vector<Source>& sources,
                              const std::vector<bool>& as_text) {
  std::string names;
  std::string list;
  for (size_t i = 0; i < sources.size(); ++i) {
    const std::string separator = i == 0 ? "" : ", ";
    const std::string alias = fmt::format("c{}", i);
    names += separator + alias;
    list += fmt::format("{}{} AS {}", separator,
                        as_text[i] ? fmt::format("CAST({} AS VARCHAR)", alias) : alias,
                        duck::quoted_name(sources[i].column.name));
  }
  const size_t end = sql.find_last_not_of("; \t\r\n");
  return fmt::format("SELECT {} FROM ({}\n) AS answer({})", list, sql.substr(0, end + 1), names);
}

int64_t run_on(duck::Connection& connection, const std::string& sql, SqlAccess access,
               RowSink& sink) {
  Last last = prepare_last(connection, sql, access);
  std::vector<Source> sources;
  std::vector<bool> as_text;
  for (size_t i = 0; i < last.statement.columns(); ++i) {
    const std::string name = last.statement.column_name(i);
    const duck::TypeHandle type = last.statement.column_type(i);
    const std::optional<Source> source = source_of(name, type.get());
    as_text.push_back(!source);
    sources.push_back(source.value_or(Source{.column = {.name = name}}));
  }
  if (std::ranges::find(as_text, true) == as_text.end()) {
    return give_rows(last.statement, sources, sink);
  }
  if (!last.only) {
    throw Error{ErrorCode::invalid_argument,
                "the last of several statements gives a column that needs a cast: write "
                "CAST(column AS VARCHAR), or run it alone"};
  }
  duck::Statement cast = connection.prepare_once(with_text_columns(sql, sources, as_text));
  return give_rows(cast, sources, sink);
}

// A USE, a SET, a temporary table or a BEGIN without its COMMIT must not reach the next user.
duck::Connection own_connection(Store& store) {
  return store.core().connect();
}

int64_t write_sql(Store& store, const std::string& sql, RowSink& sink) {
  int64_t rows = 0;
  store.core().write_steps([&](duck::Connection& writer) {
    std::exception_ptr failure;
    try {
      duck::Connection connection = own_connection(store);
      rows = run_on(connection, sql, SqlAccess::write, sink);
    } catch (...) {  // of several statements some may have been committed
      failure = std::current_exception();
    }
    store.core().catalogue().load(writer);
    if (failure) std::rethrow_exception(failure);
  });
  // What it changed cannot be told from its words alone; whoever looks for a cause finds them.
  AppendOptions options;
  options.durability = Durability::none;
  store.core().live_tape().append({}, StatementNote{.sql = sql}, options);
  return rows;
}

// Interrupts what runs on a connection when its time is over.
class Deadline {
 public:
  Deadline(duck::Connection& connection, std::optional<std::chrono::milliseconds> timeout) {
    if (!timeout) return;
    thread_ = std::jthread{[this, &connection, timeout](const std::stop_token& stop) {
      const std::stop_callback wake{stop, [this] {
                                      const MutexLock lock{mutex_};
                                      changed_.notify_all();
                                    }};
      const auto end = std::chrono::steady_clock::now() + *timeout;
      const MutexLock lock{mutex_};
      while (!stop.stop_requested() && std::chrono::steady_clock::now() < end)
        changed_.wait_until(mutex_, end);
      if (stop.stop_requested()) return;
      passed_ = true;
      connection.interrupt();
    }};
  }
  bool passed() const { return passed_; }

 private:
  Mutex mutex_;
  Condition changed_;
  std::atomic<bool> passed_{false};
  std::jthread thread_;
};

void check_profile(const std::string& profile, SqlAccess access) {
  if (profile.empty()) return;
  if (access == SqlAccess::write) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("a profile is for reading: a table made with it would lie in schema "
                            "'{}'; leave it out and name the schema",
                            profile)};
  }
  const std::span<const std::string> known = sql_profiles();
  if (std::ranges::find(known, profile) != known.end()) return;
  const std::optional<std::string> meant = nearest(profile, known);
  throw Error{
      ErrorCode::invalid_argument,
      meant ? fmt::format("unknown profile '{}'; did you mean '{}'?", profile, *meant)
            : fmt::format("unknown profile '{}'; there is {}", profile, fmt::join(known, ", "))};
}

}  // namespace

std::span<const std::string> sql_profiles() {
  static const std::vector<std::string> profiles{"flowsurface", "dreammaker", "pyrt"};
  return profiles;
}

int64_t run_sql(Store& store, const std::string& sql, SqlAccess access, RowSink& sink,
                const std::string& profile) {
  check_profile(profile, access);
  if (access == SqlAccess::write) return write_sql(store, sql, sink);
  duck::Connection connection = own_connection(store);
  if (!profile.empty()) connection.run(fmt::format("SET search_path = '{},main'", profile));
  ReaderPool& readers = store.core().readers();
  const QueryTurn turn{readers, false};
  const duck::Snapshot snapshot{connection};
  const Deadline deadline{connection, readers.options().query_timeout};
  try {
    return run_on(connection, sql, access, sink);
  } catch (const Error& error) {
    if (deadline.passed()) {
      readers.count_query_timeout();
      constexpr size_t kShown = 120;
      throw Error{ErrorCode::query_timeout,
                  fmt::format("the statement took longer than {} ms and was stopped: {}{}",
                              readers.options().query_timeout->count(), sql.substr(0, kShown),
                              sql.size() > kShown ? "…" : "")};
    }
    if (error.code() != ErrorCode::read_only) throw;
    throw Error{ErrorCode::read_only,
                fmt::format("the statement would change the store; pass --write to do that ({})",
                            error.what())};
  }
}

}  // namespace tapedeck
