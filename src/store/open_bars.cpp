#include "store/open_bars.hpp"

#include <algorithm>

namespace tapedeck {
namespace {

// A reader's snapshot may be a commit older than what is put meanwhile.
constexpr size_t kStates = 4;

}  // namespace

void OpenBars::put(Key key, uint64_t sequence, const std::optional<OpenBar>& bar) {
  std::vector<State>& states = states_[key];
  if (states.size() >= kStates) states.erase(states.begin());
  states.push_back({sequence, bar});
}

std::optional<OpenBar> OpenBars::find(Key key, uint64_t sequence) const {
  const auto found = states_.find(key);
  if (found == states_.end()) return std::nullopt;
  const std::vector<State>& states = found->second;
  const auto state = std::find_if(states.rbegin(), states.rend(), [&](const State& candidate) {
    return candidate.since <= sequence;
  });
  return state == states.rend() ? std::nullopt : state->bar;
}

}  // namespace tapedeck
