#include "ingest/series_store.hpp"

#include "book/book_story.hpp"
#include "table_fixture.hpp"
#include "tapedeck/query/book.hpp"
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
  for (const DataKind kind :
       {DataKind::trades, DataKind::klines, DataKind::quotes, DataKind::open_interest}) {
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

TEST_CASE("market_ticks of other systems are imported with all that they have") {
  const TempFolder folder;
  Store store{":memory:"};
  const fs::path path = write_csv(
      folder,
      "tick_id,exchange,symbol,timestamp,bid_price,ask_price,bid_size,ask_size,last_price,"
      "last_size,volume,sequence_number,conditions,tape,ingestion_time,source,correlation_id\n"
      "7,nasdaq,AAPL,2024-01-02T14:30:00.000001Z,185.10,185.12,3,4,185.11,100,12345.5,10,"
      "\"[@, T]\",C,2024-01-02T14:30:00.2Z,websocket,2602d89e-c01a-402a-92d1-3b4721c1e135\n"
      "8,nasdaq,AAPL,2024-01-02T14:30:01Z,185.11,185.12,,,,,,12,,,,,\n");
  const FileReport report = import_one(store, path, {.kind = DataKind::ticks, .new_venue = true});
  CHECK(report.message == "");
  CHECK(report.rows == 2);
  CHECK(report.dataset == "ticks");
  CHECK(sql_line(store,
                 "SELECT exchange, symbol, timestamp, bid_price, ask_size, last_price, last_size, "
                 "volume, sequence_number, conditions, tape, ingestion_time, source, "
                 "correlation_id FROM dreammaker.market_ticks ORDER BY timestamp LIMIT 1") ==
        "nasdaq AAPL 2024-01-02T14:30:00.000001Z 185.1 4 185.11 100 12345.5 10 [@, T] C "
        "2024-01-02T14:30:00.200Z websocket 2602d89e-c01a-402a-92d1-3b4721c1e135");
  CHECK(sql_line(store,
                 "SELECT sequence, last_price, conditions, tape, source FROM tape.ticks "
                 "ORDER BY ts_event DESC LIMIT 1") == "12 NULL NULL NULL file");
  CHECK(sql_line(store, "SELECT cause FROM tape.coverage WHERE status = 'gap'") ==
        "numbers 11 – 11 are missing");
  CHECK(import_one(store, path, {.kind = DataKind::ticks}).rows == 0);
}

TEST_CASE("depth_snapshots, a row a level, become a book") {
  const TempFolder folder;
  Store store{":memory:"};
  const fs::path path = write_csv(
      folder,
      "snapshot_id,snapshot_time,last_update_id,side,price,quantity\n"
      "1,2024-01-02T00:00:00Z,5,BID,100.5,1\n2,2024-01-02T00:00:00Z,5,ASK,101,2\n"
      "3,2024-01-02T00:00:00.1Z,6,BID,100.5,3\n4,2024-01-02T00:00:00.1Z,6,ASK,101.5,1e-3\n");
  TableFormat format = of_btc();
  format.kind = DataKind::depth_snapshots;
  const FileReport report = import_one(store, path, format);
  CHECK(report.message == "");
  CHECK(report.rows == 4);
  CHECK(report.dataset == "book:snapshots");
  const BookAnswer book = book_at(store, {.instrument = store.instrument("BTCUSDT")});
  CHECK(text_of(book.book, BookSide::bid) == "100.5 3");
  CHECK(text_of(book.book, BookSide::ask) == "101.5 0.001");
  CHECK(book.sequence == 6);
  CHECK(sql_line(store,
                 "SELECT side, price, quantity, last_update_id FROM "
                 "flowsurface.depth_snapshots ORDER BY side") == "ASK 101 2.0 5; BID 100.5 1.0 5");
  CHECK(import_one(store, path, format).message.empty());
  CHECK(sql_line(store, "SELECT count(*) FROM tape.books") == "1");
}

TEST_CASE("order_runs become the book that they stood in, and come out again as they were") {
  const TempFolder folder;
  Store store{":memory:"};
  const std::string rows =
      "100.5,2024-01-02T00:00:00Z,2024-01-02T00:00:05Z,1,true\n"
      "101,2024-01-02T00:00:00Z,2024-01-02T00:00:03Z,2,false\n"
      "101,2024-01-02T00:00:03Z,2024-01-02T00:00:05Z,4,false\n"
      "100,2024-01-02T00:00:02Z,2024-01-02T00:00:04Z,8,true\n";
  const fs::path path = write_csv(folder, "price,start_time,until_time,quantity,is_bid\n" + rows);
  TableFormat format = of_btc();
  format.kind = DataKind::order_runs;
  const FileReport report = import_one(store, path, format);
  CHECK(report.message == "");
  CHECK(report.rows == 4);
  CHECK(report.dataset == "book:order_runs");
  CHECK(sql_line(store,
                 "SELECT price, start_time, until_time, quantity, is_bid FROM "
                 "flowsurface.order_runs ORDER BY start_time, price") ==
        "100.5 2024-01-02T00:00:00Z 2024-01-02T00:00:05Z 1.0 true; "
        "101 2024-01-02T00:00:00Z 2024-01-02T00:00:03Z 2.0 false; "
        "100 2024-01-02T00:00:02Z 2024-01-02T00:00:04Z 8.0 true; "
        "101 2024-01-02T00:00:03Z 2024-01-02T00:00:05Z 4.0 false");
  // The same rows in another file, and one of them that is new.
  const fs::path more = write_csv(folder,
                                  "price,start_time,until_time,quantity,is_bid\n" + rows +
                                      "99,2024-01-02T00:01:00Z,2024-01-02T00:01:05Z,1,true\n",
                                  "more.csv");
  const FileReport again = import_one(store, more, format);
  CHECK(again.rows == 1);
  CHECK(again.duplicates == 4);
  CHECK(sql_line(store, "SELECT count(*) FROM flowsurface.order_runs") == "5");
}

TEST_CASE("rows of books and ticks that mean nothing are refused with the reason") {
  const TempFolder folder;
  Store store{":memory:"};
  for (const auto& [kind, text, reason] :
       std::vector<std::tuple<DataKind, std::string, std::string>>{
           {DataKind::order_runs,
            "price,start_time,until_time,quantity,is_bid\n1,2024-01-02,2024-01-02,1,true\n",
            "until_time must be behind 2024-01-02T00:00:00Z, found '2024-01-02'"},
           {DataKind::order_runs,
            "price,start_time,until_time,quantity,is_bid\n1,2024-01-02,2024-01-03,1,maybe\n",
            "is_bid must be"},
           {DataKind::depth_snapshots, "snapshot_time,side,price,quantity\n2024-01-02,LEFT,1,1\n",
            "side must be bid or ask, found 'LEFT'"},
           {DataKind::depth_snapshots, "snapshot_time,side,price,quantity\n2024-01-02,BID,1,-1\n",
            "quantity must"},
           {DataKind::depth_snapshots,
            "snapshot_time,side,price,quantity\n2024-01-02,BID,12345678901234567890,1\n", "price"},
           {DataKind::ticks, "timestamp,bid_price,ask_price,correlation_id\n2024-01-02,1,2,abc\n",
            "correlation_id must be a UUID, found 'abc'"}}) {
    CAPTURE(text);
    TableFormat format = of_btc();
    format.kind = kind;
    const FileReport report = import_one(store, write_csv(folder, text), format);
    CAPTURE(report.message);
    CHECK(report.message.find(reason) != std::string::npos);
  }
  TableFormat format = of_btc();
  format.kind = DataKind::depth_snapshots;
  CHECK(
      import_one(store, write_csv(folder, "snapshot_time,price,quantity\n2024-01-02,1,1\n"), format)
          .message.find("no column holds the side of depth_snapshots") != std::string::npos);
}
