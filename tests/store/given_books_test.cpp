#include "store/given_books.hpp"

#include "book/book_story.hpp"
#include "sql_rows.hpp"
#include "store/core.hpp"
#include "tapedeck/query/book.hpp"
#include "tapedeck/query/liquidity.hpp"
#include "tapedeck/query/verify.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace tapedeck {
namespace {

using namespace test;

LevelRun run(int64_t begin_ms, int64_t end_ms, BookSide side, std::string_view level) {
  return {.begin = at_ms(begin_ms),
          .end = at_ms(end_ms),
          .side = side,
          .level = wire_levels(level).front()};
}

int64_t insert(Store& store, const Instrument& btc, const std::vector<LevelRun>& runs) {
  int64_t rows = 0;
  store.core().write([&](duck::Transaction& transaction) {
    rows = insert_level_runs(transaction, btc.id, runs, "test");
  });
  return rows;
}

int64_t insert(Store& store, const Instrument& btc, const std::vector<DepthLevel>& levels) {
  int64_t rows = 0;
  store.core().write([&](duck::Transaction& transaction) {
    rows = insert_depth_levels(transaction, btc.id, levels, "test");
  });
  return rows;
}

std::vector<DepthLevel> snapshot(int64_t ms, std::string_view bids, std::string_view asks) {
  std::vector<DepthLevel> levels;
  for (const WireLevel& level : wire_levels(bids))
    levels.push_back({.ts_event = at_ms(ms), .side = BookSide::bid, .level = level});
  for (const WireLevel& level : wire_levels(asks))
    levels.push_back({.ts_event = at_ms(ms), .side = BookSide::ask, .level = level});
  return levels;
}

std::string bids_at(const Store& store, int64_t ms) {
  return text_of(book_at(store, {.instrument = store.instrument("BTCUSDT"), .at = at_ms(ms)}).book,
                 BookSide::bid);
}

std::vector<std::string> runs_of(Store& store) {
  return sql(
      store,
      "SELECT epoch_ms(start_time), epoch_ms(until_time), is_bid, "
      "CAST(price AS INTEGER), CAST(quantity AS INTEGER) FROM flowsurface.order_runs ORDER BY ALL");
}

TEST_CASE("days of snapshots may come in any order, and each one once") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  constexpr int64_t kDay = 86'400'000;
  const auto day = [&](int64_t number) {
    std::vector<DepthLevel> levels = snapshot(number * kDay + 1'000, "100 1; 99 2", "101 1");
    for (const DepthLevel& level :
         snapshot(number * kDay + 2'000, fmt::format("100 {}", 10 + number), "101 2"))
      levels.push_back(level);
    std::ranges::reverse(levels);
    return levels;
  };
  CHECK(insert(store, btc, day(1)) == 5);
  CHECK(insert(store, btc, day(3)) == 5);
  CHECK(insert(store, btc, day(2)) == 5);
  CHECK(insert(store, btc, day(2)) == 0);
  for (const int64_t number : {1, 2, 3}) {
    CHECK(bids_at(store, number * kDay + 1'500) == "100 1; 99 2");
    CHECK(bids_at(store, number * kDay + 2'000) == fmt::format("100 {}", 10 + number));
  }
  CHECK(sql_line(store, "SELECT count(*) FROM tape.books") == "3");
  CHECK(store.coverage(btc.id, "book:snapshots").size() == 5);  // with a gap between each two
  verify(store, {}, [](const Finding& finding) { FAIL_CHECK(finding.what); });
}

TEST_CASE("of runs at one place that overlap the later one counts") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  CHECK(insert(store, btc,
               std::vector<LevelRun>{run(0, 50, BookSide::bid, "100 1"),
                                     run(20, 90, BookSide::bid, "100 2"),
                                     run(0, 100, BookSide::bid, "99 5")}) == 3);
  CHECK(runs_of(store) ==
        std::vector<std::string>{"0 20 true 100 1", "0 100 true 99 5", "20 90 true 100 2"});
}

TEST_CASE("random runs come out as they went in") {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    std::vector<LevelRun> runs;
    std::vector<std::string> expected;
    for (int64_t price = 90; price < 110; ++price) {
      const BookSide side = price < 100 ? BookSide::bid : BookSide::ask;
      int64_t t = static_cast<int64_t>(random() % 100);
      int64_t before = 0;
      for (int i = 0; i < 50; ++i) {
        const int64_t end = t + 1 + static_cast<int64_t>(random() % 100);
        const int64_t quantity = before % 7 + 1 + static_cast<int64_t>(random() % 3) * 7;
        if (quantity == before) continue;
        runs.push_back(run(t, end, side, fmt::format("{} {}", price, quantity)));
        t = end + (random() % 2 == 0 ? 0 : 1 + static_cast<int64_t>(random() % 50));
        before = quantity;
      }
    }
    std::ranges::shuffle(runs, random);
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    CHECK(insert(store, btc, runs) == std::ssize(runs));
    std::multiset<std::string> given;
    for (const LevelRun& one : runs) {
      given.insert(fmt::format("{} {} {} {} {}", to_epoch_ns(one.begin) / 1'000'000,
                               to_epoch_ns(one.end) / 1'000'000, one.side == BookSide::bid,
                               one.level.price.units, one.level.quantity.units));
    }
    const std::vector<std::string> stored = runs_of(store);
    CHECK(std::multiset<std::string>(stored.begin(), stored.end()) == given);
    CHECK(insert(store, btc, runs) == 0);
    verify(store, {}, [](const Finding& finding) { FAIL_CHECK(finding.what); });
  }
}

}  // namespace
}  // namespace tapedeck
