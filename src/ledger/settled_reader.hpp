// A reader that sees everything the ledger has acknowledged.
#pragma once

#include "store/core.hpp"
#include "store/live_ledger.hpp"

namespace tapedeck {

inline StoreCore::ReaderLease settled_reader(const Store& store) {
  if (store.core().mode() != OpenMode::read) store.core().live_ledger().settle();
  return store.core().borrow_reader();
}

}  // namespace tapedeck
