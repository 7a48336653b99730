#include "tapedeck/ingest/ledger_import.hpp"

#include "feed/csv.hpp"
#include "feed/shared_data.hpp"
#include "feed/zip.hpp"
#include "ledger/ledger_fixture.hpp"
#include "project_folder.hpp"
#include "sql_rows.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

std::filesystem::path sample(std::string_view name) {
  return project_folder() / "samples" / name;
}

LedgerImportOptions mapped(std::string_view mapping) {
  return {.mapping = sample(mapping)};
}

std::string shown(const LedgerImportResult& result) {
  return fmt::format("orders {}, fills {}, moves {}, known {}, skipped {}, rejects {}",
                     result.orders, result.fills, result.status_changes, result.duplicates,
                     result.skipped, result.rejects);
}

std::string import(Store& store, const std::filesystem::path& path,
                   const LedgerImportOptions& options = {}) {
  return shown(import_ledger_file(store, path, options));
}

std::string entries(Store& store) {
  return sql_line(store,
                  "SELECT (SELECT count(*) FROM ledger.order_entries), "
                  "(SELECT count(*) FROM ledger.fill_entries)");
}

// Rows of a CSV file of ours.
std::string fills_csv(int rows) {
  std::string text = "time,symbol,side,quantity,price\n";
  for (int i = 0; i < rows; ++i)
    text += fmt::format("2024-01-01 {:02}:{:02}:{:02},A,{},1,100\n", i / 3'600, i / 60 % 60, i % 60,
                        i % 2 == 0 ? "buy" : "sell");
  return text;
}

}  // namespace

TEST_CASE("a user data stream of Binance") {
  TempStore store;
  const auto path = sample("ledger/binance_user_stream_events.jsonl");
  CHECK(import(*store, path) == "orders 1, fills 0, moves 1, known 0, skipped 7, rejects 0");
  const Order order = find_order_by_client_id(*store, "c4wyKsIhoAaittTYlIVLqk").value();
  CHECK(to_text(order.instrument) == "binance:BNBBTC");
  CHECK(order.venue_order_id == "5340845958");
  CHECK(order.side == OrderSide::buy);
  CHECK(order.type == OrderType::limit);
  CHECK(order.time_in_force == TimeInForce::gtc);
  CHECK(to_text(order.quantity) == "0.000284");
  CHECK(to_text(order.price.value()) == "52789.1");
  CHECK(order.status == OrderStatus::submitted);
  CHECK(to_iso(order.created_at) == "2021-03-24T23:12:47.900Z");
  CHECK(import(*store, path) == "orders 0, fills 0, moves 0, known 1, skipped 7, rejects 0");
  CHECK(entries(*store) == "2 0");
}

TEST_CASE("an export of Schwab") {
  TempStore store;
  const auto path = sample("ledger/schwab_transactions.csv");
  CHECK(import(*store, path, mapped("mappings/schwab.toml")) ==
        "orders 9, fills 9, moves 9, known 0, skipped 2, rejects 0");
  // The file's own amounts: 2965 - 2885 + 3219 - 120 - 2905 + 1395 - 1355 + 2595 - 2506.
  const PositionSnapshot row = only_position(*store);
  CHECK(to_text(row.key) == "schwab:FOO");
  CHECK(to_text(row.position.quantity) == "0");
  CHECK(to_text(row.position.realised_pnl) == "403");
  CHECK(to_text(row.position.costs) == "41");
  // The newest row comes first in the file, and last in time.
  for (const PositionSnapshot& state : position_history(*store, {}, {}))
    CHECK(state.position.quantity >= Amount{});
  for (const Order& order : orders(*store))
    CHECK(order.status == OrderStatus::filled);
  CHECK(import(*store, path, mapped("mappings/schwab.toml")) ==
        "orders 0, fills 0, moves 0, known 9, skipped 2, rejects 0");
  CHECK(entries(*store) == "27 9");
}

