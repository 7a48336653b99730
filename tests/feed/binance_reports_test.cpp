#include "report_text.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

DecodedReports decoded(std::string_view text, std::optional<std::string> venue = {}) {
  const auto decoder = make_binance_reports(std::move(venue));
  return decoded_reports(*decoder, text);
}

// An executionReport with these members in the place of the usual ones.
std::string spot(std::initializer_list<std::pair<std::string_view, std::string_view>> others) {
  std::vector<std::pair<std::string, std::string>> members{{"e", "\"executionReport\""},
                                                           {"E", "1616627567901"},
                                                           {"s", "\"BNBBTC\""},
                                                           {"c", "\"mine\""},
                                                           {"S", "\"BUY\""},
                                                           {"o", "\"LIMIT\""},
                                                           {"f", "\"GTC\""},
                                                           {"q", "\"2.50\""},
                                                           {"p", "\"0.00680000\""},
                                                           {"P", "\"0.00000000\""},
                                                           {"C", "\"\""},
                                                           {"x", "\"NEW\""},
                                                           {"X", "\"NEW\""},
                                                           {"r", "\"NONE\""},
                                                           {"i", "42"},
                                                           {"l", "\"0.0\""},
                                                           {"z", "\"0.0\""},
                                                           {"L", "\"0.0\""},
                                                           {"n", "\"0\""},
                                                           {"N", "null"},
                                                           {"T", "1616627567900"},
                                                           {"t", "-1"},
                                                           {"m", "false"},
                                                           {"O", "1616627567900"}};
  std::string text;
  for (auto& [name, value] : members) {
    for (const auto& [other, replaced] : others) {
      if (name == other) value = replaced;
    }
    if (value.empty()) continue;  // left out
    text += fmt::format("{}\"{}\":{}", text.empty() ? "{" : ",", name, value);
  }
  return text + "}";
}

std::string only(const std::string& text) {
  const DecodedReports result = decoded(text);
  if (result.reports.size() + result.errors.size() != 1) return "not one";
  return result.reports.empty() ? result.errors.front() : result.reports.front();
}

}  // namespace

TEST_CASE("reports of Binance's spot") {
  const std::string begin = "2021-03-24T23:12:47.900Z binance:BNBBTC buy order 42 (mine) ";
  CHECK(only(spot({})) == begin + "limit 2.5@0.0068 gtc submitted");
  CHECK(only(spot({{"x", "\"TRADE\""},
                   {"X", "\"PARTIALLY_FILLED\""},
                   {"l", "\"0.10\""},
                   {"L", "\"0.00679\""},
                   {"n", "\"0.00000100\""},
                   {"N", "\"BNB\""},
                   {"t", "77"},
                   {"m", "true"}})) ==
        begin +
            "limit 2.5@0.0068 gtc submitted; fill 0.1@0.00679 commission 0.000001 of BNB "
            "maker #77");
  CHECK(only(spot({{"o", "\"MARKET\""}, {"p", "\"0.0\""}})) == begin + "market 2.5 gtc submitted");
  CHECK(only(spot({{"o", "\"STOP_LOSS_LIMIT\""}, {"P", "\"0.0070\""}})) ==
        begin + "stop_limit 2.5@0.0068 stop 0.007 STOP_LOSS_LIMIT gtc submitted");
  CHECK(only(spot(
            {{"x", "\"REJECTED\""}, {"X", "\"REJECTED\""}, {"r", "\"INSUFFICIENT_BALANCE\""}})) ==
        begin + "limit 2.5@0.0068 gtc rejected 'INSUFFICIENT_BALANCE'");
  CHECK(only(spot({{"x", "\"EXPIRED\""}, {"X", "\"EXPIRED\""}, {"f", "\"IOC\""}})) ==
        begin + "limit 2.5@0.0068 ioc cancelled 'EXPIRED'");
}

TEST_CASE("a cancellation is told of the order, not of the request") {
  CHECK(only(spot({{"x", "\"CANCELED\""},
                   {"X", "\"CANCELED\""},
                   {"c", "\"request\""},
                   {"C", "\"mine\""}})) ==
        "2021-03-24T23:12:47.900Z binance:BNBBTC buy order 42 (mine) limit 2.5@0.0068 gtc "
        "cancelled 'CANCELED'");
}

