// Messages of Bybit v5: frames of the public streams of spot, linear and inverse contracts, and
// REST answers. Source: bybit-exchange.github.io/docs/v5, "Websocket Stream, Public" and "Market",
// 2025.
#include "feed/feed_venue.hpp"
#include "feed/json_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>

namespace tapedeck {
namespace {

enum class TopicKind : uint8_t { book, trade, ticker, kline, liquidation, passed_over, unknown };

struct TopicWord {
  std::string_view word;
  TopicKind kind;
  size_t parts;  // of the topic, the symbol is the last one
};
constexpr std::array kTopicWords{
    TopicWord{"orderbook", TopicKind::book, 3},
    TopicWord{"publicTrade", TopicKind::trade, 2},
    TopicWord{"tickers", TopicKind::ticker, 2},
    TopicWord{"kline", TopicKind::kline, 3},
    TopicWord{"liquidation", TopicKind::liquidation, 2},
    TopicWord{"allLiquidation", TopicKind::liquidation, 2},
    TopicWord{"insurance", TopicKind::passed_over, 2},
    TopicWord{"priceLimit", TopicKind::passed_over, 2},
    TopicWord{"adlAlert", TopicKind::passed_over, 2},
    TopicWord{"lt", TopicKind::passed_over, 2},
    TopicWord{"tickers_lt", TopicKind::passed_over, 2},
    TopicWord{"kline_lt", TopicKind::passed_over, 3},
};

// `orderbook.200.BTCUSDT`
struct Topic {
  TopicKind kind = TopicKind::unknown;
  std::string_view channel = {};  // "orderbook.200"
  std::string_view middle = {};   // "200"
  std::string_view symbol = {};
};

Topic topic_of(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  const auto* const word = std::ranges::find(kTopicWords, text.substr(0, point), &TopicWord::word);
  if (word == kTopicWords.end() || point == text.size()) return {};
  Topic topic{.kind = word->kind};
  size_t behind = point;
  if (word->parts == 3) {
    behind = text.find('.', point + 1);
    if (behind == std::string_view::npos) return {};
    topic.middle = text.substr(point + 1, behind - point - 1);
  }
  topic.channel = text.substr(0, behind);
  topic.symbol = text.substr(behind + 1);
  // Levels of `orderbook.rpi` have two quantities, of orders that not everyone can take.
  if (topic.middle == "rpi") topic.kind = TopicKind::passed_over;
  return topic;
}

BarInterval interval_of(std::string_view word) {
  constexpr std::array<std::string_view, 13> kTheirs{"1",   "3",   "5",   "15", "30", "60", "120",
                                                     "240", "360", "720", "D",  "W",  "M"};
  constexpr std::array<std::string_view, 13> kOurs{"1m", "3m", "5m",  "15m", "30m", "1h", "2h",
                                                   "4h", "6h", "12h", "1d",  "1w",  "1mo"};
  const auto* const at = std::ranges::find(kTheirs, word);
  if (at == kTheirs.end()) {
    throw BadMessage{found("interval", "must be an interval of klines", word)};
  }
  return *BarInterval::parse(kOurs.at(static_cast<size_t>(at - kTheirs.begin())));
}

AggressorSide side_of(std::string_view name, std::string_view word) {
  if (word == "Buy") return AggressorSide::buy;
  if (word == "Sell") return AggressorSide::sell;
  throw BadMessage{found(name, "must be Buy or Sell", word)};
}

// Linear and inverse contracts number trades with UUIDs, spot with digits.
std::optional<int64_t> trade_id_of(std::string_view text) {
  int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && id >= 0;
  return whole ? std::optional{id} : std::nullopt;
}

// None where nobody stands: the venue writes nothing or 0 then.
std::optional<WireNumber> find_price(const Members& members, std::string_view name) {
  const auto number = members.find_number(name);
  return number && number->units != 0 ? std::optional{members.price(name)} : std::nullopt;
}

std::optional<WireNumber> find_quantity(const Members& members, std::string_view name) {
  return members.find_number(name) ? std::optional{members.quantity(name)} : std::nullopt;
}

// What a symbol's ticker said last: its deltas carry only what changed.
struct Ticker {
  std::optional<WireNumber> bid_price;
  std::optional<WireNumber> bid_quantity;
  std::optional<WireNumber> ask_price;
  std::optional<WireNumber> ask_quantity;
  std::optional<WireNumber> index_price;
  std::optional<WireNumber> open_interest_value;
  std::optional<Timestamp> next_funding;
};

bool has_quote(const Members& members) {
  constexpr std::array<std::string_view, 4> kNames{"bid1Price", "bid1Size", "ask1Price",
                                                   "ask1Size"};
  return std::ranges::any_of(kNames, [&](std::string_view name) { return members.has(name); });
}

Ticker after(Ticker ticker, const Members& members) {
  for (const auto& [name, price] :
       {std::pair{"bid1Price", &ticker.bid_price}, std::pair{"ask1Price", &ticker.ask_price},
        std::pair{"indexPrice", &ticker.index_price}}) {
    if (members.has(name)) *price = find_price(members, name);
  }
  for (const auto& [name, quantity] :
       {std::pair{"bid1Size", &ticker.bid_quantity}, std::pair{"ask1Size", &ticker.ask_quantity},
        std::pair{"openInterestValue", &ticker.open_interest_value}}) {
    if (members.has(name)) *quantity = find_quantity(members, name);
  }
  if (members.has("nextFundingTime")) {
    ticker.next_funding = members.find_milliseconds("nextFundingTime");
    // Contracts without funding write 0.
    if (ticker.next_funding == from_epoch_ns(0)) ticker.next_funding.reset();
  }
  return ticker;
}

class BybitDecoder final : public JsonDecoder {
 protected:
  void read(ondemand::document& document, DecodedMessage& message) override {
    envelope_.clear();
    topic_.reset();
    if (!read_envelope(document.get_object(), message)) {
      // A few messages have `data` before `topic`, and so has what sorts keys.
      document.rewind();
      envelope_.clear();
      read_envelope(document.get_object(), message);
    }
    if (!topic_) {
      const bool known = envelope_.has("op") || envelope_.has("success");
      message.kind = known ? MessageKind::control : MessageKind::unknown;
      return;
    }
    if (topic_->kind == TopicKind::unknown) return;
    message.kind =
        topic_->kind == TopicKind::passed_over ? MessageKind::control : MessageKind::data;
    if (message.kind == MessageKind::data && !has_data_) throw BadMessage{"there is no 'data'"};
    if (topic_->kind == TopicKind::book) emit_book(message);
    // The caller refuses a message with more behind it, and that must not change the ticker.
    const bool more = document.current_location().error() == simdjson::SUCCESS;
    if (topic_->kind == TopicKind::ticker && !more) emit_ticker(message);
  }

