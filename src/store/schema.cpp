#include "tapedeck/store/schema.hpp"

#include "base/check.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/mutex.hpp"
#include "base/suggest.hpp"
#include "duck/transaction.hpp"
#include "store/core.hpp"
#include "store/schema_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace tapedeck {
namespace {

constexpr const char* kHistoryTable = R"sql(
CREATE TABLE IF NOT EXISTS main.schema_migrations(
  run INTEGER PRIMARY KEY, version INTEGER NOT NULL, name VARCHAR NOT NULL,
  direction VARCHAR NOT NULL, checksum VARCHAR NOT NULL, applied_at TIMESTAMP_NS NOT NULL,
  duration_ms DOUBLE NOT NULL))sql";

bool has_history(duck::Connection& connection) {
  duck::Result rows = connection.run(
      "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = "
      "'schema_migrations' AND NOT internal");
  rows.next_row();
  return rows.int64(0) > 0;
}

// DuckDB prints a definition anew whenever it reads it from disk: quotes and spaces come and go,
// and the names behind EXCLUDE change places.
std::string normalised(std::string definition) {
  std::erase_if(definition, [](char c) { return c == '"' || c == ' ' || c == '\n'; });
  constexpr std::string_view kExclude = "EXCLUDE(";
  for (size_t at = definition.find(kExclude); at != std::string::npos;
       at = definition.find(kExclude, at + 1)) {
    const size_t begin = at + kExclude.size();
    const size_t end = definition.find(')', begin);
    std::set<std::string> names;
    std::istringstream list{definition.substr(begin, end - begin)};
    for (std::string name; std::getline(list, name, ',');)
      names.insert(name);
    definition.replace(begin, end - begin, fmt::format("{}", fmt::join(names, ",")));
  }
  return definition;
}

// Everything of the catalogue that a version is made of, one line each.
std::set<std::string> catalogue_lines(duck::Connection& connection) {
  std::set<std::string> lines;
  duck::Result rows = connection.run(R"sql(
    SELECT 'column ' || schema_name || '.' || table_name || '.' || column_name || ' ' || data_type
           || CASE WHEN is_nullable THEN '' ELSE ' NOT NULL' END, NULL
    FROM duckdb_columns() WHERE NOT internal AND database_name = current_database()
    UNION ALL SELECT 'key ' || schema_name || '.' || table_name || ' ' || constraint_text, NULL
    FROM duckdb_constraints() WHERE constraint_type IN ('PRIMARY KEY', 'CHECK', 'UNIQUE')
      AND database_name = current_database()
    UNION ALL SELECT 'view ' || schema_name || '.' || view_name, sql
    FROM duckdb_views() WHERE NOT internal AND database_name = current_database()
    UNION ALL SELECT 'macro ' || schema_name || '.' || function_name,
           macro_definition
    FROM duckdb_functions() WHERE function_type IN ('macro', 'table_macro') AND NOT internal
      AND database_name = current_database()
    UNION ALL SELECT 'index ' || schema_name || '.' || index_name, NULL FROM duckdb_indexes()
    WHERE database_name = current_database())sql");
  while (rows.next_row()) {
    const std::optional<std::string> definition = rows.find_text(1);
    lines.insert(definition ? rows.text(0) + ' ' + normalised(*definition) : rows.text(0));
  }
  return lines;
}

const Migration& step(int version) {
  const auto steps = builtin_migrations();
  TAPEDECK_CHECK(version >= 1 && version <= static_cast<int>(steps.size()), "no step {}", version);
  return steps[static_cast<size_t>(version - 1)];
}

// A definition without its spaces means nothing to a reader.
std::string without_definition(const std::string& line) {
  const bool defined = line.starts_with("view ") || line.starts_with("macro ");
  return defined ? line.substr(0, line.rfind(' ')) + " (definition)" : line;
}

}  // namespace

int newest_schema_version() {
  return static_cast<int>(builtin_migrations().size());
}

