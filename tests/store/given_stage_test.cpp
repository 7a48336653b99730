#include "store/given_stage.hpp"

#include "store/core.hpp"
#include "tapedeck/store/store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using namespace test;

// Runs `work` in a transaction of a new store.
template <typename Work>
void staged(Work work) {
  Store store{":memory:"};
  store.core().write([&](duck::Transaction& transaction) { work(transaction); });
}

std::string given(duck::Transaction& transaction, const std::string& columns) {
  duck::Result rows = transaction.connection().run("SELECT concat_ws(' ', " + columns +
                                                   ") FROM given ORDER BY rowid");
  std::string text;
  while (rows.next_row())
    text += (text.empty() ? "" : "; ") + rows.text(0);
  return text;
}

TEST_CASE("rows are staged with their own digits, absent values as NULL, in the order given") {
  staged([](duck::Transaction& transaction) {
    GivenStage stage{transaction, {.time = "moment", .decimals = {"a", "b"}, .wholes = {"n"}}};
    stage.add(at_ms(2), {Decimal{15, -1}, std::nullopt}, {7});
    stage.add(at_ms(1), {Decimal{-3, 0}, Decimal{1, -12}}, {std::nullopt});
    stage.add(at_ms(1), {Decimal{1'500, -14}, Decimal{0, -30}}, {INT64_MIN});
    stage.close();
    CHECK(given(transaction,
                "epoch_ns(moment), a, coalesce(CAST(b AS VARCHAR), '-'), coalesce(CAST(n "
                "AS VARCHAR), '-')") ==
          "2000000 1.500000000000 - 7; 1000000 -3.000000000000 0.000000000001 -; "
          "1000000 0.000000000015 0.000000000000 -9223372036854775808");
  });
}

TEST_CASE(
    "the largest values that DECIMAL(38,12) holds pass, one more is refused by name and time") {
  staged([](duck::Transaction& transaction) {
    int128 limit = 1;
    for (int digit = 0; digit < 38; ++digit)
      limit *= 10;
    GivenStage stage{transaction, {.time = "moment", .decimals = {"a"}, .wholes = {}}};
    stage.add(at_ms(0), {Decimal{limit - 1, -12}});
    stage.add(at_ms(0), {Decimal{1 - limit, -12}});
    for (const Decimal& value :
         {Decimal{limit, -12}, Decimal{-limit, -12}, Decimal{int128{1} << 120, 0}}) {
      check_refused(ErrorCode::out_of_range, {"a ", "1970-01-01T00:00:00.005Z", "too large"},
                    [&] { stage.add(at_ms(5), {value}); });
    }
    check_refused(ErrorCode::out_of_range, {"a 0.0000000000001", "more than 12 digits"}, [&] {
      stage.add(at_ms(5), {Decimal{1, -13}});
    });
    stage.close();
    CHECK(given(transaction, "a") ==
          "99999999999999999999999999.999999999999; "
          "-99999999999999999999999999.999999999999");
  });
}

TEST_CASE("more rows than one chunk holds keep their NULLs apart") {
  staged([](duck::Transaction& transaction) {
    GivenStage stage{transaction, {.time = "moment", .decimals = {"a"}, .wholes = {"n"}}};
    for (int64_t i = 0; i < 5'000; ++i) {
      const bool odd = i % 2 != 0;
      stage.add(at_ms(i), {odd ? std::optional{Decimal{i, 0}} : std::nullopt},
                {odd ? std::nullopt : std::optional{i}});
    }
    stage.close();
    duck::Result rows = transaction.connection().run(
        "SELECT count(*), count(a), count(n), count(*) FILTER (WHERE coalesce(a, n) = "
        "epoch_ns(moment) // 1000000), "
        "count(*) FILTER (WHERE a IS NULL AND n IS NULL) FROM given");
    REQUIRE(rows.next_row());
    CHECK(rows.int64(0) == 5'000);
    CHECK(rows.int64(1) == 2'500);
    CHECK(rows.int64(2) == 2'500);
    CHECK(rows.int64(3) == 5'000);
    CHECK(rows.int64(4) == 0);
  });
}

TEST_CASE("a stage without rows is an empty table, and the next one takes its place") {
  staged([](duck::Transaction& transaction) {
    GivenStage{transaction, {.time = "moment", .decimals = {"a"}, .wholes = {}}}.close();
    CHECK(given(transaction, "a").empty());
    GivenStage again{transaction, {.time = "moment", .decimals = {}, .wholes = {"b"}}};
    again.add(at_ms(3), {}, {4});
    again.close();
    CHECK(given(transaction, "epoch_ns(moment), b") == "3000000 4");
  });
}

}  // namespace
}  // namespace tapedeck
