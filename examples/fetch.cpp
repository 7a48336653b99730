// Ask for a range; what the store lacks is asked of a source first, and only that.
#include "tapedeck/tapedeck.hpp"

#include <iostream>

using namespace tapedeck;

int main() {
  StoreOptions options;
  options.mode = OpenMode::create;
  Store store{":memory:", options};
  const Instrument instrument = store.resolve_instrument({.venue = "binance", .symbol = "BTCUSDT"});
  const TimeRange range{.begin = *parse_timestamp("2024-08-08T12:00"),
                        .end = *parse_timestamp("2024-08-08T13:00")};

  // Stands for a request to the venue: here it knows of one trade a minute.
  const TradeSource source = [](const Instrument&, TimeRange missing) {
    TradeBlock block;
    for (Timestamp t = missing.begin; t < missing.end; t += std::chrono::minutes{1}) {
      const int64_t minute = to_epoch_ns(t) / 60'000'000'000;
      block.push_back({.ts_event = t,
                       .trade_id = minute,
                       .price = Price{60'000},
                       .quantity = Qty{1},
                       .side = AggressorSide::buy});
    }
    return std::optional{block};
  };

  for (int time = 1; time <= 2; ++time) {
    const FetchResult result = fetch_trades(store, instrument, range, source);
    std::cout << "asked the source for " << result.asked.size() << " ranges, stored " << result.rows
              << " trades, " << (result.coverage.complete() ? "complete" : "incomplete") << "\n";
  }
}
