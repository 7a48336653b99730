#include "query/moment.hpp"

namespace tapedeck {

Moment::Moment(StoreCore& core, size_t readers, const std::function<void()>& at_once) {
  core.between_writes([&] {
    for (size_t i = 0; i < readers; ++i)
      readers_.push_back(&held_.emplace_back(core.connect()).connection);
    if (at_once) at_once();
  });
}

}  // namespace tapedeck
