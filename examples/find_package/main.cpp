// The least that shows an installed Tapedeck compiles, links and finds its DuckDB at run time.
#include "tapedeck/store/store.hpp"

#include <cstdio>

int main() {
  tapedeck::Store store{":memory:", {.mode = tapedeck::OpenMode::create}};
  store.resolve_instrument({.venue = "binance", .symbol = "BTCUSDT"});
  std::printf("tapedeck on DuckDB %s: %zu instrument\n", store.stats().duckdb_version.c_str(),
              store.instruments().size());
  return 0;
}
