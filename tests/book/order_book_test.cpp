#include "tapedeck/book/order_book.hpp"

#include "book/map_book.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::array kSides{BookSide::bid, BookSide::ask};
constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();

// The book, and two maps that it is compared with after each step.
class Pair {
 public:
  explicit Pair(Scale scale = {}) : book{scale} {}

  void set(BookSide side, int64_t price, int64_t quantity) {
    book.set(side, Price{price}, Qty{quantity});
    auto& map = of(side);
    if (quantity == 0) {
      map.erase(price);
    } else {
      map[price] = quantity;
    }
    REQUIRE(book.quantity_at(side, Price{price}) == Qty{quantity});
    check();
  }
  void clear() {
    book.clear();
    for (auto& map : maps_)
      map.clear();
    check();
  }
  void rescale(Scale finer) {
    const Scale before = book.scale();
    REQUIRE(book.rescale(finer).has_value());
    const Scale now = finest(before, finer);
    CHECK(book.scale() == now);
    for (auto& map : maps_) {
      std::map<int64_t, int64_t> moved;
      for (const auto& [price, quantity] : map) {
        moved[price * power_of_ten(before.price_exp - now.price_exp)] =
            quantity * power_of_ten(before.qty_exp - now.qty_exp);
      }
      map = std::move(moved);
    }
    check();
    check_all();
  }

  void check() const {
    for (const BookSide side : kSides) {
      const auto& map = of(side);
      REQUIRE(book.size(side) == map.size());
      REQUIRE(book.best(side).has_value() == !map.empty());
      REQUIRE(book.worst(side).has_value() == !map.empty());
      if (map.empty()) continue;
      const auto [price, quantity] = side == BookSide::bid ? *map.rbegin() : *map.begin();
      REQUIRE(*book.best(side) == BookLevel{Price{price}, Qty{quantity}});
      const auto [last, there] = side == BookSide::bid ? *map.begin() : *map.rbegin();
      REQUIRE(*book.worst(side) == BookLevel{Price{last}, Qty{there}});
    }
    const auto& [bids, asks] = maps_;
    const bool crossed =
        !bids.empty() && !asks.empty() && bids.rbegin()->first >= asks.begin()->first;
    REQUIRE(book.crossed() == crossed);
  }
  void check_all() const {
    for (const BookSide side : kSides) {
      std::vector<BookLevel> levels;
      for (const auto& [price, quantity] : of(side))
        levels.push_back({.price = Price{price}, .quantity = Qty{quantity}});
      if (side == BookSide::bid) std::ranges::reverse(levels);
      REQUIRE(book.levels(side) == levels);
      for (const size_t count : {size_t{0}, size_t{1}, size_t{25}, levels.size()})
        check_best(side, count, levels);
    }
  }
  void check_best(BookSide side, size_t count, std::vector<BookLevel> levels) const {
    levels.resize(std::min(count, levels.size()));
    std::vector<BookLevel> read{{.price = Price{1}, .quantity = Qty{1}}};
    book.read_levels(side, count, read);
    REQUIRE(read == levels);
  }
  // Of the price that is the best, or would be.
  int64_t best_of(BookSide side, int64_t otherwise) const {
    const auto level = book.best(side);
    return level ? level->price.raw() : otherwise;
  }

  OrderBook book;

 private:
  std::map<int64_t, int64_t>& of(BookSide side) { return maps_[static_cast<size_t>(side)]; }
  const std::map<int64_t, int64_t>& of(BookSide side) const {
    return maps_[static_cast<size_t>(side)];
  }
  std::array<std::map<int64_t, int64_t>, 2> maps_;
};

int64_t around(std::mt19937_64& random, int64_t width) {
  return static_cast<int64_t>(random() % static_cast<uint64_t>(2 * width + 1)) - width;
}

}  // namespace

