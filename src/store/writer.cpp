#include "tapedeck/store/writer.hpp"

#include "duck/appender.hpp"
#include "store/core.hpp"
#include "store/deletion.hpp"
#include "store/given_rows.hpp"
#include "store/grain_choice.hpp"
#include "store/loads.hpp"
#include "store/minute_bars.hpp"
#include "store/quote_rows.hpp"
#include "store/trade_batch.hpp"
#include "store/trade_load.hpp"

#include <fmt/format.h>

#include <vector>

namespace tapedeck {
namespace {

Instrument known_instrument(Store& store, InstrumentId id) {
  const std::optional<Instrument> found = store.core().catalogue().find(id);
  if (!found) {
    throw Error{ErrorCode::not_found,
                fmt::format("the store has no instrument with id {}", static_cast<uint32_t>(id))};
  }
  return *found;
}

}  // namespace

Writer::Writer(Store& store) : store_{store} {
  if (store.core().mode() == OpenMode::read) {
    throw Error{ErrorCode::read_only,
                fmt::format("the store '{}' was opened for reading only", store.path().string())};
  }
}

AppendResult Writer::append(InstrumentId instrument, const TradeBlock& trades, Grain grain,
                            const std::string& source) {
  AppendResult result;
  if (trades.rows() == 0) return result;
  check_values(trades);
  const OrderedBatch batch = in_order(trades);
  StoreCore& core = store_.core();
  Instrument refined = known_instrument(store_, instrument);
  core.write(
      [&](duck::Transaction& transaction) {
        TradeLoad load{core, transaction, core.catalogue().find(instrument).value_or(refined),
                       grain};
        load.add(batch.trades.view());
        const Load done = load.finish({.source = source,
                                       .duplicates = batch.duplicates,
                                       .conflicts = static_cast<int64_t>(batch.conflicts.size())});
        result = {.rows = done.rows, .duplicates = done.duplicates, .conflicts = done.conflicts};
        refined = load.instrument();
      },
      [&] { core.catalogue().remember(refined); });
  return result;
}

int64_t Writer::upsert_klines(InstrumentId instrument, BarInterval interval,
                              std::span<const Kline> klines, const std::string& source) {
  known_instrument(store_, instrument);
  int64_t changed = 0;
  store_.core().write([&](duck::Transaction& transaction) {
    changed = upsert_given_klines(transaction, instrument, interval, klines, source);
    insert_kline_coverage(transaction, instrument, interval, klines, source);
  });
  return changed;
}

int64_t Writer::upsert_open_interest(InstrumentId instrument, std::span<const OpenInterest> rows) {
  known_instrument(store_, instrument);
  int64_t changed = 0;
  store_.core().write([&](duck::Transaction& transaction) {
    changed = upsert_given_open_interest(transaction, instrument, rows);
    insert_open_interest_coverage(transaction, instrument, rows, "api");
  });
  return changed;
}

int64_t Writer::append_quotes(InstrumentId instrument, std::span<const Quote> quotes) {
  known_instrument(store_, instrument);
  int64_t stored = 0;
  store_.core().write([&](duck::Transaction& transaction) {
    stored = insert_quotes(transaction, instrument, quotes);
    insert_quote_coverage(transaction, instrument, quotes, "api");
  });
  return stored;
}

int64_t Writer::delete_before(DataKind kind, Timestamp cutoff,
                              std::optional<InstrumentId> instrument) {
  int64_t deleted = 0;
  for (const Instrument& one : store_.instruments()) {
    if (instrument && one.id != *instrument) continue;
    store_.core().write([&](duck::Transaction& transaction) {
      deleted += delete_rows_before(transaction, kind, one.id, cutoff);
      if (kind != DataKind::trades) return;
      // The catalogue's own, whose scale is that of the last load.
      const Instrument known = store_.core().catalogue().find(one.id).value_or(one);
      for (const Grain grain : {Grain::trade, Grain::aggregate})
        delete_minute_bars_before(transaction, known, grain, cutoff);
      choose_grains(transaction, one.id);
    });
  }
  return deleted;
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
