#include "tapedeck/market/instrument.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace tapedeck {

TEST_CASE("a name is split at its colon and printed back") {
  for (const std::string_view text :
       {"binance-um:BTCUSDT", "okx:BTC-USDT-SWAP", "kraken:XBT/USD", "coinbase:ETH_USD.P",
        "deribit:BTC-27DEC24-60000-C", "4x:a", "binance:\u5e01\u5b89USDT", "x:\U0001F436"}) {
    CAPTURE(text);
    const auto name = parse_instrument_name(text);
    REQUIRE(name.has_value());
    CHECK(to_text(*name) == text);
  }
  const auto name = parse_instrument_name("binance-um:BTCUSDT");
  CHECK(name == InstrumentName{.venue = "binance-um", .symbol = "BTCUSDT"});
}

TEST_CASE("a text that is no instrument name is refused") {
  const std::vector<std::string> texts{
      "",
      ":",
      "BTCUSDT",
      "binance:",
      ":BTCUSDT",
      "Binance:BTCUSDT",
      "-um:BTCUSDT",
      "bi nance:BTC",
      "binance_um:BTC",
      "b\u00e4r:BTC",
      "binance:BTC USDT",
      "binance:BTC\n",
      "binance:a:b",
      std::string{"binance:BT\0C", 12},
      "binance:\x7f",
      "binance:\xff",
      "binance:\xc3",
      "binance:\xc0\xaf",          // overlong `/`
      "binance:\xed\xa0\x80",      // a surrogate
      "binance:\xf4\x90\x80\x80",  // beyond U+10FFFF
      "binance:\xe2\x82",          // cut short
      "binance:BTC\u00a0USDT",     // no-break space
      "binance:BTC\u200bUSDT",     // zero-width space
      "binance:BTC\u3000",         // ideographic space
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK_FALSE(parse_instrument_name(text).has_value());
  }
}

TEST_CASE("prices and quantities are read in the instrument's units") {
  Instrument instrument;
  instrument.scale = {.price_exp = -2, .qty_exp = -3};
  CHECK(parse_price(instrument, "61837.63") == Price{6183763});
  CHECK(parse_qty(instrument, "0.25") == Qty{250});
  CHECK(parse_price(instrument, "61837.635").error() == DecimalError::too_precise);
  CHECK(parse_qty(instrument, "99999999999999999").error() == DecimalError::out_of_range);
  CHECK(parse_qty(instrument, "much").error() == DecimalError::not_a_number);
}

TEST_CASE("kinds have their enumerator's name") {
  CHECK(to_text(InstrumentKind::spot) == "spot");
  CHECK(to_text(InstrumentKind::perpetual) == "perpetual");
  CHECK(to_text(InstrumentKind::future) == "future");
  CHECK(to_text(InstrumentKind::option) == "option");
  CHECK(to_text(InstrumentKind::equity) == "equity");
}

}  // namespace tapedeck
