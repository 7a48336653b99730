// OpenBars: of each recording the bar of the minute that it is in, as of the journal's frames that
// are applied. Not thread-safe.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/side.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace tapedeck {

struct OpenBar {
  Bar bar;
  Scale scale;
};

class OpenBars {
 public:
  using Key = std::pair<InstrumentId, Grain>;

  // From `sequence` on; nullopt: it is not known.
  void put(Key key, uint64_t sequence, const std::optional<OpenBar>& bar);
  // As it was when the frames up to `sequence` were applied. Only the last few states are known.
  std::optional<OpenBar> find(Key key, uint64_t sequence) const;
  void clear() { states_.clear(); }

 private:
  struct State {
    uint64_t since = 0;
    std::optional<OpenBar> bar;
  };
  std::map<Key, std::vector<State>> states_;  // rising
};

}  // namespace tapedeck
