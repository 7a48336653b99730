// Trade: one public match printed by the venue; and trades as columns, the form they travel in.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/side.hpp"
#include "tapedeck/market/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tapedeck {

struct Trade {
  Timestamp ts_event;                    // the venue's clock
  std::optional<int64_t> trade_id = {};  // the venue's number; absent where it gives none
  Price price;                           // in units of the batch's Scale
  Qty quantity;                          // in units of the batch's Scale, never negative
  AggressorSide side = AggressorSide::unknown;
  bool operator==(const Trade&) const = default;
};

// Borrowed columns of equal length, one scale. Valid until the owner moves on (for a query: until
// its callback returns).
struct TradeView {
  Scale scale;
  bool has_ids = true;                // false: trade_id holds nothing for any row
  std::span<const int64_t> ts_event;  // UTC nanoseconds
  std::span<const int64_t> trade_id;
  std::span<const int64_t> price;     // units of scale.price_exp
  std::span<const int64_t> quantity;  // units of scale.qty_exp
  std::span<const AggressorSide> side;
  std::span<const int64_t> ts_recv = {};  // our clock; empty: not known for any row

  size_t rows() const { return ts_event.size(); }
  Trade operator[](size_t row) const {
    return {.ts_event = from_epoch_ns(ts_event[row]),
            .trade_id = has_ids ? std::optional{trade_id[row]} : std::nullopt,
            .price = Price{price[row]},
            .quantity = Qty{quantity[row]},
            .side = side[row]};
  }
  // Rows [from, to).
  TradeView part(size_t from, size_t to) const;
};

// Owned columns: what decoders fill and writers store.
struct TradeBlock {
  Scale scale;
  bool has_ids = true;
  std::vector<int64_t> ts_event;
  std::vector<int64_t> trade_id;
  std::vector<int64_t> price;
  std::vector<int64_t> quantity;
  std::vector<AggressorSide> side;
  std::vector<int64_t> ts_recv = {};  // as of TradeView; push_back() leaves it alone

  size_t rows() const { return ts_event.size(); }
  void push_back(const Trade& trade);
  void reserve(size_t rows);
  void clear();
  // Valid until the block changes.
  TradeView view() const {
    return {.scale = scale,
            .has_ids = has_ids,
            .ts_event = ts_event,
            .trade_id = trade_id,
            .price = price,
            .quantity = quantity,
            .side = side,
            .ts_recv = ts_recv};
  }
};

// Adds rows of the block's scale. Ids as the block has them: rows without any cannot be added to a
// block with ids. ts_recv stays as it is.
void append(TradeBlock& block, const TradeView& rows);

// Brings a block to a finer scale. Fails with out_of_range, leaving the block as it was, when a
// value does not fit.
tl::expected<void, DecimalError> rescale(TradeBlock& block, Scale scale);

}  // namespace tapedeck
