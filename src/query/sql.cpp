#include "base/suggest.hpp"
#include "duck/database.hpp"
#include "duck/failure.hpp"
#include "query/answer_columns.hpp"
#include "query/timed_reading.hpp"
#include "query/view_writes.hpp"
#include "store/core.hpp"
#include "store/live_tape.hpp"
#include "tapedeck/query/rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

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

int64_t run_on(duck::Connection& connection, const std::string& sql, SqlAccess access,
               RowSink& sink) {
  Last last = prepare_last(connection, sql, access);
  const AnswerColumns columns{last.statement};
  if (!columns.need_cast()) return columns.give_rows(last.statement, sink);
  if (!last.only) {
    throw Error{ErrorCode::invalid_argument,
                "the last of several statements gives a column that needs a cast: write "
                "CAST(column AS VARCHAR), or run it alone"};
  }
  duck::Statement cast = connection.prepare_once(columns.with_casts(sql));
  return columns.give_rows(cast, sink);
}

// A USE, a SET, a temporary table or a BEGIN without its COMMIT must not reach the next user.
duck::Connection own_connection(Store& store) {
  return store.core().connect();
}

// Where names without a schema are looked for first. Not for writing: what is made would lie there.
std::string schema_of(const Store& store, const std::string& profile) {
  const bool fills = profile.empty() && store.core().default_trades() == DefaultTrades::fills;
  return fills ? "fills_as_trades" : profile;
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

void check_profile(const std::string& profile, SqlAccess access, const std::string& sql) {
  if (profile.empty()) return;
  if (access == SqlAccess::write) {
    if (const auto advice = advice_on_view(sql, profile))
      throw Error{ErrorCode::invalid_argument, *advice};
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

// DuckDB's refusals of INSERT and COPY, DELETE and UPDATE, ANALYZE.
bool is_about_view(const Error& error) {
  const std::string_view words = error.what();
  return words.find("is not an table") != std::string_view::npos ||
         words.find("base table") != std::string_view::npos;
}

// Of the last statement, where it has one.
std::string plan_of(duck::Connection& connection, const std::string& sql) {
  try {
    const duck::Snapshot snapshot{connection};  // what stands behind a semicolon writes nothing
    duck::Result rows = connection.run("EXPLAIN " + sql);
    return rows.next_row() && rows.columns() > 1 ? rows.text(1) : std::string{};
  } catch (const Error&) {  // several statements, or none that has a plan
    return {};
  }
}

int64_t read_sql(Store& store, const std::string& sql, RowSink& sink, const std::string& profile) {
  duck::Connection connection = own_connection(store);
  const std::string schema = schema_of(store, profile);
  if (!schema.empty()) connection.run(fmt::format("SET search_path = '{},main'", schema));
  try {
    return observed(store.core().observer(), "sql", sql, [&](Observation& observation) {
      observation.set_explain([&] { return plan_of(connection, sql); });
      const int64_t rows = read_in_turn(store.core().readers(), connection, sql, [&] {
        return run_on(connection, sql, SqlAccess::read, sink);
      });
      observation.add_rows(rows);
      return rows;
    });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::read_only) throw;
    throw Error{ErrorCode::read_only,
                fmt::format("the statement would change the store; pass --write to do that ({})",
                            error.what())};
  }
}

}  // namespace

std::span<const std::string> sql_profiles() {
  static const std::vector<std::string> profiles{"flowsurface", "dreammaker", "pyrt"};
  return profiles;
}

int64_t run_sql(Store& store, const std::string& sql, SqlAccess access, RowSink& sink,
                const std::string& profile) {
  check_profile(profile, access, sql);
  try {
    return access == SqlAccess::write ? write_sql(store, sql, sink)
                                      : read_sql(store, sql, sink, profile);
  } catch (const Error& error) {
    if (is_about_view(error)) {
      if (const auto advice = advice_on_view(sql, schema_of(store, profile)))
        throw Error{error.code(), *advice};
    }
    throw;
  }
}

}  // namespace tapedeck
