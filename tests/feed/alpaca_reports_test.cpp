#include "report_text.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

constexpr std::string_view kOrder =
    R"("id":"61e69015-8549-4bfd-b9c3-01e75843f47d","client_order_id":"mine",)"
    R"("created_at":"2025-06-12T13:21:20Z","updated_at":"2025-06-12T13:21:23.991Z",)"
    R"("filled_at":null,"canceled_at":null,"symbol":"MSFT","asset_class":"us_equity",)"
    R"("extended_hours":false,"time_in_force":"day","legs":null)";

std::string order(std::string_view rest) {
  return fmt::format("{{{},{}}}", kOrder, rest);
}

std::string event(std::string_view head, std::string_view rest) {
  return fmt::format(R"({{"event":{},"order":{}}})", head, order(rest));
}

DecodedReports decoded(std::string_view text) {
  const auto decoder = make_alpaca_reports();
  return decoded_reports(*decoder, text);
}

std::string only(const std::string& text) {
  const DecodedReports result = decoded(text);
  if (result.reports.size() + result.errors.size() != 1) return "not one";
  return result.reports.empty() ? result.errors.front() : result.reports.front();
}

constexpr std::string_view kTerms =
    R"("qty":51,"filled_qty":"20","side":"sell","type":"limit","limit_price":"427.30")";
const std::string kBegin =
    "2025-06-12T13:21:23.991Z alpaca:MSFT sell order 61e69015-8549-4bfd-b9c3-01e75843f47d (mine) ";

}  // namespace

TEST_CASE("updates of Alpaca, with numbers in quotes or without") {
  CHECK(only(event(R"("new","timestamp":"2025-06-12T13:21:23.991Z")", kTerms)) ==
        kBegin + "limit 51@427.3 day submitted");
  CHECK(only(event(
            R"("partial_fill","timestamp":"2025-06-12T13:21:23.991Z","qty":"20","price":427.30,)"
            R"("execution_id":"e1")",
            kTerms)) == kBegin + "limit 51@427.3 day submitted; fill 20@427.3 in USD #e1");
  CHECK(only(event(R"("fill","timestamp":"2025-06-12T13:21:23.991Z","price":"427.30")", kTerms)) ==
        kBegin + "limit 51@427.3 day submitted; fill 20@427.3 so far in USD");
  CHECK(only(event(R"("canceled")", kTerms)) == kBegin + "limit 51@427.3 day cancelled 'canceled'");
  CHECK(only(R"({"stream":"trade_updates","data":)" + event(R"("rejected")", kTerms) + "}") ==
        kBegin + "limit 51@427.3 day rejected 'rejected'");
}

TEST_CASE("an order by its value has no quantity") {
  CHECK(only(event(R"("fill","price":"1","qty":"0.5")",
                   R"("qty":null,"notional":"100","side":"sell","type":"market")")) ==
        kBegin.substr(0, kBegin.size() - 1) + "; fill 0.5@1 in USD");
}

TEST_CASE("orders of the REST interface tell what was filled in all") {
  CHECK(only(order(R"("status":"filled","qty":"51","filled_qty":"51","filled_avg_price":"427.3",)"
                   R"("side":"sell","type":"market")")) ==
        "2025-06-12T13:21:20Z alpaca:MSFT sell order 61e69015-8549-4bfd-b9c3-01e75843f47d (mine) "
        "market 51 day submitted; fill 51@427.3 in all in USD");
  CHECK(only("[" +
             order(R"("status":"partially_filled","qty":"51","filled_qty":"20",)"
                   R"("side":"sell","type":"market")") +
             "]") ==
        "1: status must be final: the fills of an order that goes on are told by the stream and "
        "by activities, found 'partially_filled'");
}

TEST_CASE("account activities of type FILL are fills") {
  const DecodedReports result = decoded(R"([
  {"activity_type":"FILL","id":"20220202135509981::2d7be4ff","transaction_time":"2022-02-02T18:55:09.981482Z",
   "type":"fill","price":"1.1","qty":"3","side":"sell_short","symbol":"LPCN","order_id":"ab"},
  {"activity_type":"DIV","id":"x","qty":"1"}
])");
  REQUIRE(result.reports.size() == 1);
  CHECK(result.reports[0] ==
        "2022-02-02T18:55:09.981482Z alpaca:LPCN sell order ab; fill 3@1.1 "
        "#20220202135509981::2d7be4ff");
  CHECK(result.rows[0].line == 2);
  CHECK(result.skipped == 1);
}

TEST_CASE("what changes no order is passed over") {
  const DecodedReports result =
      decoded(event(R"("done_for_day")", kTerms) + "\n" +
              R"({"stream":"authorization","data":{"status":"authorized","action":"listen"}})");
  CHECK(result.reports.empty());
  CHECK(result.errors.empty());
  CHECK(result.skipped == 2);
}

TEST_CASE("bad updates of Alpaca are refused with their reason") {
  CHECK(only(event(R"("fill","price":"0","qty":1)", kTerms)) ==
        "1: price must be above 0, found '0'");
  CHECK(only(event(R"("fill","price":"1","qty":"1e-13")", kTerms)) ==
        "1: qty has more than 12 digits behind the point: too precise, found '0.0000000000001'");
  CHECK(only(event(R"("fill","timestamp":"yesterday")", kTerms)) ==
        "1: timestamp must be a time like 2026-08-09T21:05:48.505Z, found 'yesterday'");
  CHECK(only(event(R"("new")", R"("qty":"0","side":"buy","type":"market")")) ==
        "1: qty must be above 0, found '0'");
  CHECK(only(event(R"("hello")", kTerms)) ==
        "1: event must be one that Alpaca documents, found 'hello'");
  CHECK(only(event(R"("trade_bust")", kTerms)).find("use `tapedeck fills bust`") !=
        std::string::npos);
  CHECK(only(R"({"a":1})") == "1: no trade update, order or account activity of Alpaca");
  CHECK(only(R"({"a":tru})").starts_with("1: no"));
}
