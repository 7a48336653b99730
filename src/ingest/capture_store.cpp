#include "ingest/capture_store.hpp"

#include "store/coverage_rows.hpp"
#include "store/derivative_rows.hpp"
#include "store/open_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace tapedeck {
namespace {

constexpr size_t kTradeRows = 1 << 18;
constexpr size_t kGivenRows = 1 << 18;
constexpr std::chrono::nanoseconds kNanosecond{1};

// Nothing that comes later would show that one of its messages was lost.
bool is_unnumbered(const BookRules& rules) {
  return rules.continuity == BookContinuity::none && rules.checksum == BookChecksum::none &&
         !rules.whole;
}

template <typename Row>
std::optional<TimeRange> range_of(const std::vector<Row>& rows) {
  if (rows.empty()) return std::nullopt;
  const auto [first, last] = std::ranges::minmax(rows, {}, &Row::ts_event);
  return TimeRange{.begin = first.ts_event, .end = last.ts_event + kNanosecond};
}

// The same block at a scale that holds the trade too; false when a value does not fit there.
bool make_room(TradeBlock& block, const FeedTrade& trade) {
  const Scale scale =
      finest(block.scale, {.price_exp = trade.price.exponent, .qty_exp = trade.quantity.exponent});
  if (scale != block.scale && !rescale(block, scale)) return false;
  return units_at(trade.price, scale.price_exp).has_value() &&
         units_at(trade.quantity, scale.qty_exp).has_value();
}

InstrumentFacts facts_of(const FeedInstrument& said) {
  const auto decimal = [](const std::optional<WireNumber>& number) {
    return number && number->units > 0 ? std::optional{to_decimal(*number)} : std::nullopt;
  };
  return {.kind = said.kind,
          .inverse = said.inverse,
          .contract_size = decimal(said.contract_size),
          .tick_size = decimal(said.tick_size),
          .lot_size = decimal(said.lot_size)};
}

}  // namespace

struct CaptureStore::Stream {
  InstrumentName name;
  std::unique_ptr<OpenBook> open;
  BookLoad& load = open->load;
  BookBuilder& builder = open->builder;
};

struct CaptureStore::Connection {
  std::string_view venue;
  std::optional<int64_t> sequence;
  std::unordered_map<std::string, Stream*> streams;  // by channel and symbol
  std::map<std::string, Symbol*, std::less<>> symbols;
  std::string key;  // scratch
};

struct CaptureStore::Symbol {
  // Trades with and without ids do not share a block.
  struct Trades {
    Grain grain;
    TradeBlock block;
  };
  Instrument& instrument;
  std::vector<Trades> trades = {};
  std::map<int, std::map<Timestamp, Kline>> moving = {};  // klines by interval, not closed yet
  std::set<int> closed = {};                              // intervals that the venue closes
  std::map<int, std::vector<Kline>> klines = {};
  std::vector<Quote> quotes = {};
  std::vector<OpenInterest> open_interest = {};
  std::vector<MarkPrice> mark_prices = {};
  std::vector<FundingRate> funding_rates = {};
  std::vector<Liquidation> liquidations = {};
  std::vector<Stream*> books = {};
};

CaptureStore::CaptureStore(StoreCore& core, duck::Transaction& transaction, const LoadFacts& facts)
    : core_{core},
      transaction_{transaction},
      facts_{facts},
      series_{core, transaction, facts, false} {}

CaptureStore::~CaptureStore() = default;

void CaptureStore::add(const CaptureBatch& batch) {
  while (connections_.size() < batch.venues.size())
    connections_.push_back(std::make_unique<Connection>());
  for (size_t i = 0; i < batch.venues.size(); ++i)
    connections_[i]->venue = batch.venues[i];
  for (const CapturedMessage& message : batch.messages)
    take(batch, message);
}

void CaptureStore::take(const CaptureBatch& batch, const CapturedMessage& message) {
  Connection& connection = *connections_[message.connection];
  if (message.outcome == CapturedMessage::Outcome::connected) return begin_connection(connection);
  if (message.outcome == CapturedMessage::Outcome::refused) {
    return lose_streams(connection, true, "a message was refused");
  }
  if (message.connection_sequence) check_sequence(connection, *message.connection_sequence);
  const auto ts_recv = message.ts_recv;
  for (uint32_t i = 0; i < message.records; ++i) {
    const FeedRecord& record = batch.records[message.first_record + i];
    if (const auto* book = std::get_if<BookMessage>(&record)) {
      take_book(connection, *book, ts_recv);
      continue;
    }
    if (const auto* instrument = std::get_if<FeedInstrument>(&record)) {
      facts_of_instruments_[{std::string{connection.venue}, std::string{instrument->symbol}}] =
          facts_of(*instrument);
      continue;
    }
    const std::string_view name = std::visit([](const auto& one) { return one.symbol; }, record);
    auto known = connection.symbols.find(name);
    if (known == connection.symbols.end()) {
      known = connection.symbols.emplace(name, &symbol_of(connection.venue, name)).first;
    }
    take_record(*known->second, record, ts_recv);
  }
}

