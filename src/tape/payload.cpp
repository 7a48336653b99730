#include "tapedeck/tape/payload.hpp"

#include "base/check.hpp"
#include "tape/book_payload.hpp"
#include "tape/bytes.hpp"
#include "tape/ledger_payload.hpp"
#include "tape/segment.hpp"
#include "tape/telemetry_payload.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tapedeck {
namespace {

// Bits of the first byte of trades.
constexpr uint8_t kAggregates = 1;
constexpr uint8_t kHasIds = 2;
constexpr uint8_t kOwnLoad = 4;

void put_decimal(ByteWriter& out, const Decimal& value) {
  out.put(static_cast<uint64_t>(value.units));
  out.put(static_cast<int64_t>(value.units >> 64));
  out.put(static_cast<int8_t>(value.exponent));
}

Decimal take_decimal(ByteReader& in) {
  const auto low = in.take<uint64_t>();
  const auto high = in.take<int64_t>();
  const auto exponent = in.take<int8_t>();
  return {.units = static_cast<int128>(static_cast<uint128>(static_cast<uint64_t>(high)) << 64 |
                                       uint128{low}),
          .exponent = exponent};
}

// A byte, 1 where a value follows.
template <typename Value, typename Put>
void put_optional(ByteWriter& out, const std::optional<Value>& value, Put put) {
  out.put(static_cast<uint8_t>(value ? 1 : 0));
  if (value) put(out, *value);
}

template <typename Take>
auto take_optional(ByteReader& in, Take take) -> std::optional<decltype(take(in))> {
  if (in.take<uint8_t>() == 0) return std::nullopt;
  return take(in);
}

void put_number(ByteWriter& out, int64_t value) {
  out.put(value);
}
int64_t take_number(ByteReader& in) {
  return in.take<int64_t>();
}
void put_time(ByteWriter& out, Timestamp t) {
  out.put(to_epoch_ns(t));
}
Timestamp take_time(ByteReader& in) {
  return from_epoch_ns(in.take<int64_t>());
}

void put(ByteWriter& out, const TradeRows& rows) {
  const TradeBlock& trades = rows.trades;
  unsigned flags = rows.grain == Grain::aggregate ? kAggregates : 0U;
  if (trades.has_ids) flags |= kHasIds;
  if (rows.own_load) flags |= kOwnLoad;
  out.put(static_cast<uint8_t>(flags));
  out.put(trades.scale.price_exp);
  out.put(trades.scale.qty_exp);
  out.put_text(rows.source);
  out.put_column(std::span{trades.ts_event});
  if (trades.has_ids) out.put_column(std::span{trades.trade_id});
  out.put_column(std::span{trades.price});
  out.put_column(std::span{trades.quantity});
  out.put_column(std::span{trades.side});
}

TradeRows take_trades(ByteReader& in, size_t count) {
  const auto flags = in.take<uint8_t>();
  TradeRows rows{.grain = (flags & kAggregates) != 0 ? Grain::aggregate : Grain::trade,
                 .own_load = (flags & kOwnLoad) != 0};
  TradeBlock& trades = rows.trades;
  trades.has_ids = (flags & kHasIds) != 0;
  trades.scale.price_exp = in.take<int8_t>();
  trades.scale.qty_exp = in.take<int8_t>();
  rows.source = in.take_text();
  in.take_column(trades.ts_event, count);
  if (trades.has_ids) in.take_column(trades.trade_id, count);
  in.take_column(trades.price, count);
  in.take_column(trades.quantity, count);
  in.take_column(trades.side, count);
  return rows;
}

void put(ByteWriter& out, const KlineRows& rows) {
  out.put_text(rows.interval.text());
  out.put_text(rows.source);
  for (const Kline& kline : rows.klines) {
    put_time(out, kline.begin);
    for (const Decimal& value : {kline.open, kline.high, kline.low, kline.close, kline.volume})
      put_decimal(out, value);
    for (const auto& value : {kline.quote_volume, kline.buy_volume, kline.buy_quote_volume})
      put_optional(out, value, put_decimal);
    put_optional(out, kline.trades, put_number);
  }
}

std::optional<KlineRows> take_klines(ByteReader& in, size_t count) {
  const std::optional<BarInterval> interval = BarInterval::parse(in.take_text());
  if (!interval) return std::nullopt;
  KlineRows rows{.interval = *interval, .source = in.take_text()};
  for (size_t row = 0; row < count && !in.failed(); ++row) {
    Kline kline;
    kline.begin = take_time(in);
    for (Decimal* value : {&kline.open, &kline.high, &kline.low, &kline.close, &kline.volume})
      *value = take_decimal(in);
    for (auto* value : {&kline.quote_volume, &kline.buy_volume, &kline.buy_quote_volume})
      *value = take_optional(in, take_decimal);
    kline.trades = take_optional(in, take_number);
    rows.klines.push_back(kline);
  }
  return rows;
}

void put(ByteWriter& out, const OpenInterestRows& rows) {
  out.put_text(rows.source);
  for (const OpenInterest& row : rows.rows) {
    put_time(out, row.ts_event);
    put_decimal(out, row.open_interest);
    for (const auto& value :
         {row.open_interest_value, row.top_trader_account_ratio, row.top_trader_position_ratio,
          row.account_ratio, row.taker_volume_ratio}) {
      put_optional(out, value, put_decimal);
    }
  }
}

OpenInterestRows take_open_interest(ByteReader& in, size_t count) {
  OpenInterestRows rows{.source = in.take_text()};
  for (size_t at = 0; at < count && !in.failed(); ++at) {
    OpenInterest row;
    row.ts_event = take_time(in);
    row.open_interest = take_decimal(in);
    for (auto* value :
         {&row.open_interest_value, &row.top_trader_account_ratio, &row.top_trader_position_ratio,
          &row.account_ratio, &row.taker_volume_ratio}) {
      *value = take_optional(in, take_decimal);
    }
    rows.rows.push_back(row);
  }
  return rows;
}

void put(ByteWriter& out, const QuoteRows& rows) {
  out.put_text(rows.source);
  for (const Quote& quote : rows.quotes) {
    put_time(out, quote.ts_event);
    for (const Decimal& value :
         {quote.bid_price, quote.bid_quantity, quote.ask_price, quote.ask_quantity}) {
      put_decimal(out, value);
    }
    put_optional(out, quote.ts_recv, put_time);
    put_optional(out, quote.sequence, put_number);
  }
}

QuoteRows take_quotes(ByteReader& in, size_t count) {
  QuoteRows rows{.source = in.take_text()};
  for (size_t at = 0; at < count && !in.failed(); ++at) {
    Quote quote;
    quote.ts_event = take_time(in);
    for (Decimal* value :
         {&quote.bid_price, &quote.bid_quantity, &quote.ask_price, &quote.ask_quantity}) {
      *value = take_decimal(in);
    }
    quote.ts_recv = take_optional(in, take_time);
    quote.sequence = take_optional(in, take_number);
    rows.quotes.push_back(quote);
  }
  return rows;
}

void put(ByteWriter& out, const BookRows& rows) {
  out.put_text(rows.source);
  out.put_text(rows.book.channel);
  out.put_long_text(rows.book.interrupted);
  out.put(static_cast<uint32_t>(rows.book.messages.size()));
  for (const OwnedBookMessage& message : rows.book.messages)
    put_book_message(out, message.message, message.ts_recv);
}

std::optional<BookRows> take_book(ByteReader& in) {
  BookRows rows{.source = in.take_text()};
  rows.book.channel = in.take_text();
  rows.book.interrupted = in.take_long_text();
  const auto messages = in.take<uint32_t>();
  for (uint32_t at = 0; at < messages; ++at) {
    std::optional<OwnedBookMessage> message = take_book_message(in);
    if (!message) return std::nullopt;
    rows.book.messages.push_back(std::move(*message));
  }
  return rows;
}

void put(ByteWriter& out, const InstrumentRow& row) {
  out.put_text(row.name.venue);
  out.put_text(row.name.symbol);
}

void put(ByteWriter& out, const Deletion& row) {
  out.put(row.kind);
  put_time(out, row.cutoff);
  out.put(static_cast<uint8_t>(row.every_instrument ? 1 : 0));
}

Deletion take_deletion(ByteReader& in) {
  Deletion row{.kind = in.take<DataKind>(), .cutoff = take_time(in)};
  row.every_instrument = in.take<uint8_t>() != 0;
  return row;
}

void put(ByteWriter& out, const SettingChange& row) {
  out.put_long_text(row.key);
  put_optional(out, row.json,
               [](ByteWriter& to, const std::string& text) { to.put_long_text(text); });
}

SettingChange take_setting(ByteReader& in) {
  SettingChange row{.key = in.take_long_text()};
  row.json = take_optional(in, [](ByteReader& from) { return from.take_long_text(); });
  return row;
}

void put(ByteWriter& out, const LoadNote& row) {
  out.put_long_text(row.path);
  out.put_text(row.sha256);
  out.put_text(row.instrument);
  out.put_text(row.dataset);
  out.put_long_text(row.read_as);
  out.put(row.rows);
}

LoadNote take_load(ByteReader& in) {
  LoadNote row{.path = in.take_long_text()};
  row.sha256 = in.take_text();
  row.instrument = in.take_text();
  row.dataset = in.take_text();
  row.read_as = in.take_long_text();
  row.rows = in.take<int64_t>();
  return row;
}

void put(ByteWriter& out, const StatementNote& row) {
  out.put_long_text(row.sql);
}

void put(ByteWriter& out, const Refusal& row) {
  out.put(row.sequence);
  out.put_long_text(row.reason);
}

Refusal take_refusal(ByteReader& in) {
  Refusal row{.sequence = in.take<uint64_t>()};
  row.reason = in.take_long_text();
  return row;
}

size_t count_of(const TradeRows& rows) {
  return rows.trades.rows();
}
size_t count_of(const KlineRows& rows) {
  return rows.klines.size();
}
size_t count_of(const QuoteRows& rows) {
  return rows.quotes.size();
}
size_t count_of(const BookRows& rows) {
  size_t levels = 0;
  for (const OwnedBookMessage& message : rows.book.messages)
    levels += message.levels.size();
  return levels;
}
size_t count_of(const MetricRows& rows) {
  return rows.values.size();
}
template <typename Rows>
size_t count_of(const Rows& content) {
  if constexpr (requires { content.entries; }) {
    return content.entries.size();
  } else if constexpr (requires { content.rows.size(); }) {
    return content.rows.size();
  } else {
    return 1;
  }
}

// What was taken, unless a value was none that is written.
template <typename Rows>
std::optional<FrameContent> content_of(std::optional<Rows> rows) {
  if (!rows) return std::nullopt;
  return FrameContent{std::move(*rows)};
}

InstrumentRow take_instrument(ByteReader& in) {
  InstrumentRow row;
  row.name.venue = in.take_text();
  row.name.symbol = in.take_text();
  return row;
}

}  // namespace

