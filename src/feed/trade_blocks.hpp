// Collects trades into blocks, each of one scale: values arrive with the digits they need, and a
// block is refined as they need more.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/trade.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tapedeck {

// A trade in units of the scale it goes with.
struct TradeUnits {
  int64_t ts_event = 0;  // UTC nanoseconds
  int64_t trade_id = 0;
  int64_t price = 0;
  int64_t quantity = 0;
  AggressorSide side = AggressorSide::unknown;
};

class TradeBlocks {
 public:
  TradeBlocks(Scale scale, size_t block_rows) : block_rows_{block_rows} { block_.scale = scale; }

  // The scale that rows of add() are in; only add_decimal() changes it.
  Scale scale() const { return block_.scale; }

  // A row in units of scale().
  void add(const TradeUnits& trade) {
    if (rows_ == room_) make_room();
    block_.ts_event[rows_] = trade.ts_event;
    block_.trade_id[rows_] = trade.trade_id;
    block_.price[rows_] = trade.price;
    block_.quantity[rows_] = trade.quantity;
    block_.side[rows_] = trade.side;
    if (++rows_ == block_rows_) close();
  }

  // A row of any digits; both values fit 64 bits at their own. Refines the block, or begins
  // another where old and new values have no scale in common. `trade` has no price and quantity.
  void add_decimal(TradeUnits trade, const Decimal& price, const Decimal& quantity);

  // Ends the open block.
  void finish() { close(); }
  std::vector<TradeBlock> take() { return std::exchange(full_, {}); }

 private:
  void make_room();
  void set_rows(size_t rows);
  void close();

  // Constant after construction
  size_t block_rows_;

  TradeBlock block_;  // columns of room_ rows, the first rows_ of them filled
  size_t rows_ = 0;
  size_t room_ = 0;
  bool filled_one_ = false;  // then the next one will be as large
  std::vector<TradeBlock> full_;
};

}  // namespace tapedeck
