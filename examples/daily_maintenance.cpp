// What to run once a day: delete what is old, keep how the strategies did, write the WAL into the
// database, look at the health. Its exit code is 1 when the store cannot be used.
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
    const RetentionResult done = apply_retention(store, usual_retention(begun.timestamp));
    std::cout << "metrics: " << done.metrics_deleted << " values became " << done.buckets_rolled_up
              << " buckets, " << done.rollups_deleted << " buckets deleted\n"
              << "logs: " << done.logs_deleted << " deleted, " << done.logs_archived
              << " of them archived\n";

    std::vector<PerformanceSummary> summaries = performance(store, {}, PerformanceScope::strategy);
    keep_performance(store, summaries);
    std::cout << "performance: " << summaries.size() << " summaries kept\n";

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
