// The schema of a store has a history: numbered steps, each run up or down in one transaction.
//   example_migration [STORE]            else in memory
#include "tapedeck/tapedeck.hpp"

#include <iostream>

using namespace tapedeck;

namespace {

void show_history(const Store& store, size_t from) {
  const std::vector<MigrationRun> history = migration_history(store);
  for (size_t i = from; i < history.size(); ++i)
    std::cout << "  " << history[i].direction << " " << history[i].version << " ("
              << history[i].name << ")\n";
}

}  // namespace

int main(int argc, char** argv) {
  StoreOptions options;
  options.mode = OpenMode::create;
  Store store{argc > 1 ? argv[1] : ":memory:", options};  // a new store has run every step
  const int newest = newest_schema_version();
  std::cout << "new: version " << schema_version(store) << "\n";
  show_history(store, 0);

  // Three steps down, as an older program needs it. Steps that only make views lose nothing.
  size_t before = migration_history(store).size();
  migrate_to(store, newest - 3, LoseRows::refuse);
  std::cout << "down:\n";
  show_history(store, before);
  for (const MigrationStatus& step : migrations(store)) {
    if (!step.applied) std::cout << "  not applied: " << step.name << "\n";
  }

  try {  // what would delete rows needs a word
    migrate_to(store, 0, LoseRows::refuse);
  } catch (const Error& error) {
    std::cout << to_text(error.code()) << ": " << error.what() << "\n";
  }

  before = migration_history(store).size();
  migrate_to(store, newest, LoseRows::refuse);
  std::cout << "up:\n";
  show_history(store, before);
  std::cout << "differences: " << verify_schema(store).differences.size() << "\n";
}
