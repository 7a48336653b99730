// Messages of Binance: no bytes crash the decoder, and what it accepts obeys the rules of records.
#include "feed/feed_venue.hpp"
#include "message_input.hpp"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  constexpr std::array<std::string_view, 3> kUrls{
      "https://api.binance.com/api/v3/depth?symbol=NKNUSDT&limit=1000",
      "https://fapi.binance.com/fapi/v1/openInterest?symbol=BTCUSDT",
      "https://api.binance.com/api/v3/exchangeInfo"};
  fuzz_messages({data, size}, make_binance_decoder, kUrls);
  return 0;
}
