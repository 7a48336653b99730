// Messages of Coinbase: Advanced Trade's streams, which say their `channel`, those of Coinbase
// Exchange, which say their `type`, and both products of REST. Source: docs.cdp.coinbase.com,
// "Advanced Trade WebSocket Channels" and "Exchange WebSocket Channels", 2026.
#include "feed/feed_venue.hpp"
#include "feed/json_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tapedeck {
namespace {

// The side of a trade is the maker's in both protocols. Exchange's documentation says so of `match`
// ("The side field indicates the maker order side"); Advanced Trade's says nothing of
// market_trades, but its trades at the best offer are SELL and those at the best bid BUY.
AggressorSide aggressor_of(std::string_view maker) {
  if (maker == "SELL" || maker == "sell") return AggressorSide::buy;
  if (maker == "BUY" || maker == "buy") return AggressorSide::sell;
  if (maker == "UNKNOWN_ORDER_SIDE") return AggressorSide::unknown;
  throw BadMessage{found("side", "must be buy or sell", maker)};
}

std::string_view symbol_of(std::string_view name, ondemand::value& value) {
  const bool is_text = value.type() == ondemand::json_type::string;
  const std::string_view text = scalar_text(value);
  if (!is_text || text.empty()) throw BadMessage{found(name, "must be a text", text)};
  return text;
}

void add_member(std::string_view key, ondemand::value& value, Members& members) {
  const bool is_symbol = key == "product_id" || key == "id";
  switch (value.type()) {
    case ondemand::json_type::array:
    case ondemand::json_type::object:
    case ondemand::json_type::null: return;  // as good as absent
    default: members.add(key, is_symbol ? symbol_of(key, value) : scalar_text(value));
  }
}

// The scalars of one object.
void read_checked(ondemand::object object, Members& members) {
  members.clear();
  for (ondemand::field field : object) {
    const std::string_view key = field.unescaped_key();
    ondemand::value value = field.value();
    add_member(key, value, members);
  }
}

// The venue keeps the order of an update's fields, so that the first look finds it.
std::string_view update_text(ondemand::object& update, std::string_view name) {
  ondemand::value value;
  const simdjson::error_code error = update.find_field_unordered(name).get(value);
  if (error == simdjson::NO_SUCH_FIELD) throw BadMessage{fmt::format("there is no '{}'", name)};
  if (error != simdjson::SUCCESS) throw simdjson::simdjson_error{error};
  return scalar_text(value);
}

// Times of one list: as a rule one text again and again, which is parsed once.
class LatestTime {
 public:
  void add(std::string_view text) {
    if (text == last_ && !text.empty()) return;
    last_ = text;
    // Go's zero time, where the venue knows none; before what a Timestamp holds.
    if (text.starts_with("0001-01-01T")) return;
    latest_ = std::max(latest_, time_of_text("event_time", text));
  }
  // nullopt when there was none but zero.
  std::optional<Timestamp> time() const {
    return latest_ > Timestamp{} ? std::optional{latest_} : std::nullopt;
  }

 private:
  std::string_view last_;
  Timestamp latest_;
};

class CoinbaseDecoder final : public JsonDecoder {
 protected:
  void read(ondemand::document& document, DecodedMessage& message) override {
    if (document.type() != ondemand::json_type::object) return;
    clear();
    bool has_events = false;
    for (ondemand::field field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "events") {
        has_events = true;
        read_events(value, message);
      } else if (value.type() == ondemand::json_type::array) {
        read_list(key, value.get_array());
      } else if (key == "channel") {
        channel_ = scalar_text(value);
      } else {
        add_member(key, value, members_);
      }
    }
    if (channel_.empty()) {
      emit_exchange(members_.find("type").value_or(""), message);
    } else {
      finish_advanced(has_events, message);
    }
  }

