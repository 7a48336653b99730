#include "tapedeck/market/book_message.hpp"

namespace tapedeck {

std::string_view to_text(BookSide side) {
  return side == BookSide::bid ? "bid" : "ask";
}

OwnedBookMessage::OwnedBookMessage(const BookMessage& from, std::optional<Timestamp> received)
    : message{from}, ts_recv{received} {
  levels.reserve(from.bids.size() + from.asks.size());
  levels.insert(levels.end(), from.bids.begin(), from.bids.end());
  levels.insert(levels.end(), from.asks.begin(), from.asks.end());
  message.symbol = {};
  message.channel = {};
  message.bids = std::span{levels}.first(from.bids.size());
  message.asks = std::span{levels}.subspan(from.bids.size());
}

}  // namespace tapedeck
