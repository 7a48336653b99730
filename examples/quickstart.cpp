// Import archives into a store and print one-minute klines.
//   example_quickstart [STORE [PATH...]]
#include "tapedeck/tapedeck.hpp"

#include <algorithm>
#include <iostream>

using namespace tapedeck;

int main(int argc, char** argv) {
  const char* path = argc > 1 ? argv[1] : ":memory:";
  std::vector<std::filesystem::path> archives(argv + std::min(argc, 2), argv + argc);
  if (archives.empty()) archives = {"samples/binance/data"};

  StoreOptions options;
  options.mode = OpenMode::create;
  Store store{path, options};
  std::cout << import_files(store, archives, {}).rows << " trades imported\n";

  const Instrument instrument = store.instrument("binance:BTCUSDT");
  const int digits = instrument.scale.price_exp;
  for_each_kline(
      store, {.instrument = instrument}, *BarInterval::parse("1m"), [&](const BarAnswer& answer) {
        const auto& bar = answer.bar;
        std::cout << to_iso(bar.begin) << "  " << to_text(Decimal{bar.open.raw(), digits}) << " → "
                  << to_text(Decimal{bar.close.raw(), digits}) << "\n";
        return KeepGoing::go_on;
      });
}
