#include "store/catalogue.hpp"

#include "sql_rows.hpp"
#include "store/core.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::check_refused;
using test::new_instrument;
using test::sql_line;

TEST_CASE("venue and symbol tell the kind of a new instrument") {
  Store store{":memory:"};
  const struct {
    const char* venue;
    const char* symbol;
    InstrumentKind kind;
    bool inverse;
  } cases[]{{"binance", "BTCUSDT", InstrumentKind::spot, false},
            {"binance", "BTC_240927", InstrumentKind::spot, false},
            {"binance-um", "BTCUSDT", InstrumentKind::perpetual, false},
            {"binance-um", "BTCUSDT_240927", InstrumentKind::future, false},
            {"binance-cm", "BTCUSD_PERP", InstrumentKind::perpetual, true},
            {"binance-cm", "BTCUSD_240927", InstrumentKind::future, true}};
  for (const auto& one : cases) {
    CAPTURE(one.symbol);
    const Instrument made = new_instrument(store, one.symbol, one.venue);
    CHECK(made.kind == one.kind);
    CHECK(made.inverse == one.inverse);
    CHECK(made.scale == Scale{});
    CHECK_FALSE(made.mixed_scale);
    CHECK_FALSE(made.contract_size.has_value());
  }
  CHECK(sql_line(store,
                 "SELECT DISTINCT quantity_unit FROM instruments WHERE venue = 'binance-cm'") ==
        "contracts");
}

TEST_CASE("an unknown venue is refused with the known ones") {
  Store store{":memory:"};
  check_refused(ErrorCode::invalid_argument,
                {"unknown venue 'binance-u'", "did you mean 'binance", "binance-um, binance-cm"},
                [&] { new_instrument(store, "BTCUSDT", "binance-u"); });
  check_refused(ErrorCode::invalid_argument, {"unknown venue 'nasdaq'"},
                [&] { new_instrument(store, "AAPL", "nasdaq"); });
  CHECK(store.instruments().empty());
}

TEST_CASE("a store has room for 127 venues, and says so to the next one") {
  Store store{":memory:"};
  const auto add = [&](const std::string& venue) {
    return store.resolve_instrument({.venue = venue, .symbol = "AAPL"}, NewVenue::add);
  };
  for (int64_t venues = std::stoll(sql_line(store, "SELECT count(*) FROM exchanges")); venues < 127;
       ++venues)
    add("broker" + std::to_string(venues));
  CHECK(sql_line(store, "SELECT count(*), max(exchange_id) FROM exchanges") == "127 127");
  check_refused(ErrorCode::out_of_range, {"'one too many'", "127 at most"},
                [&] { add("one too many"); });
  CHECK(add("broker126").name.venue == "broker126");
  CHECK_FALSE(store.find_instrument({.venue = "one too many", .symbol = "AAPL"}));
}

TEST_CASE("a venue has one of three kinds of market, and its instruments have the same") {
  Store store{":memory:"};
  const auto insert = [&](const char* kind) {
    test::sql(store,
              fmt::format("INSERT INTO tape.venues SELECT max(venue_id) + 1, 'v' || max(venue_id), "
                          "'V', '{}' FROM tape.venues",
                          kind),
              SqlAccess::write);
  };
  for (const char* kind : {"Spot", "LinearPerps", "InversePerps"})
    insert(kind);
  for (const char* kind : {"Margin", "spot", ""}) {
    CAPTURE(kind);
    check_refused(ErrorCode::conflict, {"CHECK constraint failed", "venues"},
                  [&] { insert(kind); });
  }
  for (const char* venue : {"binance", "binance-um", "binance-cm"})
    new_instrument(store, "BTCUSD", venue);
  CHECK(sql_line(store,
                 "SELECT bool_and(t.market_type = e.market_type), string_agg(t.market_type, ' ' "
                 "ORDER BY ticker_id) FROM tickers t JOIN exchanges e USING (exchange_id)") ==
        "true Spot LinearPerps InversePerps");
}

TEST_CASE("what a rolled back transaction made is not known") {
  Store store{":memory:"};
  Catalogue& catalogue = store.core().catalogue();
  check_refused(ErrorCode::cancelled, {}, [&] {
    store.core().write([&](duck::Transaction& transaction) {
      catalogue.find_or_insert(transaction, {"binance", "BTCUSDT"});
      throw Error{ErrorCode::cancelled, "stop"};
    });
  });
  CHECK(store.instruments().empty());
  CHECK(new_instrument(store).id == InstrumentId{1});
}

TEST_CASE("the first rows set the scale, later ones refine it and mark it mixed") {
  Store store{":memory:"};
  const struct {
    Scale scale;
    bool has_rows;
    Scale result;
    bool mixed;
  } steps[]{{{-2, -3}, false, {-2, -3}, false},
            {{-2, -3}, true, {-2, -3}, false},
            {{-1, -3}, true, {-2, -3}, true},
            {{-4, -3}, true, {-4, -3}, true},
            {{-4, -5}, true, {-4, -5}, true}};
  Instrument instrument = new_instrument(store);
  for (const auto& step : steps) {
    store.core().write([&](duck::Transaction& transaction) {
      instrument =
          store.core().catalogue().refine(transaction, instrument, step.scale, step.has_rows);
    });
    CHECK(instrument.scale == step.result);
    CHECK(instrument.mixed_scale == step.mixed);
    duck::Connection connection = store.core().connect();
    store.core().catalogue().load(connection);
    CHECK(store.core().catalogue().find(instrument.id)->scale == step.result);
    CHECK(store.core().catalogue().find(instrument.name)->mixed_scale == step.mixed);
  }
}

TEST_CASE("instruments are listed by name, and found by id") {
  Store store{":memory:"};
  for (const char* symbol : {"ETHUSDT", "BTCUSDT", "ADAUSDT"})
    new_instrument(store, symbol);
  std::string symbols;
  for (const Instrument& one : store.instruments())
    symbols += one.name.symbol + " ";
  CHECK(symbols == "ADAUSDT BTCUSDT ETHUSDT ");
  const Catalogue& catalogue = store.core().catalogue();
  CHECK(catalogue.find(InstrumentId{2})->name.symbol == "BTCUSDT");
  CHECK_FALSE(catalogue.find(InstrumentId{9}).has_value());
  CHECK_FALSE(catalogue.find(InstrumentName{"binance", "XRPUSDT"}).has_value());
}

TEST_CASE("a contract size that SQL wrote is read exactly") {
  Store store{":memory:"};
  new_instrument(store, "BTCUSD_PERP", "binance-cm");
  test::sql(store, "UPDATE tape.instruments SET contract_size = 100.5", SqlAccess::write);
  const Instrument known = store.instrument("BTCUSD_PERP");
  REQUIRE(known.contract_size.has_value());
  CHECK(to_text(*known.contract_size) == "100.5");
}

}  // namespace
}  // namespace tapedeck
