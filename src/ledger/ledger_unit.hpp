// Units of work: entries gathered while somebody works, and written together.
#pragma once

#include "ledger/ledger_door.hpp"

#include <functional>
#include <string>

namespace tapedeck {

// LedgerRepositories::transaction().
void run_unit(LedgerDoor& door, const std::string& source,
              const std::function<void(LedgerUnit&)>& work);

}  // namespace tapedeck
