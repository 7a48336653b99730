// Snapshots of whole books as a book stream of their own: what changed between two is what is
// stored.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/depth_snapshot.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/store/writer.hpp"

#include <cstdint>
#include <span>

namespace tapedeck {

// What Writer::append_depth says.
int64_t insert_depth_snapshots(duck::Transaction& transaction, InstrumentId instrument,
                               std::span<const DepthSnapshot> snapshots,
                               const DepthOptions& options);

}  // namespace tapedeck
