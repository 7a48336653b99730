#include "tapedeck/market/trade.hpp"

#include "base/check.hpp"

#include <algorithm>

namespace tapedeck {
namespace {

// Multiplication is monotonic: when the extremes fit, everything between them does.
bool fits_scaled(const std::vector<int64_t>& values, int from, int to) {
  if (values.empty()) return true;
  const auto [low, high] = std::ranges::minmax(values);
  return rescale(low, from, to).has_value() && rescale(high, from, to).has_value();
}

void multiply(std::vector<int64_t>& values, int digits) {
  // Beyond 10^18 only zeros fit, and they stay.
  if (digits == 0 || digits > 18) return;
  const int64_t factor = power_of_ten(digits);
  for (int64_t& value : values)
    value *= factor;
}

}  // namespace

TradeView TradeView::part(size_t from, size_t to) const {
  const size_t count = to - from;
  return {.scale = scale,
          .has_ids = has_ids,
          .ts_event = ts_event.subspan(from, count),
          .trade_id = has_ids ? trade_id.subspan(from, count) : std::span<const int64_t>{},
          .price = price.subspan(from, count),
          .quantity = quantity.subspan(from, count),
          .side = side.subspan(from, count),
          .ts_recv = ts_recv.empty() ? ts_recv : ts_recv.subspan(from, count)};
}

void TradeBlock::push_back(const Trade& trade) {
  if (rows() == 0) has_ids = trade.trade_id.has_value();
  TAPEDECK_CHECK(has_ids == trade.trade_id.has_value(), "rows with and without ids in one block");
  if (has_ids) trade_id.push_back(*trade.trade_id);
  ts_event.push_back(to_epoch_ns(trade.ts_event));
  price.push_back(trade.price.raw());
  quantity.push_back(trade.quantity.raw());
  side.push_back(trade.side);
}

void append(TradeBlock& block, const TradeView& rows) {
  if (rows.rows() == 0) return;
  if (block.rows() == 0) block.has_ids = rows.has_ids;
  TAPEDECK_CHECK(block.scale == rows.scale, "rows of two scales in one block");
  TAPEDECK_CHECK(rows.has_ids || !block.has_ids, "rows without ids in a block with ids");
  const auto add = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  add(block.ts_event, rows.ts_event);
  if (block.has_ids) add(block.trade_id, rows.trade_id);
  add(block.price, rows.price);
  add(block.quantity, rows.quantity);
  add(block.side, rows.side);
}

void TradeBlock::reserve(size_t rows) {
  ts_event.reserve(rows);
  if (has_ids) trade_id.reserve(rows);
  price.reserve(rows);
  quantity.reserve(rows);
  side.reserve(rows);
}

void TradeBlock::clear() {
  ts_event.clear();
  trade_id.clear();
  price.clear();
  quantity.clear();
  side.clear();
  ts_recv.clear();
}

tl::expected<void, DecimalError> rescale(TradeBlock& block, Scale scale) {
  const Scale old = block.scale;
  TAPEDECK_CHECK(finest(old, scale) == scale, "a block cannot become coarser");
  if (!fits_scaled(block.price, old.price_exp, scale.price_exp) ||
      !fits_scaled(block.quantity, old.qty_exp, scale.qty_exp)) {
    return tl::make_unexpected(DecimalError::out_of_range);
  }
  multiply(block.price, old.price_exp - scale.price_exp);
  multiply(block.quantity, old.qty_exp - scale.qty_exp);
  block.scale = scale;
  return {};
}

}  // namespace tapedeck
