// Messages of OKX v5: frames of the public streams and of the business one, and REST's instruments.
// Source: www.okx.com/docs-v5, "Order Book Trading / Market Data" and "Public Data", 2026.
#include "feed/feed_venue.hpp"
#include "feed/json_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace tapedeck {
namespace {

constexpr std::string_view kCandle = "candle";

// `candle1H`, `candle1Dutc`: the hours and days of ours are those of UTC.
BarInterval interval_of(std::string_view channel) {
  std::string_view word = channel.substr(kCandle.size());
  if (word.ends_with("utc")) word.remove_suffix(3);
  std::string ours{word};
  // `M` is a month, `m` a minute.
  std::ranges::replace(ours, 'H', 'h');
  std::ranges::replace(ours, 'D', 'd');
  std::ranges::replace(ours, 'W', 'w');
  const auto interval = BarInterval::parse(ours);
  if (!interval) throw BadMessage{found("channel", "must be an interval of klines", channel)};
  return *interval;
}

AggressorSide side_of(std::string_view word) {
  if (word == "buy") return AggressorSide::buy;
  if (word == "sell") return AggressorSide::sell;
  throw BadMessage{found("side", "must be buy or sell", word)};
}

// CRC32 as a signed number. Since June 2026 the venue writes 0 always: none.
std::optional<uint32_t> checksum_of(const Members& members) {
  const auto number = members.find_whole("checksum");
  if (!number || *number == 0) return std::nullopt;
  if (*number < std::numeric_limits<int32_t>::min() ||
      *number > std::numeric_limits<int32_t>::max()) {
    throw BadMessage{found("checksum", "must fit 32 bits with a sign", members.text("checksum"))};
  }
  return static_cast<uint32_t>(static_cast<int32_t>(*number));
}

// Options of 2022 had a value of 1 and a multiplier of 0.1: 0.1 BTC a contract.
std::optional<WireNumber> contract_size_of(const Members& members) {
  const auto value = members.find_number("ctVal");
  const auto multiplier = members.find_number("ctMult");
  if (!value || !multiplier) return value;
  WireNumber size;
  int exponent = value->exponent + multiplier->exponent;
  if (__builtin_mul_overflow(value->units, multiplier->units, &size.units)) {
    throw BadMessage{found("ctMult", "times 'ctVal' must fit 64 bits", members.text("ctMult"))};
  }
  for (; exponent < 0 && size.units % 10 == 0; ++exponent)
    size.units /= 10;
  if (exponent < kMinExponent) {
    throw BadMessage{found("ctMult", "times 'ctVal' must have at most 12 digits behind the point",
                           members.text("ctMult"))};
  }
  size.exponent = static_cast<int8_t>(exponent);
  size.digits = static_cast<uint8_t>(-exponent);
  return size;
}

InstrumentKind kind_of(std::string_view type) {
  if (type == "SPOT" || type == "MARGIN") return InstrumentKind::spot;
  if (type == "SWAP") return InstrumentKind::perpetual;
  if (type == "FUTURES") return InstrumentKind::future;
  if (type == "OPTION") return InstrumentKind::option;
  throw BadMessage{found("instType", "must be SPOT, MARGIN, SWAP, FUTURES or OPTION", type)};
}

class OkxDecoder final : public JsonDecoder {
 protected:
  void read(ondemand::document& document, DecodedMessage& message) override {
    // The answer to the text `ping` is no JSON.
    if (document.raw_json_token().value().starts_with("pong")) {
      message.kind = MessageKind::control;
      return;
    }
    envelope_.clear();
    forget_arg();
    if (!read_envelope(document.get_object(), message)) {
      // Keys in another order than the venue's.
      document.rewind();
      envelope_.clear();
      read_envelope(document.get_object(), message);
    }
    if (channel_ == nullptr || envelope_.has("event")) {
      const bool known = envelope_.has("event") || !arg_channel_.empty();
      message.kind = known ? MessageKind::control : MessageKind::unknown;
      return;
    }
    if (!has_data_) throw BadMessage{"there is no 'data'"};
    message.kind = MessageKind::data;
    finish_books(message);
  }