TEST_CASE("an export of Trading 212") {
  TempStore store;
  const auto path = sample("ledger/trading212_transactions_2024.csv");
  CHECK(import(*store, path, mapped("mappings/trading212.toml")) ==
        "orders 2, fills 2, moves 2, known 0, skipped 5, rejects 0");
  const PositionSnapshot row = only_position(*store);
  CHECK(to_text(row.key) == "trading212:FOO");
  CHECK(to_text(row.position.quantity) == "0");
  CHECK(to_text(row.position.realised_pnl) == "960");  // 24 × (164.01 − 124.01) dollars
  REQUIRE(row.position.foreign_fees.size() == 1);
  CHECK(row.position.foreign_fees[0].currency == "GBP");
  CHECK(to_text(row.position.foreign_fees[0].paid) == "9.42");
  const auto all = fills(*store);
  REQUIRE(all.size() == 2);
  CHECK(all[0].fill.exchange_trade_id == "EOF999999100");
  CHECK(to_iso(all[1].fill.executed_at) == "2024-01-01T16:10:05.175Z");
  CHECK(import(*store, path, mapped("mappings/trading212.toml")) ==
        "orders 0, fills 0, moves 0, known 2, skipped 5, rejects 0");
  CHECK(entries(*store) == "6 2");
}

TEST_CASE("an update of Alpaca whose quantity is a number") {
  const auto bytes = shared_file("orders/alpaca_trade_update_fill_simulator.json");
  if (bytes.empty()) return;
  TempStore store;
  const auto path = store.folder() / "update.json";
  write_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  CHECK(import(*store, path) == "orders 1, fills 1, moves 1, known 0, skipped 0, rejects 0");
  const Order order =
      find_order_by_client_id(*store, "c9e3755f-fb4c-4875-86b4-7b402dcab8d2").value();
  CHECK(order.status == OrderStatus::filled);
  CHECK(order.type == OrderType::market);
  CHECK(to_text(average_fill_price(order).value()) == "427.3");
  const PositionSnapshot row = only_position(*store);
  CHECK(to_text(row.key) == "alpaca:MSFT");
  CHECK(to_text(row.position.quantity) == "-51");
  CHECK(to_text(row.position.cost) == "-21792.3");
  CHECK(import(*store, path) == "orders 0, fills 0, moves 0, known 1, skipped 0, rejects 0");
  CHECK(entries(*store) == "3 1");
}

TEST_CASE("six years of a backtest as pyfolio has them") {
  const auto bytes = shared_file("portfolio/pyfolio_test_txn.csv.gz");
  if (bytes.empty()) return;
  TempStore store;
  const auto path = store.folder() / "transactions.csv.gz";
  write_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  CHECK(import(*store, path, mapped("mappings/pyfolio.toml")) ==
        "orders 9367, fills 9367, moves 9367, known 0, skipped 0, rejects 0");

  struct Held {
    Amount quantity;
    Amount cash;
    int64_t fills = 0;
  };
  std::map<std::string, Held, std::less<>> expected;
  Amount dollars;
  std::string text(2'000'000, '\0');
  const auto stream = open_gzip(bytes);
  size_t used = 0;
  while (const size_t more = stream->read(std::span{text}.subspan(used)))
    used += more;
  text.resize(used);
  std::string_view rest{text};
  std::vector<std::string_view> fields;
  for (bool header = true; !rest.empty(); header = false) {
    split_fields(rest.substr(0, rest.find('\n')), ',', fields);
    rest.remove_prefix(rest.find('\n') + 1);
    if (header) continue;
    Held& held = expected[std::string{fields[4]}];
    held.quantity += amount(fields[1]);
    held.cash = held.cash - notional(amount(fields[2]), amount(fields[1]));
    ++held.fills;
    dollars += amount(fields[5]);
  }
  REQUIRE(expected.size() == 7);
  Amount cash;
  for (const PositionSnapshot& row : positions(*store, {.flat_too = true})) {
    const Held& held = expected.at(row.key.instrument.symbol);
    CAPTURE(row.key.instrument.symbol);
    CHECK(row.position.quantity == held.quantity);
    CHECK(row.position.fills == held.fills);
    CHECK(row.position.realised_pnl - row.position.cost == held.cash);
    cash += held.cash;
  }
  // The file's last column is rounded too.
  CHECK(magnitude(cash - dollars) < amount("0.00001"));
  CHECK(import(*store, path, mapped("mappings/pyfolio.toml")) ==
        "orders 0, fills 0, moves 0, known 9367, skipped 0, rejects 0");
  CHECK(entries(*store) == "28101 9367");
}

