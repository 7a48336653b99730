#include "tapedeck/book/book_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace tapedeck {
namespace {

constexpr int kOfChannel = -1;  // the depth is the number in the channel's word

struct Line {
  std::string_view venue;    // begin of it
  std::string_view channel;  // begin of it; a number at its end is whole
  BookRules rules;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "books5" begins "books5", not "books50-l2-tbt".
bool begins(std::string_view channel, std::string_view word) {
  if (!channel.starts_with(word)) return false;
  return channel.size() == word.size() || !is_digit(word.back()) || !is_digit(channel[word.size()]);
}

// The first line that fits counts.
// Sources: developers.binance.com "How to manage a local order book correctly",
// bybit-exchange.github.io v5 "Orderbook", okx.com/docs-v5 "Order book channel", docs.kraken.com
// "Websocket book checksum" v1 and v2, docs.cdp.coinbase.com Advanced Trade and Exchange WebSocket,
// hyperliquid.gitbook.io, all 2024.
constexpr std::array kLines{
    Line{"binance", "depth5", {.whole = true}},
    Line{"binance", "depth10", {.whole = true}},
    Line{"binance", "depth20", {.whole = true}},
    Line{"binance-", "T_DEPTH", {.continuity = BookContinuity::binance_futures}},
    Line{"binance-", "depth", {.continuity = BookContinuity::binance_futures}},
    Line{"binance", "depth", {.continuity = BookContinuity::binance_spot}},
    Line{"bybit", "orderbook.1", {.depth = 1, .whole = true}},
    Line{"bybit", "orderbook.", {.continuity = BookContinuity::consecutive, .depth = kOfChannel}},
    Line{"okx", "books5", {.whole = true}},
    Line{"okx",
         "books50-l2-tbt",
         {.continuity = BookContinuity::linked, .checksum = BookChecksum::okx, .depth = 50}},
    Line{"okx",
         "books",
         {.continuity = BookContinuity::linked, .checksum = BookChecksum::okx, .depth = 400}},
    Line{"kraken", "book-", {.checksum = BookChecksum::kraken, .depth = kOfChannel}},
    Line{"kraken", "book", {.checksum = BookChecksum::kraken, .depth_of_snapshot = true}},
    Line{"coinbase", "l2_data", {.continuity = BookContinuity::connection}},
    Line{"hyperliquid", "l2Book", {.whole = true}},
};

int number_in(std::string_view text) {
  const auto* const begin = std::ranges::find_if(text, is_digit);
  int number = 0;
  std::from_chars(begin, text.end(), number);
  return number;
}

}  // namespace

std::string_view to_text(BookIntegrity integrity) {
  switch (integrity) {
    case BookIntegrity::none: return "none";
    case BookIntegrity::sequence: return "sequence";
    case BookIntegrity::checksum: return "checksum";
  }
  return "none";
}

BookIntegrity BookRules::integrity() const {
  if (checksum != BookChecksum::none) return BookIntegrity::checksum;
  return continuity == BookContinuity::none ? BookIntegrity::none : BookIntegrity::sequence;
}

BookRules book_rules(std::string_view venue, std::string_view channel) {
  for (const Line& line : kLines) {
    if (!venue.starts_with(line.venue) || !begins(channel, line.channel)) continue;
    BookRules rules = line.rules;
    if (rules.depth == kOfChannel) rules.depth = number_in(channel);
    return rules;
  }
  return {};
}

int kraken_depth(size_t levels) {
  constexpr std::array kDepths{10, 25, 100, 500, 1000};
  for (const int depth : kDepths)
    if (levels <= static_cast<size_t>(depth)) return depth;
  return kDepths.back();
}

}  // namespace tapedeck
