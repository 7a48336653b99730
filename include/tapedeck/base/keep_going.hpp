// KeepGoing: what a callback answers to the one that feeds it.
#pragma once

namespace tapedeck {

enum class KeepGoing { go_on, stop };

}  // namespace tapedeck
