#include "store/trade_batch.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tapedeck {
namespace {

std::string shown(const Trade& trade, Scale scale) {
  return fmt::format("{} {} × {} {}", to_iso(trade.ts_event),
                     to_text(Decimal{trade.price.raw(), scale.price_exp}),
                     to_text(Decimal{trade.quantity.raw(), scale.qty_exp}), to_text(trade.side));
}

bool is_in_order(const TradeBlock& trades) {
  return std::ranges::is_sorted(trades.ts_event) &&
         (!trades.has_ids ||
          std::ranges::adjacent_find(trades.trade_id, std::ranges::greater_equal{}) ==
              trades.trade_id.end());
}

}  // namespace

std::string reason_of(const TradeConflict& conflict) {
  return fmt::format("id {} is stored with other content: {}",
                     conflict.offered.trade_id.value_or(0),
                     shown(conflict.stored, conflict.stored_scale));
}

std::string offered_text(const TradeConflict& conflict) {
  return shown(conflict.offered, conflict.offered_scale);
}

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
  if (is_in_order(trades)) {
    batch.trades = trades;
    return batch;
  }
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
    if (drop[row]) continue;
    batch.trades.push_back(view[row]);
    if (!trades.ts_recv.empty()) batch.trades.ts_recv.push_back(trades.ts_recv[row]);
  }
  return batch;
}

}  // namespace tapedeck
