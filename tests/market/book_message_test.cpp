#include "tapedeck/market/book_message.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

std::vector<WireLevel> levels(int64_t first, size_t count) {
  std::vector<WireLevel> result;
  for (size_t i = 0; i < count; ++i) {
    result.push_back({.price = {.units = first + static_cast<int64_t>(i), .exponent = -2},
                      .quantity = {.units = 7, .exponent = 0, .digits = 3}});
  }
  return result;
}

// Of a message whose levels and texts are gone when it returns.
OwnedBookMessage owned(size_t bids, size_t asks) {
  const std::vector<WireLevel> bid_levels = levels(100, bids);
  const std::vector<WireLevel> ask_levels = levels(200, asks);
  const std::string symbol(40, 'S');
  const std::string channel(40, 'c');
  return OwnedBookMessage{{.kind = BookMessageKind::image,
                           .symbol = symbol,
                           .channel = channel,
                           .ts_event = from_epoch_ns(5),
                           .sequence_begin = 1,
                           .sequence = 2,
                           .sequence_previous = 3,
                           .checksum = 4,
                           .bids = bid_levels,
                           .asks = ask_levels},
                          from_epoch_ns(6)};
}

void check_levels(const OwnedBookMessage& kept, size_t bids, size_t asks) {
  const auto& [message, received, own] = kept;
  CHECK(own.size() == bids + asks);
  CHECK(std::vector<WireLevel>{message.bids.begin(), message.bids.end()} == levels(100, bids));
  CHECK(std::vector<WireLevel>{message.asks.begin(), message.asks.end()} == levels(200, asks));
}

}  // namespace

TEST_CASE("sides of a book have names") {
  CHECK(to_text(BookSide::bid) == "bid");
  CHECK(to_text(BookSide::ask) == "ask");
}

TEST_CASE("a message that is kept has its numbers and levels, and no texts") {
  const OwnedBookMessage kept = owned(3, 2);
  CHECK(kept.message.kind == BookMessageKind::image);
  CHECK(kept.message.symbol.empty());
  CHECK(kept.message.channel.empty());
  CHECK(kept.message.ts_event == from_epoch_ns(5));
  CHECK(kept.message.sequence_begin == 1);
  CHECK(kept.message.sequence == 2);
  CHECK(kept.message.sequence_previous == 3);
  CHECK(kept.message.checksum == 4U);
  CHECK(kept.ts_recv == from_epoch_ns(6));
  check_levels(kept, 3, 2);
}

TEST_CASE("a message without levels, or with those of one side, can be kept") {
  check_levels(owned(0, 0), 0, 0);
  check_levels(owned(4, 0), 4, 0);
  check_levels(owned(0, 4), 0, 4);
}

TEST_CASE("a message that is kept can be moved, and keeps its levels") {
  OwnedBookMessage kept = owned(3, 2);
  const WireLevel* const place = kept.levels.data();
  OwnedBookMessage moved{std::move(kept)};
  CHECK(moved.message.bids.data() == place);
  check_levels(moved, 3, 2);
  OwnedBookMessage other = owned(1, 1);
  other = std::move(moved);
  CHECK(other.message.asks.data() == place + 3);
  check_levels(other, 3, 2);

  std::deque<OwnedBookMessage> queue;
  for (size_t i = 0; i < 100; ++i)
    queue.push_back(owned(i, 1));
  queue.erase(queue.begin() + 40);
  check_levels(queue[39], 39, 1);
  check_levels(queue[40], 41, 1);
  check_levels(queue.back(), 99, 1);
}

}  // namespace tapedeck
