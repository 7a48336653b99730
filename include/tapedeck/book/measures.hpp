// What traders read off a book: mid, spread, microprice, imbalance, depth, and what a market order
// would pay.
#pragma once

#include "tapedeck/book/order_book.hpp"
#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/side.hpp"

#include <cstddef>
#include <optional>

namespace tapedeck {

// Exact; nullopt while a side is empty.
std::optional<Decimal> mid_price(const OrderBook& book);
std::optional<Decimal> spread(const OrderBook& book);
// (bid × ask quantity + ask × bid quantity) / both quantities, of the best levels (Stoikov 2018,
// "The micro-price", first order).
std::optional<double> microprice(const OrderBook& book);
// (bids − asks) / (bids + asks) of the quantities on the best `levels` of each side, in [−1, 1].
std::optional<double> imbalance(const OrderBook& book, size_t levels);
// Sum of quantities on the best `levels`, in units of 10^qty_exp.
Volume depth(const OrderBook& book, BookSide side, size_t levels = SIZE_MAX);

// A market order that takes the levels of the other side from the best on.
struct Sweep {
  Volume filled = 0;   // less than asked for when the book is not deep enough
  Money notional = 0;  // Σ price × quantity of what was filled
  size_t levels = 0;   // touched
  std::optional<Price> worst = {};
};
Sweep sweep(const OrderBook& book, AggressorSide side, Volume quantity);
// notional / filled with `digits` more than the price has, half-even; nullopt when nothing was
// filled.
std::optional<Decimal> average_price(const Sweep& sweep, Scale scale, int digits = 4);

}  // namespace tapedeck