std::optional<SchemaState> find_schema_state(duck::Connection& connection) {
  SchemaState state;
  duck::Result rows;
  try {
    rows = connection.run(
        "SELECT run, version, direction, name, checksum FROM main.schema_migrations");
  } catch (const Error&) {
    // Asking the catalogue first would cost each opening 3 ms.
    if (has_history(connection)) throw;
    duck::Result tables = connection.run(
        "SELECT count(*) FROM duckdb_tables() WHERE NOT internal AND database_name = "
        "current_database()");
    tables.next_row();
    return tables.int64(0) == 0 ? std::optional{state} : std::nullopt;
  }
  int64_t last_run = 0;  // an ORDER BY would cost each opening 0.4 ms
  while (rows.next_row()) {
    const auto version = static_cast<int>(rows.int64(1));
    const bool up = rows.text(2) == "up";
    if (rows.int64(0) > last_run) {
      last_run = rows.int64(0);
      state.version = up ? version : version - 1;
    }
    const bool known = version >= 1 && version <= newest_schema_version();
    if (up && known && rows.text(4) != checksum_of(step(version))) {
      state.changed_steps.push_back(fmt::format("{} '{}'", version, rows.text(3)));
    }
  }
  return state;
}

void check_steps(const SchemaState& state) {
  if (state.changed_steps.empty()) return;
  throw Error{ErrorCode::schema_mismatch,
              fmt::format("schema step {} differs from the one this store was made with; use the "
                          "version of tapedeck that made it",
                          state.changed_steps.front())};
}

void run_migration(duck::Connection& connection, const Migration& migration, Direction direction) {
  const int64_t began = steady_ns();
  duck::Transaction transaction{connection};
  connection.run(kHistoryTable);
  connection.run(direction == Direction::up ? migration.up : migration.down);
  connection
      .prepare(
          "INSERT INTO main.schema_migrations SELECT coalesce(max(run), 0) + 1, ?, ?, ?, ?, "
          "?, ? / 1000000.0 FROM main.schema_migrations")
      .bind(1, migration.version)
      .bind(2, migration.name)
      .bind(3, direction == Direction::up ? "up" : "down")
      .bind(4, std::string_view{checksum_of(migration)})
      .bind(5, from_epoch_ns(now_epoch_ns()))
      .bind(6, steady_ns() - began)
      .run();
  transaction.commit();
  log::info("schema: {} {} '{}'", direction == Direction::up ? "up to" : "down from",
            migration.version, migration.name);
}

void create_schema(duck::Connection& connection, int version) {
  for (int next = 1; next <= version; ++next)
    run_migration(connection, step(next), Direction::up);
}

int schema_version(const Store& store) {
  const auto reader = store.core().borrow_reader();
  return find_schema_state(*reader).value_or(SchemaState{}).version;
}

std::vector<MigrationStatus> migrations(const Store& store) {
  const int version = schema_version(store);
  std::vector<MigrationStatus> result;
  for (const Migration& migration : builtin_migrations()) {
    result.push_back({.version = migration.version,
                      .name = std::string{migration.name},
                      .applied = migration.version <= version,
                      .checksum = checksum_of(migration)});
  }
  return result;
}

std::vector<MigrationRun> migration_history(const Store& store) {
  const auto reader = store.core().borrow_reader();
  duck::Result rows = reader->run(
      "SELECT version, name, direction, applied_at, CAST(duration_ms * 1000 AS BIGINT) FROM "
      "main.schema_migrations ORDER BY run");
  std::vector<MigrationRun> result;
  while (rows.next_row()) {
    result.push_back({.version = static_cast<int>(rows.int64(0)),
                      .name = rows.text(1),
                      .direction = rows.text(2),
                      .applied_at = rows.timestamp(3),
                      .duration_ms = static_cast<double>(rows.int64(4)) / 1000.0});
  }
  return result;
}

