#include "query/tape_scan.hpp"

#include "query/many_loads.hpp"
#include "query/moment.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::check_refused;

std::vector<TapePiece> numbered(int64_t count) {
  std::vector<TapePiece> slices;
  for (int64_t i = 0; i < count; ++i)
    slices.push_back({.rows = i});
  return slices;
}

TEST_SUITE("threads") {
  TEST_CASE("threads: results come in the order of the slices") {
    Store store{":memory:"};
    const Moment moment{store.core(), scan_threads(), {}};
    std::vector<int64_t> seen;
    OrderedScan<int64_t> scan{moment.readers(), numbered(200),
                              [](Reader&, const TapePiece& slice) { return slice.rows; }};
    scan.run([&](int64_t&& number) {
      seen.push_back(number);
      return KeepGoing::go_on;
    });
    REQUIRE(seen.size() == 200);
    for (size_t i = 0; i < seen.size(); ++i)
      CHECK(seen[i] == static_cast<int64_t>(i));
  }

  TEST_CASE("threads: a scan that is stopped ends, and one that fails throws") {
    Store store{":memory:"};
    const Moment moment{store.core(), scan_threads(), {}};
    int emitted = 0;
    OrderedScan<int64_t> stopped{moment.readers(), numbered(200),
                                 [](Reader&, const TapePiece& slice) { return slice.rows; }};
    stopped.run([&](int64_t&&) { return ++emitted == 7 ? KeepGoing::stop : KeepGoing::go_on; });
    CHECK(emitted == 7);
    OrderedScan<int64_t> failing{moment.readers(), numbered(200),
                                 [](Reader&, const TapePiece& slice) -> int64_t {
                                   if (slice.rows == 50) throw Error{ErrorCode::io, "slice 50"};
                                   return slice.rows;
                                 }};
    check_refused(ErrorCode::io, {"slice 50"},
                  [&] { failing.run([](int64_t&&) { return KeepGoing::go_on; }); });
  }

  TEST_CASE("threads: an unordered scan meets every slice once") {
    Store store{":memory:"};
    const Moment moment{store.core(), scan_threads(), {}};
    std::vector<int64_t> sums(scan_threads(), 0);
    unordered_scan<int64_t>(
        moment.readers(), numbered(500), sums,
        [](Reader&, const TapePiece& slice, int64_t& sum) { sum += slice.rows; });
    int64_t all = 0;
    for (const int64_t sum : sums)
      all += sum;
    CHECK(all == 499 * 500 / 2);
    check_refused(ErrorCode::io, {"slice"}, [&] {
      unordered_scan<int64_t>(moment.readers(), numbered(500), sums,
                              [](Reader&, const TapePiece&, int64_t&) {
                                throw Error{ErrorCode::io, "slice"};
                              });
    });
  }
}

}  // namespace
}  // namespace tapedeck
