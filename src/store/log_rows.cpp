#include "store/log_rows.hpp"

#include "duck/row_reader.hpp"
#include "duck/row_writer.hpp"

#include <fmt/format.h>

namespace tapedeck {
namespace {

constexpr std::string_view kLogColumns =
    "\"timestamp\", level, service, component, message, event, correlation_id, order_id, symbol, "
    "user_id, session_id, fields, exception_type, exception_message, stack_trace, source_file, "
    "source_line, source_function";
constexpr std::string_view kEventColumns =
    "\"timestamp\", event_type, severity, message, component, details, correlation_id";

LogRecord take_log(duck::RowReader& in) {
  LogRecord row;
  row.timestamp = in.take_time();
  row.level = parse_log_level(in.take_text()).value();
  row.service = in.take_text();
  row.component = in.find_text();
  row.message = in.take_text();
  row.event = in.find_text();
  row.correlation_id = in.find_uuid();
  row.order_id = in.find_uuid();
  row.symbol = in.find_text();
  row.user_id = in.find_text();
  row.session_id = in.find_text();
  row.fields = in.find_text();
  row.exception_type = in.find_text();
  row.exception_message = in.find_text();
  row.stack_trace = in.find_text();
  row.source_file = in.find_text();
  row.source_line = in.find_integer();
  row.source_function = in.find_text();
  return row;
}

SystemEvent take_event(duck::RowReader& in) {
  SystemEvent row;
  row.timestamp = in.take_time();
  row.type = in.find_text();
  row.severity = parse_log_level(in.take_text()).value();
  row.message = in.take_text();
  row.component = in.find_text();
  row.details = in.find_text();
  row.correlation_id = in.find_uuid();
  return row;
}

int64_t newest_id(duck::Connection& connection, const char* sql) {
  duck::Result result = connection.run(sql);
  result.next_row();
  return result.int64(0);
}

}  // namespace

std::vector<LogRecord> read_logs(duck::Connection& connection, std::string_view condition,
                                 const BindLogs& bind) {
  duck::Statement& statement =
      connection.prepare(fmt::format("SELECT {} FROM telemetry.logs {}", kLogColumns, condition));
  bind(statement);
  duck::Result result = statement.run();
  std::vector<LogRecord> rows;
  duck::RowReader in{result};
  while (in.next())
    rows.push_back(take_log(in));
  return rows;
}

std::vector<SystemEvent> read_events(duck::Connection& connection, std::string_view condition,
                                     const BindLogs& bind) {
  duck::Statement& statement = connection.prepare(
      fmt::format("SELECT {} FROM telemetry.events {}", kEventColumns, condition));
  bind(statement);
  duck::Result result = statement.run();
  std::vector<SystemEvent> rows;
  duck::RowReader in{result};
  while (in.next())
    rows.push_back(take_event(in));
  return rows;
}

void insert_logs(duck::Transaction& transaction, const LogRows& rows) {
  int64_t id =
      newest_id(transaction.connection(), "SELECT coalesce(max(log_id), 0) FROM telemetry.logs");
  duck::RowWriter out{transaction, "telemetry", "logs"};
  for (const LogRecord& row : rows.rows) {
    out.put(++id).put(row.timestamp).put(to_text(row.level)).put(row.service).put(row.component);
    out.put(row.message).put(row.event).put(row.correlation_id).put(row.order_id).put(row.symbol);
    out.put(row.user_id).put(row.session_id).put(row.fields);
    out.put(row.exception_type).put(row.exception_message).put(row.stack_trace);
    out.put(row.source_file).put(row.source_line).put(row.source_function);
    out.end_row();
  }
  out.close();
}

void insert_events(duck::Transaction& transaction, const EventRows& rows) {
  int64_t id = newest_id(transaction.connection(),
                         "SELECT coalesce(max(event_id), 0) FROM telemetry.events");
  duck::RowWriter out{transaction, "telemetry", "events"};
  for (const SystemEvent& row : rows.rows) {
    out.put(++id).put(row.timestamp).put(row.type).put(to_text(row.severity)).put(row.message);
    out.put(row.component).put(row.details).put(row.correlation_id);
    out.end_row();
  }
  out.close();
}

}  // namespace tapedeck
