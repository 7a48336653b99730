// TradeRing: the newest stored trades of one instrument and grain, in order. A value that does not
// change: what adds to it makes another one, which shares the rows that are the same.
#pragma once

#include "tapedeck/market/trade.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace tapedeck {

// Of a trade in memory, in columns.
constexpr uint64_t kTradeBytes = 4 * sizeof(int64_t) + sizeof(AggressorSide);

// Where the stored trades of an instrument and grain end.
struct TapeEnd {
  std::optional<int64_t> ts;          // of the newest row
  std::optional<int64_t> largest_id;  // of all rows
};

class TradeRing {
 public:
  // Rows in order: all that are stored from `whole_from` on; earlier ones are left out. `end` is
  // that of all stored rows.
  TradeRing(const TradeBlock& rows, Timestamp whole_from, TapeEnd end);

  // With rows that were stored since, in order among themselves; late ones find their place.
  // nullopt when they cannot lie with the others: other ids, or a finer scale.
  std::optional<TradeRing> with(TradeBlock rows) const;
  // With at most so many rows, and none older than `oldest`, give or take a chunk.
  TradeRing cut_to(int64_t rows, Timestamp oldest) const;

  // Every stored row from here on is in the ring.
  Timestamp whole_from() const { return whole_from_; }
  int64_t rows() const { return rows_; }
  uint64_t bytes() const;
  const Scale& scale() const { return scale_; }
  const TapeEnd& end() const { return end_; }

  // Adds the newest `rows` rows, oldest first, to a block of the ring's scale.
  void copy_last(int64_t rows, TradeBlock& into) const;

 private:
  using Chunk = std::shared_ptr<const TradeBlock>;

  void push(const TradeView& rows);
  void note(const TradeView& rows);

  Scale scale_;
  Timestamp whole_from_;
  std::vector<Chunk> chunks_;  // none is empty
  int64_t rows_ = 0;
  TapeEnd end_;
};

}  // namespace tapedeck
