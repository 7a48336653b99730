// What an answer says of itself, beside its rows: complete or not, the gaps, and where it is from.
#pragma once

#include "cli/cells.hpp"
#include "tapedeck/query/tape.hpp"

#include <string>

namespace tapedeck {

// For people, on standard error; at most ten gaps are named. Ends with a line feed.
std::string completeness_text(const TapeAnswer& answer, TimeStyle style);

// Members of a JSON object: "coverage":{…},"grains":[…],"given":null
std::string completeness_json(const TapeAnswer& answer, TimeStyle style);

}  // namespace tapedeck
