#include "tapedeck/ingest/importer.hpp"

#include "archive_fixture.hpp"
#include "sql_rows.hpp"
#include "tapedeck/query/book.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

std::string coverage_of(const Store& store, std::string_view dataset = "aggregates") {
  return coverage_line(store.coverage(store.instrument("binance:BTCUSDT").id, dataset));
}

}  // namespace

TEST_CASE("a day of aggregates comes in once, and again changes nothing") {
  const TempFolder folder;
  TempStore store;
  const auto path = write_daily(folder, 1, agg_trades(1000, 500, 1));
  const ImportSummary first = import_paths(*store, {path});
  REQUIRE(first.files.size() == 1);
  CHECK(to_text(first.files[0].outcome) == "loaded");
  CHECK(first.files[0].instrument == "binance:BTCUSDT");
  CHECK(first.files[0].dataset == "aggregates");
  CHECK(first.rows == 500);
  const std::string before = tape_line(*store, store->instrument("BTCUSDT"));

  const ImportSummary again = import_paths(*store, {path});
  CHECK(to_text(again.files[0].outcome) == "unchanged");
  CHECK(again.rows == 0);
  CHECK(tape_line(*store, store->instrument("BTCUSDT")) == before);
  CHECK(store->stats().trades == 500);
}

TEST_CASE("the same rows in another file are duplicates, not rows") {
  const TempFolder folder;
  TempStore store;
  import_paths(*store, {write_daily(folder, 1, agg_trades(1000, 500, 1))});
  const auto monthly = folder / "data/spot/monthly/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2024-01.zip";
  write_file(monthly, zip_text("BTCUSDT-aggTrades-2024-01.csv",
                               agg_trades(1000, 500, 1) + agg_trades(1500, 100, 2)));
  const ImportSummary summary = import_paths(*store, {monthly});
  CHECK(summary.rows == 100);
  CHECK(summary.duplicates == 500);
  CHECK(store->stats().trades == 600);
}

TEST_CASE("files of neighbouring days join in coverage by their ids; a lost id is a gap") {
  const TempFolder folder;
  TempStore store;
  import_paths(*store, {write_daily(folder, 1, agg_trades(1000, 10, 1)),
                        write_daily(folder, 2, agg_trades(1010, 10, 2)),
                        write_daily(folder, 3, agg_trades(1021, 10, 3))});
  CHECK(coverage_of(*store) ==
        "[1704067200000, 1704153609000) recorded 1000-1019; "
        "[1704153609000, 1704240000000) gap 1020-1020; "
        "[1704240000000, 1704240009000) recorded 1021-1030");
}

TEST_CASE("a matching CHECKSUM lets coverage reach from midnight to midnight") {
  const TempFolder folder;
  TempStore store;
  const auto path = write_daily(folder, 1, agg_trades(1000, 10, 1));
  write_checksum(path);
  import_paths(*store, {path});
  CHECK(coverage_of(*store) == "[1704067200000, 1704153600000) recorded 1000-1009");
}

TEST_CASE("a file that differs from its CHECKSUM is refused, the others go on") {
  const TempFolder folder;
  TempStore store;
  const auto bad = write_daily(folder, 1, agg_trades(1000, 10, 1));
  write_checksum(bad);
  write_daily(folder, 1, agg_trades(1000, 11, 1));
  const auto good = write_daily(folder, 2, agg_trades(1010, 10, 2));
  const ImportSummary summary = import_paths(*store, {folder.path()});
  REQUIRE(summary.files.size() == 2);
  CHECK(summary.files[0].path == bad);
  CHECK(to_text(summary.files[0].outcome) == "failed");
  CHECK(summary.files[0].error == ErrorCode::checksum_mismatch);
  CHECK(summary.files[0].message.find("download the file again") != std::string::npos);
  CHECK(summary.files[1].path == good);
  CHECK(summary.rows == 10);
}

