#include "report_text.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

DecodedReports decoded(FillFormat format, std::string_view text) {
  if (!format.venue) format.venue = "venue";
  const auto decoder = make_fill_csv(std::move(format));
  return decoded_reports(*decoder, text);
}

constexpr std::string_view kHeader = "time,symbol,side,quantity,price\n";

}  // namespace

TEST_CASE("columns are found by the fields' own names") {
  const DecodedReports result = decoded(
      {},
      R"(Price;Time;Note;SIDE;Symbol;Quantity;Commission;Fees;Fee_Currency;Trade_ID;Strategy;Liquidity
427.30;2024-01-01 00:00:01.5;"a;b";Sold;MSFT;2;0.10;0.02;USD;t1;momentum;maker
)");
  REQUIRE(result.errors.empty());
  REQUIRE(result.reports.size() == 1);
  CHECK(result.reports[0] ==
        "2024-01-01T00:00:01.500Z venue:MSFT sell for momentum; fill 2@427.3 commission 0.1 fees "
        "0.02 of USD maker #t1");
  CHECK(result.rows[0].line == 2);
}

TEST_CASE("titles before the header and blank lines are passed over") {
  const DecodedReports result =
      decoded({},
              "\xEF\xBB\xBF\"Statement, 2024\"\r\n\r\ntime,symbol,side,quantity,price,\r\n\r\n"
              "2024-01-01,MSFT,buy,2,\"1,427.30\",\r\n\r\n");
  CHECK(result.errors.empty());
  REQUIRE(result.reports.size() == 1);
  CHECK(result.reports[0] == "2024-01-01T00:00:00Z venue:MSFT buy; fill 2@1427.3");
  CHECK(result.rows[0].line == 5);
}

TEST_CASE("with words for the sides other rows are no fills") {
  FillFormat format;
  format.fields = {{FillField::side, {"Action"}}};
  format.sides = {{"Market buy", OrderSide::buy}, {"Limit sell", OrderSide::sell}};
  format.constants = {{FillField::currency, "USD"}};
  const DecodedReports result = decoded(format, R"(Action,time,symbol,quantity,price
Deposit,2024-01-01,,,
Market buy,2024-01-01,FOO,24,124.01
Limit sell,2024-01-02,FOO,-24,164.01
Total,,
)");
  CHECK(result.errors.empty());
  CHECK(result.skipped == 2);
  REQUIRE(result.reports.size() == 2);
  CHECK(result.reports[0] == "2024-01-01T00:00:00Z venue:FOO buy; fill 24@124.01 in USD");
  CHECK(result.reports[1] == "2024-01-02T00:00:00Z venue:FOO sell; fill 24@164.01 in USD");
}

TEST_CASE("a signed quantity tells the side") {
  FillFormat format;
  format.signed_quantity = true;
  format.negative_costs = true;
  const DecodedReports result =
      decoded(format,
              "time,symbol,quantity,price,commission\n"
              "2024-01-01,A,5,1,-0.35\n2024-01-02,A,-5,1,0.2\n2024-01-02,A,0,1,\n");
  REQUIRE(result.reports.size() == 2);
  CHECK(result.reports[0] == "2024-01-01T00:00:00Z venue:A buy; fill 5@1 commission 0.35");
  CHECK(result.reports[1] == "2024-01-02T00:00:00Z venue:A sell; fill 5@1 commission -0.2");
  CHECK(result.errors == std::vector<std::string>{"4: quantity must not be 0, found '0'"});
}

TEST_CASE("of several columns the one with a value counts") {
  FillFormat format;
  format.fields = {{FillField::fee_currency, {"a", "b"}}};
  const DecodedReports result = decoded(format,
                                        "time,symbol,side,quantity,price,commission,a,b\n"
                                        "2024-01-01,A,b,1,1,1,,EUR\n"
                                        "2024-01-01,A,s,1,1,1,EUR,EUR\n"
                                        "2024-01-01,A,s,1,1,1,EUR,USD\n");
  REQUIRE(result.reports.size() == 2);
  CHECK(result.reports[0] == "2024-01-01T00:00:00Z venue:A buy; fill 1@1 commission 1 of EUR");
  CHECK(result.errors ==
        std::vector<std::string>{"4: fee_currency is said twice: 'EUR' and 'USD'"});
}

TEST_CASE("Binance's export of trades has units behind its numbers") {
  const DecodedReports result =
      decoded(binance_trade_history(), R"(Date(UTC),Pair,Side,Price,Executed,Amount,Fee
2021-03-24 23:12:47,BTCUSDT,BUY,"52,789.10",0.00028400BTC,14.99210440USDT,0.00000028BTC
2021-03-24 23:12:48,1INCHUSDT,SELL,4.1,0.5001INCH,2.05USDT,0.0001BNB
)");
  CHECK(result.errors.empty());
  REQUIRE(result.reports.size() == 2);
  CHECK(result.reports[0] ==
        "2021-03-24T23:12:47Z binance:BTCUSDT buy; fill 0.000284@52789.1 commission 0.00000028 of "
        "BTC");
  CHECK(result.reports[1] ==
        "2021-03-24T23:12:48Z binance:1INCHUSDT sell; fill 0.5@4.1 commission 0.0001 of BNB");
}

TEST_CASE("a file without a header has its columns named") {
  FillFormat format;
  format.columns = {"time", "symbol", "side", "quantity", "price"};
  const DecodedReports result = decoded(format, "2024-01-01\tA\tbuy\t1\t2\n");
  REQUIRE(result.reports.size() == 1);
  CHECK(result.reports[0] == "2024-01-01T00:00:00Z venue:A buy; fill 1@2");
}

TEST_CASE("bad rows of a table are refused with their reason, the others go on") {
  struct Case {
    std::string row;
    std::string reason;
  };
  const std::vector<Case> cases{
      {"2024-01-01,A,buy,1", "must have 5 columns, found 4"},
      {"2024-01-01,A,hold,1,1", "side must be buy or sell, found 'hold'"},
      {"2024-01-01,A,buy,0,1", "quantity must not be 0, found '0'"},
      {"2024-01-01,A,buy,-1,1", "quantity of what was bought must not be negative, found '-1'"},
      {"2024-01-01,A,buy,NaN,1", "quantity must be a decimal number, found 'NaN'"},
      {"2024-01-01,A,buy,1,0.0000000000001",
       "price has more than 12 digits behind the point: too precise, found '0.0000000000001'"},
      {"2024-01-01,A,buy,1,0", "price must be above 0, found '0'"},
      {"2024-01-01,A,buy,1,-3", "price must be above 0, found '-3'"},
      {"01/02/2024,A,buy,1,1",
       "time must be a time like 2024-01-31 16:10:05.175, found '01/02/2024'"},
      {std::string(70'000, 'x'), "line has more than 65536 bytes"}};
  for (const Case& one : cases) {
    CAPTURE(one.reason);
    const DecodedReports result =
        decoded({}, std::string{kHeader} + one.row + "\n2024-01-01,A,buy,1,1\n");
    REQUIRE(result.errors.size() == 1);
    CHECK(result.errors.front() == "2: " + one.reason);
    CHECK(result.reports.size() == 1);
  }
}

TEST_CASE("a table without the columns is refused as a whole") {
  check_refused(ErrorCode::bad_input,
                {"none of its first lines has all of the columns 'time', 'symbol', 'side', "
                 "'quantity', 'price'; it begins with 'a,b'"},
                [] { decoded({}, "a,b\n1,2\n"); });
  CHECK(decoded({}, "").reports.empty());
}
