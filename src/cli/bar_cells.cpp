#include "cli/bar_cells.hpp"

#include <algorithm>

namespace tapedeck {
namespace {

constexpr int kVwapDigits = 4;  // more than the price has
// No venue publishes more digits than the store keeps.
constexpr int kGivenDigits = -kMinExponent;

Cell cell_of(const std::optional<Decimal>& value) {
  return value ? Cell{*value} : Cell{};
}

struct Digits {
  int price;
  int quantity;
  int quote;
  int vwap;
};

std::vector<Column> columns_with(const Digits& digits) {
  return {{"time", CellType::time},
          {"open", CellType::decimal, digits.price},
          {"high", CellType::decimal, digits.price},
          {"low", CellType::decimal, digits.price},
          {"close", CellType::decimal, digits.price},
          {"volume", CellType::decimal, digits.quantity},
          {"buy_volume", CellType::decimal, digits.quantity},
          {"sell_volume", CellType::decimal, digits.quantity},
          {"quote_volume", CellType::decimal, digits.quote},
          {"trades", CellType::integer},
          {"vwap", CellType::decimal, digits.vwap},
          {"complete", CellType::boolean}};
}

}  // namespace

std::vector<Column> kline_columns(const Instrument& instrument) {
  const Scale scale = instrument.scale;
  const int contract = instrument.contract_size ? instrument.contract_size->exponent : 0;
  const int quote_exp =
      instrument.inverse ? scale.qty_exp + contract : scale.price_exp + scale.qty_exp;
  return columns_with({.price = -scale.price_exp,
                       .quantity = -scale.qty_exp,
                       .quote = -quote_exp,
                       .vwap = kVwapDigits - scale.price_exp});
}

std::vector<Column> given_kline_columns() {
  return columns_with({.price = kGivenDigits,
                       .quantity = kGivenDigits,
                       .quote = kGivenDigits,
                       .vwap = kGivenDigits});
}

KlineCells kline_cells(const BarAnswer& answer, const Instrument& instrument) {
  const Bar& bar = answer.bar;
  const Scale scale = instrument.scale;
  const auto price = [&](Price p) { return Decimal{p.raw(), scale.price_exp}; };
  const auto volume = [&](Volume v) { return Decimal{v, scale.qty_exp}; };
  return {bar.begin,
          price(bar.open),
          price(bar.high),
          price(bar.low),
          price(bar.close),
          volume(bar.volume),
          volume(bar.buy_volume),
          volume(bar.sell_volume),
          cell_of(quote_volume(bar, instrument)),
          bar.trades,
          cell_of(vwap(bar, scale)),
          answer.complete};
}

KlineCells kline_cells(const GivenKline& given) {
  const Kline& kline = given.kline;
  return {kline.begin,
          kline.open,
          kline.high,
          kline.low,
          kline.close,
          kline.volume,
          cell_of(kline.buy_volume),
          kline.buy_volume ? Cell{difference(kline.volume, *kline.buy_volume)} : Cell{},
          cell_of(kline.quote_volume),
          kline.trades ? Cell{*kline.trades} : Cell{},
          Cell{},
          given.complete};
}

std::optional<Decimal> quote_volume(const Bar& bar, const Instrument& instrument) {
  const Scale scale = instrument.scale;
  if (!instrument.inverse) return Decimal{bar.notional, scale.price_exp + scale.qty_exp};
  if (!instrument.contract_size) return std::nullopt;
  const Decimal& contract = *instrument.contract_size;
  int128 units = 0;
  if (__builtin_mul_overflow(bar.volume, contract.units, &units)) {
    throw Error{ErrorCode::out_of_range, "a quote volume does not fit 128 bits"};
  }
  return Decimal{units, scale.qty_exp + contract.exponent};
}

}  // namespace tapedeck
