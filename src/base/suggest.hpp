// "did you mean": the word of a list that a mistyped one is nearest to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tapedeck {

// nullopt when none is near: more than a third of the letters differ.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

}  // namespace tapedeck
