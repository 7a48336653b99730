// FeedVenue: which venue a connection goes to, and the decoder of its messages. A new venue is a
// decoder and a line in feed_venue.cpp.
#pragma once

#include "feed/message_decoder.hpp"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace tapedeck {

struct FeedVenue {
  std::string_view venue;                 // as in `venue:symbol`
  std::array<std::string_view, 8> hosts;  // of its URLs, with the begin of a path
  std::unique_ptr<MessageDecoder> (*make_decoder)();
};
std::span<const FeedVenue> feed_venues();

// nullptr when no venue has that URL.
const FeedVenue* venue_of_url(std::string_view url);
// A venue of which messages look like `text`, where no URL tells; nullptr when it could be several
// or none. One message may not be enough: ask the next.
const FeedVenue* venue_of_message(std::string_view text);
// By its name: "binance-um".
const FeedVenue* find_feed_venue(std::string_view venue);

// One a venue; a decoder belongs to one connection.
std::unique_ptr<MessageDecoder> make_binance_decoder();
std::unique_ptr<MessageDecoder> make_bybit_decoder();
std::unique_ptr<MessageDecoder> make_okx_decoder();
std::unique_ptr<MessageDecoder> make_kraken_decoder();
std::unique_ptr<MessageDecoder> make_coinbase_decoder();
std::unique_ptr<MessageDecoder> make_hyperliquid_decoder();

}  // namespace tapedeck
