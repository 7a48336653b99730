// Messages of Kraken: no bytes crash the decoder, and what it accepts obeys the rules of records.
#include "feed/feed_venue.hpp"
#include "message_input.hpp"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  constexpr std::array<std::string_view, 2> kUrls{
      "https://api.kraken.com/0/public/AssetPairs",
      "https://api.kraken.com/0/public/Depth?pair=XBTUSD"};
  fuzz_messages({data, size}, make_kraken_decoder, kUrls);
  return 0;
}