  void read_answer(std::string_view url, ondemand::document& document,
                   DecodedMessage& message) override {
    if (!url.substr(0, url.find('?')).ends_with("/products")) return;
    message.kind = MessageKind::data;
    if (document.type() == ondemand::json_type::array) {
      for (ondemand::object product : document.get_array())
        read_product(product, message);
      return;
    }
    bool has_products = false;
    for (ondemand::field field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      if (key != "products") continue;
      has_products = true;
      for (ondemand::object product : field.value().get_array())
        read_product(product, message);
    }
    if (!has_products) throw BadMessage{"there is no 'products'"};
  }

 private:
  void clear() {
    members_.clear();
    channel_ = {};
    bids_ = {};
    asks_ = {};
    has_bids_ = false;
    has_asks_ = false;
    has_changes_ = false;
  }

  // Advanced Trade

  void read_events(ondemand::value& events, DecodedMessage& message) {
    if (channel_.empty()) throw BadMessage{"'events' stands before 'channel'"};
    const std::string_view list = list_of(channel_);
    if (list.empty()) return;
    for (ondemand::object event : array_of("events", events)) {
      if (channel_ == "l2_data") {
        read_book_event(event, message);
      } else {
        read_event(event, list, message);
      }
    }
  }

  // What an event of the channel holds its rows in; empty: nothing is kept of the channel.
  static std::string_view list_of(std::string_view channel) {
    if (channel == "l2_data") return "updates";
    if (channel == "market_trades") return "trades";
    if (channel == "ticker" || channel == "ticker_batch") return "tickers";
    if (channel == "candles") return "candles";
    return {};
  }

