#include "store/trade_batch.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tapedeck {

void check_values(const TradeBlock& trades) {
  for (size_t row = 0; row < trades.rows(); ++row) {
    const auto refuse = [&](std::string_view field, std::string_view rule, int64_t units, int exp) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("row {}: {} must be {}, found {}; nothing was stored", row, field,
                              rule, to_text(Decimal{units, exp}))};
    };
    if (trades.price[row] <= 0) {
      refuse("price", "above 0", trades.price[row], trades.scale.price_exp);
    }
    if (trades.quantity[row] < 0) {
      refuse("quantity", "0 or more", trades.quantity[row], trades.scale.qty_exp);
    }
  }
}

OrderedBatch in_order(const TradeBlock& trades) {
  OrderedBatch batch;
  const TradeView view = trades.view();
  std::vector<size_t> order(trades.rows());
  std::iota(order.begin(), order.end(), size_t{0});
  std::unordered_map<int64_t, size_t> first_row;
  std::vector<bool> drop(trades.rows(), false);
  for (size_t row = 0; trades.has_ids && row < trades.rows(); ++row) {
    const auto [first, is_new] = first_row.try_emplace(trades.trade_id[row], row);
    drop[row] = !is_new;
    if (is_new) continue;
    const Trade earlier = view[first->second];
    if (earlier == view[row]) {
      ++batch.duplicates;
    } else {
      batch.conflicts.push_back({.stored = earlier,
                                 .offered = view[row],
                                 .stored_scale = trades.scale,
                                 .offered_scale = trades.scale});
    }
  }
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    if (trades.ts_event[a] != trades.ts_event[b]) return trades.ts_event[a] < trades.ts_event[b];
    return trades.has_ids && trades.trade_id[a] < trades.trade_id[b];
  });
  batch.trades.scale = trades.scale;
  batch.trades.has_ids = trades.has_ids;
  batch.trades.reserve(trades.rows());
  for (const size_t row : order) {
    if (!drop[row]) batch.trades.push_back(view[row]);
  }
  return batch;
}

}  // namespace tapedeck
