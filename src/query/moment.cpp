#include "query/moment.hpp"

namespace tapedeck {

Moment::Moment(StoreCore& core, size_t readers, const std::function<void()>& at_once) {
  core.between_writes([&] {
    for (size_t i = 0; i < readers; ++i) {
      Held& held = readers_.emplace_back(core.database().connect());
      // DuckDB fixes what a transaction sees at its first read.
      held.connection.run("SELECT count(*) FROM tape.store_facts");
    }
    if (at_once) at_once();
  });
}

}  // namespace tapedeck
