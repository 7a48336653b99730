#include "tapedeck/query/export.hpp"

#include "base/file.hpp"
#include "duck/quoted.hpp"
#include "duck/transaction.hpp"
#include "store/core.hpp"
#include "tapedeck/store/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <vector>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

// Trades as they are stored, or with decimals; names instead of numbers where these mean nothing
// outside of the store.
std::string select_trades(bool decimals) {
  return fmt::format(
      "SELECT v.venue, i.symbol, t.ts_event AS time, t.trade_id, {}, CASE t.side WHEN 1 THEN 'buy' "
      "WHEN 2 THEN 'sell' ELSE 'unknown' END AS side, CASE t.grain WHEN 0 THEN 'trade' ELSE "
      "'aggregate' END AS grain FROM tape.trades t JOIN tape.instruments i USING (instrument_id) "
      "JOIN tape.venues v USING (venue_id)",
      decimals ? "tape.to_decimal(t.price, t.price_exp) AS price, tape.to_decimal(t.quantity, "
                 "t.qty_exp) AS quantity"
               : "t.price, t.quantity, t.price_exp, t.qty_exp");
}

const TableColumn* find_column(const TableShape& shape, std::string_view name) {
  const auto found = std::ranges::find(shape.columns, name, &TableColumn::name);
  return found == shape.columns.end() ? nullptr : &*found;
}

// The column that a range of time is about.
std::optional<std::string> time_column(const TableShape& shape) {
  for (const char* name : {"time", "ts_event", "trade_time", "begin", "timestamp", "candle_time",
                           "bucket_time", "window_start", "oi_time"}) {
    if (find_column(shape, name) != nullptr) return name;
  }
  return std::nullopt;
}

// Empty where the table does not tell instruments apart.
std::string instrument_condition(const TableShape& shape,
                                 const std::optional<Instrument>& instrument) {
  if (!instrument) return {};
  for (const char* name : {"instrument_id", "ticker_id"}) {
    if (find_column(shape, name) != nullptr) {
      return fmt::format("{} = {}", name, static_cast<uint32_t>(instrument->id));
    }
  }
  for (const char* venue : {"venue", "exchange"}) {
    if (find_column(shape, venue) == nullptr || find_column(shape, "symbol") == nullptr) continue;
    return fmt::format("{} = {} AND symbol = {}", venue, duck::quoted_text(instrument->name.venue),
                       duck::quoted_text(instrument->name.symbol));
  }
  return {};
}

std::string at_ns(Timestamp t) {
  return fmt::format("make_timestamp_ns({})", to_epoch_ns(t));
}

// AND-ed conditions of the request on columns of these names; empty when it has none.
std::string conditions(const ExportRequest& request, const std::string& of_instrument,
                       const std::string& time_column) {
  std::string text;
  const auto add = [&](const std::string& condition) {
    text += fmt::format("{}{}", text.empty() ? " WHERE " : " AND ", condition);
  };
  if (request.instrument) add(of_instrument);
  const TimeRange open;
  if (request.range.begin != open.begin)
    add(fmt::format("{} >= {}", time_column, at_ns(request.range.begin)));
  if (request.range.end != open.end)
    add(fmt::format("{} < {}", time_column, at_ns(request.range.end)));
  return text;
}

std::string select_table(const Store& store, const ExportRequest& request) {
  const TableShape shape = table_shape(store, request.what);
  const auto refuse = [&](std::string_view option, std::string_view thing) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("'{}' has no column of {}, so {} cannot be used; export it whole, or "
                            "a query",
                            shape.name, thing, option)};
  };
  const std::string of_instrument = instrument_condition(shape, request.instrument);
  if (request.instrument && of_instrument.empty()) refuse("an instrument", "instruments");
  const std::optional<std::string> time = time_column(shape);
  if (request.range != TimeRange{} && !time) refuse("a range of time", "time");
  std::string order;
  for (const TableColumn& column : shape.columns) {
    if (order.size() > 200) break;
    order += fmt::format("{}{}", order.empty() ? "" : ", ", duck::quoted_name(column.name));
  }
  const size_t dot = shape.name.find('.');
  return fmt::format(
      "SELECT * FROM {}.{}{} ORDER BY {}", duck::quoted_name(shape.name.substr(0, dot)),
      duck::quoted_name(shape.name.substr(dot + 1)),
      conditions(request, of_instrument, duck::quoted_name(time.value_or(""))), order);
}

bool is_trades(const ExportRequest& request) {
  return request.what == "trades" || request.what == "main.trades";
}

std::string select_of(const Store& store, const ExportRequest& request) {
  if (request.is_query) {
    const size_t end = request.what.find_last_not_of("; \t\r\n");
    return request.what.substr(0, end + 1);
  }
  if (!is_trades(request)) return select_table(store, request);
  const bool as_text =
      request.format == ExportFormat::csv || request.format == ExportFormat::ndjson;
  return select_trades(request.decimals || as_text) +
         conditions(
             request,
             fmt::format("t.instrument_id = {}",
                         request.instrument ? static_cast<uint32_t>(request.instrument->id) : 0),
             "t.ts_event") +
         " ORDER BY t.instrument_id, t.grain, t.ts_event, t.trade_id NULLS FIRST, t.rowid";
}