TEST_CASE("a bad line refuses its file whole, and names file, line and reason") {
  struct Case {
    const char* line;
    const char* reason;
  };
  const std::vector<Case> cases{
      {"1003,0,0.25,1,1,1704067203000,true\n", "price"},
      {"1003,-1.5,0.25,1,1,1704067203000,true\n", "price"},
      {"1003,abc,0.25,1,1,1704067203000,true\n", "abc"},
      {"1003,100.5,0.25,1,1704067203000,true\n", "column"},
      {"1001,100.5,0.25,1,1,1704067203000,true\n", "1001"},
      {"1003,100.5,0.25,1,1,1704499200000,true\n", "2024-01"},
      {"1003,99999999999999999999,0.25,1,1,1704067203000,true\n", "fit"},
      {"1003,100.5,0.25,1,1,1704067203000,maybe\n", "maybe"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.line);
    const TempFolder folder;
    TempStore store;
    const auto bad = write_daily(folder, 1, agg_trades(1000, 3, 1) + one.line);
    write_daily(folder, 2, agg_trades(2000, 5, 2));
    const ImportSummary summary = import_paths(*store, {folder.path()});
    REQUIRE(summary.files.size() == 2);
    const std::string& message = summary.files[0].message;
    CAPTURE(message);
    CHECK(to_text(summary.files[0].outcome) == "failed");
    CHECK(message.find(bad.string()) != std::string::npos);
    CHECK(message.find("line 4") != std::string::npos);
    CHECK(message.find(one.reason) != std::string::npos);
    CHECK(message.find("--max-errors") != std::string::npos);
    CHECK(store->stats().trades == 5);
  }
}

TEST_CASE("with --max-errors the rest loads, the line is kept, coverage shows the hole") {
  const TempFolder folder;
  TempStore store;
  const auto path = write_daily(folder, 1,
                                agg_trades(1000, 3, 1) + "1003,0,1,1,1,1704067203000,true\n" +
                                    "1004,100,1,1,1,1704067204000,true\n");
  const ImportSummary summary = import_paths(*store, {path}, {.max_errors = 1});
  CHECK(summary.rows == 4);
  CHECK(summary.rejects == 1);
  CHECK(coverage_of(*store) ==
        "[1704067200000, 1704067202000) recorded 1000-1002; [1704067202000, 1704067204000) gap "
        "1003-1003; [1704067204000, 1704067204000) recorded 1004-1004");
  const std::filesystem::directory_iterator kept{store.path() / "rejects"};
  const std::string text = read_text(kept->path());
  CHECK(text.starts_with("file,line,reason,text\n"));
  CHECK(text.find(",4,") != std::string::npos);
  CHECK(text.find("1003,0,1,1,1,1704067203000,true") != std::string::npos);
}

TEST_CASE("the same id with other content is a conflict: the stored row stays, the other is kept") {
  const TempFolder folder;
  TempStore store;
  import_paths(*store, {write_daily(folder, 1, "7,100,1,1,1,1704067200000,true\n")});
  const ImportSummary summary =
      import_paths(*store, {write_daily(folder, 1, "7,101,1,1,1,1704067200000,true\n")});
  CHECK(summary.conflicts == 1);
  CHECK(summary.rows == 0);
  CHECK(tape_line(*store, store->instrument("BTCUSDT")) == "1704067200000 #7 100x1 sell");
  const std::filesystem::directory_iterator kept{store.path() / "rejects"};
  CHECK(read_text(kept->path()).find("id 7 is stored with other content") != std::string::npos);
}

TEST_CASE("a day as trades and as aggregates has its volume once") {
  const TempFolder folder;
  TempStore store;
  std::string trades;
  for (int i = 0; i < 20; ++i) {
    trades +=
        fmt::format("{},100.5,0.125,12.5625,{},true,true\n", 50 + i, kJanuary1Ms + (i / 2) * 1000);
  }
  import_paths(*store, {write_daily(folder, 1, agg_trades(1000, 10, 1))});
  import_paths(*store, {write_daily(folder, 1, trades, "trades")});
  const Instrument instrument = store->instrument("BTCUSDT");
  CHECK(stored_trades(*store, instrument).size() == 20);
  CHECK(count_trades(*store, instrument.id) == 20);
  TradeBlock block;
  const TapeAnswer answer =
      read_trades(*store, {.instrument = instrument, .grain = Grain::aggregate}, block);
  CHECK(block.rows() == 10);
  CHECK(answer.grains == std::vector{Grain::aggregate});
}

TEST_CASE("a bare file needs to be told its market") {
  const TempFolder folder;
  TempStore store;
  const auto bare = folder / "BTCUSDT-aggTrades-2024-01-01.zip";
  write_file(bare, zip_text("a.csv", agg_trades(1, 5, 1)));
  const ImportSummary refused = import_paths(*store, {bare});
  CHECK(refused.files[0].message.find("--market spot, um or cm") != std::string::npos);
  const ImportSummary loaded = import_paths(*store, {bare}, {.market = "um"});
  CHECK(loaded.files[0].instrument == "binance-um:BTCUSDT");
  CHECK(loaded.rows == 5);
}

