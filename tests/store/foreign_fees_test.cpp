#include "store/foreign_fees.hpp"

#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

TEST_CASE("fees are kept by currency, exactly, and damage is told") {
  const std::vector<ForeignFees> fees{
      {.currency = "BNB", .paid = parse_amount("0.000000000001").value()},
      {.currency = "ETH", .paid = parse_amount("-2").value()}};
  CHECK(fees_json(fees) == R"({"BNB":"0.000000000001","ETH":"-2"})");
  CHECK(parse_fees(*fees_json(fees)) == fees);
  CHECK_FALSE(fees_json({}));
  for (const char* bad : {"", "[1]", R"({"BNB":1})", R"({"BNB":"x"})"})
    test::check_refused(ErrorCode::corrupt, {"fees that are none"}, [&] { parse_fees(bad); });
}

}  // namespace
}  // namespace tapedeck