// Times as ISO 8601 in UTC (strftime's %n writes a broken text for TIMESTAMP_NS); decimals without
// the zeros behind the last digit.
std::string with_texts(duck::Connection& connection, const std::string& select) {
  const duck::Statement statement = connection.prepare_once(select);
  std::string list;
  std::string names;
  for (size_t i = 0; i < statement.columns(); ++i) {
    const std::string name = fmt::format("c{}", i);  // two columns may have one name
    const duck::TypeHandle type = statement.column_type(i);
    std::string value = name;
    switch (duckdb_get_type_id(type.get())) {
      case DUCKDB_TYPE_TIMESTAMP:
      case DUCKDB_TYPE_TIMESTAMP_NS:
        value = fmt::format("replace(CAST({} AS VARCHAR), ' ', 'T') || 'Z'", name);
        break;
      case DUCKDB_TYPE_DECIMAL:
        value = fmt::format(
            "CASE WHEN CAST({0} AS VARCHAR) LIKE '%.%' THEN rtrim(rtrim(CAST({0} AS VARCHAR), "
            "'0'), '.') ELSE CAST({0} AS VARCHAR) END",
            name);
        break;
      default: break;
    }
    list += fmt::format("{}{} AS {}", i == 0 ? "" : ", ", value,
                        duck::quoted_name(statement.column_name(i)));
    names += fmt::format("{}{}", i == 0 ? "" : ", ", name);
  }
  return fmt::format("SELECT {} FROM ({}\n) AS exported({})", list, select, names);
}

std::string copy_options(ExportFormat format) {
  switch (format) {
    case ExportFormat::csv: return "FORMAT csv, HEADER";
    case ExportFormat::ndjson: return "FORMAT json";
    case ExportFormat::parquet: return "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3";
    case ExportFormat::duckdb: break;
  }
  return {};
}

int64_t copy_out(duck::Connection& connection, const std::string& select, ExportFormat format,
                 const fs::path& path) {
  connection.prepare_once("SET VARIABLE target = CAST(? AS VARCHAR)")
      .bind(1, std::string_view{path.native()})
      .run();
  const duck::Snapshot snapshot{connection};
  return connection
      .run(fmt::format("COPY ({}\n) TO (getvariable('target')) ({})", select, copy_options(format)))
      .rows_changed();
}

int64_t attach_out(duck::Connection& connection, const std::string& select,
                   const std::string& table, const fs::path& path) {
  connection.run(
      fmt::format("ATTACH {} AS exported (READ_WRITE)", duck::quoted_text(path.native())));
  int64_t rows = 0;
  try {
    connection.run(
        fmt::format("CREATE TABLE exported.main.{} AS {}", duck::quoted_name(table), select));
    duck::Result count = connection.run(
        fmt::format("SELECT count(*) FROM exported.main.{}", duck::quoted_name(table)));
    count.next_row();
    rows = count.int64(0);
  } catch (...) {  // the file is not ours while it is attached
    connection.run("DETACH exported");
    throw;
  }
  connection.run("DETACH exported");
  return rows;
}

// Inside a subquery nothing but a SELECT is SQL. What fails, fails before a file is made.
void check_select(duck::Connection& connection, const ExportRequest& request,
                  const std::string& select) {
  try {
    connection.prepare_once(fmt::format("SELECT * FROM ({}\n) AS exported", select));
  } catch (const Error& error) {
    if (!request.is_query || error.code() != ErrorCode::invalid_argument) throw;
    throw Error{ErrorCode::invalid_argument,
                fmt::format("what is exported must be one SELECT: {}", error.what())};
  }
}

}  // namespace

std::string_view to_text(ExportFormat format) {
  switch (format) {
    case ExportFormat::csv: return "csv";
    case ExportFormat::ndjson: return "ndjson";
    case ExportFormat::parquet: return "parquet";
    case ExportFormat::duckdb: return "duckdb";
  }
  return "parquet";
}

void check_export_target(const ExportRequest& request) {
  std::error_code error;
  if (request.existing == Existing::refuse && fs::exists(request.path, error)) {
    throw Error{ErrorCode::already_exists,
                fmt::format("'{}' exists; pass --force to replace it", request.path.string())};
  }
  const fs::path folder = request.path.has_parent_path() ? request.path.parent_path() : ".";
  if (!fs::is_directory(folder, error)) {
    throw Error{ErrorCode::not_found, fmt::format("there is no folder '{}'", folder.string())};
  }
  if (fs::exists(request.path, error) && !fs::is_regular_file(request.path, error)) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("'{}' is no file that could be replaced", request.path.string())};
  }
}

int64_t export_rows(const Store& store, const ExportRequest& request) {
  check_export_target(request);
  const fs::path folder = request.path.has_parent_path() ? request.path.parent_path() : ".";
  std::error_code error;
  if (!store.path().empty() && fs::equivalent(folder, store.path(), error)) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("'{}' is the store's own folder; export to another", folder.string())};
  }
  const std::string select = select_of(store, request);
  duck::Connection connection = store.core().connect();
  check_select(connection, request, select);
  UnfinishedFile file{request.path};
  int64_t rows = 0;
  if (request.format == ExportFormat::duckdb) {
    const std::string table =
        request.is_query ? "answer" : request.what.substr(request.what.find('.') + 1);
    rows = attach_out(connection, select, table, file.path());
  } else {
    const bool as_text = request.format != ExportFormat::parquet;
    rows = copy_out(connection, as_text ? with_texts(connection, select) : select, request.format,
                    file.path());
  }
  file.finish();
  return rows;
}

}  // namespace tapedeck
