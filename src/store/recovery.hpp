// Recovery: what the journal has and the database has not, when a store is opened.
#pragma once

namespace tapedeck {

class StoreCore;

// Frames wait, or a recording that was killed left a minute open. Cheap.
bool needs_recovery(StoreCore& core);

// Applies what waits, group by group; a damaged stretch becomes a gap in coverage with its cause,
// and a frame that cannot be applied goes to the rejects. Errors: conflict when the journal is
// another store's; unsupported for frames of a later version; those of the disk.
void recover(StoreCore& core);

}  // namespace tapedeck
