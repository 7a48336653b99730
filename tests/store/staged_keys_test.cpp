#include "store/staged_keys.hpp"

#include "store/core.hpp"
#include "tapedeck/store/store.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace tapedeck;

TEST_CASE("staged keys are a table while they live") {
  Store store{":memory:"};
  store.core().write([](duck::Transaction& transaction) {
    duck::Connection& connection = transaction.connection();
    std::vector<int64_t> keys;
    for (int64_t i = 0; i < 5000; ++i)
      keys.push_back(i * 3);
    const auto line = [&](const char* sql) {
      duck::Result rows = connection.run(sql);
      rows.next_row();
      return rows.int64(0);
    };
    {
      const StagedKeys staged{transaction, "wanted", keys};
      CHECK(line("SELECT count(*) FROM wanted") == 5000);
      CHECK(line("SELECT count(*) FROM range(9000) r(n) WHERE n IN (SELECT key FROM wanted)") ==
            3000);
    }
    CHECK(line("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'wanted'") == 0);
    const StagedKeys none{transaction, "wanted", {}};
    CHECK(line("SELECT count(*) FROM wanted") == 0);
  });
}