TEST_CASE("numbers of Binance may stand without quotes and keep their digits") {
  CHECK(only(spot({{"q", "2.500000000001"}, {"p", "1e-7"}})) ==
        "2021-03-24T23:12:47.900Z binance:BNBBTC buy order 42 (mine) limit "
        "2.500000000001@0.0000001 gtc submitted");
}

TEST_CASE("futures, wrapped and bare, of a venue of their own") {
  const std::string order =
      R"({"e":"ORDER_TRADE_UPDATE","E":1568879465651,"T":1568879465650,"o":{"s":"BTCUSDT",)"
      R"("c":"TEST","S":"SELL","o":"MARKET","f":"GTC","q":"0.001","p":"0","ap":"0","sp":"7103.04",)"
      R"("x":"TRADE","X":"FILLED","i":8886774,"l":"0.001","z":"0.001","L":"7100.1","N":"USDT",)"
      R"("n":"0.0028","T":1568879465650,"t":9,"m":false,"R":false,"ot":"STOP_MARKET"}})";
  const std::string expected =
      "2019-09-19T07:51:05.650Z binance-um:BTCUSDT sell order 8886774 (TEST) stop 0.001 stop "
      "7103.04 STOP_MARKET gtc submitted; fill 0.001@7100.1 commission 0.0028 of USDT taker #9";
  CHECK(only(order) == expected);
  CHECK(only(R"({"stream":"key","data":)" + order + "}") == expected);
  const DecodedReports other = decoded(order, "binance-paper");
  CHECK(other.rows.front().report.instrument.venue == "binance-paper");
}

TEST_CASE("what is no report of an order is passed over and counted") {
  const DecodedReports result = decoded(R"({"stream":"k","data":{"e":"balanceUpdate","a":"BTC"}}
{"e":"listStatus","O":[{"s":"ETHBTC"}]}
{"result":null,"id":1}
{"stream":"btcusdt@bookTicker","data":{"u":400900217,"s":"BTCUSDT"}}
[{"e":"outboundAccountPosition"},{"e":"trade","p":"1"}]
)");
  CHECK(result.reports.empty());
  CHECK(result.errors.empty());
  CHECK(result.skipped == 6);
}

TEST_CASE("bad reports of Binance are refused with their line and reason") {
  struct Case {
    std::string line;
    std::string reason;
  };
  const std::vector<Case> cases{
      {spot({{"q", "\"0.00000000\""}}), "q must be above 0, found '0.00000000'"},
      {spot({{"q", "\"NaN\""}}), "q must be a decimal number, found 'NaN'"},
      {spot({{"q", ""}}), "there is no 'q'"},
      {spot({{"p", "\"0.0000000000001\""}}),
       "p has more than 12 digits behind the point: too precise, found '0.0000000000001'"},
      {spot({{"p", "\"-1\""}}), "p must not be negative, found '-1'"},
      {spot({{"S", "\"HOLD\""}}), "S must be buy or sell, found 'HOLD'"},
      {spot({{"X", "\"MAYBE\""}}), "X must be a status of an order, found 'MAYBE'"},
      {spot({{"T", "161662756790"}}),
       "T must have 13 digits (ms) or 16 (µs), found '161662756790'"},
      {spot({{"i", "\"x\""}}), "i must be a whole number, found 'x'"},
      {spot({{"o", "\"A \\\"B\""}}), "the order's type must be a word, found 'A \"B'"},
      {spot({{"x", "\"TRADE\""}}), "l must be above 0, found '0.0'"},
      {spot({{"x", "\"TRADE\""}, {"l", "\"1\""}}), "L must be above 0, found '0.0'"},
      {R"({"price":1})", "no event of Binance: there is no 'e'"},
      {R"({"e":"ORDER_TRADE_UPDATE","o":{"s":"BTCUSD_PERP"}})",
       "s must not be a coin-margined contract, whose value is not price × quantity, found "
       "'BTCUSD_PERP'"}};
  for (const Case& one : cases) {
    CAPTURE(one.line);
    const DecodedReports result =
        decoded("{\"result\":null}\n" + one.line + "\n" + spot({}) + "\n");
    REQUIRE(result.errors.size() == 1);
    CHECK(result.errors.front() == "2: " + one.reason);
    CHECK(result.reports.size() == 1);
  }
}