FrameKind kind_of(const FrameContent& content) {
  using enum FrameKind;
  constexpr std::array kKinds{trades,  klines, open_interest, quotes,     book_messages,
                              orders,  fills,  marks,         portfolio,  ledger,
                              metrics, logs,   events,        instrument, deletion,
                              setting, load,   statement,     refused};
  static_assert(kKinds.size() == std::variant_size_v<FrameContent>);
  return kKinds.at(content.index());
}

uint32_t rows_of(const FrameContent& content) {
  return std::visit([](const auto& one) { return static_cast<uint32_t>(count_of(one)); }, content);
}

std::vector<std::byte> to_payload(const FrameContent& content) {
  std::vector<std::byte> bytes;
  if (const auto* rows = std::get_if<TradeRows>(&content)) {
    constexpr size_t kRowBytes = 33;
    bytes.reserve(64 + rows->source.size() + rows->trades.rows() * kRowBytes);
  }
  ByteWriter out{bytes};
  std::visit([&](const auto& one) { put(out, one); }, content);
  return bytes;
}

tl::expected<FrameContent, std::string> read_payload(const Frame& frame) {
  ByteReader in{frame.payload};
  std::optional<FrameContent> content;
  switch (frame.kind) {
    case FrameKind::trades: content = take_trades(in, frame.count); break;
    case FrameKind::klines: content = content_of(take_klines(in, frame.count)); break;
    case FrameKind::open_interest: content = take_open_interest(in, frame.count); break;
    case FrameKind::quotes: content = take_quotes(in, frame.count); break;
    case FrameKind::book_messages: content = content_of(take_book(in)); break;
    case FrameKind::orders: content = content_of(take_orders(in, frame.count)); break;
    case FrameKind::fills: content = content_of(take_fills(in, frame.count)); break;
    case FrameKind::marks: content = content_of(take_marks(in, frame.count)); break;
    case FrameKind::portfolio: content = content_of(take_portfolio(in, frame.count)); break;
    case FrameKind::ledger: content = content_of(take_ledger(in, frame.count)); break;
    case FrameKind::metrics: content = content_of(take_metrics(in, frame.count)); break;
    case FrameKind::logs: content = content_of(take_logs(in, frame.count)); break;
    case FrameKind::events: content = content_of(take_events(in, frame.count)); break;
    case FrameKind::instrument: content = take_instrument(in); break;
    case FrameKind::deletion: content = take_deletion(in); break;
    case FrameKind::setting: content = take_setting(in); break;
    case FrameKind::load: content = take_load(in); break;
    case FrameKind::statement: content = StatementNote{.sql = in.take_long_text()}; break;
    case FrameKind::refused: content = take_refusal(in); break;
    default:
      return tl::make_unexpected(
          fmt::format("frames of kind {} are of a later version", static_cast<int>(frame.kind)));
  }
  if (!content || in.failed() || in.left() > 0) {
    return tl::make_unexpected(fmt::format("the payload is no {}", to_text(frame.kind)));
  }
  return std::move(*content);
}

}  // namespace tapedeck
