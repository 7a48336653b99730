// Messages of Hyperliquid's WebSocket: books, trades, best bids and asks, candles.
// Source: hyperliquid.gitbook.io/hyperliquid-docs, "Websocket / Subscriptions", 2025.
#include "feed/feed_venue.hpp"
#include "feed/json_message.hpp"

#include <array>

namespace tapedeck {
namespace {

// {"px":"105055.0","sz":"3.03622","n":5}, in any order. Keys are compared as they stand: these are
// the most of what the venue sends.
WireLevel read_level(ondemand::object object) {
  WireLevel level;
  bool has_price = false;
  bool has_quantity = false;
  for (ondemand::field field : object) {
    const ondemand::raw_json_string key = field.key();
    ondemand::value value = field.value();
    if (key == "px") {
      level.price = wire_price("px", scalar_text(value));
      has_price = true;
    } else if (key == "sz") {
      level.quantity = wire_quantity("sz", scalar_text(value));
      has_quantity = true;
    }
  }
  if (!has_price) throw BadMessage{"there is no 'px'"};
  if (!has_quantity) throw BadMessage{"there is no 'sz'"};
  return level;
}

// `B` bought, `A` sold: the side of the aggressor.
AggressorSide side_of(std::string_view word) {
  if (word == "B") return AggressorSide::buy;
  if (word == "A") return AggressorSide::sell;
  throw BadMessage{found("side", "must be B or A", word)};
}

enum class Channel : uint8_t { none, book, trades, best, candle, passed_over };

Channel channel_of(std::string_view word) {
  if (word == "l2Book") return Channel::book;
  if (word == "trades") return Channel::trades;
  if (word == "bbo") return Channel::best;
  if (word == "candle") return Channel::candle;
  // `activeAssetCtx` has mark price, open interest and funding rate, and no time.
  return word.empty() ? Channel::none : Channel::passed_over;
}

class HyperliquidDecoder final : public JsonDecoder {
 protected:
  void read(ondemand::document& document, DecodedMessage& message) override {
    // `Websocket connection established.` greets, and is no JSON.
    if (document.raw_json_token().value().starts_with("Websocket")) {
      message.kind = MessageKind::control;
      return;
    }
    channel_ = Channel::none;
    if (!read_envelope(document.get_object(), message)) {
      // Keys in another order than the venue's.
      document.rewind();
      read_envelope(document.get_object(), message);
    }
    if (channel_ == Channel::none) return;
    message.kind = channel_ == Channel::passed_over ? MessageKind::control : MessageKind::data;
    if (message.kind == MessageKind::data && !has_data_) throw BadMessage{"there is no 'data'"};
  }

  // Nothing is kept of the answers to /info.
  void read_answer(std::string_view /*url*/, ondemand::document& /*document*/,
                   DecodedMessage& /*message*/) override {}

 private:
  // False when `data` came before it was known of what.
  bool read_envelope(ondemand::object object, DecodedMessage& message) {
    has_data_ = false;
    bool in_order = true;
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "channel") {
        channel_ = channel_of(scalar_text(value));
      } else if (key == "data") {
        has_data_ = true;
        in_order = channel_ != Channel::none;
        read_data(value, message);
      }
    }
    return in_order || channel_ == Channel::none;
  }

  void read_data(ondemand::value& value, DecodedMessage& message) {
    switch (channel_) {
      case Channel::book: return read_book(object_of("data", value), message);
      case Channel::best: return read_best(object_of("data", value), message);
      case Channel::trades:
        for (ondemand::object each : array_of("data", value)) {
          read_members(each, members_);
          emit_trade(message);
        }
        return;
      case Channel::candle: return read_candles(value, message);
      case Channel::none:
      case Channel::passed_over: return;
    }
  }