TEST_CASE("an empty book has neither best nor worst and is not crossed") {
  const OrderBook book{{.price_exp = -2, .qty_exp = -3}};
  for (const BookSide side : kSides) {
    CHECK_FALSE(book.best(side).has_value());
    CHECK_FALSE(book.worst(side).has_value());
    CHECK(book.size(side) == 0);
    CHECK(book.levels(side).empty());
    CHECK(book.quantity_at(side, Price{5}) == Qty{});
  }
  CHECK_FALSE(book.crossed());
  CHECK(book.scale() == Scale{.price_exp = -2, .qty_exp = -3});
}

TEST_CASE("the best bid is the highest, the best ask the lowest") {
  OrderBook book;
  for (const int64_t price : {100, 98, 99}) {
    book.set(BookSide::bid, Price{price}, Qty{price});
    book.set(BookSide::ask, Price{price + 10}, Qty{1});
  }
  CHECK(book.best(BookSide::bid) == BookLevel{Price{100}, Qty{100}});
  CHECK(book.worst(BookSide::bid) == BookLevel{Price{98}, Qty{98}});
  CHECK(book.best(BookSide::ask) == BookLevel{Price{108}, Qty{1}});
  CHECK(book.worst(BookSide::ask) == BookLevel{Price{110}, Qty{1}});
  CHECK(book.levels(BookSide::bid, 2) ==
        std::vector<BookLevel>{{Price{100}, Qty{100}}, {Price{99}, Qty{99}}});
}

TEST_CASE("a quantity replaces the one before, and 0 takes the level away") {
  OrderBook book;
  book.set(BookSide::bid, Price{7}, Qty{1});
  book.set(BookSide::bid, Price{7}, Qty{2});
  CHECK(book.quantity_at(BookSide::bid, Price{7}) == Qty{2});
  CHECK(book.quantity_at(BookSide::ask, Price{7}) == Qty{});
  book.set(BookSide::bid, Price{7}, Qty{});
  CHECK(book.size(BookSide::bid) == 0);
}

TEST_CASE("a book whose best prices meet is crossed") {
  OrderBook book;
  book.set(BookSide::bid, Price{99}, Qty{1});
  book.set(BookSide::ask, Price{100}, Qty{1});
  CHECK_FALSE(book.crossed());
  book.set(BookSide::bid, Price{100}, Qty{1});
  CHECK(book.crossed());
  book.set(BookSide::ask, Price{100}, Qty{});
  CHECK_FALSE(book.crossed());
}

TEST_CASE("a book that was moved goes on") {
  OrderBook book{{.price_exp = -1, .qty_exp = 0}};
  book.set(BookSide::ask, Price{15}, Qty{2});
  OrderBook moved{std::move(book)};
  moved.set(BookSide::ask, Price{14}, Qty{1});
  book = std::move(moved);
  CHECK(book.levels(BookSide::ask) ==
        std::vector<BookLevel>{{Price{14}, Qty{1}}, {Price{15}, Qty{2}}});
  CHECK(book.scale().price_exp == -1);
}

TEST_CASE("prices may be negative, and as far apart as 64 bits are") {
  Pair pair;
  for (const BookSide side : kSides) {
    for (const int64_t price : {int64_t{0}, int64_t{-1}, int64_t{1}, -kGreatest, kGreatest,
                                int64_t{-5'000}, int64_t{5'000}, -kGreatest + 1, kGreatest - 1}) {
      pair.set(side, price, 3);
      pair.check_all();
    }
  }
  for (const int64_t price : {kGreatest, -kGreatest}) {
    pair.set(BookSide::bid, price, 0);
    pair.set(BookSide::ask, price, 0);
  }
  pair.check_all();
}