// The expected catalogue is not a second list of tables: it is what the steps make.
std::set<std::string> expected_lines(int version) {
  static Mutex mutex;
  static std::map<int, std::set<std::string>> made;  // to make it costs a tenth of a second
  const MutexLock lock{mutex};
  const auto found = made.find(version);
  if (found != made.end()) return found->second;
  duck::Database fresh{{.path = "", .read_only = false, .settings = {}}};
  duck::Connection connection = fresh.connect();
  create_schema(connection, version);
  return made.try_emplace(version, catalogue_lines(connection)).first->second;
}

SchemaReport verify_schema(const Store& store) {
  const auto reader = store.core().borrow_reader();
  const SchemaState state = find_schema_state(*reader).value_or(SchemaState{});
  check_steps(state);
  SchemaReport report{
      .version = state.version, .newest_version = newest_schema_version(), .differences = {}};
  const std::set<std::string> expected = expected_lines(report.version);
  const std::set<std::string> found = catalogue_lines(*reader);
  for (const std::string& line : expected) {
    if (!found.contains(line)) report.differences.push_back("missing: " + without_definition(line));
  }
  for (const std::string& line : found) {
    if (!expected.contains(line))
      report.differences.push_back("unknown: " + without_definition(line));
  }
  return report;
}

void migrate_to(Store& store, int version, LoseRows lose_rows) {
  const int newest = newest_schema_version();
  if (version < 0 || version > newest) {
    throw Error{
        ErrorCode::invalid_argument,
        fmt::format("there is no schema version {}; this build knows 0 to {}", version, newest)};
  }
  const int present = schema_version(store);
  for (int next = present; next > version; --next) {
    if (step(next).down_loses_rows && lose_rows == LoseRows::refuse) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("going below schema version {} deletes stored rows; pass --force to "
                              "do it",
                              next)};
    }
  }
  store.core().write_steps([&](duck::Connection& connection) {
    for (int next = present + 1; next <= version; ++next) {
      run_migration(connection, step(next), Direction::up);
    }
    for (int next = present; next > version; --next) {
      run_migration(connection, step(next), Direction::down);
    }
  });
}

std::vector<TableShape> table_shapes(const Store& store) {
  const auto reader = store.core().borrow_reader();
  duck::Result rows = reader->run(R"sql(
    WITH relations AS (
      SELECT schema_name, table_name, false AS is_view, comment FROM duckdb_tables()
      WHERE database_name = current_database() AND NOT internal
      UNION ALL SELECT schema_name, view_name, true, comment FROM duckdb_views()
      WHERE database_name = current_database() AND NOT internal)
    SELECT r.schema_name || '.' || r.table_name, r.is_view, r.comment, c.column_name, c.data_type,
           c.is_nullable, c.comment
    FROM relations r JOIN duckdb_columns() c
      ON c.schema_name = r.schema_name AND c.table_name = r.table_name
      AND c.database_name = current_database()
    ORDER BY r.schema_name, r.table_name, c.column_index)sql");
  std::vector<TableShape> result;
  while (rows.next_row()) {
    if (result.empty() || result.back().name != rows.text(0)) {
      result.push_back({.name = rows.text(0),
                        .is_view = rows.boolean(1),
                        .comment = rows.find_text(2).value_or(""),
                        .columns = {}});
    }
    result.back().columns.push_back({.name = rows.text(3),
                                     .type = rows.text(4),
                                     .nullable = rows.boolean(5),
                                     .comment = rows.find_text(6).value_or("")});
  }
  return result;
}

TableShape table_shape(const Store& store, const std::string& name) {
  const std::string full = name.find('.') == std::string::npos ? "main." + name : name;
  std::vector<std::string> known;
  for (TableShape& shape : table_shapes(store)) {
    if (shape.name == full || shape.name == "tape." + name) return std::move(shape);
    known.push_back(shape.name);
    if (shape.name.starts_with("main.")) known.push_back(shape.name.substr(5));
  }
  const std::optional<std::string> meant = nearest(name, known);
  throw Error{ErrorCode::not_found,
              fmt::format("there is no table or view '{}'{}", name,
                          meant ? fmt::format("; did you mean '{}'?", *meant) : std::string{})};
}

}  // namespace tapedeck
