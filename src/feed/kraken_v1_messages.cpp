// Source: docs.kraken.com/api, "Spot WebSocket v1", 2026. Numbers and times are texts.
#include "feed/kraken_v1_messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace tapedeck {
namespace {

constexpr size_t kTradeCells = 4;  // price, volume, time, side

// Of a best price: the price, 0 where nobody stands, its quantity in whole lots, its quantity.
WireLevel best_of(std::string_view name, const std::vector<std::string_view>& texts) {
  if (texts.size() < 3) {
    throw BadMessage{fmt::format("'{}' must be a price and two quantities", name)};
  }
  return {.price = wire_quantity(name, texts[0]), .quantity = wire_quantity(name, texts[2])};
}

}  // namespace

// Kraken's longer bars, of a week and of 15 days, need not begin where one of ours does.
std::optional<BarInterval> kraken_interval(int64_t minutes) {
  switch (minutes) {
    case 1: return BarInterval::parse("1m");
    case 5: return BarInterval::parse("5m");
    case 15: return BarInterval::parse("15m");
    case 30: return BarInterval::parse("30m");
    case 60: return BarInterval::parse("1h");
    case 240: return BarInterval::parse("4h");
    case 1440: return BarInterval::parse("1d");
    default: return std::nullopt;
  }
}

uint32_t kraken_checksum(std::string_view name, std::string_view text) {
  const int64_t value = whole_number(name, text);
  if (value < 0 || value > std::numeric_limits<uint32_t>::max()) {
    throw BadMessage{found(name, "must fit 32 bits", text)};
  }
  return static_cast<uint32_t>(value);
}

AggressorSide kraken_side(std::string_view text, std::string_view buy, std::string_view sell) {
  if (text == buy) return AggressorSide::buy;
  if (text == sell) return AggressorSide::sell;
  throw BadMessage{found("side", fmt::format("must be {} or {}", buy, sell), text)};
}

FeedKline kraken_bar(std::string_view symbol, BarInterval interval, Timestamp begin,
                     const Members& members) {
  return {.symbol = symbol,
          .interval = interval,
          .kline = {.begin = begin,
                    .open = to_decimal(members.price("open")),
                    .high = to_decimal(members.price("high")),
                    .low = to_decimal(members.price("low")),
                    .close = to_decimal(members.price("close")),
                    .volume = to_decimal(members.quantity("volume")),
                    .quote_volume = {},
                    .buy_volume = {},
                    .buy_quote_volume = {},
                    .trades = members.whole("trades")}};
}

void KrakenArrays::read(ondemand::array array, DecodedMessage& message) {
  clear();
  bool first = true;
  for (ondemand::value part : array) {
    const ondemand::json_type type = part.type();
    // Channels of an account begin with something else.
    if (first && type != ondemand::json_type::number) return;
    first = false;
    if (type == ondemand::json_type::object) read_sides(part.get_object());
    if (type == ondemand::json_type::array) read_cells(part.get_array());
    if (type == ondemand::json_type::string) names_.push_back(scalar_text(part));
  }
  if (names_.size() == 2 && !names_[1].empty()) emit(message);
}

void KrakenArrays::clear() {
  names_.clear();
  cells_.clear();
  nested_ = false;
  for (Side* side : {&bids_, &asks_}) {
    side->levels = nullptr;
    side->best.clear();
  }
  snapshot_ = false;
  latest_.reset();
  checksum_.reset();
}

// {"as":[…],"bs":[…]}, or {"a":[…],"c":"974942666"}; `a` and `b` may stand in two objects.
void KrakenArrays::read_sides(ondemand::object object) {
  for (ondemand::field field : object) {
    const std::string_view key = field.unescaped_key();
    ondemand::value value = field.value();
    const bool is_array = value.type() == ondemand::json_type::array;
    if (is_array && (key == "as" || key == "bs")) snapshot_ = true;
    if (is_array && (key == "a" || key == "as")) read_side(value.get_array(), asks_);
    if (is_array && (key == "b" || key == "bs")) read_side(value.get_array(), bids_);
    if (!is_array && key == "c") checksum_ = kraken_checksum("c", scalar_text(value));
  }
}

void KrakenArrays::read_side(ondemand::array array, Side& side) {
  if (side.levels == nullptr) side.levels = &levels_.next();
  for (ondemand::value element : array) {
    if (element.type() == ondemand::json_type::array) {
      side.levels->push_back(read_level(element.get_array()));
    } else {
      side.best.push_back(scalar_text(element));
    }
  }
}

