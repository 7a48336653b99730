#include "tapedeck/market/fill.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

Fill fill_at(int64_t ns, std::optional<std::string> id) {
  Fill fill;
  fill.executed_at = from_epoch_ns(ns);
  fill.exchange_trade_id = std::move(id);
  return fill;
}

TEST_CASE("fills stand in the order of time, then of the venue's numbers") {
  const auto before = [](const Fill& a, const Fill& b) {
    return compare_in_time(a, b) < 0 && compare_in_time(b, a) > 0;
  };
  CHECK(before(fill_at(1, "9"), fill_at(2, "8")));
  CHECK(before(fill_at(1, "9"), fill_at(1, "10")));  // as numbers
  CHECK(before(fill_at(1, "007"), fill_at(1, "8")));
  CHECK(before(fill_at(1, "10"), fill_at(1, "x1")));  // numbers before words
  CHECK(before(fill_at(1, {}), fill_at(1, "0")));
  CHECK(before(fill_at(1, "07"), fill_at(1, "7")));  // another text is another fill
  CHECK(compare_in_time(fill_at(1, {}), fill_at(1, {})) == 0);
}

TEST_CASE("cash changes by price times quantity, and by fees in the same currency") {
  Fill fill;
  fill.instrument = {.venue = "binance", .symbol = "BTCUSDT"};
  fill.side = OrderSide::sell;
  fill.quantity = parse_amount("2").value();
  fill.price = parse_amount("100.5").value();
  fill.commission = parse_amount("0.25").value();
  fill.fees = parse_amount("0.05").value();
  CHECK(cash_change(fill) == parse_amount("200.7").value());
  fill.fee_currency = "USDT";  // what the symbol ends with
  CHECK(cash_change(fill) == parse_amount("200.7").value());
  fill.fee_currency = "BNB";
  CHECK(cash_change(fill) == parse_amount("201").value());
  fill.currency = "BNB";
  CHECK(cash_change(fill) == parse_amount("200.7").value());
  fill.side = OrderSide::buy;
  CHECK(cash_change(fill) == parse_amount("-201.3").value());
}

TEST_CASE("liquidity has two words") {
  CHECK(parse_liquidity(to_text(Liquidity::maker)) == Liquidity::maker);
  CHECK(parse_liquidity("Taker") == Liquidity::taker);
  CHECK_FALSE(parse_liquidity("none"));
}

}  // namespace
}  // namespace tapedeck