void CaptureStore::take_record(Symbol& symbol, const FeedRecord& record,
                               std::optional<Timestamp> ts_recv) {
  if (const auto* trade = std::get_if<FeedTrade>(&record)) {
    take_trade(symbol, *trade, ts_recv);
  } else if (const auto* quote = std::get_if<FeedQuote>(&record)) {
    const std::optional<Timestamp> at = quote->ts_event ? quote->ts_event : ts_recv;
    if (!at) return;
    symbol.quotes.push_back({.ts_event = *at,
                             .bid_price = to_decimal(quote->bid.price),
                             .bid_quantity = to_decimal(quote->bid.quantity),
                             .ask_price = to_decimal(quote->ask.price),
                             .ask_quantity = to_decimal(quote->ask.quantity),
                             .ts_recv = ts_recv,
                             .sequence = quote->sequence});
    if (symbol.quotes.size() >= kGivenRows) flush_symbol(symbol);
  } else if (const auto* kline = std::get_if<FeedKline>(&record)) {
    take_kline(symbol, *kline);
  } else if (const auto* mark = std::get_if<FeedMarkPrice>(&record)) {
    symbol.mark_prices.push_back({.ts_event = mark->ts_event,
                                  .mark_price = to_decimal(mark->mark_price),
                                  .index_price = mark->index_price
                                                     ? std::optional{to_decimal(*mark->index_price)}
                                                     : std::nullopt,
                                  .ts_recv = ts_recv});
  } else if (const auto* funding = std::get_if<FeedFundingRate>(&record)) {
    symbol.funding_rates.push_back({.ts_event = funding->ts_event,
                                    .funding_rate = to_decimal(funding->funding_rate),
                                    .next_funding = funding->next_funding,
                                    .ts_recv = ts_recv});
  } else if (const auto* liquidation = std::get_if<FeedLiquidation>(&record)) {
    symbol.liquidations.push_back({.ts_event = liquidation->ts_event,
                                   .side = liquidation->side,
                                   .price = to_decimal(liquidation->price),
                                   .quantity = to_decimal(liquidation->quantity),
                                   .ts_recv = ts_recv});
  } else if (const auto* interest = std::get_if<FeedOpenInterest>(&record)) {
    OpenInterest row;
    row.ts_event = interest->ts_event;
    row.open_interest = to_decimal(interest->open_interest);
    if (interest->open_interest_value) {
      row.open_interest_value = to_decimal(*interest->open_interest_value);
    }
    symbol.open_interest.push_back(row);
  }
}

void CaptureStore::begin_connection(Connection& connection) {
  connection.sequence.reset();
  for (const auto& [key, stream] : connection.streams)
    stream->builder.interrupt("the connection was lost");
}

void CaptureStore::check_sequence(Connection& connection, int64_t sequence) {
  // Each connection counts from 0, and not every recorder says when one begins.
  if (sequence == 0 && connection.sequence.value_or(0) > 0) begin_connection(connection);
  if (connection.sequence && sequence > *connection.sequence + 1) {
    lose_streams(
        connection, false,
        fmt::format("sequence_num: {} expected, {} came", *connection.sequence + 1, sequence));
  }
  connection.sequence = std::max(connection.sequence.value_or(sequence), sequence);
}

void CaptureStore::lose_streams(Connection& connection, bool only_unnumbered,
                                const std::string& cause) {
  for (const auto& [key, stream] : connection.streams) {
    const BookRules& rules = stream->builder.rules();
    if (only_unnumbered ? is_unnumbered(rules) : rules.continuity == BookContinuity::connection) {
      stream->builder.lose(cause);
    }
  }
}

CaptureStore::Symbol& CaptureStore::symbol_of(std::string_view venue, std::string_view symbol) {
  const InstrumentName name{.venue = std::string{venue}, .symbol = std::string{symbol}};
  std::unique_ptr<Symbol>& place = symbols_[name];
  if (!place) place = std::make_unique<Symbol>(Symbol{.instrument = series_.instrument(name)});
  return *place;
}

