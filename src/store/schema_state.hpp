// The schema as a connection sees it: for opening a store, before there is one.
#pragma once

#include "duck/database.hpp"
#include "store/migrations.hpp"
#include "tapedeck/store/schema.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

struct SchemaState {
  int version = 0;                         // 0: an empty database
  std::vector<std::string> changed_steps;  // whose text is not the one that was run here
};

// nullopt for a database with foreign tables only.
std::optional<SchemaState> find_schema_state(duck::Connection& connection);

// Throws Error{schema_mismatch} when a step was changed after it ran here.
void check_steps(const SchemaState& state);

// Runs one step in one transaction and writes it into the history.
enum class Direction { up, down };
void run_migration(duck::Connection& connection, const Migration& migration, Direction direction);

// Every step up to `version` on a database without a schema.
void create_schema(duck::Connection& connection, int version);

}  // namespace tapedeck
