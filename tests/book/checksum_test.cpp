#include "book/checksum.hpp"

#include "book/book_story.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {
namespace {

OrderBook book_of(std::string_view bids, std::string_view asks, Scale scale) {
  OrderBook book{scale};
  for (const auto& [side, text] :
       {std::pair{BookSide::bid, bids}, std::pair{BookSide::ask, asks}}) {
    for (const WireLevel& level : test::wire_levels(text)) {
      book.set(side, Price{units_at(level.price, scale.price_exp).value()},
               Qty{units_at(level.quantity, scale.qty_exp).value()});
    }
  }
  return book;
}

}  // namespace

// All sums are what zlib.crc32 of Python 3 makes of the text beside them.

// The first two are the examples of www.okx.com/docs-v5, "Checksum": −1881014294 and 831078360.
TEST_CASE("OKX's checksum takes bid and ask in turn, and the longer side goes on alone") {
  struct Case {
    std::string_view bids, asks;
    uint32_t sum;
  };
  const std::vector<Case> cases{
      // 3366.1:7:3366.8:9:3366:6:3368:8
      {"3366.1 7; 3366 6", "3366.8 9; 3368 8", 2413953002U},
      // 3366.1:7:3366.8:9:3368:8:3372:8
      {"3366.1 7", "3366.8 9; 3368 8; 3372 8", 831078360U},
      // 0.00012:100:0.0002:5
      {"0.00012 100", "0.0002 5", 2434531285U},
      // -1.5:2
      {"", "-1.5 2", 427972338U},
      // 100:1
      {"100 1", "", 4199851353U},
      {"", "", 0U},
  };
  for (const Case& each : cases) {
    CAPTURE(each.bids);
    CAPTURE(each.asks);
    CHECK(okx_checksum(book_of(each.bids, each.asks, {.price_exp = -5, .qty_exp = 0})) == each.sum);
    // A finer scale adds no zeros to the text.
    CHECK(okx_checksum(book_of(each.bids, each.asks, {.price_exp = -8, .qty_exp = -6})) ==
          each.sum);
  }
}

TEST_CASE("OKX's checksum is of the best 25 of each side") {
  OrderBook book{{.price_exp = -1, .qty_exp = 0}};
  for (int64_t i = 0; i < 26; ++i) {
    book.set(BookSide::bid, Price{10'000 - 10 * i}, Qty{i + 1});
    book.set(BookSide::ask, Price{10'015 + 10 * i}, Qty{i + 1});
  }
  CHECK(okx_checksum(book) == 2091576832U);
  for (int64_t i = 3; i < 26; ++i)
    book.set(BookSide::bid, Price{10'000 - 10 * i}, Qty{});
  CHECK(okx_checksum(book) == 1901540376U);
}

// docs.kraken.com, "Spot Websockets (v1) Book Checksum".
TEST_CASE("Kraken's checksum is that of its documentation") {
  std::string asks;
  std::string bids = "0.05 0.000005; ";
  for (int64_t i = 0; i < 10; ++i)
    asks += fmt::format("0.0{} 0.000005; ", 5005 + 5 * i);
  for (const int price : {4995, 4990, 4980, 4975, 4970, 4965, 4960, 4955, 4950})
    bids += fmt::format("0.0{} 0.000005; ", price);
  asks.resize(asks.size() - 2);
  bids.resize(bids.size() - 2);
  CHECK(kraken_checksum(book_of(bids, asks, {.price_exp = -5, .qty_exp = -8}), 5, 8) == 974947235U);
  // Counted in whatever units.
  CHECK(kraken_checksum(book_of(bids, asks, {.price_exp = -9, .qty_exp = -6}), 5, 8) == 974947235U);
}

TEST_CASE("Kraken's checksum is over the digits that the venue writes, without leading zeros") {
  struct Case {
    std::string_view bids, asks;
    int price_digits, qty_digits;
    uint32_t sum;
  };
  const std::vector<Case> cases{
      // 101.0 1.50000000, 100.5 0.00200000: 1010 150000000 1005 200000
      {"100.5 0.002", "101 1.5", 1, 8, 2158032367U},
      // 61837.64 1, 61840.00 12, 61837.63 3
      {"61837.63 3", "61837.64 1; 61840 12", 2, 0, 1943111582U},
      // 1000 20
      {"", "1000 20", 0, 0, 3224155329U},
      {"", "", 5, 8, 0U},
  };
  for (const Case& each : cases) {
    CAPTURE(each.asks);
    for (const int8_t finer : {int8_t{0}, int8_t{3}}) {
      const Scale scale{.price_exp = static_cast<int8_t>(-each.price_digits - finer),
                        .qty_exp = static_cast<int8_t>(-each.qty_digits - finer)};
      CHECK(kraken_checksum(book_of(each.bids, each.asks, scale), each.price_digits,
                            each.qty_digits) == each.sum);
    }
  }
}

TEST_CASE("Kraken's checksum is of the best ten of each side, asks first") {
  OrderBook book;
  for (int64_t i = 0; i < 12; ++i) {
    book.set(BookSide::bid, Price{100 - i}, Qty{i + 1});
    book.set(BookSide::ask, Price{101 + i}, Qty{i + 1});
  }
  // 101.0 1.00 … 110.0 10.00, then 100.0 1.00 … 91.0 10.00
  CHECK(kraken_checksum(book, 1, 2) == 1012373306U);
}

}  // namespace tapedeck
