// CellRow: the cells of a row that own the texts in them.
#pragma once

#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/amount.hpp"
#include "tapedeck/query/rows.hpp"

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck {

class CellRow {
 public:
  CellRow& add(std::string text) {
    texts_.push_back(std::move(text));
    cells_.emplace_back(std::string_view{texts_.back()});
    return *this;
  }
  CellRow& add(std::string_view literal) { return push(literal); }
  CellRow& add(const char* literal) { return push(std::string_view{literal}); }
  CellRow& add(const Uuid& uuid) { return add(to_text(uuid)); }
  CellRow& add(Amount amount) { return push(amount.decimal()); }
  CellRow& add(Timestamp t) { return push(t); }
  CellRow& add(int64_t number) { return push(number); }
  CellRow& add(double number) { return push(number); }
  CellRow& add(bool value) { return push(value); }
  template <typename Value>
  CellRow& add(const std::optional<Value>& value) {
    return value ? add(*value) : push(std::monostate{});
  }
  std::span<const Cell> cells() const { return cells_; }

 private:
  CellRow& push(const Cell& cell) {
    cells_.push_back(cell);
    return *this;
  }

  std::deque<std::string> texts_;
  std::vector<Cell> cells_;
};

}  // namespace tapedeck
