// Messages of OKX: no bytes crash the decoder, and what it accepts obeys the rules of records.
#include "feed/feed_venue.hpp"
#include "message_input.hpp"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  constexpr std::array<std::string_view, 2> kUrls{
      "https://www.okx.com/api/v5/public/instruments?instType=SWAP",
      "https://www.okx.com/api/v5/market/books?instId=BTC-USDT"};
  fuzz_messages({data, size}, make_okx_decoder, kUrls);
  return 0;
}
