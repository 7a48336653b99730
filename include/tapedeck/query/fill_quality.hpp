// How good fills were: each against the quotes that stood when its order was made, when it was
// executed, and a while later. Amounts are per unit of quantity, in the currency of the price.
#pragma once

#include "tapedeck/market/fill.hpp"
#include "tapedeck/query/quotes.hpp"
#include "tapedeck/store/store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

// What is absent is not asked for.
struct FillQualityRequest {
  std::optional<std::string> venue = {};
  std::optional<std::string> symbol = {};
  std::optional<std::string> strategy_id = {};
  TimeRange executed = {};
  QuoteSource source = QuoteSource::any;
  // How long after the fill its mark-outs are.
  std::vector<std::chrono::nanoseconds> horizons = {
      std::chrono::seconds{1}, std::chrono::seconds{5}, std::chrono::seconds{60}};
};

// A middle is absent where the store does not know the quote of that instant: it has none, or the
// instant lies in a gap or behind the end of what was recorded.
struct FillQuality {
  Fill fill;
  // When the order was created; when it was executed, where the venue's clock says that this came
  // first.
  std::optional<Amount> arrival_mid = {};
  std::optional<Amount> mid = {};                      // when the fill was executed
  std::vector<std::optional<Amount>> later_mids = {};  // one a horizon
};

// The last quote's (bid + ask) / 2, half to even to 12 digits.

// What it cost against the price that stood when the order was made: price − arrival_mid of a buy,
// the reverse of a sale. Above 0: it was dearer.
std::optional<Amount> slippage(const FillQuality& quality);
// 2 × (price − mid) of a buy, 2 × (mid − price) of a sale.
std::optional<Amount> effective_spread(const FillQuality& quality);
// How the price moved our way: later_mid − price of a buy, the reverse of a sale.
std::optional<Amount> mark_out(const FillQuality& quality, size_t horizon);

// By rising time within each instrument. Fills of an instrument that the tape does not have have no
// middles.
std::vector<FillQuality> fill_quality(const Store& store, const FillQualityRequest& request);

}  // namespace tapedeck
