// Checksums that venues send with their books: the CRC-32 of a text made of the best levels.
#pragma once

#include "tapedeck/book/order_book.hpp"

#include <cstdint>

namespace tapedeck {

// `price:quantity` of the best 25 on each side in turn, bid first, as decimals without trailing
// zeros; where a side is shorter the other goes on alone.
uint32_t okx_checksum(const OrderBook& book);

// The best 10 asks, then the best 10 bids: price and quantity of each, with as many digits behind
// the point as the stream writes, the point and leading zeros left out.
uint32_t kraken_checksum(const OrderBook& book, int price_digits, int qty_digits);

}  // namespace tapedeck
