// The schema of a store: numbered steps up and down, their history, and a check of what is there.
#pragma once

#include "tapedeck/market/time.hpp"

#include <string>
#include <vector>

namespace tapedeck {

class Store;

struct MigrationStatus {
  int version = 0;
  std::string name;
  bool applied = false;
  std::string checksum;
};

// One line of history: what was run, when, which way.
struct MigrationRun {
  int version = 0;
  std::string name;
  std::string direction;  // "up", "down"
  Timestamp applied_at;
  double duration_ms = 0;
};

struct SchemaReport {
  int version = 0;
  int newest_version = 0;
  std::vector<std::string> differences;  // empty: everything is as this version made it
};

// The version that this build writes.
int newest_schema_version();

int schema_version(const Store& store);
std::vector<MigrationStatus> migrations(const Store& store);
std::vector<MigrationRun> migration_history(const Store& store);

// Compares tables, columns, types, views and macros with those a new store of this version has.
SchemaReport verify_schema(const Store& store);

// Runs the steps between the present version and `version`, each in one transaction. Going down
// past a step that loses rows throws Error{invalid_argument} unless `lose_rows` says so.
enum class LoseRows { refuse, accept };
void migrate_to(Store& store, int version, LoseRows lose_rows);

struct TableColumn {
  std::string name;
  std::string type;
  bool nullable = true;
  std::string comment;
};
struct TableShape {
  std::string name;  // "tape.trades"
  bool is_view = false;
  std::string comment;
  std::vector<TableColumn> columns;
};
// Every table and view, or the one called `name` (`trades`, `tape.trades`). Error{not_found} with a
// suggestion when there is none.
std::vector<TableShape> table_shapes(const Store& store);
TableShape table_shape(const Store& store, const std::string& name);

}  // namespace tapedeck