TEST_CASE("a known kind without support is named as such") {
  const TempFolder folder;
  TempStore store;
  const auto path = folder /
                    "data/futures/um/monthly/fundingRate/BTCUSDT/"
                    "BTCUSDT-fundingRate-2024-01.zip";
  write_file(path, zip_text("a.csv", "1,2,3\n"));
  const ImportSummary summary = import_paths(*store, {path});
  CHECK(to_text(summary.files[0].outcome) == "unsupported");
  CHECK(summary.unsupported == 1);
  CHECK(summary.files[0].message.find("fundingRate files are not yet supported") !=
        std::string::npos);
}

TEST_CASE("damaged containers are refused with a reason") {
  struct Case {
    std::string content;
    const char* reason;
  };
  const std::string good = zip_text("a.csv", agg_trades(1, 2000, 1));
  std::string wrong_crc = good;
  wrong_crc[wrong_crc.size() / 2] = static_cast<char>(wrong_crc[wrong_crc.size() / 2] ^ 0x55);
  const std::vector<Case> cases{
      {"", "is empty"},
      {"not a zip at all", "zip"},
      {good.substr(0, good.size() / 2), "zip"},
      {wrong_crc, "a.csv"},
      {zip_text("a.exe", "MZ"), "is no CSV"},
      {zip_text("a.csv", ""), "holds no rows"},
  };
  for (const Case& one : cases) {
    const TempFolder folder;
    TempStore store;
    const auto path = daily_path(folder, 1);
    write_file(path, one.content);
    const ImportSummary summary = import_paths(*store, {path});
    CAPTURE(one.reason);
    CAPTURE(summary.files[0].message);
    CHECK(to_text(summary.files[0].outcome) == "failed");
    CHECK(summary.files[0].message.find(path.string()) != std::string::npos);
    CHECK(store->stats().trades == 0);
  }
}

TEST_CASE("a dry run counts and stores nothing") {
  const TempFolder folder;
  TempStore store;
  const ImportSummary summary =
      import_paths(*store, {write_daily(folder, 1, agg_trades(1000, 500, 1))}, {.dry_run = true});
  CHECK(summary.rows == 500);
  CHECK(store->stats().trades == 0);
  CHECK(store->instruments().empty());
}

TEST_CASE("a path that is not there ends the import before it begins") {
  TempStore store;
  check_refused(ErrorCode::not_found, {"cannot import", "nothing"},
                [&] { import_paths(*store, {"nothing"}); });
}

TEST_CASE("a stopped import leaves whole files only") {
  const TempFolder folder;
  TempStore store;
  for (int day = 1; day <= 4; ++day)
    write_daily(folder, day, agg_trades(day * 1000, 100, day));
  std::stop_source stop;
  const std::filesystem::path paths[]{folder.path()};
  const auto stop_after_first = [&](const ImportProgress& progress) {
    if (progress.files_done >= 1) stop.request_stop();
  };
  const ImportSummary summary = import_files(*store, paths, {}, stop_after_first, stop.get_token());
  int64_t whole = 0;
  for (const FileReport& file : summary.files) {
    if (file.outcome == FileOutcome::loaded) whole += 100;
  }
  CHECK(store->stats().trades == whole);
  CHECK(summary.rows == whole);

  std::stop_source before;
  before.request_stop();
  TempStore untouched;
  const ImportSummary none = import_files(*untouched, paths, {}, {}, before.get_token());
  CHECK(none.cancelled);
  CHECK(untouched->stats().trades == 0);
}

TEST_CASE("klines and metrics load as the venue gave them") {
  const TempFolder folder;
  TempStore store;
  const auto klines = folder / "data/futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01-01.zip";
  write_file(klines, zip_text("a.csv",
                              "1704067200000,100,110,90,105,3.5,1704067259999,360.25,7,1.5,150,0\n"
                              "1704067260000,105,105,105,105,0,1704067319999,0,0,0,0,0\n"));
  const auto metrics = folder /
                       "data/futures/um/daily/metrics/BTCUSDT/"
                       "BTCUSDT-metrics-2024-01-01.zip";
  write_file(metrics, zip_text("a.csv",
                               "create_time,symbol,sum_open_interest,sum_open_interest_value,"
                               "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,"
                               "count_long_short_ratio,sum_taker_long_short_vol_ratio\n"
                               "2024-01-01 00:05:00,BTCUSDT,94.5000000000,9450.25,1.5,2,1.25,\n"));
  const ImportSummary summary = import_paths(*store, {folder.path()});
  CHECK(summary.failed == 0);
  CHECK(summary.rows == 3);
  const Instrument um = store->instrument("binance-um:BTCUSDT");
  CHECK(coverage_line(store->coverage(um.id, "klines:1m")) ==
        "[1704067200000, 1704067320000) recorded");
  CHECK(import_paths(*store, {folder.path()}).rows == 0);
}

