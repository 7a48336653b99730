#include "tapedeck/book/measures.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <vector>

namespace tapedeck {
namespace {

struct Touch {
  BookLevel bid;
  BookLevel ask;
};

std::optional<Touch> touch(const OrderBook& book) {
  const auto bid = book.best(BookSide::bid);
  const auto ask = book.best(BookSide::ask);
  if (!bid || !ask) return std::nullopt;
  return Touch{*bid, *ask};
}

double as_double(int128 value) {
  return static_cast<double>(value);
}

}  // namespace

std::optional<Decimal> mid_price(const OrderBook& book) {
  const auto best = touch(book);
  if (!best) return std::nullopt;
  const int128 sum = int128{best->bid.price.raw()} + best->ask.price.raw();
  const int exponent = book.scale().price_exp;
  // Half a unit is five of the next finer one.
  return sum % 2 == 0 ? Decimal{sum / 2, exponent} : Decimal{sum * 5, exponent - 1};
}

std::optional<Decimal> spread(const OrderBook& book) {
  const auto best = touch(book);
  if (!best) return std::nullopt;
  return Decimal{int128{best->ask.price.raw()} - best->bid.price.raw(), book.scale().price_exp};
}

std::optional<double> microprice(const OrderBook& book) {
  const auto best = touch(book);
  if (!best) return std::nullopt;
  const int128 weighted = int128{best->bid.price.raw()} * best->ask.quantity.raw() +
                          int128{best->ask.price.raw()} * best->bid.quantity.raw();
  const int128 quantities = int128{best->bid.quantity.raw()} + best->ask.quantity.raw();
  return as_double(weighted) / as_double(quantities) *
         to_double(Decimal{1, book.scale().price_exp});
}

std::optional<double> imbalance(const OrderBook& book, size_t levels) {
  const Volume bids = depth(book, BookSide::bid, levels);
  const Volume asks = depth(book, BookSide::ask, levels);
  if (bids + asks == 0) return std::nullopt;
  return as_double(bids - asks) / as_double(bids + asks);
}

Volume depth(const OrderBook& book, BookSide side, size_t levels) {
  Volume sum = 0;
  for (const BookLevel& level : book.levels(side, levels))
    sum += level.quantity.raw();
  return sum;
}

Sweep sweep(const OrderBook& book, AggressorSide side, Volume quantity) {
  TAPEDECK_CHECK(side != AggressorSide::unknown, "a market order has a side");
  Sweep result;
  const BookSide other = side == AggressorSide::buy ? BookSide::ask : BookSide::bid;
  for (const BookLevel& level : book.levels(other)) {
    if (result.filled >= quantity) break;
    const Volume part = std::min<Volume>(level.quantity.raw(), quantity - result.filled);
    result.filled += part;
    result.notional += part * level.price.raw();
    result.worst = level.price;
    ++result.levels;
  }
  return result;
}

std::optional<Decimal> average_price(const Sweep& sweep, Scale scale, int digits) {
  if (sweep.filled == 0) return std::nullopt;
  return Decimal{divide_half_even(sweep.notional, sweep.filled, digits), scale.price_exp - digits};
}

}  // namespace tapedeck
