#include "tapedeck/book/book_rules.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

namespace tapedeck {

TEST_CASE("a stream's rules are those of its venue and channel") {
  struct Case {
    std::string_view venue, channel;
    BookRules wanted;
  };
  const BookRules spot{.continuity = BookContinuity::binance_spot};
  const BookRules futures{.continuity = BookContinuity::binance_futures};
  const BookRules whole{.whole = true};
  const auto bybit = [](int depth) {
    return BookRules{.continuity = BookContinuity::consecutive, .depth = depth};
  };
  const auto okx = [](int depth) {
    return BookRules{
        .continuity = BookContinuity::linked, .checksum = BookChecksum::okx, .depth = depth};
  };
  const auto kraken = [](int depth) {
    return BookRules{.checksum = BookChecksum::kraken, .depth = depth};
  };
  const std::vector<Case> cases{
      {"binance", "depth", spot},
      {"binance", "depth@100ms", spot},
      {"binance-um", "depth@0ms", futures},
      {"binance-um", "depth@500ms", futures},
      {"binance-cm", "depth", futures},
      {"binance", "depth5", whole},
      {"binance", "depth10@100ms", whole},
      {"binance-um", "depth20@500ms", whole},
      {"binance-cm", "depth5@0ms", whole},
      {"bybit", "orderbook.50", bybit(50)},
      {"bybit-linear", "orderbook.200", bybit(200)},
      {"bybit-inverse", "orderbook.1000", bybit(1000)},
      {"bybit-linear", "orderbook.100", bybit(100)},
      {"okx", "books", okx(400)},
      {"okx", "books-l2-tbt", okx(400)},
      {"okx", "books50-l2-tbt", okx(50)},
      {"okx", "books5", whole},
      {"kraken", "book-10", kraken(10)},
      {"kraken", "book-1000", kraken(1000)},
      {"coinbase", "l2_data", {.continuity = BookContinuity::connection}},
      {"hyperliquid", "l2Book", whole},
  };
  for (const Case& each : cases) {
    CAPTURE(each.venue);
    CAPTURE(each.channel);
    const BookRules rules = book_rules(each.venue, each.channel);
    CHECK(rules.continuity == each.wanted.continuity);
    CHECK(rules.checksum == each.wanted.checksum);
    CHECK(rules.depth == each.wanted.depth);
    CHECK(rules.whole == each.wanted.whole);
    CHECK_FALSE(rules.depth_of_snapshot);
  }
}

TEST_CASE("Kraken's second protocol does not say the depth in its channel: the snapshot shows it") {
  const BookRules rules = book_rules("kraken", "book");
  CHECK(rules.checksum == BookChecksum::kraken);
  CHECK(rules.depth == 0);
  CHECK(rules.depth_of_snapshot);
}

// "Level 1 data of all products: snapshot messages only" (bybit-exchange.github.io/docs/v5).
TEST_CASE("Bybit's best level is sent whole each time") {
  const BookRules rules = book_rules("bybit-linear", "orderbook.1");
  CHECK(rules.whole);
  CHECK(rules.depth == 1);
  CHECK(rules.continuity == BookContinuity::none);
}

TEST_CASE("unknown venues and channels have no rules") {
  struct Case {
    std::string_view venue, channel;
  };
  const std::vector<Case> cases{{"", ""},
                                {"bitmex", "orderBookL2"},
                                {"binance", ""},
                                {"binance", "trade"},
                                {"kraken", ""},
                                {"okx", "bbo-tbt"},
                                {"bybit", "orderbook"},
                                {"coinbase", "level2"},
                                {"BINANCE", "depth"}};
  for (const Case& each : cases) {
    CAPTURE(each.venue);
    CAPTURE(each.channel);
    const BookRules rules = book_rules(each.venue, each.channel);
    CHECK(rules.continuity == BookContinuity::none);
    CHECK(rules.checksum == BookChecksum::none);
    CHECK(rules.depth == 0);
    CHECK_FALSE(rules.whole);
    CHECK(rules.integrity() == BookIntegrity::none);
  }
}

TEST_CASE("a depth that is no number, or none of ours, is all levels") {
  CHECK(book_rules("bybit", "orderbook.").depth == 0);
  CHECK(book_rules("bybit", "orderbook.full").depth == 0);
  CHECK(book_rules("kraken", "book-99999999999999999999").depth == 0);
}

TEST_CASE("a checksum proves more than numbers, and numbers more than nothing") {
  CHECK(book_rules("okx", "books").integrity() == BookIntegrity::checksum);
  CHECK(book_rules("kraken", "book").integrity() == BookIntegrity::checksum);
  CHECK(book_rules("binance", "depth").integrity() == BookIntegrity::sequence);
  CHECK(book_rules("bybit", "orderbook.50").integrity() == BookIntegrity::sequence);
  CHECK(book_rules("coinbase", "l2_data").integrity() == BookIntegrity::sequence);
  CHECK(book_rules("hyperliquid", "l2Book").integrity() == BookIntegrity::none);
  CHECK(BookIntegrity::checksum > BookIntegrity::sequence);
  CHECK(BookIntegrity::sequence > BookIntegrity::none);
}

TEST_CASE("integrities have their enumerator's name") {
  CHECK(to_text(BookIntegrity::none) == "none");
  CHECK(to_text(BookIntegrity::sequence) == "sequence");
  CHECK(to_text(BookIntegrity::checksum) == "checksum");
}

TEST_CASE("a depth of Kraken's is the least that holds a snapshot") {
  struct Case {
    size_t levels;
    int depth;
  };
  const std::vector<Case> cases{{0, 10},    {9, 10},     {10, 10},     {11, 25},
                                {25, 25},   {26, 100},   {100, 100},   {101, 500},
                                {500, 500}, {501, 1000}, {1000, 1000}, {5000, 1000}};
  for (const Case& each : cases) {
    CAPTURE(each.levels);
    CHECK(kraken_depth(each.levels) == each.depth);
  }
}

}  // namespace tapedeck
