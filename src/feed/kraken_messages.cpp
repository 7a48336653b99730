// Messages of Kraken spot: WebSocket v2, whose numbers are JSON numbers, and REST's AssetPairs; v1
// is read by KrakenArrays. Source: docs.kraken.com/api, "Spot WebSocket v2" and "Get Tradable Asset
// Pairs", 2026.
#include "feed/feed_venue.hpp"
#include "feed/json_message.hpp"
#include "feed/kraken_v1_messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tapedeck {
namespace {

std::string_view symbol_of(ondemand::value& value) {
  const bool is_text = value.type() == ondemand::json_type::string;
  const std::string_view text = scalar_text(value);
  if (!is_text || text.empty()) throw BadMessage{found("symbol", "must be a text", text)};
  return text;
}

// The scalars of one object; null is as good as absent.
void read_checked(ondemand::object object, Members& members) {
  members.clear();
  for (ondemand::field field : object) {
    const std::string_view key = field.unescaped_key();
    ondemand::value value = field.value();
    switch (value.type()) {
      case ondemand::json_type::array:
      case ondemand::json_type::object:
      case ondemand::json_type::null: break;
      default: members.add(key, key == "symbol" ? symbol_of(value) : scalar_text(value));
    }
  }
}

// The venue keeps the order of the fields, so that the first look finds it.
ondemand::value value_of(ondemand::object& object, std::string_view name) {
  ondemand::value value;
  const simdjson::error_code error = object.find_field_unordered(name).get(value);
  if (error == simdjson::NO_SUCH_FIELD) throw BadMessage{fmt::format("there is no '{}'", name)};
  if (error != simdjson::SUCCESS) throw simdjson::simdjson_error{error};
  return value;
}

std::string_view text_of(ondemand::object& object, std::string_view name) {
  ondemand::value value = value_of(object, name);
  return scalar_text(value);
}

// 10^-decimals, as AssetPairs tells steps.
WireNumber step_of(std::string_view name, std::string_view decimals) {
  const int64_t count = whole_number(name, decimals);
  if (count < 0 || count > -kMinExponent) {
    throw BadMessage{found(name, "must be 0 to 12", decimals)};
  }
  return {
      .units = 1, .exponent = static_cast<int8_t>(-count), .digits = static_cast<uint8_t>(count)};
}

class KrakenDecoder final : public JsonDecoder {
 protected:
  void read(ondemand::document& document, DecodedMessage& message) override {
    if (document.type() == ondemand::json_type::array) {
      arrays_.read(document.get_array(), message);
    } else {
      read_object(document.get_object(), message);
    }
  }

  void read_answer(std::string_view url, ondemand::document& document,
                   DecodedMessage& message) override {
    if (!url.substr(0, url.find('?')).ends_with("/AssetPairs")) return;
    message.kind = MessageKind::data;
    bool has_result = false;
    for (ondemand::field field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      if (key != "result") continue;
      has_result = true;
      for (ondemand::field pair : field.value().get_object())
        read_pair(pair.value(), message);
    }
    if (!has_result) throw BadMessage{"there is no 'result'"};
  }

