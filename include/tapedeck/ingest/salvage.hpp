// Salvage: a store again from what is left of it, when its database cannot be opened.
#pragma once

#include "tapedeck/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tapedeck {

enum class SalvageOutcome {
  sound,     // the store opens: nothing was done
  from_wal,  // without the damaged WAL it opens; the journal had what was in it
  rebuilt,   // the database was made anew from the journal and the imported files
};

struct SalvageReport {
  SalvageOutcome outcome = SalvageOutcome::sound;
  std::filesystem::path kept;  // the folder that the damaged files were moved to
  int64_t frames = 0;          // of the journal, applied
  int64_t files = 0;           // imported again
  int64_t trades = 0;          // in the store now
  // What could not be saved, one sentence each.
  std::vector<std::string> lost;
};

// No other process may have the store open; nothing is deleted. `say` is told what is being done.
// Errors: not_found, store_busy; corrupt when there is neither a journal nor a file to build it
// from; io, disk_full.
SalvageReport salvage(const std::filesystem::path& store,
                      const std::function<void(const std::string&)>& say);

}  // namespace tapedeck