void CaptureStore::take_book(Connection& connection, const BookMessage& book,
                             std::optional<Timestamp> ts_recv) {
  if (book.kind == BookMessageKind::image) return take_image(connection, book, ts_recv);
  stream_of(connection, book).builder.apply(book, ts_recv);
}

// An image goes to the streams of its symbol. One that does not say the symbol is of the only one
// that waits for images: symbols of one venue may share their numbers, so numbers cannot choose
// among several, and a wrong book would be the price.
void CaptureStore::take_image(Connection& connection, const BookMessage& image,
                              std::optional<Timestamp> ts_recv) {
  std::vector<Stream*> waiting;
  std::set<std::string> symbols;
  for (const std::unique_ptr<Stream>& stream : streams_) {
    const bool fits = stream->name.venue == connection.venue &&
                      (image.symbol.empty() || stream->name.symbol == image.symbol) &&
                      stream->builder.rules().waits_for_image();
    if (!fits) continue;
    waiting.push_back(stream.get());
    symbols.insert(stream->name.symbol);
  }
  if (symbols.size() > 1) return;
  for (Stream* const stream : waiting)
    stream->builder.apply(image, ts_recv);
  if (!waiting.empty()) return;
  early_images_.insert_or_assign(fmt::format("{}:{}", connection.venue, image.symbol),
                                 OwnedBookMessage{image, ts_recv});
}

CaptureStore::Stream& CaptureStore::stream_of(Connection& connection, const BookMessage& book) {
  connection.key.assign(book.channel);
  connection.key += ' ';
  connection.key += book.symbol;
  Stream*& place = connection.streams[connection.key];
  if (place != nullptr) return *place;
  Symbol& symbol = symbol_of(connection.venue, book.symbol);
  // Another connection may carry the same stream.
  for (Stream* const known : symbol.books)
    if (known->load.stream().channel == book.channel) place = known;
  if (place != nullptr) return *place;
  if (!tables_) tables_.emplace(transaction_);
  streams_.push_back(std::make_unique<Stream>(
      Stream{.name = symbol.instrument.name,
             .open = open_book(transaction_, symbol.instrument, book.channel, book)}));
  streams_.back()->load.begin(*tables_);
  place = streams_.back().get();
  symbol.books.push_back(place);
  if (!place->builder.rules().waits_for_image()) return *place;
  for (const std::string& key : {fmt::format("{}:{}", connection.venue, book.symbol),
                                 fmt::format("{}:", connection.venue)}) {
    const auto image = early_images_.find(key);
    if (image == early_images_.end()) continue;
    place->builder.apply(image->second.message, image->second.ts_recv);
    if (key.ends_with(':')) early_images_.erase(image);  // the next symbol is another one
    break;
  }
  return *place;
}

void CaptureStore::take_trade(Symbol& symbol, const FeedTrade& trade,
                              std::optional<Timestamp> ts_recv) {
  auto open = std::ranges::find_if(symbol.trades, [&](const Symbol::Trades& one) {
    return one.grain == trade.grain && one.block.has_ids == trade.trade_id.has_value();
  });
  if (open == symbol.trades.end()) {
    symbol.trades.push_back({.grain = trade.grain, .block = {}});
    open = symbol.trades.end() - 1;
    open->block.scale = symbol.instrument.scale;
    open->block.has_ids = trade.trade_id.has_value();
  }
  const bool other_clock =
      open->block.rows() > 0 && open->block.ts_recv.empty() == ts_recv.has_value();
  if (open->block.rows() >= kTradeRows || other_clock || !make_room(open->block, trade)) {
    flush_trades(symbol);
    return take_trade_alone(symbol, trade, ts_recv);
  }
  open->block.push_back({.ts_event = trade.ts_event,
                         .trade_id = trade.trade_id,
                         .price = Price{*units_at(trade.price, open->block.scale.price_exp)},
                         .quantity = Qty{*units_at(trade.quantity, open->block.scale.qty_exp)},
                         .side = trade.side});
  if (ts_recv) open->block.ts_recv.push_back(to_epoch_ns(*ts_recv));
}

// The first of a block that has the trade's own digits.
void CaptureStore::take_trade_alone(Symbol& symbol, const FeedTrade& trade,
                                    std::optional<Timestamp> ts_recv) {
  Symbol::Trades own{.grain = trade.grain, .block = {}};
  own.block.scale = {.price_exp = trade.price.exponent, .qty_exp = trade.quantity.exponent};
  own.block.has_ids = trade.trade_id.has_value();
  own.block.push_back({.ts_event = trade.ts_event,
                       .trade_id = trade.trade_id,
                       .price = Price{trade.price.units},
                       .quantity = Qty{trade.quantity.units},
                       .side = trade.side});
  if (ts_recv) own.block.ts_recv.push_back(to_epoch_ns(*ts_recv));
  symbol.trades.push_back(std::move(own));
}

