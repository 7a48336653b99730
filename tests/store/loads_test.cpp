#include "store/loads.hpp"

#include "sql_rows.hpp"
#include "store/core.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

void store_load(Store& store, const Load& load) {
  store.core().write([&](duck::Transaction& transaction) { insert_load(transaction, load); });
}

TEST_CASE("loads are numbered in the order of their arrival and keep what they were given") {
  Store store{":memory:"};
  store_load(store, {.instrument = InstrumentId{7}, .dataset = "trades", .source = "api"});
  store_load(store, {.instrument = InstrumentId{7},
                     .dataset = "trades",
                     .source = "archive",
                     .path = "it's/a.zip",
                     .sha256 = "abc",
                     .bytes = 5,
                     .rows = 4,
                     .duplicates = 3,
                     .conflicts = 2,
                     .rejects = 1,
                     .id_begin = 10,
                     .id_end = 20,
                     .ts_begin = test::at_ms(1),
                     .ts_end = test::at_ms(2),
                     .ordered = false,
                     .checksum_matched = true});
  CHECK(test::sql(store, "SELECT * EXCLUDE (loaded_at) FROM tape.loads ORDER BY load_id") ==
        std::vector<std::string>{
            "1 7 trades api NULL NULL NULL 0 0 0 0 NULL NULL NULL NULL true NULL NULL",
            "2 7 trades archive it's/a.zip abc 5 4 3 2 1 10 20 1970-01-01T00:00:00.001Z "
            "1970-01-01T00:00:00.002Z false true NULL"});
}

TEST_CASE("a file is known by its bytes, for one instrument and dataset") {
  Store store{":memory:"};
  store_load(store, {.instrument = InstrumentId{1}, .dataset = "trades", .sha256 = "abc"});
  const auto reader = store.core().borrow_reader();
  CHECK(is_loaded(*reader, "abc", InstrumentId{1}, "trades"));
  CHECK(is_loaded(*reader, "abc", std::nullopt, "trades"));
  CHECK_FALSE(is_loaded(*reader, "abd", InstrumentId{1}, "trades"));
  CHECK_FALSE(is_loaded(*reader, "abc", InstrumentId{2}, "trades"));
  CHECK_FALSE(is_loaded(*reader, "abc", InstrumentId{1}, "aggregates"));
  CHECK_FALSE(is_loaded(*reader, "abc", std::nullopt, "aggregates"));
  store_load(store, {.instrument = InstrumentId{1},
                     .dataset = "trades",
                     .sha256 = "def",
                     .read_as = "trades venue=binance"});
  CHECK(is_loaded(*reader, "def", std::nullopt, std::nullopt, "trades venue=binance"));
  CHECK_FALSE(is_loaded(*reader, "def", std::nullopt, std::nullopt, "trades"));
}

TEST_CASE("stored ids are joined where they touch") {
  const struct {
    std::vector<std::pair<int64_t, int64_t>> loads;
    const char* expected;
  } cases[]{{{}, ""},
            {{{1, 5}}, "1-5 "},
            {{{6, 9}, {1, 5}}, "1-9 "},
            {{{1, 5}, {7, 9}}, "1-5 7-9 "},
            {{{1, 9}, {3, 4}, {9, 12}}, "1-12 "}};
  for (const auto& one : cases) {
    Store store{":memory:"};
    for (const auto& [begin, end] : one.loads) {
      store_load(store, {.dataset = "trades", .rows = 1, .id_begin = begin, .id_end = end});
    }
    store_load(store, {.dataset = "trades", .rows = 0, .id_begin = 100, .id_end = 200});
    store_load(store, {.dataset = "trades", .rows = 5});
    const auto reader = store.core().borrow_reader();
    std::string line;
    for (const IdRange& range : stored_ids(*reader, {}, "trades")) {
      line += fmt::format("{}-{} ", range.begin, range.end);
    }
    CHECK(line == one.expected);
    CHECK(stored_ids(*reader, {}, "aggregates").empty());
  }
}

TEST_CASE("a load without rows stores none") {
  Store store{":memory:"};
  store_load(store, {.dataset = "trades", .rows = 0});
  const auto reader = store.core().borrow_reader();
  CHECK_FALSE(has_rows(*reader, {}, "trades"));
  store_load(store, {.dataset = "trades", .rows = 1});
  CHECK(has_rows(*reader, {}, "trades"));
  CHECK_FALSE(has_rows(*reader, {}, "aggregates"));
}

}  // namespace
}  // namespace tapedeck
