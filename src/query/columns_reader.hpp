// ColumnsReader: a whole answer into one block, on all cores, each row written once to its place.
#pragma once

#include "query/tape_plan.hpp"
#include "tapedeck/market/trade.hpp"

#include <cstddef>
#include <vector>

namespace tapedeck {

// `core`, `plan` and `into` must outlive the reader.
class ColumnsReader {
 public:
  ColumnsReader(StoreCore& core, const TapePlan& plan, TradeBlock& into);

  // Leaves exactly the rows of the plan in `into`. Ids are dropped when any row has none.
  void read();

 private:
  struct Part {
    std::vector<TapePiece> slices;
    size_t rows = 0;
    size_t begin = 0;  // first row in `into`
    bool has_ids = true;
  };

  void count(Reader& reader, Part& part) const;
  void copy(Reader& reader, Part& part);
  void put(const TradeView& view, size_t at, size_t end);
  void place();

  StoreCore& core_;
  const TapePlan& plan_;
  TradeBlock& into_;
  std::vector<Part> parts_;
};

// All of the plan into one block, in a turn of its own.
void read_plan(StoreCore& core, const TapePlan& plan, TradeBlock& into);

}  // namespace tapedeck
