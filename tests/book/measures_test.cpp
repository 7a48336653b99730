#include "tapedeck/book/measures.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

OrderBook book_of(std::initializer_list<BookLevel> bids, std::initializer_list<BookLevel> asks) {
  OrderBook book{{.price_exp = -1, .qty_exp = -2}};
  for (const BookLevel& level : bids)
    book.set(BookSide::bid, level.price, level.quantity);
  for (const BookLevel& level : asks)
    book.set(BookSide::ask, level.price, level.quantity);
  return book;
}

const OrderBook& small_book() {
  static const OrderBook book = book_of({{Price{995}, Qty{300}}, {Price{990}, Qty{100}}},
                                        {{Price{1000}, Qty{100}}, {Price{1010}, Qty{50}}});
  return book;
}

TEST_CASE("mid and spread are exact, and absent while a side is empty") {
  CHECK(to_text(*mid_price(small_book())) == "99.75");
  CHECK(to_text(*spread(small_book())) == "0.5");
  CHECK_FALSE(mid_price(book_of({{Price{1}, Qty{1}}}, {})).has_value());
  CHECK_FALSE(spread(OrderBook{}).has_value());
}

TEST_CASE("the microprice leans to the side with less behind it") {
  // (99.5 × 1 + 100 × 3) / 4
  CHECK(*microprice(small_book()) == doctest::Approx(99.875));
}

TEST_CASE("imbalance counts the levels asked for") {
  CHECK(*imbalance(small_book(), 1) == doctest::Approx(0.5));
  CHECK(*imbalance(small_book(), 10) == doctest::Approx(2.5 / 5.5));
  CHECK(depth(small_book(), BookSide::ask) == 150);
  CHECK_FALSE(imbalance(OrderBook{}, 5).has_value());
}

TEST_CASE("a market order takes levels from the best on, and may not be filled") {
  const Sweep buy = sweep(small_book(), AggressorSide::buy, 120);
  CHECK(buy.filled == 120);
  CHECK(buy.levels == 2);
  CHECK(buy.worst == Price{1010});
  CHECK(buy.notional == 100 * 1000 + 20 * 1010);
  CHECK(to_text(*average_price(buy, small_book().scale())) == "100.16667");
  const Sweep sell = sweep(small_book(), AggressorSide::sell, 1'000);
  CHECK(sell.filled == 400);
  CHECK_FALSE(average_price(sweep(OrderBook{}, AggressorSide::buy, 1), {}).has_value());
}

}  // namespace
}  // namespace tapedeck
