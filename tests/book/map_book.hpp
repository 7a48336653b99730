// MapBook: a book of two std::map, as plain as can be: what an OrderBook is compared with.
#pragma once

#include "tapedeck/book/book_builder.hpp"
#include "tapedeck/book/order_book.hpp"
#include "tapedeck/market/book_message.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace tapedeck::test {

// Prices and quantities count units of 10^-12, whatever the scale of what they are compared with.
class MapBook {
 public:
  void set(BookSide side, int128 price, int128 quantity) {
    std::map<int128, int128>& levels = sides_[index_of(side)];
    const auto found = levels.find(price);
    if (found != levels.end()) {
      hash_ -= mixed(side, price, found->second);
      levels.erase(found);
    }
    if (quantity == 0) return;
    hash_ += mixed(side, price, quantity);
    levels.emplace(price, quantity);
  }
  void set(BookSide side, const WireLevel& level) {
    set(side, fine(level.price.units, level.price.exponent),
        fine(level.quantity.units, level.quantity.exponent));
  }
  void set(const BookChange& change, Scale scale) {
    set(change.side, fine(change.price.raw(), scale.price_exp),
        fine(change.quantity.raw(), scale.qty_exp));
  }
  // The levels of a message, whatever its kind.
  void set(const BookMessage& message) {
    for (const WireLevel& level : message.bids)
      set(BookSide::bid, level);
    for (const WireLevel& level : message.asks)
      set(BookSide::ask, level);
  }
  void clear() { *this = MapBook{}; }
  void read(const OrderBook& book) {
    clear();
    for (const BookSide side : {BookSide::bid, BookSide::ask}) {
      for (const BookLevel& level : book.levels(side))
        set({.side = side, .price = level.price, .quantity = level.quantity}, book.scale());
    }
  }

  // Least price first.
  const std::map<int128, int128>& levels(BookSide side) const { return sides_[index_of(side)]; }
  bool crossed() const {
    const auto& [bids, asks] = sides_;
    return !bids.empty() && !asks.empty() && bids.rbegin()->first >= asks.begin()->first;
  }
  // Of all levels, in any order.
  uint64_t hash() const { return hash_; }

  // The same, of the best `count` of each side.
  static uint64_t hash_of(const OrderBook& book, size_t count = SIZE_MAX) {
    const Scale scale = book.scale();
    uint64_t hash = 0;
    for (const BookSide side : {BookSide::bid, BookSide::ask}) {
      for (const BookLevel& level : book.levels(side, count)) {
        hash += mixed(side, fine(level.price.raw(), scale.price_exp),
                      fine(level.quantity.raw(), scale.qty_exp));
      }
    }
    return hash;
  }
  bool equals(const OrderBook& book) const {
    return levels(BookSide::bid).size() == book.size(BookSide::bid) &&
           levels(BookSide::ask).size() == book.size(BookSide::ask) && hash_ == hash_of(book);
  }

 private:
  static size_t index_of(BookSide side) { return static_cast<size_t>(side); }
  static int128 fine(int64_t units, int exponent) {
    return int128{units} * power_of_ten(exponent - kMinExponent);
  }
  static uint64_t mixed(BookSide side, int128 price, int128 quantity) {
    uint64_t hash = static_cast<uint64_t>(side) + 1;
    for (const int128 value : {price, quantity}) {
      for (const auto half : {static_cast<uint64_t>(value), static_cast<uint64_t>(value >> 64)}) {
        hash = (hash ^ half) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 29U;
      }
    }
    return hash;
  }

  std::array<std::map<int128, int128>, 2> sides_;
  uint64_t hash_ = 0;
};

}  // namespace tapedeck::test