  void read_book(ondemand::object object, DecodedMessage& message) {
    members_.clear();
    std::array<std::span<const WireLevel>, 2> sides;
    bool has_levels = false;
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "levels") {
        sides = read_sides(array_of(key, value));
        has_levels = true;
      } else {
        take_scalar(key, value, members_);
      }
    }
    if (!has_levels) throw BadMessage{"there is no 'levels'"};
    message.records.emplace_back(BookMessage{.kind = BookMessageKind::snapshot,
                                             .symbol = members_.text("coin"),
                                             .channel = "l2Book",
                                             .ts_event = members_.milliseconds("time"),
                                             .sequence_begin = {},
                                             .sequence = {},
                                             .sequence_previous = {},
                                             .checksum = {},
                                             .bids = sides[0],
                                             .asks = sides[1]});
  }

  // [[bid,…],[ask,…]]
  std::array<std::span<const WireLevel>, 2> read_sides(ondemand::array array) {
    std::array<std::span<const WireLevel>, 2> sides;
    size_t count = 0;
    for (ondemand::value side : array) {
      if (count == sides.size()) throw BadMessage{"'levels' must be bids and asks"};
      std::vector<WireLevel>& list = levels().next();
      for (ondemand::object level : array_of("levels", side))
        list.push_back(read_level(level));
      sides.at(count++) = list;
    }
    if (count != sides.size()) throw BadMessage{"'levels' must be bids and asks"};
    return sides;
  }

  // `null` stands for a side on which nobody is.
  void read_best(ondemand::object object, DecodedMessage& message) {
    members_.clear();
    std::array<std::optional<WireLevel>, 2> sides;
    size_t count = 0;
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key != "bbo") {
        take_scalar(key, value, members_);
        continue;
      }
      for (ondemand::value side : array_of(key, value)) {
        if (count == sides.size()) throw BadMessage{"'bbo' must be a bid and an ask"};
        if (!side.is_null()) sides.at(count) = read_level(object_of(key, side));
        ++count;
      }
    }
    if (count != sides.size()) throw BadMessage{"'bbo' must be a bid and an ask"};
    const FeedQuote quote{.symbol = members_.text("coin"),
                          .ts_event = members_.milliseconds("time"),
                          .sequence = {},
                          .bid = sides[0].value_or(WireLevel{}),
                          .ask = sides[1].value_or(WireLevel{})};
    if (sides[0] && sides[1]) message.records.emplace_back(quote);
  }

  void emit_trade(DecodedMessage& message) {
    message.records.emplace_back(FeedTrade{.symbol = members_.text("coin"),
                                           .ts_event = members_.milliseconds("time"),
                                           .trade_id = members_.whole("tid"),
                                           .price = members_.price("px"),
                                           .quantity = members_.quantity("sz"),
                                           .side = side_of(members_.text("side")),
                                           .grain = Grain::trade});
  }

  // One, though the documentation says a list.
  void read_candles(ondemand::value& value, DecodedMessage& message) {
    if (value.type() == ondemand::json_type::array) {
      for (ondemand::object each : value.get_array())
        read_candle(each, message);
    } else {
      read_candle(object_of("data", value), message);
    }
  }

  // Whether the venue changes it once more is not said.
  void read_candle(ondemand::object object, DecodedMessage& message) {
    read_members(object, members_);
    const std::string_view word = members_.text("i");
    const auto interval = BarInterval::parse(word);
    if (!interval) throw BadMessage{found("i", "must be an interval of klines", word)};
    message.records.emplace_back(FeedKline{.symbol = members_.text("s"),
                                           .interval = *interval,
                                           .kline = {.begin = members_.milliseconds("t"),
                                                     .open = members_.decimal("o"),
                                                     .high = members_.decimal("h"),
                                                     .low = members_.decimal("l"),
                                                     .close = members_.decimal("c"),
                                                     .volume = members_.decimal("v"),
                                                     .quote_volume = {},
                                                     .buy_volume = {},
                                                     .buy_quote_volume = {},
                                                     .trades = members_.whole("n")},
                                           .closed = false});
  }

  // Of the message at hand
  Channel channel_ = Channel::none;
  bool has_data_ = false;
  Members members_;
};

}  // namespace

std::unique_ptr<MessageDecoder> make_hyperliquid_decoder() {
  return std::make_unique<HyperliquidDecoder>();
}

}  // namespace tapedeck
