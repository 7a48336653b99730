#include "duck/database.hpp"

#include "duck/failure.hpp"

#include <fmt/format.h>

#include <memory>

namespace tapedeck::duck {
namespace {

constexpr size_t kSqlShown = 120;  // enough to recognise a statement in a message

std::string shown(std::string_view sql) {
  return sql.size() <= kSqlShown ? std::string{sql} : std::string{sql.substr(0, kSqlShown)} + "…";
}

}  // namespace

Database::Database(const DatabaseOptions& options) {
  ConfigHandle config;
  duckdb_create_config(config.out());
  auto set = [&](const std::string& name, const std::string& value) {
    if (duckdb_set_config(config.get(), name.c_str(), value.c_str()) != DuckDBSuccess) {
      fail(fmt::format("cannot set DuckDB's option '{}'", name), value, DUCKDB_ERROR_SETTINGS);
    }
  };
  set("autoinstall_known_extensions", "false");
  set("autoload_known_extensions", "false");
  // Otherwise what a transaction sees is fixed by its first read, not by its begin.
  set("immediate_transaction_mode", "true");
  set("access_mode", options.read_only ? "READ_ONLY" : "AUTOMATIC");
  for (const auto& [name, value] : options.settings)
    set(name, value);

  char* reason = nullptr;
  const char* path = options.path.empty() ? nullptr : options.path.c_str();
  if (duckdb_open_ext(path, handle_->out(), config.get(), &reason) != DuckDBSuccess) {
    const std::unique_ptr<char, decltype(&duckdb_free)> owned{reason, duckdb_free};
    fail(fmt::format("cannot open '{}'", options.path), reason != nullptr ? reason : "no reason",
         DUCKDB_ERROR_IO);
  }
}

Connection Database::connect() {
  ConnectionHandle handle;
  if (duckdb_connect(handle_->get(), handle.out()) != DuckDBSuccess) {
    fail("cannot connect to the store", "DuckDB gave no reason");
  }
  return Connection{handle_, std::move(handle)};
}

std::string Database::version() {
  return duckdb_library_version();
}

Result Connection::run(std::string_view sql) {
  Result result;
  const std::string text{sql};
  if (duckdb_query(handle_.get(), text.c_str(), result.raw()) != DuckDBSuccess) {
    fail(fmt::format("cannot run '{}'", shown(sql)), duckdb_result_error(result.raw()),
         duckdb_result_error_type(result.raw()));
  }
  return result;
}

Statement& Connection::prepare(const std::string& sql) {
  const auto found = statements_.find(sql);
  if (found == statements_.end()) return statements_.emplace(sql, prepare_once(sql)).first->second;
  // DuckDB plans a statement without placeholders once, by what its tables hold at that moment: a
  // filter that no row could pass then is never looked at again. Others are planned at every run.
  if (found->second.parameters() == 0) found->second = prepare_once(sql);
  return found->second;
}

Statement Connection::prepare_once(std::string_view sql) {
  StatementHandle handle;
  const std::string text{sql};
  if (duckdb_prepare(handle_.get(), text.c_str(), handle.out()) != DuckDBSuccess) {
    const char* reason = duckdb_prepare_error(handle.get());
    fail(fmt::format("cannot prepare '{}'", shown(sql)), reason != nullptr ? reason : "no reason",
         DUCKDB_ERROR_BINDER);
  }
  return Statement{std::move(handle), text};
}

Statement Connection::prepare_extracted(const ExtractedHandle& extracted, size_t index,
                                        std::string_view sql) {
  StatementHandle handle;
  if (duckdb_prepare_extracted_statement(handle_.get(), extracted.get(), index, handle.out()) !=
      DuckDBSuccess) {
    const char* reason = duckdb_prepare_error(handle.get());
    fail(fmt::format("cannot prepare '{}'", shown(sql)), reason != nullptr ? reason : "no reason",
         DUCKDB_ERROR_BINDER);
  }
  return Statement{std::move(handle), std::string{sql}};
}

void Connection::interrupt() {
  duckdb_interrupt(handle_.get());
}

void Statement::check(duckdb_state state, std::string_view action) {
  if (state == DuckDBSuccess) return;
  const char* reason = duckdb_prepare_error(handle_.get());
  fail(fmt::format("cannot {} '{}'", action, shown(sql_)), reason != nullptr ? reason : "no reason",
       DUCKDB_ERROR_BINDER);
}

Statement& Statement::bind(int index, int64_t value) {
  check(duckdb_bind_int64(handle_.get(), static_cast<idx_t>(index), value), "bind");
  return *this;
}
Statement& Statement::bind(int index, bool value) {
  check(duckdb_bind_boolean(handle_.get(), static_cast<idx_t>(index), value), "bind");
  return *this;
}
Statement& Statement::bind(int index, std::string_view value) {
  check(duckdb_bind_varchar_length(handle_.get(), static_cast<idx_t>(index), value.data(),
                                   value.size()),
        "bind");
  return *this;
}
Statement& Statement::bind(int index, std::span<const std::byte> value) {
  check(duckdb_bind_blob(handle_.get(), static_cast<idx_t>(index), value.data(), value.size()),
        "bind");
  return *this;
}
Statement& Statement::bind(int index, double value) {
  check(duckdb_bind_double(handle_.get(), static_cast<idx_t>(index), value), "bind");
  return *this;
}
Statement& Statement::bind(int index, const Uuid& value) {
  const ValueHandle bound{duckdb_create_uuid({.lower = value.low, .upper = value.high})};
  check(duckdb_bind_value(handle_.get(), static_cast<idx_t>(index), bound.get()), "bind");
  return *this;
}
Statement& Statement::bind(int index, Timestamp value) {
  const ValueHandle bound{duckdb_create_timestamp_ns({to_epoch_ns(value)})};
  check(duckdb_bind_value(handle_.get(), static_cast<idx_t>(index), bound.get()), "bind");
  return *this;
}
Statement& Statement::bind(int index, int128 value) {
  const duckdb_hugeint bound{.lower = static_cast<uint64_t>(value),
                             .upper = static_cast<int64_t>(value >> 64)};
  check(duckdb_bind_hugeint(handle_.get(), static_cast<idx_t>(index), bound), "bind");
  return *this;
}
Statement& Statement::bind_null(int index) {
  check(duckdb_bind_null(handle_.get(), static_cast<idx_t>(index)), "bind");
  return *this;
}

Result Statement::run() {
  Result result;
  if (duckdb_execute_prepared(handle_.get(), result.raw()) != DuckDBSuccess) {
    fail(fmt::format("cannot run '{}'", shown(sql_)), duckdb_result_error(result.raw()),
         duckdb_result_error_type(result.raw()));
  }
  return result;
}

Result Statement::stream() {
  PendingHandle pending;
  if (duckdb_pending_prepared_streaming(handle_.get(), pending.out()) != DuckDBSuccess) {
    fail(fmt::format("cannot run '{}'", shown(sql_)), duckdb_pending_error(pending.get()),
         DUCKDB_ERROR_EXECUTOR);
  }
  Result result;
  if (duckdb_execute_pending(pending.get(), result.raw()) != DuckDBSuccess) {
    fail(fmt::format("cannot run '{}'", shown(sql_)), duckdb_result_error(result.raw()),
         duckdb_result_error_type(result.raw()));
  }
  return result;
}

bool Statement::controls_transaction() const {
  return duckdb_prepared_statement_type(handle_.get()) == DUCKDB_STATEMENT_TYPE_TRANSACTION;
}

size_t Statement::columns() const {
  return duckdb_prepared_statement_column_count(handle_.get());
}
size_t Statement::parameters() const {
  return duckdb_nparams(handle_.get());
}
std::string Statement::column_name(size_t column) const {
  const std::unique_ptr<const char, void (*)(const char*)> name{
      duckdb_prepared_statement_column_name(handle_.get(), column),
      [](const char* text) { duckdb_free(const_cast<char*>(text)); }};
  return name ? name.get() : "";
}
TypeHandle Statement::column_type(size_t column) const {
  return TypeHandle{duckdb_prepared_statement_column_logical_type(handle_.get(), column)};
}

}  // namespace tapedeck::duck
