// What to run once a day: roll old metrics up, write the WAL into the database, look at the health.
// Its exit code is 1 when the store cannot be used.
//   example_daily_maintenance [STORE]    else an empty one in memory
#include "tapedeck/tapedeck.hpp"

#include <iostream>

using namespace tapedeck;

int main(int argc, char** argv) {
  try {
    StoreOptions options;
    options.mode = argc > 1 ? OpenMode::write : OpenMode::create;
    Store store{argc > 1 ? argv[1] : ":memory:", options};

    const SystemEvent begun = SystemEvent::info("daily maintenance");  // of this moment
    Telemetry{store}.log_event(begun).get();
    const MetricRetentionResult rolled =
        apply_retention(store, {.raw_before = begun.timestamp - std::chrono::days{7},
                                .rollups_before = begun.timestamp - std::chrono::days{90}});
    std::cout << "metrics: " << rolled.values_deleted << " values became " << rolled.rolled_up
              << " buckets, " << rolled.rollups_deleted << " buckets deleted\n";

    store.optimize();
    const StoreStats stats = store.stats();
    std::cout << "database: " << stats.database_bytes / 1024 << " KiB, WAL "
              << stats.wal_bytes / 1024 << " KiB\n";

    const HealthReport health = check_health(store);
    for (const std::string& warning : health.warnings)
      std::cout << "warning: " << warning << "\n";
    for (const std::string& error : health.errors)
      std::cout << "error: " << error << "\n";
    std::cout << "health: " << to_text(status_of(health)) << "\n";
    return status_of(health) == HealthStatus::failed ? 1 : 0;
  } catch (const Error& error) {  // another process has it open, the disk is full …
    std::cerr << to_text(error.code()) << ": " << error.what() << "\n";
    return 1;
  }
}