TEST_CASE("quotes and summed depth of an archive are stored once") {
  const TempFolder folder;
  TempStore store;
  const auto write = [&](std::string_view kind, std::string_view rows) {
    write_file(
        folder / fmt::format("data/futures/um/daily/{0}/BTCUSDT/BTCUSDT-{0}-2024-03-30.zip", kind),
        zip_text("a.csv", rows));
  };
  write("bookTicker",
        "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,"
        "event_time\n7,100.5,1,101,2,1711756800080,1711756800087\n"
        "8,100.5,3,101,2,1711756800080,1711756800087\n");
  write("bookDepth",
        "timestamp,percentage,depth,notional\n2024-03-30 00:00:07,-5,139.5,3886\n"
        "2024-03-30 00:00:07,5,140,3887\n");
  const ImportSummary summary = import_paths(*store, {folder.path()});
  CHECK(summary.rows == 4);
  CHECK(summary.files[0].dataset == "depth_bands");
  CHECK(summary.files[1].dataset == "quotes");
  CHECK(sql_line(*store, "SELECT ts_event, sequence, bid_quantity FROM tape.quotes ORDER BY ALL") ==
        "2024-03-30T00:00:00.080Z 7 1; 2024-03-30T00:00:00.080Z 8 3");
  CHECK(sql_line(*store, "SELECT percentage, depth, notional FROM depth_bands ORDER BY ALL") ==
        "-5 139.5 3886; 5 140 3887");
  write("bookDepth", "2024-03-30 00:00:07,-5,139.50,3886\n");
  CHECK(import_paths(*store, {folder.path()}).rows == 0);
}

TEST_CASE("historical depth becomes a book, its snapshots beside it") {
  const TempFolder folder;
  TempStore store;
  const std::string header =
      "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu\n";
  const std::string stem = "data/BTCUSDT_T_DEPTH_2022-11-01_depth_";
  write_file(folder / (stem + "snap.csv"), header +
                                               "BTCUSDT,1667347199900,9,9,b,snap,100.0,1,-1\n"
                                               "BTCUSDT,1667347199900,9,9,a,snap,101.0,2,-1\n");
  write_file(folder / (stem + "update.csv"), header +
                                                 "BTCUSDT,1667347199950,8,12,b,set,100.5,3,7\n"
                                                 "BTCUSDT,1667347199960,13,14,a,set,101.0,0,12\n"
                                                 "BTCUSDT,1667347199960,13,14,a,set,102.0,5,12\n");
  const ImportSummary summary = import_paths(*store, {folder.path()});
  REQUIRE(summary.files.size() == 1);
  REQUIRE(summary.files[0].streams.size() == 1);
  CHECK(summary.files[0].streams[0].trusted);
  const Instrument btc = store->instrument("binance-um:BTCUSDT");
  const BookAnswer answer = book_at(*store, {.instrument = btc});
  CHECK(answer.distrust.empty());
  CHECK(answer.stream.channel == "T_DEPTH");
  CHECK(answer.sequence == 14);
  REQUIRE(answer.book.best(BookSide::bid).has_value());
  CHECK(answer.book.size(BookSide::bid) == 2);
  CHECK(answer.book.size(BookSide::ask) == 1);
}

TEST_SUITE_BEGIN("threads");

TEST_CASE("threads: one decoder or four, the store is the same") {
  const TempFolder folder;
  for (int day = 1; day <= 9; ++day) {
    write_daily(folder, day, agg_trades(day * 10'000, 3'000, day));
  }
  std::string first;
  for (const int jobs : {1, 4}) {
    TempStore store;
    const ImportSummary summary = import_paths(*store, {folder.path()}, {.jobs = jobs});
    CHECK(summary.rows == 27'000);
    const std::string line = tape_line(*store, store->instrument("BTCUSDT"));
    if (first.empty()) first = line;
    CHECK((line == first));
  }
}

TEST_SUITE_END();
