// Records of a feed as text, to compare them in tests.
#pragma once

#include "feed/feed_record.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tapedeck::test {

inline std::string text_of(const WireNumber& value) {
  return to_text(to_decimal(value));
}

inline std::string text_of(const std::optional<WireNumber>& value) {
  return value ? text_of(*value) : "-";
}

inline std::string text_of(std::optional<Timestamp> time) {
  return time ? to_iso(*time) : "-";
}

// "61000.1x0.5"
inline std::string text_of(const WireLevel& level) {
  return text_of(level.price) + "x" + text_of(level.quantity);
}

inline std::string text_of(std::span<const WireLevel> levels) {
  std::string text;
  for (const WireLevel& level : levels)
    text += (text.empty() ? "" : " ") + text_of(level);
  return text;
}

inline std::string text_of(const FeedTrade& trade) {
  return std::string{trade.symbol} + " " + to_iso(trade.ts_event) + " " +
         (trade.trade_id ? std::to_string(*trade.trade_id) : "-") + " " + text_of(trade.price) +
         "x" + text_of(trade.quantity) + " " + std::string{to_text(trade.side)};
}

inline std::string text_of(const FeedQuote& quote) {
  return std::string{quote.symbol} + " " + text_of(quote.ts_event) + " " + text_of(quote.bid) +
         " " + text_of(quote.ask);
}

inline std::string text_of(const FeedKline& bar) {
  const Kline& k = bar.kline;
  return std::string{bar.symbol} + " " + std::string{bar.interval.text()} + " " + to_iso(k.begin) +
         " " + to_text(k.open) + " " + to_text(k.high) + " " + to_text(k.low) + " " +
         to_text(k.close) + " " + to_text(k.volume) + " " +
         (k.trades ? std::to_string(*k.trades) : "-") + (bar.closed ? " closed" : "");
}

inline std::string text_of(const FeedInstrument& instrument) {
  return std::string{instrument.symbol} + " " + std::string{to_text(instrument.kind)} + " " +
         text_of(instrument.contract_size) + " " + text_of(instrument.tick_size) + " " +
         text_of(instrument.lot_size);
}

}  // namespace tapedeck::test
