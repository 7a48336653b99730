// Instrument: a tradable thing at a venue, e.g. `binance-um:BTCUSDT`.
#pragma once

#include "tapedeck/market/decimal.hpp"
#include "tapedeck/market/time.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

enum class InstrumentId : uint32_t {};

enum class InstrumentKind : uint8_t { spot, perpetual, future, option, equity };
std::string_view to_text(InstrumentKind kind);

// Spelled `venue:symbol`. The symbol is the venue's own text; binance-um and binance-cm are
// Binance's USD-margined and coin-margined markets.
struct InstrumentName {
  std::string venue;
  std::string symbol;
  auto operator<=>(const InstrumentName&) const = default;
};
std::string to_text(const InstrumentName& name);
// nullopt when there is no colon, or either part is empty or has a character a name cannot have.
std::optional<InstrumentName> parse_instrument_name(std::string_view text);

struct Instrument {
  InstrumentId id{};
  InstrumentName name;
  InstrumentKind kind = InstrumentKind::spot;
  bool inverse = false;  // quantity counts contracts of a fixed value in quote currency
  std::optional<Decimal> contract_size;  // value of one contract; absent while unknown
  Scale scale;                           // the finest exponents seen so far
  bool mixed_scale = false;              // rows with coarser exponents are stored too
};

// Reads a price or quantity in the instrument's units: too_precise when it has more digits than
// the instrument, out_of_range when it does not fit. Never rounds.
tl::expected<Price, DecimalError> parse_price(const Instrument& instrument, std::string_view text);
tl::expected<Qty, DecimalError> parse_qty(const Instrument& instrument, std::string_view text);

}  // namespace tapedeck
