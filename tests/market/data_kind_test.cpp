#include "tapedeck/market/data_kind.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;

TEST_CASE("a kind of data is a word and back") {
  for (const DataKind kind : kDataKinds)
    CHECK(parse_data_kind(to_text(kind)) == kind);
  CHECK(to_text(DataKind::open_interest) == "open_interest");
  CHECK_FALSE(parse_data_kind("Trades").has_value());
}