TEST_CASE("a random book is what two maps have after each step") {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    Pair pair;
    // Narrow books, wide ones, and those below zero.
    const int64_t width = std::array<int64_t, 4>{20, 900, 6'000, 300'000}[seed % 4];
    int64_t mid = seed % 3 == 0 ? -100'000 : 100'000;
    for (int step = 0; step < 3'000; ++step) {
      if (step % 20 == 0) mid += around(random, width / 4 + 1);
      const BookSide side = random() % 2 == 0 ? BookSide::bid : BookSide::ask;
      switch (random() % 8) {
        case 0: pair.set(side, pair.best_of(side, mid), 0); break;  // the touch goes
        case 1: pair.set(side, pair.best_of(side, mid) + around(random, 2), 5); break;
        case 2: pair.set(side, mid + around(random, 50 * width), 1); break;  // far
        default: pair.set(side, mid + around(random, width), around(random, 2) + 2);
      }
      if (random() % 1'500 == 0) pair.clear();
      if (step % 100 == 0) pair.check_all();
    }
    pair.check_all();
  }
}

TEST_CASE("a book in which the touch wanders is what two maps have") {
  Pair pair;
  std::mt19937_64 random{9};
  for (int64_t at = 0; at < 4'000; ++at) {
    const int64_t mid = (at < 2'000 ? at : 4'000 - at) * 3;
    pair.set(BookSide::bid, mid - 1, 1 + around(random, 0));
    pair.set(BookSide::ask, mid + 1, 2);
    while (pair.best_of(BookSide::ask, kGreatest) <= mid)
      pair.set(BookSide::ask, pair.best_of(BookSide::ask, 0), 0);
    while (pair.best_of(BookSide::bid, -kGreatest) >= mid)
      pair.set(BookSide::bid, pair.best_of(BookSide::bid, 0), 0);
    if (at % 500 == 0) pair.check_all();
  }
  pair.check_all();
}

TEST_CASE("rescaling counts the same levels in finer units") {
  Pair pair{{.price_exp = -1, .qty_exp = 0}};
  std::mt19937_64 random{3};
  for (int step = 0; step < 500; ++step)
    pair.set(step % 2 == 0 ? BookSide::bid : BookSide::ask, around(random, 3'000), 1 + step);
  pair.rescale({.price_exp = -1, .qty_exp = 0});
  pair.rescale({.price_exp = -3, .qty_exp = 0});
  pair.rescale({.price_exp = 0, .qty_exp = -2});  // the finer of both
  pair.rescale({.price_exp = -4, .qty_exp = -8});
  for (int step = 0; step < 500; ++step)
    pair.set(step % 2 == 0 ? BookSide::bid : BookSide::ask, around(random, 3'000'000), step);
  pair.check_all();
}

TEST_CASE("a book that does not fit a finer scale stays as it was") {
  struct Case {
    int64_t price, quantity;
    Scale finer;
  };
  const std::vector<Case> cases{
      {kGreatest / 10 + 1, 1, {.price_exp = -1, .qty_exp = 0}},
      {-kGreatest / 10 - 1, 1, {.price_exp = -1, .qty_exp = 0}},
      {1, kGreatest / 100 + 1, {.price_exp = 0, .qty_exp = -2}},
      {1, 10'000'000, {.price_exp = 0, .qty_exp = -12}},
      {10'000'000, 1, {.price_exp = -12, .qty_exp = -12}},
  };
  for (const Case& each : cases) {
    CAPTURE(each.price);
    for (const BookSide side : kSides) {
      Pair pair;
      pair.set(BookSide::bid, -5, 1);
      pair.set(BookSide::ask, 5, 2);
      pair.set(side, each.price, each.quantity);
      const auto done = pair.book.rescale(each.finer);
      REQUIRE_FALSE(done.has_value());
      CHECK(done.error() == DecimalError::out_of_range);
      CHECK(pair.book.scale() == Scale{});
      pair.check();
      pair.check_all();
    }
  }
}

TEST_CASE("the greatest that fits a finer scale is rescaled") {
  Pair pair;
  pair.set(BookSide::ask, kGreatest / 10, kGreatest / 10);
  pair.set(BookSide::bid, -kGreatest / 10, 1);
  pair.rescale({.price_exp = -1, .qty_exp = -1});
  CHECK(pair.book.best(BookSide::ask)->price.raw() == kGreatest / 10 * 10);
}

}  // namespace tapedeck
