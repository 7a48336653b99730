// FeedRecord: what a venue's message says, as values: numbers as on the wire, symbols as the venue
// spells them. Texts and levels are borrowed from the message and its decoder.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/book_message.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/side.hpp"
#include "tapedeck/market/time.hpp"
#include "tapedeck/market/wire_number.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace tapedeck {

struct FeedTrade {
  std::string_view symbol = {};
  Timestamp ts_event = {};
  std::optional<int64_t> trade_id = {};  // absent where the venue's is no number
  WireNumber price = {};
  WireNumber quantity = {};
  AggressorSide side = AggressorSide::unknown;
  Grain grain = Grain::trade;
};

struct FeedQuote {
  std::string_view symbol = {};
  std::optional<Timestamp> ts_event = {};  // Binance spot's bookTicker has none
  std::optional<int64_t> sequence = {};
  WireLevel bid = {};
  WireLevel ask = {};
};

struct FeedKline {
  std::string_view symbol = {};
  BarInterval interval = *BarInterval::parse("1m");
  Kline kline = {};
  bool closed = false;  // the venue changes it no more
};

struct FeedMarkPrice {
  std::string_view symbol = {};
  Timestamp ts_event = {};
  WireNumber mark_price = {};
  std::optional<WireNumber> index_price = {};
};

struct FeedFundingRate {
  std::string_view symbol = {};
  Timestamp ts_event = {};
  WireNumber funding_rate = {};
  std::optional<Timestamp> next_funding = {};
};

struct FeedLiquidation {
  std::string_view symbol = {};
  Timestamp ts_event = {};
  AggressorSide side = AggressorSide::unknown;  // of the order that closes the position
  WireNumber price = {};
  WireNumber quantity = {};
};

struct FeedOpenInterest {
  std::string_view symbol = {};
  Timestamp ts_event = {};
  WireNumber open_interest = {};
  std::optional<WireNumber> open_interest_value = {};
};

struct FeedInstrument {
  std::string_view symbol = {};
  InstrumentKind kind = InstrumentKind::spot;
  bool inverse = false;
  std::optional<WireNumber> contract_size = {};
  std::optional<WireNumber> tick_size = {};
  std::optional<WireNumber> lot_size = {};
};

using FeedRecord = std::variant<BookMessage, FeedTrade, FeedQuote, FeedKline, FeedMarkPrice,
                                FeedFundingRate, FeedLiquidation, FeedOpenInterest, FeedInstrument>;

}  // namespace tapedeck
