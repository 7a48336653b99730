#include "market/words.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

enum class Colour { red, green };
constexpr std::array<Word<Colour>, 2> kColours{{{"red", Colour::red}, {"green", Colour::green}}};

TEST_CASE("words lead to values and back, in either case") {
  CHECK(word_of(kColours, Colour::green) == "green");
  CHECK(find_by_word(kColours, "GrEeN") == Colour::green);
  CHECK_FALSE(find_by_word(kColours, "gree"));
  CHECK_FALSE(find_by_word(kColours, "greens"));
  CHECK_FALSE(find_by_word(kColours, ""));
}

}  // namespace
}  // namespace tapedeck
