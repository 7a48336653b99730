#include "store/entity_view.hpp"

#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::check_refused;

struct Fruit {
  int64_t number = 0;
  std::optional<std::string> name = {};
  Uuid id = {};
};

const EntityView<Fruit> kFruit{
    "main.fruit",
    {{"number", ColumnKind::integer, [](const Fruit& f) { return cell(f.number); }},
     {"name", ColumnKind::text, [](const Fruit& f) { return cell(f.name); }},
     {"id", ColumnKind::uuid, [](const Fruit& f) { return cell(f.id); }}},
    {{"number", SortOrder::descending}}};

const std::vector<Fruit> kBasket{
    {1, "pear", {.low = 10}}, {2, {}, {}}, {3, "apple", {}}, {4, "pear", {}}};

std::vector<int64_t> numbers(const QueryFilter& filter) {
  std::vector<int64_t> found;
  for (const Fruit& fruit : kFruit.select(kBasket, filter))
    found.push_back(fruit.number);
  return found;
}
using Numbers = std::vector<int64_t>;

TEST_CASE("rows are chosen, sorted and cut as a SELECT does") {
  CHECK(numbers({}) == Numbers{4, 3, 2, 1});
  CHECK(numbers({.conditions = {{"name", Comparison::equal, {"pear"}}}}) == Numbers{4, 1});
  CHECK(numbers({.conditions = {{"name", Comparison::equal, {QueryValue{}}}}}) == Numbers{2});
  // Equal names come in the order that there is without one; NULL is last either way.
  CHECK(numbers({.order = {{"name"}}}) == Numbers{3, 4, 1, 2});
  CHECK(numbers({.order = {{"name", SortOrder::descending}}}) == Numbers{4, 1, 3, 2});
  CHECK(numbers({.limit = 2, .offset = 1}) == Numbers{3, 2});
  CHECK(numbers({.limit = 0}).empty());
  CHECK(numbers({.offset = 9}).empty());
  CHECK(
      numbers(
          {.conditions = {{"id", Comparison::equal, {"00000000-0000-0000-0000-00000000000A"}}}}) ==
      Numbers{1});
}

TEST_CASE("what a view cannot be asked is refused") {
  const auto refused = [](ErrorCode code, std::initializer_list<std::string_view> words,
                          const QueryFilter& filter) {
    check_refused(code, words, [&] { numbers(filter); });
  };
  using enum Comparison;
  refused(ErrorCode::not_found, {"'main.fruit' has no column 'numbr'", "did you mean 'number'"},
          {.conditions = {{"numbr", equal, {1}}}});
  refused(ErrorCode::not_found, {"it has number, name"}, {.order = {{"weight_in_grams"}}});
  constexpr auto kInvalid = ErrorCode::invalid_argument;
  refused(kInvalid, {"'number' of 'main.fruit' is compared with a whole number or a Decimal"},
          {.conditions = {{"number", equal, {"1"}}}});
  refused(kInvalid, {"LIKE is for texts"}, {.conditions = {{"id", like, {"0%"}}}});
  refused(kInvalid, {"'id'", "a UUID as text"}, {.conditions = {{"id", equal, {"0"}}}});
  refused(kInvalid, {"'name'"}, {.conditions = {{"name", equal, {"\xff"}}}});
  refused(kInvalid, {"limit -1 is negative"}, {.limit = -1});
  refused(kInvalid, {"offset -2 is negative"}, {.offset = -2});
}

}  // namespace
}  // namespace tapedeck
