#include "store/open_book.hpp"

#include "book/book_story.hpp"
#include "store/core.hpp"
#include "temp_store.hpp"

namespace tapedeck {
namespace {

using namespace test;

constexpr int64_t kSecond = 1'000;

struct OneInstrument {
  TempStore store;
  Instrument instrument;

  explicit OneInstrument(std::string_view venue) {
    instrument =
        store->resolve_instrument({.venue = std::string{venue}, .symbol = "BTC"}, NewVenue::refuse);
  }
  // Opens the book with the first of the messages; true when it goes on with a stored one.
  bool store_messages(std::string_view channel, const std::vector<Said>& messages) {
    bool goes_on = false;
    store->core().write([&](duck::Transaction& transaction) {
      const OwnedBookMessage first = message_of(messages.front());
      const auto open = open_book(transaction, instrument, channel, first.message);
      goes_on = open->builder.trusted();
      BookTables tables{transaction};
      open->load.begin(tables);
      for (const Said& said : messages)
        open->builder.apply(message_of(said).message);
      open->load.store(open->builder, "test", Recording::ends);
      tables.close();
    });
    return goes_on;
  }
};

Said snapshot(int64_t ms, int64_t number) {
  return {.kind = BookMessageKind::snapshot,
          .sequence = number,
          .ms = ms,
          .bids = "100 1",
          .asks = "101 1"};
}
Said update(int64_t ms, int64_t number, std::optional<int64_t> previous = {}) {
  return {.sequence = number, .previous = previous, .ms = ms, .bids = "99 1"};
}

TEST_CASE("a book goes on where the numbers of its stream can show what is missing") {
  OneInstrument bybit{"bybit"};
  CHECK_FALSE(bybit.store_messages("orderbook.50", {snapshot(kSecond, 1)}));
  CHECK(bybit.store_messages("orderbook.50", {update(2 * kSecond, 2)}));
  CHECK(bybit.store_messages("orderbook.50", {update(3 * kSecond, 3)}));
  OneInstrument coinbase{"coinbase"};
  coinbase.store_messages("level2", {snapshot(kSecond, 1)});
  CHECK_FALSE(coinbase.store_messages("level2", {update(2 * kSecond, 2)}));
  OneInstrument hyperliquid{"hyperliquid"};
  hyperliquid.store_messages("l2Book", {snapshot(kSecond, 1)});
  CHECK_FALSE(hyperliquid.store_messages("l2Book", {snapshot(2 * kSecond, 2)}));
}

TEST_CASE("a snapshot, a message of before and another channel begin anew") {
  OneInstrument bybit{"bybit"};
  bybit.store_messages("orderbook.50", {snapshot(10 * kSecond, 1)});
  CHECK_FALSE(bybit.store_messages("orderbook.200", {update(20 * kSecond, 2)}));
  CHECK_FALSE(bybit.store_messages("orderbook.50", {update(5 * kSecond, 2)}));
  CHECK_FALSE(bybit.store_messages("orderbook.50", {snapshot(20 * kSecond, 2)}));
}

TEST_CASE("a book that was lost does not go on") {
  OneInstrument okx{"okx"};
  okx.store_messages("books", {snapshot(kSecond, 1)});
  CHECK(okx.store_messages("books", {update(2 * kSecond, 2, 1)}));
  std::vector<Said> behind_a_hole;
  for (int64_t number = 4; number < 30; ++number)
    behind_a_hole.push_back(update(number * kSecond, number, number - 1));
  CHECK(okx.store_messages("books", behind_a_hole));
  CHECK_FALSE(okx.store_messages("books", {update(40 * kSecond, 30, 29)}));
}

TEST_CASE("the rules of a stream have the depth that its snapshots showed") {
  const BookStream stream{.channel = "book", .depth = 25};
  CHECK(rules_of(stream, "kraken").depth == 25);
  CHECK(rules_of({.channel = "book-100"}, "kraken").depth == 100);
  CHECK(rules_of({.channel = "orderbook.50"}, "bybit").depth == 50);
}

}  // namespace
}  // namespace tapedeck
