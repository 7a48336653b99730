#include "store/depth_rows.hpp"

#include "sql_rows.hpp"
#include "store/driven_books.hpp"
#include "tapedeck/query/book.hpp"
#include "tapedeck/query/verify.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

#include <random>

namespace tapedeck {
namespace {

using namespace test;

DepthSnapshot snapshot(int64_t ms, std::string_view bids, std::string_view asks,
                       std::optional<int64_t> sequence = {}) {
  return {.ts_event = at_ms(ms), .sequence = sequence, .bids = levels(bids), .asks = levels(asks)};
}

struct Depth {
  Store store{":memory:"};
  Instrument btc = new_instrument(store);

  int64_t append(const std::vector<DepthSnapshot>& snapshots, const DepthOptions& options = {}) {
    return Writer{store}.append_depth(btc.id, snapshots, options);
  }
  BookAnswer at(int64_t ms) { return book_at(store, {.instrument = btc, .at = at_ms(ms)}); }
};

}  // namespace

TEST_CASE("a snapshot comes out as it went in, at its time and until the next one") {
  Depth depth;
  CHECK(depth.append({snapshot(100, "100.5x1 99x2", "101x3", 7), snapshot(300, "98x1", "", 9)}) ==
        2);
  for (const int64_t ms : {100, 200, 299}) {
    const BookAnswer answer = depth.at(ms);
    CHECK((levels_of(answer.book) == levels_of(depth.at(100).book)));
    CHECK(answer.sequence == 7);
    CHECK(answer.distrust.empty());
    CHECK(answer.book.size(BookSide::bid) == 2);
  }
  CHECK(depth.at(300).book.size(BookSide::bid) == 1);
  CHECK(depth.at(300).book.size(BookSide::ask) == 0);
  CHECK(sql_line(depth.store,
                 "SELECT side, price, quantity FROM flowsurface.depth_at(1, "
                 "TIMESTAMP_NS '1970-01-01 00:00:00.2') ORDER BY ALL") ==
        "ASK 101 3.0; BID 99 2.0; BID 100.5 1.0");
}

TEST_CASE("snapshots go on over many calls, and none is stored twice") {
  Depth depth;
  CHECK(depth.append({snapshot(300, "98x1", ""), snapshot(100, "100x1", "101x1")}) == 2);
  CHECK(depth.append({snapshot(300, "98x1", ""), snapshot(200, "97x1", "")}) == 0);
  CHECK(depth.append({snapshot(400, "98x2", "99x1")}) == 1);
  CHECK(depth.at(399).book.size(BookSide::ask) == 0);
  CHECK(depth.at(400).book.size(BookSide::ask) == 1);
  CHECK(verify(depth.store, {}, [](const Finding&) {}).findings == 0);
  CHECK(sql_line(depth.store, "SELECT count(*) FROM tape.books") == "1");
}

TEST_CASE("books may be empty, and thinned out") {
  Depth depth;
  CHECK(depth.append({snapshot(100, "", "")}) == 1);
  CHECK(depth.at(100).book.size(BookSide::bid) == 0);
  CHECK(depth.append({snapshot(150, "1x1", ""), snapshot(200, "2x1", ""), snapshot(299, "3x1", ""),
                      snapshot(300, "4x1", "")},
                     {.every = std::chrono::milliseconds{100}}) == 2);
  CHECK(sql_line(depth.store, "SELECT DISTINCT ts_event FROM tape.book_updates ORDER BY ALL") ==
        "1970-01-01T00:00:00.200Z; 1970-01-01T00:00:00.300Z");
}

TEST_CASE("random snapshots in random parts come out as they went in") {
  std::mt19937_64 random{11};
  Depth depth;
  std::vector<DepthSnapshot> all;
  for (int64_t i = 1; i <= 300; ++i) {
    DepthSnapshot one{.ts_event = at_ms(i * 7'000), .sequence = i};
    for (int64_t level = 0; level < static_cast<int64_t>(random() % 6); ++level) {
      one.bids.push_back(
          {{.units = 100 - level}, {.units = 1 + static_cast<int64_t>(random() % 9)}});
      one.asks.push_back(
          {{.units = 101 + level}, {.units = 1 + static_cast<int64_t>(random() % 9)}});
    }
    all.push_back(std::move(one));
  }
  for (size_t at = 0; at < all.size();) {
    const size_t count = std::min(all.size() - at, size_t{1} + random() % 60);
    depth.append({all.begin() + static_cast<ptrdiff_t>(at),
                  all.begin() + static_cast<ptrdiff_t>(at + count)});
    at += count;
  }
  for (const DepthSnapshot& one : all) {
    const BookAnswer answer = book_at(depth.store, {.instrument = depth.btc, .at = one.ts_event});
    BookLevels expected;
    for (const auto& [side, given] :
         {std::pair{BookSide::bid, &one.bids}, std::pair{BookSide::ask, &one.asks}}) {
      for (const WireLevel& level : *given)
        expected.set(side, fixed(level.price.units, 0), fixed(level.quantity.units, 0));
    }
    REQUIRE((levels_of(answer.book) == expected));
  }
}

TEST_CASE("a snapshot that cannot be is refused, and one that stands crossed is not served") {
  Depth depth;
  check_refused(ErrorCode::invalid_argument, {"1970-01-01T00:00:00.100Z", "-1 at 100"}, [&] {
    depth.append({{.ts_event = at_ms(100), .bids = {{{.units = 100}, {.units = -1}}}}});
  });
  depth.append({snapshot(100, "100x1", "101x1"), snapshot(200, "102x1", "101x1")});
  CHECK(depth.at(200).distrust.find("crossed") != std::string::npos);
}

}  // namespace tapedeck
