#include "cli/cell_row.hpp"

#include <doctest/doctest.h>

#include <variant>

namespace tapedeck {
namespace {

TEST_CASE("texts of a row stay where they are when the row moves on") {
  CellRow row;
  for (int i = 0; i < 100; ++i)
    row.add("text " + std::to_string(i));
  row.add(std::optional<std::string>{}).add(named_uuid("x")).add(int64_t{7});
  const CellRow moved = std::move(row);
  REQUIRE(moved.cells().size() == 103);
  CHECK(std::get<std::string_view>(moved.cells()[42]) == "text 42");
  CHECK(std::holds_alternative<std::monostate>(moved.cells()[100]));
  CHECK(std::get<std::string_view>(moved.cells()[101]) == to_text(named_uuid("x")));
}

}  // namespace
}  // namespace tapedeck
