#include "ingest/series_store.hpp"

#include "table_fixture.hpp"
#include "tapedeck/query/export.hpp"
#include "tapedeck/query/verify.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace fs = std::filesystem;

TEST_CASE("a CSV of trades comes in once, and again changes nothing") {
  const TempFolder folder;
  TempStore store;
  const fs::path path = write_csv(folder,
                                  "time,id,price,size,side\n"
                                  "2024-01-01T00:00:01Z,2,100.25,1,sell\n"
                                  "2024-01-01T00:00:00Z,1,100.5,2.125,buy\n"
                                  "2024-01-01T00:00:01Z,2,100.25,1,sell\n"
                                  "2024-01-01T00:00:02Z,4,100,1,buy\n");
  const FileReport first = import_one(*store, path, of_btc());
  CHECK(first.message == "");
  CHECK(to_text(first.outcome) == "loaded");
  CHECK(first.instrument == "binance:BTCUSDT");
  CHECK(first.dataset == "trades");
  CHECK(first.rows == 3);
  CHECK(first.duplicates == 1);
  CHECK(content(*store, "trades") ==
        std::vector<std::string>{"binance BTCUSDT 2024-01-01T00:00:00Z 1 100.5 2.125 buy trade",
                                 "binance BTCUSDT 2024-01-01T00:00:01Z 2 100.25 1 sell trade",
                                 "binance BTCUSDT 2024-01-01T00:00:02Z 4 100 1 buy trade"});
  INFO("id 3 is known to be missing");
  CHECK(coverage_line(store->coverage(store->instrument("BTCUSDT").id, "trades")).find("gap 3-3") !=
        std::string::npos);
  CHECK(to_text(import_one(*store, path, of_btc()).outcome) == "unchanged");
  CHECK(store->stats().trades == 3);
}

TEST_CASE("rows without ids are stored as unverifiable") {
  const TempFolder folder;
  TempStore store;
  const fs::path path = write_csv(folder, "time,price,size\n2024-01-01,100,1\n2024-01-02,101,1\n");
  import_one(*store, path, of_btc());
  CHECK(coverage_line(store->coverage(store->instrument("BTCUSDT").id, "trades"))
            .find("unverifiable") != std::string::npos);
}

TEST_CASE("a file of several instruments is one transaction") {
  const TempFolder folder;
  TempStore store;
  const std::string good =
      "venue,symbol,time,trade_id,price,quantity\n"
      "binance,A,2024-01-01,1,1.5,1\n"
      "binance-um,B,2024-01-01,1,2,1\n"
      "binance,A,2024-01-02,2,1.25,1\n";
  const fs::path bad = write_csv(folder, good + "nowhere,A,2024-01-01,1,1,1\n", "bad.csv");
  const FileReport refused = import_one(*store, bad, {});
  CHECK(to_text(refused.outcome) == "failed");
  CHECK(refused.message.find("unknown venue 'nowhere'") != std::string::npos);
  CHECK(refused.message.find("--new-venue adds it") != std::string::npos);
  CHECK(store->instruments().empty());

  const FileReport loaded = import_one(*store, write_csv(folder, good), {});
  CHECK(loaded.rows == 3);
  CHECK(loaded.instrument == "");
  CHECK(store->instrument("binance:A").scale.price_exp == -2);
  CHECK(store->instrument("binance-um:B").kind == InstrumentKind::perpetual);
}

TEST_CASE("a venue that the store does not know is added where that is asked for") {
  const TempFolder folder;
  TempStore store;
  TableFormat format{.instrument = parse_instrument_name("deribit:BCH/EUR"), .new_venue = true};
  import_one(*store, write_csv(folder, "time,price,size\n2024-01-01,100,1\n"), format);
  import_one(*store, write_csv(folder, "time,price,size\n2024-01-02,100,1\n", "u.csv"), format);
  CHECK(store->instrument("deribit:BCH/EUR").kind == InstrumentKind::spot);
  CHECK(sql_line(*store, "SELECT count(*), max(venue_id) FROM tape.venues") == "11 11");
  store.reopen(OpenMode::read);
  CHECK(content(*store, "trades").size() == 2);
}

