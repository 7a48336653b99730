// Append trades of your own and read them back: exact, in order, each id once.
#include "tapedeck/tapedeck.hpp"

#include <iostream>

using namespace tapedeck;

int main() {
  StoreOptions options;
  options.mode = OpenMode::create;
  Store store{":memory:", options};
  const Instrument found = store.resolve_instrument({.venue = "binance", .symbol = "BTCUSDT"});

  TradeBlock block;
  block.scale = {.price_exp = -2, .qty_exp = -5};  // 61837.63 is 6183763 units
  block.push_back({.ts_event = *parse_timestamp("2024-08-08T23:54:15.342Z"),
                   .trade_id = 3735683259,
                   .price = Price{6183763},
                   .quantity = Qty{2000},
                   .side = AggressorSide::sell});
  Writer writer{store};
  const AppendResult first = writer.append(found.id, block);
  const AppendResult second = writer.append(found.id, block);
  std::cout << "stored " << first.rows << ", then " << second.rows << " (duplicates "
            << second.duplicates << ")\n";

  const Instrument instrument = store.instrument("binance:BTCUSDT");  // now with its exponents
  for_each_trades(store, {.instrument = instrument}, [&](const TradeView& trades) {
    for (size_t row = 0; row < trades.rows(); ++row)
      std::cout << to_iso(trades[row].ts_event) << " " << to_text(trades[row].side) << " "
                << to_text(Decimal{trades.quantity[row], trades.scale.qty_exp}) << " at "
                << to_text(Decimal{trades.price[row], trades.scale.price_exp}) << "\n";
    return KeepGoing::go_on;
  });

  try {
    store.instrument("BTCUSD");
  } catch (const Error& error) {
    std::cout << to_text(error.code()) << ": " << error.what() << "\n";
  }
}