  void read_answer(std::string_view url, ondemand::document& document,
                   DecodedMessage& message) override {
    if (!url.substr(0, url.find('?')).ends_with("/public/instruments")) return;
    forget_arg();
    channel_ = find_channel("instruments");
    bool answered = false;
    for (ondemand::field field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "code" && scalar_text(value) != "0") {
        message.kind = MessageKind::control;
        return;
      }
      if (key != "data") continue;
      answered = true;
      read_data(value, message);
    }
    if (!answered) throw BadMessage{"there is no 'data'"};
    message.kind = MessageKind::data;
  }

 private:
  using Emit = void (OkxDecoder::*)(DecodedMessage& message);
  struct Channel {
    std::string_view name;
    Emit emit;  // of one entry of `data`
  };
  static const std::array<Channel, 14> kChannels;

  static const Channel* find_channel(std::string_view name) {
    if (name.starts_with(kCandle)) name = kCandle;
    const auto* const channel = std::ranges::find(kChannels, name, &Channel::name);
    return channel == kChannels.end() ? nullptr : channel;
  }

  void forget_arg() {
    arg_channel_ = {};
    arg_symbol_ = {};
    channel_ = nullptr;
  }

  void read_arg(ondemand::object arg) {
    for (ondemand::field field : arg) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key != "channel" && key != "instId") continue;
      std::string_view text = scalar_text(value);
      // It is read twice then, and what was unescaped does not outlive that.
      if (has_data_) text = keep(std::string{text});
      (key == "channel" ? arg_channel_ : arg_symbol_) = text;
    }
    channel_ = find_channel(arg_channel_);
  }

  // False when `data` came before it was known of what.
  bool read_envelope(ondemand::object object, DecodedMessage& message) {
    has_data_ = false;
    bool in_order = true;
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "arg") {
        read_arg(object_of(key, value));
      } else if (key == "data") {
        has_data_ = true;
        in_order = !arg_channel_.empty();
        if (channel_ != nullptr) read_data(value, message);
      } else {
        take_scalar(key, value, envelope_);
      }
    }
    return in_order || channel_ == nullptr;
  }

  void read_data(ondemand::value& value, DecodedMessage& message) {
    for (ondemand::value entry : array_of("data", value)) {
      if (channel_->name == kCandle) {
        read_candle(array_of("data", entry));
      } else {
        read_entry(object_of("data", entry), message);
      }
      (this->*channel_->emit)(message);
    }
  }

  void read_entry(ondemand::object object, DecodedMessage& message) {
    members_.clear();
    bids_.reset();
    asks_.reset();
    details_ = message.records.size();
    for (ondemand::field field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "asks") {
        asks_ = read_levels(array_of(key, value), levels());
      } else if (key == "bids") {
        bids_ = read_levels(array_of(key, value), levels());
      } else if (key == "details") {
        for (ondemand::object detail : array_of(key, value))
          read_liquidation(detail, message);
      } else {
        take_scalar(key, value, members_);
      }
    }
  }

  // ["1597026383085","3.721","3.743","3.677","3.708","8422410","22698348","12698348","1"]; the last
  // two came in 2022.
  void read_candle(ondemand::array entry) {
    constexpr std::array<std::string_view, 9> kNames{"ts",  "o",      "h",           "l",      "c",
                                                     "vol", "volCcy", "volCcyQuote", "confirm"};
    members_.clear();
    size_t at = 0;
    for (ondemand::value value : entry) {
      if (at < kNames.size()) take_scalar(kNames.at(at), value, members_);
      ++at;
    }
  }

  // Where entries do not say it the subscription does.
  std::string_view symbol() const {
    const std::string_view symbol = members_.find("instId").value_or(arg_symbol_);
    if (symbol.empty()) throw BadMessage{"there is no 'instId'"};
    return symbol;
  }

  void require_levels() const {
    if (!asks_) throw BadMessage{"there is no 'asks'"};
    if (!bids_) throw BadMessage{"there is no 'bids'"};
  }

  void emit_book(DecodedMessage& message) {
    require_levels();
    BookMessage book{.kind = BookMessageKind::snapshot,
                     .symbol = symbol(),
                     .channel = arg_channel_,
                     .ts_event = members_.milliseconds("ts"),
                     .sequence_begin = {},
                     .sequence = members_.find_whole("seqId"),
                     .sequence_previous = members_.find_whole("prevSeqId"),
                     .checksum = checksum_of(members_),
                     .bids = *bids_,
                     .asks = *asks_};
    if (book.sequence_previous == -1) book.sequence_previous.reset();
    message.records.emplace_back(book);
  }

  // `books5` has no action: each message is the whole book.
  void finish_books(DecodedMessage& message) const {
    const bool whole = channel_->name == "books5";
    for (FeedRecord& record : message.records) {
      auto* const book = std::get_if<BookMessage>(&record);
      if (book == nullptr || whole) continue;
      const std::string_view action = envelope_.text("action");
      if (action != "snapshot" && action != "update") {
        throw BadMessage{found("action", "must be snapshot or update", action)};
      }
      if (action == "update") book->kind = BookMessageKind::update;
    }
  }

  void emit_best(DecodedMessage& message) {
    require_levels();
    const Timestamp at = members_.milliseconds("ts");
    if (bids_->empty() || asks_->empty()) return;
    message.records.emplace_back(FeedQuote{.symbol = symbol(),
                                           .ts_event = at,
                                           .sequence = members_.find_whole("seqId"),
                                           .bid = bids_->front(),
                                           .ask = asks_->front()});
  }

  void emit_ticker(DecodedMessage& message) {
    for (const std::string_view name : {"bidPx", "bidSz", "askPx", "askSz"}) {
      if (members_.text(name).empty()) return;
    }
    message.records.emplace_back(FeedQuote{
        .symbol = symbol(),
        .ts_event = members_.milliseconds("ts"),
        .sequence = {},
        .bid = {.price = members_.price("bidPx"), .quantity = members_.quantity("bidSz")},
        .ask = {.price = members_.price("askPx"), .quantity = members_.quantity("askSz")}});
  }

  // One of `trades` may join several matches of one order at one price (`count`).
  void emit_trade(DecodedMessage& message) {
    message.records.emplace_back(FeedTrade{.symbol = symbol(),
                                           .ts_event = members_.milliseconds("ts"),
                                           .trade_id = members_.whole("tradeId"),
                                           .price = members_.price("px"),
                                           .quantity = members_.quantity("sz"),
                                           .side = side_of(members_.text("side")),
                                           .grain = Grain::trade});
  }

  // Days of `candle1D` begin at midnight in Hong Kong, and so do 6 and 12 hours, weeks and months:
  // no bars of ours. Those of `candle1Dutc` are.
  void emit_candle(DecodedMessage& message) {
    const BarInterval interval = interval_of(arg_channel_);
    const Timestamp begin = members_.milliseconds("ts");
    if (interval.begin_of(begin) != begin) {
      throw BadMessage{found("ts",
                             fmt::format("must begin a bar of {} of UTC, as {}utc does",
                                         interval.text(), arg_channel_),
                             members_.text("ts"))};
    }
    message.records.emplace_back(
        FeedKline{.symbol = symbol(),
                  .interval = interval,
                  .kline = {.begin = begin,
                            .open = members_.decimal("o"),
                            .high = members_.decimal("h"),
                            .low = members_.decimal("l"),
                            .close = members_.decimal("c"),
                            .volume = members_.decimal("vol"),
                            .quote_volume = members_.find_decimal("volCcyQuote"),
                            .buy_volume = {},
                            .buy_quote_volume = {},
                            .trades = {}},
                  .closed = members_.find("confirm") == "1"});
  }

  void emit_mark_price(DecodedMessage& message) {
    message.records.emplace_back(FeedMarkPrice{.symbol = symbol(),
                                               .ts_event = members_.milliseconds("ts"),
                                               .mark_price = members_.price("markPx"),
                                               .index_price = {}});
  }

  // `fundingTime` is when this rate is paid, `nextFundingTime` the time behind it. New contracts
  // have no rate yet.
  void emit_funding_rate(DecodedMessage& message) {
    if (members_.find("fundingRate").value_or("").empty()) return;
    message.records.emplace_back(
        FeedFundingRate{.symbol = symbol(),
                        .ts_event = members_.milliseconds("ts"),
                        .funding_rate = wire_rate("fundingRate", members_.text("fundingRate")),
                        .next_funding = members_.find_milliseconds("fundingTime")});
  }

  void emit_open_interest(DecodedMessage& message) {
    FeedOpenInterest record{.symbol = symbol(),
                            .ts_event = members_.milliseconds("ts"),
                            .open_interest = members_.quantity("oi"),
                            .open_interest_value = {}};
    // USD is not the quote currency of BTC-USDT-SWAP.
    if (record.symbol.find("-USD-") != std::string_view::npos) {
      record.open_interest_value = members_.find_number("oiUsd");
    }
    message.records.emplace_back(record);
  }

  // `side` is that of the order that closes the position.
  void read_liquidation(ondemand::object detail, DecodedMessage& message) {
    read_members(detail, detail_);
    message.records.emplace_back(FeedLiquidation{.symbol = {},
                                                 .ts_event = detail_.milliseconds("ts"),
                                                 .side = side_of(detail_.text("side")),
                                                 .price = detail_.price("bkPx"),
                                                 .quantity = detail_.quantity("sz")});
  }

  // The symbol stands behind the details.
  void emit_liquidations(DecodedMessage& message) {
    for (size_t i = details_; i < message.records.size(); ++i)
      std::get<FeedLiquidation>(message.records[i]).symbol = symbol();
  }

  void emit_instrument(DecodedMessage& message) {
    message.records.emplace_back(FeedInstrument{.symbol = members_.text("instId"),
                                                .kind = kind_of(members_.text("instType")),
                                                .inverse = members_.find("ctType") == "inverse",
                                                .contract_size = contract_size_of(members_),
                                                .tick_size = members_.find_number("tickSz"),
                                                .lot_size = members_.find_number("lotSz")});
  }

  // Of the message at hand
  Members envelope_;
  std::string_view arg_channel_;
  std::string_view arg_symbol_;
  const Channel* channel_ = nullptr;  // none when nothing is kept of it
  bool has_data_ = false;
  // Of an entry of `data`
  Members members_;
  Members detail_;
  std::optional<std::span<const WireLevel>> bids_;
  std::optional<std::span<const WireLevel>> asks_;
  size_t details_ = 0;  // records before it
};

constexpr std::array<OkxDecoder::Channel, 14> OkxDecoder::kChannels{{
    {"books", &OkxDecoder::emit_book},
    {"books-l2-tbt", &OkxDecoder::emit_book},
    {"books50-l2-tbt", &OkxDecoder::emit_book},
    {"books5", &OkxDecoder::emit_book},
    {"bbo-tbt", &OkxDecoder::emit_best},
    {"trades", &OkxDecoder::emit_trade},
    {"trades-all", &OkxDecoder::emit_trade},
    {"tickers", &OkxDecoder::emit_ticker},
    {kCandle, &OkxDecoder::emit_candle},
    {"mark-price", &OkxDecoder::emit_mark_price},
    {"funding-rate", &OkxDecoder::emit_funding_rate},
    {"open-interest", &OkxDecoder::emit_open_interest},
    {"liquidation-orders", &OkxDecoder::emit_liquidations},
    {"instruments", &OkxDecoder::emit_instrument},
}};

}  // namespace

std::unique_ptr<MessageDecoder> make_okx_decoder() {
  return std::make_unique<OkxDecoder>();
}

}  // namespace tapedeck