  void read_book_event(ondemand::object event, DecodedMessage& message) {
    BookMessage book{.channel = "l2_data"};
    std::string_view type;
    bool has_updates = false;
    for (ondemand::field field : event) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "type") {
        type = scalar_text(value);
      } else if (key == "product_id") {
        book.symbol = symbol_of(key, value);
      } else if (key == "updates") {
        has_updates = true;
        read_updates(array_of(key, value), book);
      }
    }
    if (book.symbol.empty()) throw BadMessage{"there is no 'product_id'"};
    if (!has_updates) throw BadMessage{"there is no 'updates'"};
    if (type != "snapshot" && type != "update") {
      throw BadMessage{found("type", "must be snapshot or update", type)};
    }
    book.kind = type == "snapshot" ? BookMessageKind::snapshot : BookMessageKind::update;
    message.records.emplace_back(book);
  }

  // {"side":"bid","event_time":…,"price_level":"61737.63","new_quantity":"0.5"}, of both sides.
  void read_updates(ondemand::array updates, BookMessage& book) {
    std::vector<WireLevel>& bids = levels().next();
    std::vector<WireLevel>& asks = levels().next();
    LatestTime latest;
    for (ondemand::object update : updates) {
      const std::string_view side = update_text(update, "side");
      if (side != "bid" && side != "offer") {
        throw BadMessage{found("side", "must be bid or offer", side)};
      }
      latest.add(update_text(update, "event_time"));
      WireLevel level;
      level.price = wire_price("price_level", update_text(update, "price_level"));
      level.quantity = wire_quantity("new_quantity", update_text(update, "new_quantity"));
      (side == "bid" ? bids : asks).push_back(level);
    }
    book.ts_event = latest.time();
    book.bids = bids;
    book.asks = asks;
  }

  void read_event(ondemand::object event, std::string_view list, DecodedMessage& message) {
    bool has_list = false;
    for (ondemand::field field : event) {
      const std::string_view key = field.unescaped_key();
      if (key != list) continue;
      has_list = true;
      ondemand::value rows = field.value();
      for (ondemand::object row : array_of(key, rows)) {
        read_checked(row, row_);
        if (list == "trades") emit_trade(row_, message);
        if (list == "tickers") emit_quote(row_, message);
        if (list == "candles") emit_bar(message);
      }
    }
    if (!has_list) throw BadMessage{fmt::format("there is no '{}'", list)};
  }

  // Bars of the channel are of five minutes.
  void emit_bar(DecodedMessage& message) {
    message.records.emplace_back(
        FeedKline{.symbol = row_.text("product_id"),
                  .interval = *BarInterval::parse("5m"),
                  .kline = {.begin = time_of_seconds("start", row_.text("start")),
                            .open = to_decimal(row_.price("open")),
                            .high = to_decimal(row_.price("high")),
                            .low = to_decimal(row_.price("low")),
                            .close = to_decimal(row_.price("close")),
                            .volume = to_decimal(row_.quantity("volume")),
                            .quote_volume = {},
                            .buy_volume = {},
                            .buy_quote_volume = {},
                            .trades = {}}});
  }

  // All messages of a connection are numbered, those of no interest too.
  void finish_advanced(bool has_events, DecodedMessage& message) {
    constexpr std::array<std::string_view, 5> kOthers{"heartbeats", "subscriptions", "status",
                                                      "user", "futures_balance_summary"};
    message.connection_sequence = members_.find_whole("sequence_num");
    if (list_of(channel_).empty()) {
      const bool known = std::ranges::find(kOthers, channel_) != kOthers.end();
      message.kind = known ? MessageKind::control : MessageKind::unknown;
      return;
    }
    message.kind = MessageKind::data;
    if (!message.connection_sequence) throw BadMessage{"there is no 'sequence_num'"};
    if (!has_events) throw BadMessage{"there is no 'events'"};
    set_missing_times(message);
  }

  void set_missing_times(DecodedMessage& message) {
    std::optional<Timestamp> time;
    const auto set = [&](std::optional<Timestamp>& ts_event) {
      if (ts_event) return;
      if (!time) time = time_of_text("timestamp", members_.text("timestamp"));
      ts_event = time;
    };
    for (FeedRecord& record : message.records) {
      if (auto* book = std::get_if<BookMessage>(&record)) set(book->ts_event);
      if (auto* quote = std::get_if<FeedQuote>(&record)) set(quote->ts_event);
    }
  }

  // Coinbase Exchange

  void read_list(std::string_view key, ondemand::array array) {
    if (key == "bids") {
      has_bids_ = true;
      bids_ = read_levels(array, levels());
    } else if (key == "asks") {
      has_asks_ = true;
      asks_ = read_levels(array, levels());
    } else if (key == "changes") {
      has_changes_ = true;
      read_changes(array);
    }
  }

  // [["buy","61737.63","0.5"],…]
  void read_changes(ondemand::array changes) {
    std::vector<WireLevel>& bids = levels().next();
    std::vector<WireLevel>& asks = levels().next();
    for (ondemand::array change : changes) {
      WireLevel level;
      bool is_bid = false;
      int at = 0;
      for (ondemand::value value : change) {
        const std::string_view text = scalar_text(value);
        if (at == 0) is_bid = text == "buy";
        if (at == 0 && !is_bid && text != "sell") {
          throw BadMessage{found("side", "must be buy or sell", text)};
        }
        if (at == 1) level.price = wire_price("price", text);
        if (at == 2) level.quantity = wire_quantity("quantity", text);
        ++at;
      }
      if (at < 3) throw BadMessage{"a change must be a side, a price and a quantity"};
      (is_bid ? bids : asks).push_back(level);
    }
    bids_ = bids;
    asks_ = asks;
  }

  void emit_exchange(std::string_view type, DecodedMessage& message) {
    // Single orders of the full channel, and what the venue says of itself and the connection.
    constexpr std::array<std::string_view, 12> kOthers{
        "subscriptions", "heartbeat", "error",    "status",  "received",  "open",
        "done",          "change",    "activate", "auction", "rfq_match", "level3"};
    message.kind = MessageKind::data;
    if (type == "l2update" || type == "snapshot") {
      emit_book(type == "snapshot", message);
    } else if (type == "match" || type == "last_match") {
      emit_trade(members_, message);
    } else if (type == "ticker") {
      // Older messages have no sizes of the best prices.
      if (!emit_quote(members_, message)) message.kind = MessageKind::control;
    } else {
      const bool known = std::ranges::find(kOthers, type) != kOthers.end();
      message.kind = known ? MessageKind::control : MessageKind::unknown;
    }
  }

  void emit_book(bool snapshot, DecodedMessage& message) {
    if (!snapshot && !has_changes_) throw BadMessage{"there is no 'changes'"};
    if (snapshot && !has_bids_) throw BadMessage{"there is no 'bids'"};
    if (snapshot && !has_asks_) throw BadMessage{"there is no 'asks'"};
    const auto time = members_.find("time");
    message.records.emplace_back(
        BookMessage{.kind = snapshot ? BookMessageKind::snapshot : BookMessageKind::update,
                    .symbol = members_.text("product_id"),
                    .channel = "level2",
                    .ts_event = time ? std::optional{time_of_text("time", *time)} : std::nullopt,
                    .bids = bids_,
                    .asks = asks_});
  }

  // Both protocols

  static void emit_trade(const Members& trade, DecodedMessage& message) {
    message.records.emplace_back(FeedTrade{.symbol = trade.text("product_id"),
                                           .ts_event = time_of_text("time", trade.text("time")),
                                           .trade_id = trade.whole("trade_id"),
                                           .price = trade.price("price"),
                                           .quantity = trade.quantity("size"),
                                           .side = aggressor_of(trade.text("side"))});
  }

  // False when one of the four numbers is not there. Each protocol has its word for a quantity; a
  // price of 0: nobody stands there.
  static bool emit_quote(const Members& ticker, DecodedMessage& message) {
    const bool sizes = ticker.has("best_bid_size");
    const std::string_view bid_name = sizes ? "best_bid_size" : "best_bid_quantity";
    const std::string_view ask_name = sizes ? "best_ask_size" : "best_ask_quantity";
    for (const std::string_view name :
         {std::string_view{"best_bid"}, std::string_view{"best_ask"}, bid_name, ask_name}) {
      if (ticker.find(name).value_or("").empty()) return false;
    }
    const auto time = ticker.find("time");
    message.records.emplace_back(FeedQuote{
        .symbol = ticker.text("product_id"),
        .ts_event = time ? std::optional{time_of_text("time", *time)} : std::nullopt,
        .sequence = ticker.find_whole("sequence"),
        .bid = {.price = ticker.quantity("best_bid"), .quantity = ticker.quantity(bid_name)},
        .ask = {.price = ticker.quantity("best_ask"), .quantity = ticker.quantity(ask_name)}});
    return true;
  }

  void read_product(ondemand::object product, DecodedMessage& message) {
    members_.clear();
    row_.clear();
    for (ondemand::field field : product) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      const bool is_object = value.type() == ondemand::json_type::object;
      if (is_object && key == "future_product_details") {
        read_checked(value.get_object(), row_);
      } else {
        add_member(key, value, members_);
      }
    }
    const std::string_view type = members_.find("product_type").value_or("SPOT");
    if (type != "SPOT" && type != "FUTURE") return;
    FeedInstrument instrument{
        .symbol = members_.text(members_.has("product_id") ? "product_id" : "id"),
        .contract_size = row_.find_number("contract_size"),
        .tick_size = members_.find_number("price_increment"),
        .lot_size = members_.find_number("base_increment")};
    if (!instrument.tick_size) instrument.tick_size = members_.find_number("quote_increment");
    if (type == "FUTURE") {
      const bool perpetual = row_.find("contract_expiry_type") == "PERPETUAL";
      instrument.kind = perpetual ? InstrumentKind::perpetual : InstrumentKind::future;
    }
    message.records.emplace_back(instrument);
  }

  Members members_;  // of the message
  Members row_;      // of one row in it
  std::string_view channel_;
  std::span<const WireLevel> bids_;
  std::span<const WireLevel> asks_;
  bool has_bids_ = false;
  bool has_asks_ = false;
  bool has_changes_ = false;
};

}  // namespace

std::unique_ptr<MessageDecoder> make_coinbase_decoder() {
  return std::make_unique<CoinbaseDecoder>();
}

}  // namespace tapedeck
