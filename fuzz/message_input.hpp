// What the fuzzers of messages do. The input is lines, each a message to one decoder in turn: a
// frame, or, behind a digit n, the body of an answer to the n-th URL.
#pragma once

#include "base/check.hpp"
#include "feed/message_decoder.hpp"
#include "input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace tapedeck {

// A text on the heap with no byte more than it may be read with, so that a sanitizer sees one.
class PaddedCopy {
 public:
  PaddedCopy(std::string_view text, char padding)
      : size_{text.size()}, bytes_{new char[text.size() + kMessagePadding]} {
    std::ranges::copy(text, bytes_.get());
    std::fill_n(bytes_.get() + size_, kMessagePadding, padding);
  }
  PaddedText get() const {
    return {.text = {bytes_.get(), size_}, .capacity = size_ + kMessagePadding};
  }

 private:
  size_t size_;
  std::unique_ptr<char[]> bytes_;
};

// Writes all that a record says, so that every text and level is read, and checks it.
class RecordText {
 public:
  void add(const FeedRecord& record) {
    out_ += fmt::format("\n{} ", record.index());
    std::visit([this](const auto& one) { say(one); }, record);
  }
  std::string take() { return std::move(out_); }

 private:
  void say(std::string_view text) { out_ += fmt::format("'{}' ", text); }
  void say(int64_t number) { out_ += fmt::format("{} ", number); }
  void say(Timestamp at) { say(to_epoch_ns(at)); }
  void say(const Decimal& value) {
    TAPEDECK_CHECK(value.exponent <= 0 && value.exponent >= kMinExponent, "{}", value.exponent);
    say(to_text(value));
  }
  void say(const WireNumber& number) {
    TAPEDECK_CHECK(number.exponent == 0 || number.units % 10 != 0, "{}e{}", number.units,
                   number.exponent);
    TAPEDECK_CHECK(number.digits >= -number.exponent, "{} digits", number.digits);
    say(to_decimal(number));
    say(int64_t{number.digits});
  }
  template <typename Value>
  void say(const std::optional<Value>& value) {
    if (!value) return say(std::string_view{"none"});
    if constexpr (std::is_integral_v<Value>) {
      say(static_cast<int64_t>(*value));
    } else {
      say(*value);
    }
  }
  void say(const WireLevel& level) {
    say(level.price);
    say(level.quantity);
  }
  void say_price(const WireNumber& price) {
    TAPEDECK_CHECK(price.units > 0, "price {}", price.units);
    say(price);
  }
  void say_quantity(const WireNumber& quantity) {
    TAPEDECK_CHECK(quantity.units >= 0, "quantity {}", quantity.units);
    say(quantity);
  }

  void say(const BookMessage& book) {
    say(static_cast<int64_t>(book.kind));
    say(book.symbol);
    say(book.channel);
    say(book.ts_event);
    say(book.sequence_begin);
    say(book.sequence);
    say(book.sequence_previous);
    say(book.checksum);
    for (const auto side : {book.bids, book.asks}) {
      for (const WireLevel& level : side) {
        say_price(level.price);
        say_quantity(level.quantity);
      }
      say(std::string_view{"end"});
    }
  }
  void say(const FeedTrade& trade) {
    say(trade.symbol);
    say(trade.ts_event);
    say(trade.trade_id);
    say_price(trade.price);
    say_quantity(trade.quantity);
    say(to_text(trade.side));
    say(to_text(trade.grain));
  }
  void say(const FeedQuote& quote) {
    say(quote.symbol);
    say(quote.ts_event);
    say(quote.sequence);
    for (const WireLevel& level : {quote.bid, quote.ask}) {
      TAPEDECK_CHECK(level.price.units >= 0, "price {}", level.price.units);
      say(level.price);
      say_quantity(level.quantity);
    }
  }
  void say(const FeedKline& kline) {
    say(kline.symbol);
    say(kline.interval.text());
    say(kline.kline.begin);
    for (const Decimal& price :
         {kline.kline.open, kline.kline.high, kline.kline.low, kline.kline.close}) {
      say(price);
    }
    say(kline.kline.volume);
    say(kline.kline.quote_volume);
    say(kline.kline.buy_volume);
    say(kline.kline.buy_quote_volume);
    say(kline.kline.trades);
    say(int64_t{kline.closed});
  }
  void say(const FeedMarkPrice& mark) {
    say(mark.symbol);
    say(mark.ts_event);
    say_price(mark.mark_price);
    say(mark.index_price);
  }
  void say(const FeedFundingRate& rate) {
    say(rate.symbol);
    say(rate.ts_event);
    say(rate.funding_rate);
    say(rate.next_funding);
  }
  void say(const FeedLiquidation& order) {
    say(order.symbol);
    say(order.ts_event);
    say(to_text(order.side));
    say_price(order.price);
    say_quantity(order.quantity);
  }
  void say(const FeedOpenInterest& interest) {
    say(interest.symbol);
    say(interest.ts_event);
    say_quantity(interest.open_interest);
    say(interest.open_interest_value);
  }
  void say(const FeedInstrument& instrument) {
    say(instrument.symbol);
    say(to_text(instrument.kind));
    say(int64_t{instrument.inverse});
    say(instrument.contract_size);
    say(instrument.tick_size);
    say(instrument.lot_size);
  }

  std::string out_;
};

// One connection.
class FuzzedDecoder {
 public:
  FuzzedDecoder(std::unique_ptr<MessageDecoder> decoder, std::span<const std::string_view> urls)
      : decoder_{std::move(decoder)}, urls_{urls} {}

  // What the message says, or why it is refused. What stands behind it must not matter.
  std::string decode(std::string_view line, char padding) {
    const bool is_answer = !line.empty() && line[0] >= '1' && line[0] <= '9';
    const std::string_view url =
        is_answer ? urls_[static_cast<size_t>(line[0] - '1') % urls_.size()] : std::string_view{};
    if (is_answer) line.remove_prefix(1);
    const PaddedCopy copy{line, padding};
    const Field<void> done = is_answer ? decoder_->decode_answer(url, copy.get(), message_)
                                       : decoder_->decode(copy.get(), message_);
    if (!done) {
      TAPEDECK_CHECK(!done.error().empty(), "refused without a reason");
      TAPEDECK_CHECK(message_.records.empty() && !message_.connection_sequence, "{} records left",
                     message_.records.size());
      return done.error();
    }
    TAPEDECK_CHECK(message_.kind == MessageKind::data || message_.records.empty(),
                   "{} records of a message that is no data", message_.records.size());
    RecordText text;
    for (const FeedRecord& record : message_.records)
      text.add(record);
    return fmt::format("{} {} {}", static_cast<int>(message_.kind),
                       message_.connection_sequence.value_or(-1), text.take());
  }

 private:
  std::unique_ptr<MessageDecoder> decoder_;
  std::span<const std::string_view> urls_;
  DecodedMessage message_;
};

inline void fuzz_messages(FuzzInput input, std::unique_ptr<MessageDecoder> (*make)(),
                          std::span<const std::string_view> urls) {
  const unsigned cut = input.option();
  FuzzedDecoder first{make(), urls};
  FuzzedDecoder second{make(), urls};
  FuzzedDecoder torn{make(), urls};
  std::string_view text = input.text();
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::string once = first.decode(line, '9');
    const std::string again = second.decode(line, '\0');
    TAPEDECK_CHECK(once == again, "first: {}\nthen: {}", once, again);
    torn.decode(line.substr(0, line.size() * cut / 256), '"');
  }
}

}  // namespace tapedeck
