// The same random trades, brought into a store in several ways; and what every answer over them
// must be, computed the slow way.
#pragma once

#include "market/random_trades.hpp"
#include "tapedeck/market/footprint.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <map>
#include <string>
#include <vector>

namespace tapedeck::test {

// Ways of loading: what is stored is the same.
enum class Loads {
  one,
  two_halves,
  later_half_first,
  interleaved,
  one_overlapping,
  several_scales
};

inline std::vector<Loads> all_loads() {
  using enum Loads;
  return {one, two_halves, later_half_first, interleaved, one_overlapping, several_scales};
}

// Rows for which `keep(row)` is true.
template <typename Keep>
TradeBlock rows_where(const TradeBlock& trades, Keep keep) {
  TradeBlock result;
  result.scale = trades.scale;
  for (size_t row = 0; row < trades.rows(); ++row) {
    if (keep(row)) result.push_back(trades.view()[row]);
  }
  return result;
}

class LoadedTape {
 public:
  LoadedTape(Loads loads, const RandomTape& tape, unsigned seed = 11)
      : trades_{random_trades(seed, tape)} {
    Writer writer{store_};
    const InstrumentId id = new_instrument(store_).id;
    const size_t half = trades_.rows() / 2;
    const auto first = [&](size_t row) { return row < half; };
    const auto second = [&](size_t row) { return row >= half; };
    switch (loads) {
      case Loads::one: writer.append(id, trades_); break;
      case Loads::two_halves:
        writer.append(id, rows_where(trades_, first));
        writer.append(id, rows_where(trades_, second));
        break;
      case Loads::later_half_first:
        writer.append(id, rows_where(trades_, second));
        writer.append(id, rows_where(trades_, first));
        break;
      case Loads::interleaved:
        for (const size_t third : {size_t{1}, size_t{0}, size_t{2}}) {
          writer.append(id, rows_where(trades_, [&](size_t row) { return row % 3 == third; }));
        }
        break;
      case Loads::one_overlapping:
        writer.append(id, rows_where(trades_, first));
        writer.append(id, rows_where(trades_, [&](size_t row) { return row >= half / 2; }));
        break;
      case Loads::several_scales: {
        writer.append(id, rows_where(trades_, first));
        TradeBlock fine = rows_where(trades_, second);
        static_cast<void>(rescale(fine, {.price_exp = -3, .qty_exp = -2}));
        writer.append(id, fine);
        static_cast<void>(rescale(trades_, {.price_exp = -3, .qty_exp = -2}));
        break;
      }
    }
  }

  Store& store() { return store_; }
  Instrument instrument() const { return store_.instrument("BTCUSDT"); }
  TapeRequest request(TimeRange range = {}) const {
    return {.instrument = instrument(), .range = range};
  }
  // In order, at the instrument's scale.
  const TradeBlock& trades() const { return trades_; }

 private:
  Store store_{":memory:"};
  TradeBlock trades_;
};

inline std::vector<Bar> bars_by_definition(const TradeBlock& trades, BarInterval by,
                                           TimeRange range = {}) {
  std::map<Timestamp, Bar> bars;
  for (size_t row = 0; row < trades.rows(); ++row) {
    const Trade trade = trades.view()[row];
    const Timestamp begin = by.begin_of(trade.ts_event);
    if (!range.contains(begin)) continue;
    auto [found, is_new] = bars.try_emplace(begin);
    Bar& bar = found->second;
    if (is_new) {
      bar = {.begin = begin,
             .end = by.next(begin),
             .open = trade.price,
             .high = trade.price,
             .low = trade.price,
             .close = trade.price};
    }
    const Volume quantity = trade.quantity.raw();
    bar.high = std::max(bar.high, trade.price);
    bar.low = std::min(bar.low, trade.price);
    bar.close = trade.price;
    bar.volume += quantity;
    if (trade.side == AggressorSide::buy) bar.buy_volume += quantity;
    if (trade.side == AggressorSide::sell) bar.sell_volume += quantity;
    bar.notional += quantity * trade.price.raw();
    ++bar.trades;
  }
  std::vector<Bar> result;
  for (const auto& entry : bars)
    result.push_back(entry.second);
  return result;
}

inline std::vector<Level> levels_by_definition(const TradeBlock& trades, TimeRange range,
                                               int64_t step) {
  std::map<int64_t, Level> levels;
  for (size_t row = 0; row < trades.rows(); ++row) {
    const Trade trade = trades.view()[row];
    if (!range.contains(trade.ts_event)) continue;
    const int64_t price = trade.price.raw() / step * step;
    Level& level = levels[price];
    level.price = Price{price};
    const Volume quantity = trade.quantity.raw();
    switch (trade.side) {
      case AggressorSide::buy: level.buy_quantity += quantity, ++level.buy_count; break;
      case AggressorSide::sell: level.sell_quantity += quantity, ++level.sell_count; break;
      case AggressorSide::unknown: level.unknown_quantity += quantity, ++level.unknown_count; break;
    }
  }
  std::vector<Level> result;
  for (const auto& entry : levels)
    result.push_back(entry.second);
  return result;
}

}  // namespace tapedeck::test
