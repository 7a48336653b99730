// Trades written out by hand, and stored ones read back.
#pragma once

#include "tapedeck/query/tape.hpp"
#include "tapedeck/store/writer.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

namespace tapedeck::test {

inline Timestamp at_ms(int64_t ms) {
  return from_epoch_ns(ms * 1'000'000);
}
inline TimeRange range_ms(int64_t begin, int64_t end) {
  return {at_ms(begin), at_ms(end)};
}

inline Timestamp at(std::string_view text) {
  const auto t = parse_timestamp(text);
  REQUIRE(t.has_value());
  return *t;
}

inline BarInterval interval(std::string_view word) {
  const auto parsed = BarInterval::parse(word);
  REQUIRE(parsed.has_value());
  return *parsed;
}

struct Row {
  int64_t ms = 0;
  int64_t price = 1;
  int64_t quantity = 1;
  AggressorSide side = AggressorSide::buy;
  std::optional<int64_t> id = {};
};

inline TradeBlock block_of(const std::vector<Row>& rows, Scale scale = {}) {
  TradeBlock block;
  block.scale = scale;
  for (const Row& row : rows) {
    block.push_back({.ts_event = at_ms(row.ms),
                     .trade_id = row.id,
                     .price = Price{row.price},
                     .quantity = Qty{row.quantity},
                     .side = row.side});
  }
  return block;
}

// `rows` trades with ids from `first_id`, one a millisecond from `ms`.
inline TradeBlock run_of(int64_t first_id, int64_t rows, int64_t ms) {
  TradeBlock block;
  for (int64_t i = 0; i < rows; ++i) {
    block.push_back({.ts_event = at_ms(ms + i),
                     .trade_id = first_id + i,
                     .price = Price{100 + i % 7},
                     .quantity = Qty{1 + i % 3},
                     .side = i % 2 == 0 ? AggressorSide::buy : AggressorSide::sell});
  }
  return block;
}

// The worked example OR-01 of the requirements.
inline TradeBlock four_trades() {
  using enum AggressorSide;
  return block_of({{60'000, 100, 1, buy},
                   {60'500, 101, 2, sell},
                   {119'999, 99, 1, buy},
                   {120'000, 102, 4, sell}});
}

inline Instrument new_instrument(Store& store, std::string_view symbol = "BTCUSDT",
                                 std::string_view venue = "binance") {
  return store.resolve_instrument({.venue = std::string{venue}, .symbol = std::string{symbol}});
}

inline std::vector<Trade> stored_trades(const Store& store, const Instrument& instrument,
                                        TimeRange range = {}) {
  TradeBlock block;
  // The catalogue's scale: an instrument in the caller's hand may be older than the last load.
  const auto known = store.find_instrument(instrument.name);
  read_trades(store, {.instrument = known.value_or(instrument), .range = range}, block);
  std::vector<Trade> trades;
  for (size_t row = 0; row < block.rows(); ++row)
    trades.push_back(block.view()[row]);
  return trades;
}

inline std::string shown(const Trade& trade, Scale scale) {
  return std::to_string(to_epoch_ns(trade.ts_event) / 1'000'000) + " " +
         (trade.trade_id ? "#" + std::to_string(*trade.trade_id) + " " : "") +
         to_text(Decimal{trade.price.raw(), scale.price_exp}) + "x" +
         to_text(Decimal{trade.quantity.raw(), scale.qty_exp}) + " " +
         std::string{to_text(trade.side)};
}

// "60000 100x1 buy; 60500 101x2 sell": what a request gives, in order, exact.
inline std::string tape_line(const Store& store, const Instrument& instrument,
                             TimeRange range = {}) {
  const Scale scale = store.find_instrument(instrument.name).value_or(instrument).scale;
  std::string line;
  for (const Trade& trade : stored_trades(store, instrument, range)) {
    line += (line.empty() ? "" : "; ") + shown(trade, scale);
  }
  return line;
}

// "[60000, 120000) recorded; …" in milliseconds, ends rounded down; with the ids where known.
inline std::string coverage_line(const std::vector<CoverageRow>& rows) {
  std::string line;
  for (const CoverageRow& row : rows) {
    line += (line.empty() ? "" : "; ") +
            ("[" + std::to_string(to_epoch_ns(row.range.begin) / 1'000'000)) + ", " +
            std::to_string(to_epoch_ns(row.range.end) / 1'000'000) + ") " +
            std::string{to_text(row.status)};
    if (row.id_begin && row.id_end) {
      line += " " + std::to_string(*row.id_begin) + "-" + std::to_string(*row.id_end);
    }
  }
  return line;
}

}  // namespace tapedeck::test
