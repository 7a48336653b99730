// What an order-flow trader asks: volume profile with value area, delta, a footprint; and whether
// the answer is whole.
#include "tapedeck/tapedeck.hpp"

#include <array>
#include <iostream>

using namespace tapedeck;

int main() {
  StoreOptions options;
  options.mode = OpenMode::create;
  Store store{":memory:", options};
  const std::array<std::filesystem::path, 1> archives{"samples/binance/data"};
  import_files(store, archives, {});

  const Instrument instrument = store.instrument("binance-um:ETHUSDT");
  const TapeRequest request{.instrument = instrument};
  const auto price = [&](Price p) { return to_text(Decimal{p.raw(), instrument.scale.price_exp}); };
  const auto quantity = [&](Volume q) { return to_text(Decimal{q, instrument.scale.qty_exp}); };

  const Price step = parse_price(instrument, "0.1").value();  // levels ten cents wide
  const auto [tape, profile] = volume_profile(store, request, {.units = step.raw()});
  std::cout << "POC " << price(profile.levels[profile.poc].price) << ", value area "
            << price(profile.levels[profile.value_area_begin].price) << " to "
            << price(profile.levels[profile.value_area_end - 1].price) << "\n";
  std::cout << tape.rows << " trades, " << tape.coverage.gaps.size() << " gaps\n";

  const BarInterval minute = *BarInterval::parse("1m");
  for_each_delta(store, request, minute, [&](const DeltaAnswer& row) {
    std::cout << to_iso(row.begin) << "  delta " << quantity(row.volume_delta) << "  cvd "
              << quantity(row.cvd) << "\n";
    return KeepGoing::go_on;
  });

  for_each_footprint(store, request, minute, {.units = step.raw()}, [&](const Footprint& bar) {
    std::cout << to_iso(bar.begin) << "\n";
    for (const Level& level : bar.levels)
      std::cout << "  " << price(level.price) << "  sold " << quantity(level.sell_quantity)
                << "  bought " << quantity(level.buy_quantity) << "\n";
    return KeepGoing::stop;  // the first bar only
  });
}
