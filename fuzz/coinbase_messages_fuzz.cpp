// Messages of Coinbase: no bytes crash the decoder, and what it accepts obeys the rules of records.
#include "feed/feed_venue.hpp"
#include "message_input.hpp"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  constexpr std::array<std::string_view, 2> kUrls{
      "https://api.exchange.coinbase.com/products",
      "https://api.coinbase.com/api/v3/brokerage/market/products?limit=500"};
  fuzz_messages({data, size}, make_coinbase_decoder, kUrls);
  return 0;
}
