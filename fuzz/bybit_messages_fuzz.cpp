// Messages of Bybit: no bytes crash the decoder, and what it accepts obeys the rules of records.
#include "feed/feed_venue.hpp"
#include "message_input.hpp"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  constexpr std::array<std::string_view, 3> kUrls{
      "https://api.bybit.com/v5/market/orderbook?category=linear&symbol=BTCUSDT&limit=200",
      "https://api.bybit.com/v5/market/instruments-info?category=linear",
      "https://api.bybit.com/v5/market/open-interest?category=linear&symbol=BTCUSDT"};
  fuzz_messages({data, size}, make_bybit_decoder, kUrls);
  return 0;
}
