#include "feed/trade_blocks.hpp"

#include <algorithm>

namespace tapedeck {
namespace {

// Rows made ready at once: 66 KB, so that they are still in the cache when they are filled.
constexpr size_t kRoomStep = 2048;

// The finest exponent, not finer than `exponent`, at which `value` fits 64 bits.
int8_t fitting_exponent(const Decimal& value, int8_t exponent) {
  while (exponent < value.exponent && !rescale(value.units, value.exponent, exponent)) {
    ++exponent;
  }
  return exponent;
}

Scale needed_by(const Decimal& price, const Decimal& quantity) {
  return {.price_exp = static_cast<int8_t>(price.exponent),
          .qty_exp = static_cast<int8_t>(quantity.exponent)};
}

}  // namespace

void TradeBlocks::add_decimal(TradeUnits trade, const Decimal& price, const Decimal& quantity) {
  const Scale needed = needed_by(price, quantity);
  const Scale refined = finest(block_.scale, needed);
  const Scale fitting{.price_exp = fitting_exponent(price, refined.price_exp),
                      .qty_exp = fitting_exponent(quantity, refined.qty_exp)};
  if (fitting != block_.scale) {
    set_rows(rows_);
    // A block becomes finer only; rows that cannot follow stay behind in a block of their own.
    if (fitting != refined || !rescale(block_, fitting)) {
      close();
      block_.scale = fitting;
    }
  }
  trade.price = *rescale(price.units, price.exponent, fitting.price_exp);
  trade.quantity = *rescale(quantity.units, quantity.exponent, fitting.qty_exp);
  add(trade);
}

void TradeBlocks::make_room() {
  if (room_ == 0 && filled_one_) block_.reserve(block_rows_);
  set_rows(std::min(room_ + kRoomStep, block_rows_));
}

void TradeBlocks::set_rows(size_t rows) {
  block_.ts_event.resize(rows);
  block_.trade_id.resize(rows);
  block_.price.resize(rows);
  block_.quantity.resize(rows);
  block_.side.resize(rows);
  room_ = rows;
}

void TradeBlocks::close() {
  const Scale scale = block_.scale;
  if (rows_ > 0) {
    filled_one_ = filled_one_ || rows_ == block_rows_;
    set_rows(rows_);
    full_.push_back(std::move(block_));
  }
  block_ = TradeBlock{};
  block_.scale = scale;
  rows_ = 0;
  room_ = 0;
}

}  // namespace tapedeck
