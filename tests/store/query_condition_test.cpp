#include "tapedeck/store/query_condition.hpp"

#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace tapedeck {
namespace {

using test::at_ms;
using test::check_refused;

bool is_met(Comparison comparison, std::vector<QueryValue> values, const QueryValue& cell) {
  return holds(checked({.column = "c", .comparison = comparison, .values = std::move(values)}),
               cell);
}

TEST_CASE("NULL meets what asks for it and nothing else") {
  const QueryValue null;
  CHECK(is_met(Comparison::equal, {null}, null));
  CHECK_FALSE(is_met(Comparison::equal, {null}, 1));
  CHECK(is_met(Comparison::not_equal, {null}, 1));
  CHECK_FALSE(is_met(Comparison::not_equal, {1}, null));
  CHECK_FALSE(is_met(Comparison::in, {1, 2}, null));
  CHECK(is_met(Comparison::in, {1, null}, null));
  CHECK_FALSE(is_met(Comparison::in, {1, null}, 2));
  CHECK_FALSE(is_met(Comparison::in, {}, 2));
  CHECK_FALSE(is_met(Comparison::like, {"%"}, null));
}

TEST_CASE("numbers of all types compare, decimals exactly") {
  CHECK(is_met(Comparison::equal, {Decimal{20, -1}}, 2));
  CHECK_FALSE(is_met(Comparison::equal, {Decimal{25, -1}}, 2));
  CHECK(is_met(Comparison::greater, {1}, Decimal{1'000'000'000'001, -12}));
  CHECK(is_met(Comparison::equal, {0.1}, Decimal{1, -1}));
  CHECK(is_met(Comparison::less, {std::numeric_limits<double>::quiet_NaN()}, 1e300));
  CHECK(is_met(Comparison::equal, {0.0}, -0.0));
  CHECK(is_met(Comparison::between, {1, Decimal{3, 0}}, 3));
}

TEST_CASE("a pattern is of letters as UTF-8 has them") {
  CHECK(is_like("BTCUSDT", "BTC%"));
  CHECK_FALSE(is_like("btcusdt", "BTC%"));
  CHECK(is_like("größe", "gr__e"));
  CHECK(is_like("größe", "%ß_"));
  CHECK_FALSE(is_like("größe", "gr___e"));
  CHECK(is_like("", "%%"));
  CHECK_FALSE(is_like("", "_"));
  CHECK(is_like("aXbXc", "a%X_"));
  CHECK_FALSE(is_like("abc", "a%d%"));
  CHECK(is_like("50%", "50%"));
}

TEST_CASE("rows are ordered as SQL orders them") {
  CHECK(compare_values("B", "a") < 0);
  CHECK(compare_values("z", "ä") < 0);
  CHECK(compare_values("a", QueryValue{}) < 0);
  CHECK(compare_values(QueryValue{}, QueryValue{}) == 0);
  CHECK(compare_values(false, true) < 0);
  CHECK(compare_values(at_ms(1), at_ms(2)) < 0);
}

TEST_CASE("values that do not go together are refused") {
  const auto refused = [](ErrorCode code, std::string_view words, QueryCondition condition,
                          const QueryValue& cell) {
    check_refused(code, {words}, [&] { holds(checked(std::move(condition)), cell); });
  };
  using enum Comparison;
  refused(ErrorCode::invalid_argument, "a text cannot be compared with a whole number",
          {"c", equal, {1}}, "1");
  refused(ErrorCode::invalid_argument, "the column has no text", {"c", like, {"1"}}, 1);
  refused(ErrorCode::invalid_argument, "takes one value", {"c", less, {}}, 1);
  refused(ErrorCode::invalid_argument, "has no order", {"c", less, {QueryValue{}}}, 1);
  refused(ErrorCode::out_of_range, "DECIMAL(38,12)", {"c", equal, {Decimal{1, -13}}}, 1);
}

}  // namespace
}  // namespace tapedeck
