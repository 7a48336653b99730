#include "tapedeck/store/writer.hpp"

#include "store/core.hpp"
#include "store/depth_rows.hpp"
#include "store/live_tape.hpp"
#include "store/tick_rows.hpp"
#include "store/trade_batch.hpp"
#include "tape/book_payload.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace tapedeck {
namespace {

void check(const BookMessages& book) {
  if (book.channel.empty() || book.channel.size() > 255) {
    throw Error{ErrorCode::invalid_argument,
                "the messages of a book need the word of their channel, of at most 255 bytes"};
  }
  if (book.messages.empty() && book.interrupted.empty()) {
    throw Error{ErrorCode::invalid_argument, "a batch of no messages"};
  }
  for (size_t i = 0; i < book.messages.size(); ++i) {
    for (const WireLevel& level : book.messages[i].levels) {
      const bool is_good = is_wire_number(level.price) && is_wire_number(level.quantity) &&
                           level.price.units > 0 && level.quantity.units >= 0;
      if (is_good) continue;
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("message {} of {} has {}e{} at {}e{}: prices must be above 0, "
                              "quantities 0 or more, with exponents from {} to 0",
                              i, book.channel, level.quantity.units, level.quantity.exponent,
                              level.price.units, level.price.exponent, kMinExponent)};
    }
  }
}

}  // namespace

Writer::Writer(Store& store) : store_{store} {
  if (store.core().mode() == OpenMode::read) {
    throw Error{ErrorCode::read_only,
                fmt::format("the store '{}' was opened for reading only", store.path().string())};
  }
}

std::future<Acknowledgement> Writer::append_live(InstrumentId instrument, TradeBlock trades,
                                                 const AppendOptions& options) {
  check_values(trades);
  store_.core().catalogue().at(instrument);
  trades.ts_recv.clear();  // the frame's time is that of its rows
  return store_.core().live_tape().append(
      instrument,
      TradeRows{.grain = options.grain, .source = options.source, .trades = std::move(trades)},
      options);
}

std::future<Acknowledgement> Writer::append_live(InstrumentId instrument, std::vector<Quote> quotes,
                                                 const AppendOptions& options) {
  store_.core().catalogue().at(instrument);
  return store_.core().live_tape().append(
      instrument, QuoteRows{.source = options.source, .quotes = std::move(quotes)}, options);
}

std::future<Acknowledgement> Writer::append_live(InstrumentId instrument, BarInterval interval,
                                                 std::vector<Kline> klines,
                                                 const AppendOptions& options) {
  store_.core().catalogue().at(instrument);
  return store_.core().live_tape().append(
      instrument,
      KlineRows{.interval = interval, .source = options.source, .klines = std::move(klines)},
      options);
}

std::future<Acknowledgement> Writer::append_live(InstrumentId instrument,
                                                 std::vector<OpenInterest> rows,
                                                 const AppendOptions& options) {
  store_.core().catalogue().at(instrument);
  return store_.core().live_tape().append(
      instrument, OpenInterestRows{.source = options.source, .rows = std::move(rows)}, options);
}

std::future<Acknowledgement> Writer::append_live(InstrumentId instrument, BookMessages messages,
                                                 const AppendOptions& options) {
  check(messages);
  store_.core().catalogue().at(instrument);
  return store_.core().live_tape().append(
      instrument, BookRows{.source = options.source, .book = std::move(messages)}, options);
}

std::future<Acknowledgement> Writer::persist_fetched_data(FetchedData data, AppendOptions options) {
  if (options.source == AppendOptions{}.source) options.source = "rest";
  if (auto* trades = std::get_if<FetchedTrades>(&data)) {
    return append_live(trades->instrument, std::move(trades->trades), options);
  }
  if (auto* klines = std::get_if<FetchedKlines>(&data)) {
    return append_live(klines->instrument, klines->interval, std::move(klines->klines), options);
  }
  auto& open_interest = std::get<FetchedOpenInterest>(data);
  return append_live(open_interest.instrument, std::move(open_interest.rows), options);
}

void Writer::flush() {
  store_.core().live_tape().flush();
}

void Writer::close() {
  store_.core().live_tape().close();
}

LiveStats Writer::stats() const {
  return store_.core().live_tape().stats();
}

AppendResult Writer::append(InstrumentId instrument, const TradeBlock& trades, Grain grain,
                            const std::string& source) {
  if (trades.rows() == 0) return {};
  check_values(trades);
  store_.core().catalogue().at(instrument);
  const AppliedFrame done = store_.core().live_tape().change(
      instrument, TradeRows{.grain = grain, .source = source, .own_load = true, .trades = trades});
  return {.rows = done.rows, .duplicates = done.duplicates, .conflicts = done.conflicts};
}

int64_t Writer::upsert_klines(InstrumentId instrument, BarInterval interval,
                              std::span<const Kline> klines, const std::string& source) {
  store_.core().catalogue().at(instrument);
  return store_.core()
      .live_tape()
      .change(instrument,
              KlineRows{
                  .interval = interval, .source = source, .klines = {klines.begin(), klines.end()}})
      .rows;
}

int64_t Writer::upsert_open_interest(InstrumentId instrument, std::span<const OpenInterest> rows) {
  store_.core().catalogue().at(instrument);
  return store_.core()
      .live_tape()
      .change(instrument, OpenInterestRows{.source = "api", .rows = {rows.begin(), rows.end()}})
      .rows;
}

int64_t Writer::append_quotes(InstrumentId instrument, std::span<const Quote> quotes) {
  store_.core().catalogue().at(instrument);
  return store_.core()
      .live_tape()
      .change(instrument, QuoteRows{.source = "api", .quotes = {quotes.begin(), quotes.end()}})
      .rows;
}

TickResult Writer::append_ticks(InstrumentId instrument, std::span<const Tick> ticks,
                                const std::string& source) {
  store_.core().catalogue().at(instrument);
  TickResult result;
  store_.core().write([&](duck::Transaction& transaction) {
    result = insert_ticks(transaction, instrument, ticks, source);
  });
  return result;
}

int64_t Writer::append_depth(InstrumentId instrument, std::span<const DepthSnapshot> snapshots,
                             const DepthOptions& options) {
  store_.core().catalogue().at(instrument);
  int64_t stored = 0;
  store_.core().write([&](duck::Transaction& transaction) {
    stored = insert_depth_snapshots(transaction, instrument, snapshots, options);
  });
  return stored;
}

int64_t Writer::delete_before(DataKind kind, Timestamp cutoff,
                              std::optional<InstrumentId> instrument) {
  if (instrument) store_.core().catalogue().at(*instrument);
  return store_.core()
      .live_tape()
      .change(instrument.value_or(InstrumentId{}),
              Deletion{.kind = kind, .cutoff = cutoff, .every_instrument = !instrument})
      .rows;
}

int64_t count_trades(const Store& store, InstrumentId instrument) {
  const auto reader = store.core().borrow_reader();
  duck::Result rows =
      reader->prepare("SELECT count(*) FROM tape.current_trades WHERE instrument_id = ?")
          .bind(1, static_cast<int64_t>(instrument))
          .run();
  rows.next_row();
  return rows.int64(0);
}

}  // namespace tapedeck
