#include "cli/bar_cells.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

Instrument spot() {
  Instrument instrument;
  instrument.scale = {.price_exp = -2, .qty_exp = -3};
  return instrument;
}

Bar bar_of_two() {
  Bar bar;
  bar.volume = 4000;
  bar.notional = 401'00'000;
  bar.trades = 2;
  return bar;
}

}  // namespace

TEST_CASE("quote volume is the sum of price × quantity") {
  CHECK(*quote_volume(bar_of_two(), spot()) == Decimal{401, 0});
}

TEST_CASE("quote volume of an inverse instrument needs its contract size") {
  Instrument inverse = spot();
  inverse.inverse = true;
  CHECK_FALSE(quote_volume(bar_of_two(), inverse));
  inverse.contract_size = Decimal{100, 0};
  CHECK(*quote_volume(bar_of_two(), inverse) == Decimal{400, 0});
}

TEST_CASE("a venue's kline has no vwap, and sell volume is what is left of volume") {
  GivenKline given{.complete = true};
  Kline& kline = given.kline;
  kline.volume = {150, -2};
  kline.buy_volume = Decimal{5, -1};
  const KlineCells cells = kline_cells(given);
  CHECK(std::get<Decimal>(cells[7]) == Decimal{1, 0});
  CHECK(std::holds_alternative<std::monostate>(cells[8]));
  CHECK(std::holds_alternative<std::monostate>(cells[10]));
  CHECK(std::get<bool>(cells[11]));
}

TEST_CASE("columns of klines are named as the fields") {
  std::string names;
  for (const Column& column : kline_columns(spot()))
    names += column.name + ",";
  CHECK(
      names ==
      "time,open,high,low,close,volume,buy_volume,sell_volume,quote_volume,trades,vwap,complete,");
  CHECK(kline_columns(spot()).size() == given_kline_columns().size());
}

}  // namespace tapedeck