 private:
  void read_object(ondemand::object object, DecodedMessage& message) {
    std::string_view channel;
    std::string_view type;
    std::string_view event;
    bool has_method = false;
    bool has_entries = false;
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "channel") channel = scalar_text(value);
      if (key == "type") type = scalar_text(value);
      if (key == "event") event = scalar_text(value);
      if (key == "method") has_method = true;
      if (key == "data") {
        if (channel.empty() && !has_method) throw BadMessage{"'data' stands before 'channel'"};
        has_entries = true;
        read_entries(channel, value, message);
      }
    }
    message.kind = kind_of(channel, event, has_method);
    if (message.kind != MessageKind::data) return;
    if (!has_entries) throw BadMessage{"there is no 'data'"};
    if (channel == "book") set_kind(type, message);
  }

  static MessageKind kind_of(std::string_view channel, std::string_view event, bool has_method) {
    constexpr std::array<std::string_view, 5> kKept{"book", "trade", "ticker", "ohlc",
                                                    "instrument"};
    constexpr std::array<std::string_view, 6> kOthers{
        "heartbeat", "status", "systemStatus", "subscriptionStatus", "pong", "error"};
    const std::string_view word = channel.empty() ? event : channel;
    if (std::ranges::find(kKept, channel) != kKept.end()) return MessageKind::data;
    const bool known = has_method || std::ranges::find(kOthers, word) != kOthers.end();
    return known ? MessageKind::control : MessageKind::unknown;
  }

  static void set_kind(std::string_view type, DecodedMessage& message) {
    if (type != "snapshot" && type != "update") {
      throw BadMessage{found("type", "must be snapshot or update", type)};
    }
    for (FeedRecord& record : message.records) {
      if (auto* book = std::get_if<BookMessage>(&record)) {
        book->kind = type == "snapshot" ? BookMessageKind::snapshot : BookMessageKind::update;
      }
    }
  }

  void read_entries(std::string_view channel, ondemand::value& entries, DecodedMessage& message) {
    if (channel == "instrument") {
      ondemand::object lists = entries.get_object();
      ondemand::value pairs = value_of(lists, "pairs");
      for (ondemand::object pair : array_of("pairs", pairs)) {
        read_checked(pair, members_);
        message.records.emplace_back(FeedInstrument{.symbol = members_.text("symbol"),
                                                    .tick_size = members_.price("price_increment"),
                                                    .lot_size = members_.price("qty_increment")});
      }
    } else if (channel == "book") {
      for (ondemand::object entry : array_of("data", entries))
        read_book(entry, message);
    } else if (channel == "trade" || channel == "ticker" || channel == "ohlc") {
      for (ondemand::object entry : array_of("data", entries)) {
        read_checked(entry, members_);
        emit_entry(channel, message);
      }
    }
  }

  void read_book(ondemand::object entry, DecodedMessage& message) {
    BookMessage book{.channel = "book"};
    bool has_levels = false;
    for (ondemand::field field : entry) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "bids" || key == "asks") {
        has_levels = true;
        (key == "bids" ? book.bids : book.asks) = read_object_levels(array_of(key, value));
      } else if (key == "symbol") {
        book.symbol = symbol_of(value);
      } else if (key == "checksum") {
        book.checksum = kraken_checksum(key, scalar_text(value));
      } else if (key == "timestamp") {
        book.ts_event = time_of_text(key, scalar_text(value));
      }
    }
    if (book.symbol.empty()) throw BadMessage{"there is no 'symbol'"};
    if (!has_levels) throw BadMessage{"there is neither 'bids' nor 'asks'"};
    message.records.emplace_back(book);
  }

  std::span<const WireLevel> read_object_levels(ondemand::array array) {
    std::vector<WireLevel>& list = levels().next();
    for (ondemand::object level : array) {
      // Two statements: the fields are read in their order.
      const WireNumber price = wire_price("price", text_of(level, "price"));
      const WireNumber quantity = wire_quantity("qty", text_of(level, "qty"));
      list.push_back({.price = price, .quantity = quantity});
    }
    return list;
  }

  void emit_entry(std::string_view channel, DecodedMessage& message) {
    const std::string_view symbol = members_.text("symbol");
    if (channel == "trade") {
      message.records.emplace_back(
          FeedTrade{.symbol = symbol,
                    .ts_event = time_of_text("timestamp", members_.text("timestamp")),
                    .trade_id = members_.whole("trade_id"),
                    .price = members_.price("price"),
                    .quantity = members_.quantity("qty"),
                    .side = kraken_side(members_.text("side"), "buy", "sell")});
    } else if (channel == "ticker") {
      // A price of 0: nobody stands there.
      FeedQuote quote{
          .symbol = symbol,
          .bid = {.price = members_.quantity("bid"), .quantity = members_.quantity("bid_qty")},
          .ask = {.price = members_.quantity("ask"), .quantity = members_.quantity("ask_qty")}};
      const auto time = members_.find("timestamp");
      if (time) quote.ts_event = time_of_text("timestamp", *time);
      message.records.emplace_back(quote);
    } else if (const auto interval = kraken_interval(members_.whole("interval"))) {
      const auto begin = time_of_text("interval_begin", members_.text("interval_begin"));
      message.records.emplace_back(kraken_bar(symbol, *interval, begin, members_));
    }
  }

  // Dark pools have no `wsname`: no stream is of them.
  void read_pair(ondemand::object pair, DecodedMessage& message) {
    read_checked(pair, members_);
    const auto symbol = members_.find("wsname");
    if (!symbol) return;
    const bool has_tick_size = members_.has("tick_size");
    message.records.emplace_back(FeedInstrument{
        .symbol = *symbol,
        .tick_size = has_tick_size ? members_.price("tick_size")
                                   : step_of("pair_decimals", members_.text("pair_decimals")),
        .lot_size = step_of("lot_decimals", members_.text("lot_decimals"))});
  }

  KrakenArrays arrays_{levels()};
  Members members_;
};

}  // namespace

std::unique_ptr<MessageDecoder> make_kraken_decoder() {
  return std::make_unique<KrakenDecoder>();
}

}  // namespace tapedeck