TEST_CASE("bad rows end a file, or are kept in rejects where so many may be bad") {
  const TempFolder folder;
  TempStore store;
  const fs::path path =
      write_csv(folder, "time,price,size\n2024-01-01,100,1\n2024-01-02,abc,1\n2024-01-03,5,1\n");
  const FileReport failed = import_one(*store, path, of_btc());
  CHECK(to_text(failed.outcome) == "failed");
  CHECK(failed.message.find("line 3: price must be a decimal number, found 'abc'") !=
        std::string::npos);
  CHECK(store->instruments().empty());
  const FileReport loaded = import_one(*store, path, of_btc(), 1);
  CHECK(loaded.rows == 2);
  CHECK(loaded.rejects == 1);
  CHECK(loaded.message.find("refused rows are kept in") != std::string::npos);
  CHECK(sql_line(*store, "SELECT rows, rejects, source FROM tape.loads") == "2 1 file");
}

TEST_CASE("an id that the file has twice with different content is a conflict") {
  const TempFolder folder;
  TempStore store;
  const FileReport report = import_one(
      *store, write_csv(folder, "time,id,price,size\n2024-01-01,1,100,1\n2024-01-01,1,101,1\n"),
      of_btc());
  CHECK(report.rows == 1);
  CHECK(report.conflicts == 1);
  CHECK(report.message.find("refused rows are kept in") != std::string::npos);
}

TEST_CASE("a large file in any order is what it is in order") {
  const TempFolder folder;
  std::string rising = "time,id,price,size\n";
  std::string falling = rising;
  std::string mixed = rising;
  constexpr int64_t kRows = 600'000;  // more than two blocks
  const auto line = [](int64_t i) {
    return fmt::format("{},{},{}.{:02},1\n", kJanuary1Ms + i * 100, i, 100 + i % 7, i % 100);
  };
  for (int64_t i = 0; i < kRows; ++i) {
    rising += line(i);
    falling += line(kRows - 1 - i);
    mixed += line(i * 7919 % kRows);
  }
  std::vector<std::string> bars;
  for (const std::string& text : {rising, falling, mixed}) {
    TempStore store;
    CHECK(import_one(*store, write_csv(folder, text), of_btc()).rows == kRows);
    const VerifyReport verified = verify(*store, {}, [](const Finding&) {});
    CHECK(verified.findings == 0);
    bars.push_back(sql_line(*store,
                            "SELECT count(*), sum(hash(time, open, high, low, close, volume, "
                            "trades)) FROM (SELECT \"timestamp\" AS time, open, high, low, close, "
                            "volume, trade_count AS trades FROM ohlcv_bars WHERE timeframe = "
                            "'1m')"));
  }
  CHECK(bars[0] == bars[1]);
  CHECK(bars[0] == bars[2]);
}

TEST_CASE("copies of a file are stored once; another way to read it is not the same") {
  const TempFolder folder;
  TempStore store;
  const std::string text = "time,price,size,best\n2024-01-01,100,1,99\n2024-01-02,101,1,98\n";
  TableFormat format = of_btc();
  format.ignore_extra = true;
  const ImportSummary summary =
      import_paths(*store,
                   {write_csv(folder, text, "a.csv"), write_csv(folder, text, "b.csv"),
                    write_csv(folder, text, "c.csv")},
                   table_of(format));
  CHECK(summary.rows == 2);
  CHECK(to_text(summary.files.at(1).outcome) == "unchanged");
  CHECK(to_text(summary.files.at(2).outcome) == "unchanged");
  format.fields = {{"price", "best"}};
  CHECK(import_one(*store, folder / "a.csv", format).rows == 2);
}

TEST_CASE("rows without ids that are left behind a deletion do not come twice") {
  const TempFolder folder;
  TempStore store;
  const fs::path path = write_csv(folder, "time,price,size\n2024-01-01,100,1\n2024-01-03,101,1\n");
  import_one(*store, path, of_btc());
  CHECK(Writer{*store}.delete_before(DataKind::trades, at("2024-01-02")) == 1);
  CHECK(to_text(import_one(*store, path, of_btc()).outcome) == "unchanged");
  CHECK(content(*store, "trades").size() == 1);
}

