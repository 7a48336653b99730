// ColumnsReader: a whole answer into one block, on all cores, each row written once to its place.
#pragma once

#include "query/tape_reading.hpp"
#include "tapedeck/market/trade.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace tapedeck {

// `reading` and `into` must outlive the reader.
class ColumnsReader {
 public:
  ColumnsReader(const TapeReading& reading, TradeBlock& into);

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

  // Constant after construction
  std::span<Reader* const> readers_;
  const TapePlan& plan_;
  TradeBlock& into_;
  std::vector<Part> parts_;
};

// All of the plan into one block.
void read_columns(const TapeReading& reading, TradeBlock& into);

}  // namespace tapedeck