void CaptureStore::flush_trades(Symbol& symbol) {
  for (Symbol::Trades& trades : std::exchange(symbol.trades, {})) {
    if (trades.block.rows() == 0) continue;
    TableSeries series{.instrument = symbol.instrument.name, .grain = trades.grain};
    series.content = std::move(trades.block);
    series_.add(series);
  }
}

// A kline is whole once the venue says so, or, of a venue that never does, begins the next one.
void CaptureStore::take_kline(Symbol& symbol, const FeedKline& kline) {
  const int interval = kline.interval.code();
  auto& moving = symbol.moving[interval];
  if (kline.closed) {
    symbol.klines[interval].push_back(kline.kline);
    symbol.closed.insert(interval);
    moving.clear();
    return;
  }
  // What it did not close was cut short by a loss, or comes late.
  if (symbol.closed.contains(interval)) return;
  moving[kline.kline.begin] = kline.kline;
  while (moving.size() > 1) {
    symbol.klines[interval].push_back(moving.begin()->second);
    moving.erase(moving.begin());
  }
}

void CaptureStore::flush_symbol(Symbol& symbol) {
  flush_trades(symbol);
  const auto add = [&](TableSeries series, auto rows) {
    if (rows.empty()) return;
    series.instrument = symbol.instrument.name;
    series.source = "venue";
    series.content = std::move(rows);
    series_.add(series);
  };
  add({}, std::exchange(symbol.quotes, {}));
  add({}, std::exchange(symbol.open_interest, {}));
  for (auto& [code, klines] : std::exchange(symbol.klines, {}))
    add({.interval = BarInterval::all()[static_cast<size_t>(code)]}, std::move(klines));
}

void CaptureStore::store_derivatives(Symbol& symbol) {
  const Instrument& instrument = symbol.instrument;
  if (!symbol.mark_prices.empty()) {
    store_load(instrument, std::string{kMarkPricesDataset},
               insert_mark_prices(transaction_, instrument.id, symbol.mark_prices),
               range_of(symbol.mark_prices));
  }
  if (!symbol.funding_rates.empty()) {
    store_load(instrument, std::string{kFundingRatesDataset},
               insert_funding_rates(transaction_, instrument.id, symbol.funding_rates),
               range_of(symbol.funding_rates));
  }
  if (!symbol.liquidations.empty()) {
    store_load(instrument, std::string{kLiquidationsDataset},
               insert_liquidations(transaction_, instrument.id, symbol.liquidations),
               range_of(symbol.liquidations));
  }
}

void CaptureStore::store_load(const Instrument& instrument, const std::string& dataset,
                              int64_t rows, std::optional<TimeRange> range) {
  Load load{.instrument = instrument.id, .dataset = dataset};
  load.rows = rows;
  if (range) {
    load.ts_begin = range->begin;
    load.ts_end = range->end - kNanosecond;
  }
  describe(load, facts_);
  insert_load(transaction_, load);
  other_rows_ += rows;
}

// Those of instruments that are stored, now or before.
void CaptureStore::describe_instruments() {
  for (const auto& [name, facts] : facts_of_instruments_) {
    if (!symbols_.contains(name) && !core_.catalogue().find(name)) continue;
    Instrument& instrument = series_.instrument(name);
    instrument = Catalogue::describe(transaction_, instrument, facts);
  }
}

CaptureTotals CaptureStore::finish(int64_t rejects) {
  CaptureTotals totals;
  for (const std::unique_ptr<Stream>& stream : streams_) {
    stream->builder.finish();
    stream->load.store(stream->builder, facts_.source, Recording::ends);
    const BookStream& row = stream->load.stream();
    store_load(series_.instrument(stream->name), dataset_of_book(row.channel), stream->load.rows(),
               stream->load.range());
    totals.streams.push_back({.instrument = to_text(stream->name),
                              .channel = row.channel,
                              .integrity = stream->builder.integrity(),
                              .trusted = stream->builder.trusted(),
                              .rows = stream->load.rows(),
                              .counts = stream->builder.counts()});
  }
  if (tables_) tables_->close();
  for (const auto& [name, symbol] : symbols_) {
    flush_symbol(*symbol);
    store_derivatives(*symbol);
  }
  describe_instruments();
  totals.series = series_.finish(rejects);
  totals.rows = totals.series.rows + other_rows_;
  return totals;
}

}  // namespace tapedeck