TEST_CASE("a file of many batches has no gaps between them") {
  const TempFolder folder;
  TempStore store;
  std::string text = "time,open_interest\n";
  for (int64_t i = 0; i < 120'000; ++i)
    text += fmt::format("{},5\n", kJanuary1Ms + i * 1000);
  TableFormat format = of_btc();
  format.kind = DataKind::open_interest;
  CHECK(import_one(*store, write_csv(folder, text), format).rows == 120'000);
  CHECK(store->coverage(store->instrument("BTCUSDT").id, "open_interest").size() == 1);
}

TEST_CASE("more bad rows than allowed end a file, however many they are") {
  const TempFolder folder;
  TempStore store;
  std::string text = "time,price,size\n";
  for (int i = 0; i < 5000; ++i)
    text += i % 2 == 0 ? "2024-01-01,1,1\n" : "2024-01-01,x,1\n";
  const fs::path path = write_csv(folder, text);
  CHECK(to_text(import_one(*store, path, of_btc(), 2000).outcome) == "failed");
  const FileReport loaded = import_one(*store, path, of_btc(), 2500);
  CHECK(loaded.rejects == 2500);
  const FileReport none =
      import_one(*store, write_csv(folder, "time,price,size\n2024-01-01,x,1\n"), of_btc(), 9);
  CHECK(
      none.message.find("every row was refused, the first one, number 2, because price must be") !=
      std::string::npos);
}

TEST_CASE("a file whose rows were deleted may come again") {
  const TempFolder folder;
  TempStore store;
  TableFormat format = of_btc();
  format.kind = DataKind::open_interest;
  const fs::path path =
      write_csv(folder, "time,open_interest\n2024-01-01,5\n2024-01-02,6\n2024-01-03,7\n");
  CHECK(import_one(*store, path, format).rows == 3);
  CHECK(to_text(import_one(*store, path, format).outcome) == "unchanged");
  CHECK(Writer{*store}.delete_before(DataKind::open_interest, at("2024-01-02")) == 1);
  const FileReport again = import_one(*store, path, format);
  CHECK(again.rows == 1);
  CHECK(again.duplicates == 2);
}

TEST_CASE("what is exported comes back as the same rows") {
  const TempFolder folder;
  TempStore store;
  import_paths(*store, {write_daily(folder, 1, agg_trades(1000, 5000, 1)),
                        write_daily(folder, 2, agg_trades(6000, 50, 2))});
  Writer writer{*store};
  const InstrumentId btc = store->instrument("BTCUSDT").id;
  const Scale scale{.price_exp = -2, .qty_exp = -1};
  writer.append(btc, block_of({{.ms = 5, .price = 10'150, .quantity = 3}}, scale));
  writer.append(btc, block_of({{.ms = 5, .price = 10'151, .quantity = 3, .id = 9}}, scale));
  const auto decimal = [](std::string_view text) { return *parse_decimal(text); };
  for (const std::string_view interval : {"1m", "1d"}) {
    writer.upsert_klines(btc, *BarInterval::parse(interval),
                         std::vector<Kline>{{.begin = from_epoch_ns(0),
                                             .open = decimal("1.5"),
                                             .high = decimal("2"),
                                             .low = decimal("0.000000000001"),
                                             .close = decimal("2"),
                                             .volume = decimal("10"),
                                             .buy_volume = decimal("4.25"),
                                             .buy_quote_volume = decimal("5")}},
                         interval == "1m" ? "other" : "mine");
  }
  writer.upsert_open_interest(btc, std::vector<OpenInterest>{{.ts_event = from_epoch_ns(1),
                                                              .open_interest = decimal("7"),
                                                              .account_ratio = decimal("0.5")}});
  writer.append_quotes(btc, std::vector<Quote>{{.ts_event = from_epoch_ns(1),
                                                .bid_price = decimal("1.5"),
                                                .bid_quantity = decimal("0.000000000001"),
                                                .ask_price = decimal("1.75"),
                                                .ask_quantity = decimal("0")}});
  struct Form {
    std::string name;
    ExportFormat format;
    bool decimals;
  };
  for (const DataKind kind : kDataKinds) {
    const std::string table{to_text(kind)};
    for (const Form& form :
         {Form{"csv", ExportFormat::csv, false}, Form{"parquet", ExportFormat::parquet, false},
          Form{"decimals.parquet", ExportFormat::parquet, true}}) {
      CAPTURE(table);
      CAPTURE(form.name);
      const fs::path path = folder / (table + "." + form.name);
      const int64_t rows = export_rows(
          *store, {.what = table, .path = path, .format = form.format, .decimals = form.decimals});
      TempStore other;
      const FileReport report = import_one(*other, path, {.kind = kind});
      CHECK(report.message == "");
      CHECK(report.rows == rows);
      CHECK(content(*other, table) == content(*store, table));
      CHECK(verify(*other, {}, [](const Finding&) {}).findings == 0);
    }
  }
}
