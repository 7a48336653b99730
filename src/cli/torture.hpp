// Torture: a store is written to by a process that is killed, loses its power, or finds calls
// failing, again and again; what was acknowledged must be there afterwards, once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tapedeck {

struct TortureOptions {
  std::filesystem::path folder;  // the store is made in it
  int64_t rounds = 100;
  uint64_t seed = 1;
  int64_t journal_flips = 5;  // bits flipped in the journal after each round
  int64_t store_flips = 2;    // and in copies of the database and its WAL after every tenth
  bool syncs = true;          // false: the journal does not sync, and rows must be lost
};

struct TortureReport {
  int64_t rounds = 0;
  int64_t kills = 0;
  int64_t power_cuts = 0;
  int64_t failed_calls = 0;
  int64_t full_disks = 0;
  int64_t acknowledged = 0;  // rows
  int64_t stored = 0;
  int64_t lost = 0;        // acknowledged, not there
  int64_t duplicated = 0;  // there twice
  int64_t wrong = 0;       // there with other content
  int64_t findings = 0;    // of verify
  int64_t unopened = 0;    // rounds after which the store did not open
  int64_t journal_flips = 0;
  int64_t journal_flips_detected = 0;
  int64_t journal_flips_harmless = 0;
  int64_t store_flips = 0;
  int64_t store_flips_detected = 0;
  int64_t store_flips_harmless = 0;
  std::vector<double> reopen_ms;  // rising

  int64_t flips_missed() const {
    return journal_flips - journal_flips_detected - journal_flips_harmless + store_flips -
           store_flips_detected - store_flips_harmless;
  }
  bool holds() const {
    return lost + duplicated + wrong + findings + unopened + flips_missed() == 0;
  }
  double reopen_percentile(double share) const;
};

// `say` gets a line for each thing that went wrong, `progress` is called after each round and says
// false to stop.
TortureReport torture(const TortureOptions& options,
                      const std::function<void(const std::string&)>& say,
                      const std::function<bool(const TortureReport&)>& progress);

}  // namespace tapedeck
