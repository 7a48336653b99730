// OrderBook: all price levels of one instrument on both sides, in memory. Usable alone: no store.
#pragma once

#include "tapedeck/market/book_message.hpp"
#include "tapedeck/market/decimal.hpp"

#include <tl/expected.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace tapedeck {

struct BookLevel {
  Price price;
  Qty quantity;
  constexpr bool operator==(const BookLevel&) const = default;
};

class BookSideLevels;

// Prices and quantities count units of scale(). Levels near the best price lie in a flat array with
// a slot for each unit of price, the others in a tree: setting one near the touch takes some
// nanoseconds, whatever the size of the book. One thread at a time.
class OrderBook {
 public:
  explicit OrderBook(Scale scale = {});
  ~OrderBook();
  OrderBook(OrderBook&&) noexcept;
  OrderBook& operator=(OrderBook&&) noexcept;

  Scale scale() const { return scale_; }
  // Counts in finer units from now on. Fails with out_of_range, leaving the book as it was, when a
  // level does not fit.
  tl::expected<void, DecimalError> rescale(Scale finer);

  // What stands at that price now, 0 or more; 0 takes the level away.
  void set(BookSide side, Price price, Qty quantity);
  void clear();

  Qty quantity_at(BookSide side, Price price) const;  // 0 where there is no level
  std::optional<BookLevel> best(BookSide side) const;
  std::optional<BookLevel> worst(BookSide side) const;
  size_t size(BookSide side) const;
  // The best bid is not below the best ask: no venue's book stands so.
  bool crossed() const;

  // The best `count`, best first.
  std::vector<BookLevel> levels(BookSide side, size_t count = SIZE_MAX) const;
  // The same into `out`, which is overwritten.
  void read_levels(BookSide side, size_t count, std::vector<BookLevel>& out) const;

 private:
  BookSideLevels& of(BookSide side) const { return *sides_[static_cast<size_t>(side)]; }

  Scale scale_;
  std::array<std::unique_ptr<BookSideLevels>, 2> sides_;
};

}  // namespace tapedeck