  void read_answer(std::string_view url, ondemand::document& document,
                   DecodedMessage& message) override {
    const std::string_view path = url.substr(0, url.find('?'));
    const bool instruments = path.ends_with("/v5/market/instruments-info");
    const bool book = path.ends_with("/v5/market/orderbook");
    const bool open_interest = path.ends_with("/v5/market/open-interest");
    if (!instruments && !book && !open_interest) return;
    bool answered = false;
    for (ondemand::field field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "retCode" && scalar_text(value) != "0") {
        message.kind = MessageKind::control;
        return;
      }
      if (key != "result") continue;
      answered = true;
      const ondemand::object result = object_of("result", value);
      if (instruments) read_instruments(result, message);
      if (open_interest) read_open_interest(result, message);
      if (book) read_book(result);
    }
    if (!answered) throw BadMessage{"there is no 'result'"};
    message.kind = MessageKind::data;
    if (book) emit_image(message);
  }

 private:
  // False when `data` came before it was known of what.
  bool read_envelope(ondemand::object object, DecodedMessage& message) {
    has_data_ = false;
    bool in_order = true;
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "topic") {
        const std::string_view text = scalar_text(value);
        // It is read twice then, and what was unescaped does not outlive that.
        topic_ = topic_of(has_data_ ? keep(std::string{text}) : text);
      } else if (key == "data") {
        has_data_ = true;
        in_order = topic_.has_value();
        if (in_order) read_data(value, message);
      } else {
        take_scalar(key, value, envelope_);
      }
    }
    return in_order || !topic_;
  }

  void read_data(ondemand::value& value, DecodedMessage& message) {
    switch (topic_->kind) {
      case TopicKind::book: return read_book(object_of("data", value));
      case TopicKind::ticker: return read_members(object_of("data", value), members_);
      case TopicKind::trade:
      case TopicKind::kline: return read_list(array_of("data", value), message);
      case TopicKind::liquidation:
        // `liquidation` is one, `allLiquidation` a list.
        if (value.type() == ondemand::json_type::array) {
          return read_list(array_of("data", value), message);
        }
        read_members(object_of("data", value), members_);
        return emit_liquidation(message);
      case TopicKind::passed_over:
      case TopicKind::unknown: return;
    }
  }

  void read_list(ondemand::array list, DecodedMessage& message) {
    for (ondemand::object each : list) {
      read_members(each, members_);
      if (topic_->kind == TopicKind::trade) emit_trade(message);
      if (topic_->kind == TopicKind::kline) emit_kline(message);
      if (topic_->kind == TopicKind::liquidation) emit_liquidation(message);
    }
  }

  void read_book(ondemand::object object) {
    members_.clear();
    bids_.reset();
    asks_.reset();
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "b") {
        bids_ = read_levels(array_of("b", value), levels());
      } else if (key == "a") {
        asks_ = read_levels(array_of("a", value), levels());
      } else {
        take_scalar(key, value, members_);
      }
    }
    if (!bids_) throw BadMessage{"there is no 'b'"};
    if (!asks_) throw BadMessage{"there is no 'a'"};
  }

  bool is_snapshot() const {
    const std::string_view type = envelope_.text("type");
    if (type != "snapshot" && type != "delta") {
      throw BadMessage{found("type", "must be snapshot or delta", type)};
    }
    return type == "snapshot";
  }

  // `cts` is when the matching engine made the change, `ts` when the message was made.
  static Timestamp time_of_book(const Members& members) {
    return members.milliseconds(members.has("cts") ? "cts" : "ts");
  }

  BookMessage book_of(BookMessageKind kind, const Members& times) const {
    return {.kind = kind,
            .symbol = members_.text("s"),
            .channel = {},
            .ts_event = time_of_book(times),
            .sequence_begin = {},
            .sequence = members_.whole("u"),
            .sequence_previous = {},
            .checksum = {},
            .bids = *bids_,
            .asks = *asks_};
  }

  void emit_book(DecodedMessage& message) {
    BookMessage book =
        book_of(is_snapshot() ? BookMessageKind::snapshot : BookMessageKind::update, envelope_);
    book.channel = topic_->channel;
    message.records.emplace_back(book);
  }

  void emit_image(DecodedMessage& message) {
    message.records.emplace_back(book_of(BookMessageKind::image, members_));
  }

  void emit_trade(DecodedMessage& message) {
    message.records.emplace_back(FeedTrade{.symbol = members_.text("s"),
                                           .ts_event = members_.milliseconds("T"),
                                           .trade_id = trade_id_of(members_.text("i")),
                                           .price = members_.price("p"),
                                           .quantity = members_.quantity("v"),
                                           .side = side_of("S", members_.text("S")),
                                           .grain = Grain::trade});
  }

  void emit_kline(DecodedMessage& message) {
    message.records.emplace_back(FeedKline{.symbol = topic_->symbol,
                                           .interval = interval_of(topic_->middle),
                                           .kline = {.begin = members_.milliseconds("start"),
                                                     .open = members_.decimal("open"),
                                                     .high = members_.decimal("high"),
                                                     .low = members_.decimal("low"),
                                                     .close = members_.decimal("close"),
                                                     .volume = members_.decimal("volume"),
                                                     .quote_volume = members_.decimal("turnover"),
                                                     .buy_volume = {},
                                                     .buy_quote_volume = {},
                                                     .trades = {}},
                                           .closed = members_.boolean("confirm")});
  }

  // Bybit says the side of the position: "When you receive a Buy update, this means that a long
  // position has been liquidated" (all-liquidation), and the order that closes it sells.
  void emit_liquidation(DecodedMessage& message) {
    const bool all = topic_->channel == "allLiquidation";
    const std::string_view side = all ? "S" : "side";
    const bool is_long = side_of(side, members_.text(side)) == AggressorSide::buy;
    message.records.emplace_back(
        FeedLiquidation{.symbol = members_.text(all ? "s" : "symbol"),
                        .ts_event = members_.milliseconds(all ? "T" : "updatedTime"),
                        .side = is_long ? AggressorSide::sell : AggressorSide::buy,
                        .price = members_.price(all ? "p" : "price"),
                        .quantity = members_.quantity(all ? "v" : "size")});
  }

  void emit_ticker(DecodedMessage& message) {
    const std::string_view symbol = members_.text("symbol");
    const Timestamp at = envelope_.milliseconds("ts");
    const auto known = tickers_.find(symbol);
    const bool begins = is_snapshot() || known == tickers_.end();
    const Ticker ticker = after(begins ? Ticker{} : known->second, members_);
    const bool whole =
        ticker.bid_price && ticker.bid_quantity && ticker.ask_price && ticker.ask_quantity;
    if (has_quote(members_) && whole) {
      message.records.emplace_back(
          FeedQuote{.symbol = symbol,
                    .ts_event = at,
                    .sequence = envelope_.find_whole("cs"),
                    .bid = {.price = *ticker.bid_price, .quantity = *ticker.bid_quantity},
                    .ask = {.price = *ticker.ask_price, .quantity = *ticker.ask_quantity}});
    }
    if (const auto open_interest = find_quantity(members_, "openInterest")) {
      message.records.emplace_back(
          FeedOpenInterest{.symbol = symbol,
                           .ts_event = at,
                           .open_interest = *open_interest,
                           .open_interest_value = ticker.open_interest_value});
    }
    if (const auto mark_price = find_price(members_, "markPrice")) {
      message.records.emplace_back(FeedMarkPrice{.symbol = symbol,
                                                 .ts_event = at,
                                                 .mark_price = *mark_price,
                                                 .index_price = ticker.index_price});
    }
    if (const auto rate = members_.find_number("fundingRate")) {
      message.records.emplace_back(FeedFundingRate{.symbol = symbol,
                                                   .ts_event = at,
                                                   .funding_rate = *rate,
                                                   .next_funding = ticker.next_funding});
    }
    // Last: a refused message changes nothing.
    if (known != tickers_.end()) {
      known->second = ticker;
    } else {
      tickers_.emplace(symbol, ticker);
    }
  }

  void read_instruments(ondemand::object result, DecodedMessage& message) {
    for (ondemand::field field : result) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key != "list") continue;
      for (ondemand::object each : array_of("list", value))
        read_instrument(each, message);
    }
  }

  void read_instrument(ondemand::object object, DecodedMessage& message) {
    FeedInstrument instrument;
    Members members;
    Members filter;
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "priceFilter") {
        read_members(object_of(key, value), filter);
        instrument.tick_size = filter.find_number("tickSize");
      } else if (key == "lotSizeFilter") {
        read_members(object_of(key, value), filter);
        instrument.lot_size = filter.find_number("qtyStep");
        if (!instrument.lot_size) instrument.lot_size = filter.find_number("basePrecision");
      } else {
        take_scalar(key, value, members);
      }
    }
    instrument.symbol = members.text("symbol");
    if (const auto contract = members.find("contractType"); contract && !contract->empty()) {
      const bool perpetual = contract->find("Perpetual") != std::string_view::npos;
      instrument.kind = perpetual ? InstrumentKind::perpetual : InstrumentKind::future;
      instrument.inverse = contract->starts_with("Inverse");
      // A contract of the inverse markets is 1 USD; linear ones are traded in the base currency.
      if (instrument.inverse) instrument.contract_size = WireNumber{.units = 1};
    } else if (members.has("optionsType")) {
      instrument.kind = InstrumentKind::option;
    }
    message.records.emplace_back(instrument);
  }

  void read_open_interest(ondemand::object result, DecodedMessage& message) {
    std::string_view symbol;
    for (ondemand::field field : result) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "symbol") symbol = scalar_text(value);
      if (key != "list") continue;
      for (ondemand::object each : array_of("list", value)) {
        read_members(each, members_);
        message.records.emplace_back(
            FeedOpenInterest{.symbol = {},
                             .ts_event = members_.milliseconds("timestamp"),
                             .open_interest = members_.quantity("openInterest"),
                             .open_interest_value = {}});
      }
    }
    if (symbol.empty()) throw BadMessage{"there is no 'symbol'"};
    for (FeedRecord& record : message.records)
      std::get<FeedOpenInterest>(record).symbol = symbol;
  }

  // Of the message at hand
  std::optional<Topic> topic_;
  Members envelope_;
  Members members_;  // of `data`
  bool has_data_ = false;
  std::optional<std::span<const WireLevel>> bids_;
  std::optional<std::span<const WireLevel>> asks_;
  // Of the connection, by symbol
  std::map<std::string, Ticker, std::less<>> tickers_;
};

}  // namespace

std::unique_ptr<MessageDecoder> make_bybit_decoder() {
  return std::make_unique<BybitDecoder>();
}

}  // namespace tapedeck
