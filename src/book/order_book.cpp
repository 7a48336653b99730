#include "tapedeck/book/order_book.hpp"

#include "base/check.hpp"
#include "book/side_levels.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::array kSides{BookSide::bid, BookSide::ask};

int64_t key_of(BookSide side, Price price) {
  TAPEDECK_CHECK(price.raw() != std::numeric_limits<int64_t>::min(), "a price without a negative");
  return side == BookSide::bid ? -price.raw() : price.raw();
}

Price price_of(BookSide side, int64_t key) {
  return Price{side == BookSide::bid ? -key : key};
}

}  // namespace

OrderBook::OrderBook(Scale scale) : scale_{scale} {
  for (auto& side : sides_)
    side = std::make_unique<BookSideLevels>();
}
OrderBook::~OrderBook() = default;
OrderBook::OrderBook(OrderBook&&) noexcept = default;
OrderBook& OrderBook::operator=(OrderBook&&) noexcept = default;

tl::expected<void, DecimalError> OrderBook::rescale(Scale finer) {
  finer = finest(scale_, finer);
  OrderBook moved{finer};
  for (const BookSide side : kSides) {
    for (const BookLevel& level : levels(side)) {
      const auto price = tapedeck::rescale(level.price.raw(), scale_.price_exp, finer.price_exp);
      const auto quantity = tapedeck::rescale(level.quantity.raw(), scale_.qty_exp, finer.qty_exp);
      if (!price) return tl::make_unexpected(price.error());
      if (!quantity) return tl::make_unexpected(quantity.error());
      moved.set(side, Price{*price}, Qty{*quantity});
    }
  }
  *this = std::move(moved);
  return {};
}

void OrderBook::set(BookSide side, Price price, Qty quantity) {
  TAPEDECK_CHECK(quantity.raw() >= 0, "quantity {} of a level", quantity.raw());
  of(side).set(key_of(side, price), quantity.raw());
}

void OrderBook::clear() {
  for (const BookSide side : kSides)
    of(side).clear();
}

Qty OrderBook::quantity_at(BookSide side, Price price) const {
  return Qty{of(side).quantity_at(key_of(side, price))};
}

std::optional<BookLevel> OrderBook::best(BookSide side) const {
  const BookSideLevels& levels = of(side);
  if (levels.empty()) return std::nullopt;
  return BookLevel{.price = price_of(side, levels.first_key()),
                   .quantity = Qty{levels.first_quantity()}};
}

std::optional<BookLevel> OrderBook::worst(BookSide side) const {
  const BookSideLevels& levels = of(side);
  if (levels.empty()) return std::nullopt;
  const int64_t key = levels.last_key();
  return BookLevel{.price = price_of(side, key), .quantity = Qty{levels.quantity_at(key)}};
}

size_t OrderBook::size(BookSide side) const {
  return of(side).size();
}

bool OrderBook::crossed() const {
  const BookSideLevels& bids = of(BookSide::bid);
  const BookSideLevels& asks = of(BookSide::ask);
  return !bids.empty() && !asks.empty() && -bids.first_key() >= asks.first_key();
}

std::vector<BookLevel> OrderBook::levels(BookSide side, size_t count) const {
  std::vector<BookLevel> result;
  read_levels(side, count, result);
  return result;
}

void OrderBook::read_levels(BookSide side, size_t count, std::vector<BookLevel>& out) const {
  out.clear();
  out.reserve(std::min(count, size(side)));
  if (count == 0) return;
  of(side).each([&](int64_t key, int64_t quantity) {
    out.push_back({.price = price_of(side, key), .quantity = Qty{quantity}});
    return out.size() < count;
  });
}

}  // namespace tapedeck
