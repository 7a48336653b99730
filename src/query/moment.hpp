// Moment: several readers that see the store as it was at one moment, whatever is written
// meanwhile.
#pragma once

#include "duck/transaction.hpp"
#include "store/core.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <span>
#include <vector>

namespace tapedeck {

class Moment {
 public:
  // `at_once` runs at that moment too, before any further write: for what the core keeps in memory.
  // The core must outlive the Moment. Connections are its own, not the pool's: a holder of several
  // that waits for more could wait for ever.
  Moment(StoreCore& core, size_t readers, const std::function<void()>& at_once);

  // Each for one thread at a time.
  std::span<Reader* const> readers() const { return readers_; }

 private:
  struct Held {
    explicit Held(duck::Connection own) : connection{std::move(own)}, snapshot{connection} {}
    duck::Connection connection;
    duck::Snapshot snapshot;
  };
  std::deque<Held> held_;
  std::vector<Reader*> readers_;
};

}  // namespace tapedeck
