// Messages of Binance spot, USD-margined and coin-margined futures: frames of raw and combined
// streams, and REST answers. Source: developers.binance.com/docs, "Websocket Market Streams" of
// each market, 2024.
#include "feed/feed_venue.hpp"
#include "feed/json_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tapedeck {
namespace {

// `btcusdt@depth20@100ms` and its like send the best levels whole each time.
bool is_partial_depth(std::string_view channel) {
  constexpr std::array kPartial{std::string_view{"depth5"}, std::string_view{"depth10"},
                                std::string_view{"depth20"}};
  const std::string_view word = channel.substr(0, channel.find('@'));
  return std::ranges::find(kPartial, word) != kPartial.end();
}

std::string upper(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return result;
}

// Binance's intervals that no store has.
bool is_unkept(std::string_view interval) {
  return interval == "8h" || interval == "3d";
}

// A symbol is a text, and no empty one; other members are looked at where they are needed.
std::string_view member_text(std::string_view key, ondemand::value& value) {
  const bool is_text = value.type() == ondemand::json_type::string;
  const std::string_view text = scalar_text(value);
  if ((key == "s" || key == "symbol") && (!is_text || text.empty())) {
    throw BadMessage{found(key, "must be a text", text)};
  }
  return text;
}

// Volumes of a month may leave 64 bits: the readers of archives hold them.
Decimal taken(const Field<Decimal>& field) {
  if (field) return *field;
  throw BadMessage{field.error()};
}

using LevelList = std::optional<std::span<const WireLevel>>;

std::span<const WireLevel> listed(std::string_view name, const LevelList& levels) {
  if (levels) return *levels;
  throw BadMessage{fmt::format("there is no list '{}'", name)};
}

// What one object of Binance's holds, read once.
struct Payload {
  Members members;
  Members inner;  // of `k` and `o`
  LevelList bids;
  LevelList asks;

  void clear() {
    members.clear();
    inner.clear();
    bids.reset();
    asks.reset();
  }
};

class BinanceDecoder final : public JsonDecoder {
 protected:
  void read(ondemand::document& document, DecodedMessage& message) override {
    if (document.type() == ondemand::json_type::array) {
      return read_list(document.get_array(), message);
    }
    std::string_view stream;
    payload_.clear();
    bool wrapped = false;
    bool is_list = false;
    for (ondemand::field field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "stream") {
        stream = scalar_text(value);
      } else if (key == "data" && value.type() == ondemand::json_type::object) {
        wrapped = true;
        read_payload(value.get_object());
      } else if (key == "data" && value.type() == ondemand::json_type::array) {
        is_list = true;
        read_list(value.get_array(), message);
      } else if (!wrapped) {
        take_member(key, value);
      }
    }
    if (!is_list) {
      emit(stream, message);
    } else if (message.kind == MessageKind::unknown && !stream.empty()) {
      message.kind = MessageKind::control;
    }
  }

  void read_answer(std::string_view url, ondemand::document& document,
                   DecodedMessage& message) override {
    const std::string_view path = url.substr(0, url.find('?'));
    if (path.ends_with("/exchangeInfo")) return read_instruments(document, message);
    if (document.type() != ondemand::json_type::object) return;
    read_payload(document.get_object());
    emit({}, message);
    constexpr std::string_view kSymbol = "symbol=";
    const size_t at = url.find(kSymbol);
    if (at == std::string_view::npos) return;
    const std::string_view rest = url.substr(at + kSymbol.size());
    for (FeedRecord& record : message.records) {
      auto* book = std::get_if<BookMessage>(&record);
      if (book != nullptr && book->symbol.empty()) {
        book->symbol = keep(upper(rest.substr(0, rest.find('&'))));
      }
    }
  }

 private:
  // `!markPrice@arr` and its like send all symbols at once.
  void read_list(ondemand::array list, DecodedMessage& message) {
    for (ondemand::object object : list) {
      read_payload(object);
      emit({}, message);
    }
    if (!message.records.empty()) message.kind = MessageKind::data;
  }

