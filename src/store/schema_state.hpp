// The schema as a connection sees it: for opening a store, before there is one.
#pragma once

#include <optional>
#include <vector>

#include "duck/database.hpp"
#include "store/migrations.hpp"
#include "tapedeck/store/schema.hpp"

namespace tapedeck {

// Version of the schema; 0 for an empty database, nullopt for one with foreign tables only.
std::optional<int> find_schema_version(duck::Connection& connection);

// Runs one step in one transaction and writes it into the history.
enum class Direction { up, down };
void run_migration(duck::Connection& connection, const Migration& migration, Direction direction);

// Every step up to `version` on a database without a schema.
void create_schema(duck::Connection& connection, int version);

// Throws Error{schema_mismatch} when a step was changed after it ran here.
void check_history(duck::Connection& connection);

}  // namespace tapedeck