TEST_CASE("Binance's export of trades is told by its header") {
  TempStore store;
  const auto path = store.folder() / "export.csv";
  write_file(path,
             "Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n"
             "2021-03-24 23:12:48,BTCUSDT,SELL,60000,0.1BTC,6000USDT,6USDT\n"
             "2021-03-24 23:12:47,BTCUSDT,BUY,50000,0.1BTC,5000USDT,0.0001BTC\n");
  CHECK(import(*store, path) == "orders 2, fills 2, moves 2, known 0, skipped 0, rejects 0");
  const Position& position = only_position(*store).position;
  CHECK(to_text(position.realised_pnl) == "994");
  REQUIRE(position.foreign_fees.size() == 1);
  CHECK(to_text(position.foreign_fees[0].paid) == "0.0001");
}

TEST_CASE("bad rows are counted and kept, the others are stored") {
  TempStore store;
  const auto path = store.folder() / "mixed.csv";
  write_file(path,
             "time,symbol,side,quantity,price\n"
             "2024-01-02,A,sell,NaN,1\n"
             "2024-01-02,A B,sell,1,1\n"
             "2024-01-01,A,buy,1,0.0000000000001\n"
             "2024-01-01,A,buy,1,427.30\n");
  CHECK(import(*store, path, {.venue = "paper"}) ==
        "orders 1, fills 1, moves 1, known 0, skipped 0, rejects 3");
  std::string kept;
  for (const auto& entry : std::filesystem::directory_iterator{store.path() / "rejects"}) {
    std::ifstream file{entry.path()};
    kept.assign(std::istreambuf_iterator<char>{file}, {});
  }
  CHECK(kept.starts_with("file,line,reason,text\n"));
  CHECK(kept.find(",2,\"quantity must be a decimal number, found 'NaN'\",\"2024-01-02,A,sell,NaN,1"
                  "\"\n") != std::string::npos);
  CHECK(kept.find(",3,\"'paper:A B' is no instrument") != std::string::npos);
  CHECK(kept.find(",4,\"price has more than 12 digits") != std::string::npos);
}

TEST_CASE("a file that has grown brings what is new, over many batches") {
  TempStore store;
  const auto path = store.folder() / "fills.csv";
  write_file(path, fills_csv(10'500));
  CHECK(import(*store, path, {.venue = "paper"}) ==
        "orders 10500, fills 10500, moves 10500, known 0, skipped 0, rejects 0");
  write_file(path, fills_csv(10'503));
  CHECK(import(*store, path, {.venue = "paper"}) ==
        "orders 3, fills 3, moves 3, known 10500, skipped 0, rejects 0");
  CHECK(to_text(only_position(*store).position.quantity) == "1");
  store.reopen(OpenMode::write);
  CHECK(import(*store, path, {.venue = "paper"}) ==
        "orders 0, fills 0, moves 0, known 10503, skipped 0, rejects 0");
}

TEST_CASE("a history in memory") {
  Store store{":memory:"};
  const TempFolder folder;
  write_file(folder / "fills.csv", fills_csv(3) + "2024-01-02,A,buy,0,1\n");
  CHECK(import(store, folder / "fills.csv", {.venue = "paper"}) ==
        "orders 3, fills 3, moves 3, known 0, skipped 0, rejects 1");
}

TEST_CASE("what cannot be imported is said with the file's name") {
  TempStore store;
  const auto path = store.folder() / "x.csv";
  write_file(path, fills_csv(1));
  check_refused(ErrorCode::invalid_argument, {"x.csv': it does not say at which venue", "--venue"},
                [&] { import(*store, path); });
  check_refused(ErrorCode::invalid_argument, {"'Big Bank' is no venue"},
                [&] { import(*store, path, {.venue = "Big Bank"}); });
  check_refused(ErrorCode::invalid_argument, {"a mapping file is for CSV; alpaca needs none"},
                [&] { import(*store, path, {.format = LedgerFormat::alpaca, .mapping = path}); });
  const auto json = store.folder() / "x.json";
  write_file(json, "{\"a\":1}");
  check_refused(ErrorCode::bad_input, {"x.json': JSON of no known origin"},
                [&] { import(*store, json); });
  CHECK(import(*store, json, {.format = LedgerFormat::binance}) ==
        "orders 0, fills 0, moves 0, known 0, skipped 0, rejects 1");
  store.reopen(OpenMode::read);
  check_refused(ErrorCode::read_only, {"opened for reading only"},
                [&] { import(*store, path, {.venue = "paper"}); });
}
