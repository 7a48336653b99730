// Stored trade ids against what coverage says is stored.
#pragma once

#include "query/verify_ids.hpp"
#include "query/verify_klines.hpp"
#include "store/core.hpp"

#include <vector>

namespace tapedeck {

// `runs` are all ids that were read in the tape's range, rising. True when none is missing and none
// is there twice.
bool check_ids(Reader& reader, const ComparedTape& tape, const std::vector<IdRun>& runs,
               const UseFinding& use);

}  // namespace tapedeck