// ["5541.3","2.507","1534614248.123678"], and "r" where it is sent again.
WireLevel KrakenArrays::read_level(ondemand::array level) {
  WireLevel read;
  int at = 0;
  for (ondemand::value value : level) {
    if (at == 0) read.price = wire_price("price", scalar_text(value));
    if (at == 1) read.quantity = wire_quantity("quantity", scalar_text(value));
    if (at == 2) {
      const Timestamp time = time_of_seconds("timestamp", scalar_text(value));
      latest_ = std::max(latest_.value_or(time), time);
    }
    ++at;
  }
  if (at < 3) throw BadMessage{"a level must be a price, a quantity and a time"};
  return read;
}

void KrakenArrays::read_cells(ondemand::array array) {
  for (ondemand::value element : array) {
    if (element.type() != ondemand::json_type::array) {
      cells_.push_back(scalar_text(element));
      continue;
    }
    nested_ = true;
    size_t count = 0;
    for (ondemand::value cell : element.get_array()) {
      if (count++ < kTradeCells) cells_.push_back(scalar_text(cell));
    }
    if (count < kTradeCells) {
      throw BadMessage{"a trade must be a price, a quantity, a time and a side"};
    }
  }
}

const KrakenArrays::Texts& KrakenArrays::row(size_t count) const {
  if (nested_ || cells_.size() < count) {
    throw BadMessage{fmt::format("a list of {} values must stand there", count)};
  }
  return cells_;
}

void KrakenArrays::emit(DecodedMessage& message) {
  const std::string_view channel = names_[0];
  const std::string_view word = channel.substr(0, channel.find('-'));
  message.kind = MessageKind::data;
  if (word == "book") {
    emit_book(message);
  } else if (word == "trade") {
    emit_trades(message);
  } else if (word == "ticker") {
    emit_ticker(message);
  } else if (word == "spread") {
    emit_spread(message);
  } else if (word == "ohlc") {
    emit_bar(channel, message);
  } else {
    message.kind = MessageKind::unknown;
  }
}

void KrakenArrays::emit_book(DecodedMessage& message) const {
  if (bids_.levels == nullptr && asks_.levels == nullptr) {
    throw BadMessage{"there is neither 'a' nor 'b'"};
  }
  if (!bids_.best.empty() || !asks_.best.empty()) throw BadMessage{"a level must be a list"};
  BookMessage book{.kind = snapshot_ ? BookMessageKind::snapshot : BookMessageKind::update,
                   .symbol = names_[1],
                   .channel = names_[0],
                   .ts_event = latest_,
                   .checksum = checksum_};
  if (bids_.levels != nullptr) book.bids = *bids_.levels;
  if (asks_.levels != nullptr) book.asks = *asks_.levels;
  message.records.emplace_back(book);
}

void KrakenArrays::emit_trades(DecodedMessage& message) const {
  if (cells_.size() % kTradeCells != 0 || (!nested_ && !cells_.empty())) {
    throw BadMessage{"a trade must be a list"};
  }
  for (size_t at = 0; at < cells_.size(); at += kTradeCells) {
    message.records.emplace_back(FeedTrade{.symbol = names_[1],
                                           .ts_event = time_of_seconds("time", cells_[at + 2]),
                                           .price = wire_price("price", cells_[at]),
                                           .quantity = wire_quantity("volume", cells_[at + 1]),
                                           .side = kraken_side(cells_[at + 3], "b", "s")});
  }
}

void KrakenArrays::emit_ticker(DecodedMessage& message) const {
  message.records.emplace_back(FeedQuote{
      .symbol = names_[1], .bid = best_of("b", bids_.best), .ask = best_of("a", asks_.best)});
}

void KrakenArrays::emit_spread(DecodedMessage& message) const {
  const Texts& cells = row(5);
  message.records.emplace_back(
      FeedQuote{.symbol = names_[1],
                .ts_event = time_of_seconds("timestamp", cells[2]),
                .bid = {.price = wire_quantity("bid", cells[0]),
                        .quantity = wire_quantity("bidVolume", cells[3])},
                .ask = {.price = wire_quantity("ask", cells[1]),
                        .quantity = wire_quantity("askVolume", cells[4])}});
}

// `etime` is where the bar ends.
void KrakenArrays::emit_bar(std::string_view channel, DecodedMessage& message) {
  constexpr std::array<std::string_view, 9> kCells{"time",  "etime", "open",   "high",  "low",
                                                   "close", "vwap",  "volume", "trades"};
  const std::string_view minutes = channel.substr(channel.find('-') + 1);
  const auto interval = kraken_interval(whole_number("ohlc", minutes));
  if (!interval) return;
  const Texts& cells = row(kCells.size());
  members_.clear();
  for (size_t i = 0; i < kCells.size(); ++i)
    members_.add(kCells[i], cells[i]);
  const Timestamp end = time_of_seconds("etime", members_.text("etime"));
  const Timestamp begin = end - *interval->width();
  message.records.emplace_back(kraken_bar(names_[1], *interval, begin, members_));
}

}  // namespace tapedeck
