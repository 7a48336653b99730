#include "feed/feed_venue.hpp"

#include <algorithm>
#include <array>

namespace tapedeck {
namespace {

// Hosts with the begin of a path, or `?` and a word of the query. The longest that fits counts.
constexpr std::array kVenues{
    FeedVenue{
        "binance",
        {"stream.binance.com", "data-stream.binance.vision", "api.binance.com", "api1.binance.com",
         "api2.binance.com", "api3.binance.com", "data-api.binance.vision", "www.binance.com/api/"},
        make_binance_decoder},
    FeedVenue{"binance-um", {"fstream.binance.com", "fapi.binance.com"}, make_binance_decoder},
    FeedVenue{"binance-cm", {"dstream.binance.com", "dapi.binance.com"}, make_binance_decoder},
    FeedVenue{"bybit",
              {"stream.bybit.com/v5/public/spot", "api.bybit.com?category=spot"},
              make_bybit_decoder},
    FeedVenue{"bybit-linear",
              {"stream.bybit.com/v5/public/linear", "api.bybit.com?category=linear"},
              make_bybit_decoder},
    FeedVenue{"bybit-inverse",
              {"stream.bybit.com/v5/public/inverse", "api.bybit.com?category=inverse"},
              make_bybit_decoder},
    FeedVenue{"okx",
              {"ws.okx.com", "wsaws.okx.com", "ws.okex.com", "www.okx.com", "www.okex.com",
               "aws.okx.com"},
              make_okx_decoder},
    FeedVenue{"kraken", {"ws.kraken.com", "api.kraken.com"}, make_kraken_decoder},
    FeedVenue{"coinbase",
              {"advanced-trade-ws.coinbase.com", "ws-feed.pro.coinbase.com",
               "ws-feed.exchange.coinbase.com", "api.coinbase.com", "api.exchange.coinbase.com",
               "api.pro.coinbase.com"},
              make_coinbase_decoder},
    FeedVenue{"hyperliquid", {"api.hyperliquid.xyz"}, make_hyperliquid_decoder},
};

struct Url {
  std::string_view host;
  std::string_view path;  // from its slash on
  std::string_view query;
};

Url parts_of(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  const size_t question = std::min(url.find('?'), url.size());
  Url parts;
  parts.query = url.substr(question);
  url = url.substr(0, question);
  const size_t slash = std::min(url.find('/'), url.size());
  parts.path = url.substr(slash);
  parts.host = url.substr(0, slash);
  parts.host = parts.host.substr(0, parts.host.find(':'));
  return parts;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool fits(const Url& url, std::string_view place) {
  const size_t question = std::min(place.find('?'), place.size());
  const size_t slash = std::min(place.find('/'), question);
  const std::string_view host = place.substr(0, slash);
  const std::string_view path = place.substr(slash, question - slash);
  if (url.host != host || !url.path.starts_with(path)) return false;
  return question == place.size() || has(url.query, place.substr(question + 1));
}

// What tells Binance's three markets apart: `pu` chains the updates of futures, `ps` is the pair of
// a coin-margined one, and spot names no event in bookTicker and has `M` in trades.
std::string_view binance_market(std::string_view text) {
  const bool combined = has(text, "\"stream\":\"") && has(text, "\"data\":{");
  if (!combined && !has(text, "\"e\":\"")) return {};
  if (has(text, "\"ps\":\"")) return "binance-cm";
  if (has(text, "\"e\":\"depthUpdate\"")) return has(text, "\"pu\":") ? "binance-um" : "binance";
  if (has(text, "\"e\":\"bookTicker\"")) return "binance-um";
  if (has(text, "@bookTicker\"")) return "binance";
  if (has(text, "\"M\":true") || has(text, "\"M\":false")) return "binance";
  return {};
}

std::string_view venue_word(std::string_view text) {
  if (const std::string_view market = binance_market(text); !market.empty()) return market;
  if (has(text, "\"coin\":\"")) return "hyperliquid";
  if (has(text, "\"arg\":{\"channel\":\"")) return "okx";
  if (has(text, "\"sequence_num\":") ||
      (has(text, "\"product_id\":\"") && has(text, "\"type\":"))) {
    return "coinbase";
  }
  const bool kraken_v2 = has(text, "\"channel\":\"") && has(text, "\"symbol\":\"");
  const bool kraken_v1 = text.starts_with('[') && text.ends_with("\"]") && has(text, ",\"");
  if (kraken_v1 || kraken_v2 || has(text, "\"channelName\":\"")) return "kraken";
  return {};
}

}  // namespace

std::span<const FeedVenue> feed_venues() {
  return kVenues;
}

const FeedVenue* venue_of_url(std::string_view url) {
  const Url parts = parts_of(url);
  const FeedVenue* best = nullptr;
  size_t longest = 0;
  for (const FeedVenue& venue : kVenues) {
    for (const std::string_view place : venue.hosts) {
      if (place.size() <= longest || !fits(parts, place)) continue;
      best = &venue;
      longest = place.size();
    }
  }
  return best;
}

const FeedVenue* venue_of_message(std::string_view text) {
  const std::string_view word = venue_word(text);
  return word.empty() ? nullptr : find_feed_venue(word);
}

const FeedVenue* find_feed_venue(std::string_view venue) {
  const auto found = std::ranges::find(kVenues, venue, &FeedVenue::venue);
  return found == kVenues.end() ? nullptr : &*found;
}

}  // namespace tapedeck