  void read_payload(ondemand::object object) {
    payload_.clear();
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      take_member(key, value);
    }
  }

  void take_member(std::string_view key, ondemand::value& value) {
    switch (value.type()) {
      case ondemand::json_type::array:
        if (key == "b" || key == "bids") {
          payload_.bids = read_levels(value.get_array(), levels());
        } else if (key == "a" || key == "asks") {
          payload_.asks = read_levels(value.get_array(), levels());
        }
        return;
      case ondemand::json_type::object:
        for (ondemand::field field : value.get_object()) {
          const std::string_view name = field.unescaped_key();
          ondemand::value inner = field.value();
          const ondemand::json_type type = inner.type();
          if (type != ondemand::json_type::array && type != ondemand::json_type::object) {
            payload_.inner.add(name, member_text(name, inner));
          }
        }
        return;
      default: payload_.members.add(key, member_text(key, value));
    }
  }

  void emit(std::string_view stream, DecodedMessage& message) {
    const Members& members = payload_.members;
    const std::string_view event = members.find("e").value_or("");
    const size_t at = stream.find('@');
    const std::string_view channel =
        at == std::string_view::npos ? std::string_view{} : stream.substr(at + 1);
    message.kind = MessageKind::data;
    if (event == "depthUpdate") {
      emit_depth(channel, message);
    } else if (event == "trade" || event == "aggTrade") {
      emit_trade(event == "aggTrade", message);
    } else if (event == "bookTicker" || (event.empty() && members.has("B") && members.has("A"))) {
      emit_quote(message);
    } else if (event == "kline") {
      emit_kline(message);
    } else if (event == "markPriceUpdate") {
      emit_mark_price(message);
    } else if (event == "forceOrder") {
      emit_liquidation(message);
    } else if (members.has("lastUpdateId") && (payload_.bids || payload_.asks)) {
      emit_whole_book(stream, channel, message);
    } else if (members.has("openInterest") && members.has("time")) {
      message.records.emplace_back(
          FeedOpenInterest{.symbol = members.text("symbol"),
                           .ts_event = members.milliseconds("time"),
                           .open_interest = members.quantity("openInterest")});
    } else {
      // An answer to a subscription, or a stream that nothing is kept of.
      const bool known = members.has("result") || members.has("id") || !event.empty();
      message.kind = known ? MessageKind::control : MessageKind::unknown;
    }
  }

  // Futures say when the transaction was (`T`), spot when the message was made (`E`).
  Timestamp time_of(const Members& members) const {
    return members.milliseconds(members.has("T") ? "T" : "E");
  }

  void emit_depth(std::string_view channel, DecodedMessage& message) {
    const Members& members = payload_.members;
    const bool whole = is_partial_depth(channel);
    // In its place: most messages are these.
    auto& book =
        std::get<BookMessage>(message.records.emplace_back(std::in_place_type<BookMessage>));
    book.kind = whole ? BookMessageKind::snapshot : BookMessageKind::update;
    book.symbol = members.text("s");
    book.channel = channel.empty() ? std::string_view{"depth"} : channel;
    book.ts_event = time_of(members);
    book.sequence_begin = members.whole("U");
    book.sequence = members.whole("u");
    book.sequence_previous = members.find_whole("pu");
    book.bids = listed("b", payload_.bids);
    book.asks = listed("a", payload_.asks);
  }

  // Of a partial stream, or REST's, which goes with any stream of its symbol.
  void emit_whole_book(std::string_view stream, std::string_view channel, DecodedMessage& message) {
    const Members& members = payload_.members;
    BookMessage book{.kind = BookMessageKind::image,
                     .symbol = members.find("symbol").value_or(""),
                     .channel = channel,
                     .ts_event = members.find_milliseconds("T"),
                     .sequence_begin = {},
                     .sequence = members.whole("lastUpdateId"),
                     .sequence_previous = {},
                     .checksum = {},
                     .bids = listed("bids", payload_.bids),
                     .asks = listed("asks", payload_.asks)};
    if (is_partial_depth(channel)) {
      book.kind = BookMessageKind::snapshot;
      book.symbol = keep(upper(stream.substr(0, stream.find('@'))));
    }
    message.records.emplace_back(book);
  }

  void emit_trade(bool aggregate, DecodedMessage& message) {
    const Members& members = payload_.members;
    // Futures print insurance fund and liquidation transfers on @trade as `X` other than MARKET.
    if (!aggregate && members.find("X").value_or("MARKET") != "MARKET") return;
    message.records.emplace_back(
        FeedTrade{.symbol = members.text("s"),
                  .ts_event = members.milliseconds("T"),
                  .trade_id = members.whole(aggregate ? "a" : "t"),
                  .price = members.price("p"),
                  .quantity = members.quantity("q"),
                  .side = members.boolean("m") ? AggressorSide::sell : AggressorSide::buy,
                  .grain = aggregate ? Grain::aggregate : Grain::trade});
  }

  void emit_quote(DecodedMessage& message) {
    const Members& members = payload_.members;
    // A side without orders is 0, its price too.
    FeedQuote quote{.symbol = members.text("s"),
                    .ts_event = {},
                    .sequence = members.whole("u"),
                    .bid = {.price = members.quantity("b"), .quantity = members.quantity("B")},
                    .ask = {.price = members.quantity("a"), .quantity = members.quantity("A")}};
    if (members.has("T") || members.has("E")) quote.ts_event = time_of(members);
    message.records.emplace_back(quote);
  }

  void emit_kline(DecodedMessage& message) {
    const Members& k = payload_.inner;
    const std::string_view word = k.text("i");
    if (is_unkept(word)) {
      message.kind = MessageKind::control;
      return;
    }
    const auto interval = BarInterval::parse(word);
    if (!interval) throw BadMessage{found("i", "must be an interval of klines", word)};
    FeedKline bar{.symbol = payload_.members.text("s"),
                  .interval = *interval,
                  .kline = {.begin = k.milliseconds("t"),
                            .open = taken(read_price("o", k.text("o"))),
                            .high = taken(read_price("h", k.text("h"))),
                            .low = taken(read_price("l", k.text("l"))),
                            .close = taken(read_price("c", k.text("c"))),
                            .volume = taken(read_quantity("v", k.text("v"))),
                            .quote_volume = taken(read_quantity("q", k.text("q"))),
                            .buy_volume = taken(read_quantity("V", k.text("V"))),
                            .buy_quote_volume = taken(read_quantity("Q", k.text("Q"))),
                            .trades = k.whole("n")},
                  .closed = k.boolean("x")};
    const auto checked = check_prices(bar.kline);
    if (!checked) throw BadMessage{checked.error()};
    message.records.emplace_back(bar);
  }

  void emit_mark_price(DecodedMessage& message) {
    const Members& members = payload_.members;
    const std::string_view symbol = members.text("s");
    const Timestamp at = members.milliseconds("E");
    message.records.emplace_back(FeedMarkPrice{.symbol = symbol,
                                               .ts_event = at,
                                               .mark_price = members.price("p"),
                                               .index_price = members.find_number("i")});
    if (const auto rate = members.find_number("r")) {
      message.records.emplace_back(FeedFundingRate{.symbol = symbol,
                                                   .ts_event = at,
                                                   .funding_rate = *rate,
                                                   .next_funding = members.find_milliseconds("T")});
    }
  }

  void emit_liquidation(DecodedMessage& message) {
    const Members& order = payload_.inner;
    const std::string_view side = order.text("S");
    if (side != "BUY" && side != "SELL") throw BadMessage{found("S", "must be BUY or SELL", side)};
    message.records.emplace_back(
        FeedLiquidation{.symbol = order.text("s"),
                        .ts_event = order.milliseconds("T"),
                        .side = side == "BUY" ? AggressorSide::buy : AggressorSide::sell,
                        .price = order.price("ap"),
                        .quantity = order.quantity("z")});
  }

  void read_instruments(ondemand::document& document, DecodedMessage& message) {
    for (ondemand::field field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      if (key != "symbols") continue;
      message.kind = MessageKind::data;
      for (ondemand::object symbol : field.value().get_array())
        read_instrument(symbol, message);
    }
  }

  void read_instrument(ondemand::object symbol, DecodedMessage& message) {
    FeedInstrument instrument;
    Members members;
    for (ondemand::field field : symbol) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      const ondemand::json_type type = value.type();
      if (key == "filters" && type == ondemand::json_type::array) {
        for (ondemand::object filter : value.get_array())
          read_filter(filter, instrument);
      } else if (type != ondemand::json_type::array && type != ondemand::json_type::object) {
        members.add(key, member_text(key, value));
      }
    }
    instrument.symbol = members.text("symbol");
    instrument.contract_size = members.find_number("contractSize");
    instrument.inverse = instrument.contract_size.has_value();
    // Empty before and after it is traded.
    if (const auto contract = members.find("contractType")) {
      const bool perpetual =
          contract->empty() || contract->find("PERPETUAL") != std::string_view::npos;
      instrument.kind = perpetual ? InstrumentKind::perpetual : InstrumentKind::future;
    }
    message.records.emplace_back(instrument);
  }

  static void read_filter(ondemand::object filter, FeedInstrument& instrument) {
    Members members;
    for (ondemand::field field : filter) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      members.add(key, scalar_text(value));
    }
    const std::string_view type = members.find("filterType").value_or("");
    if (type == "PRICE_FILTER") instrument.tick_size = members.find_number("tickSize");
    if (type == "LOT_SIZE") instrument.lot_size = members.find_number("stepSize");
  }

  Payload payload_;
};

}  // namespace

std::unique_ptr<MessageDecoder> make_binance_decoder() {
  return std::make_unique<BinanceDecoder>();
}

}  // namespace tapedeck
