// One slice of tape.trades read for verify: its minutes, its ids, and rows that cannot be.
#pragma once

#include "query/verify_ids.hpp"
#include "store/core.hpp"
#include "store/trade_scan.hpp"
#include "tapedeck/market/minute_bar.hpp"
#include "tapedeck/query/verify.hpp"

#include <cstdint>
#include <vector>

namespace tapedeck {

struct VerifiedSlice {
  std::vector<MinuteBar> minutes;
  IdRuns ids;
  std::vector<Finding> findings;
  int64_t rows = 0;
};

// Where rows that should lie in order do not, they are sorted before anything else is computed.
VerifiedSlice verify_slice(Reader& reader, const Instrument& instrument, const TapePiece& slice);

}  // namespace tapedeck
