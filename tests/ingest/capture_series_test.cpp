// What captures hold beside books: each kind of row lands in its table.
#include "ingest/capture_fixture.hpp"
#include "ingest/capture_store.hpp"
#include "thrown.hpp"

namespace tapedeck {
namespace {

using namespace test;

struct OneImport {
  TempFolder folder;
  Store store{":memory:"};

  FileReport load(std::string_view text, std::string_view name = "a.log",
                  const std::optional<std::string>& venue = "binance-um") {
    FileReport report = import_capture(store, write_capture(folder, name, text), venue);
    CAPTURE(report.message);
    CHECK(to_text(report.outcome) == "loaded");
    return report;
  }
  std::string sql(const std::string& text) { return sql_line(store, text); }
};

std::string um_trade(int64_t ms, int64_t id, std::string_view price, std::string_view quantity) {
  return stamped(ms,
                 fmt::format(R"({{"e":"trade","E":{0},"s":"BTCUSDT","t":{1},"p":"{2}","q":"{3}",)"
                             R"("T":{0},"X":"MARKET","m":false}})",
                             kCaptureMs + ms, id, price, quantity));
}

std::string um_aggregate(int64_t ms, int64_t id) {
  return stamped(ms,
                 fmt::format(R"({{"e":"aggTrade","E":{0},"s":"BTCUSDT","a":{1},"p":"7","q":"1",)"
                             R"("f":1,"l":1,"T":{0},"m":true}})",
                             kCaptureMs + ms, id));
}

std::string kline(int64_t minute, std::string_view close, bool closed,
                  std::string_view interval = "1m") {
  return stamped(
      minute * 60'000,
      fmt::format(R"({{"e":"kline","E":1,"s":"BTCUSDT","k":{{"t":{},"T":1,"s":"BTCUSDT",)"
                  R"("i":"{}","f":1,"L":2,"o":"5","c":"{}","h":"9","l":"1","v":"10",)"
                  R"("n":3,"x":{},"q":"50","V":"4","Q":"20","B":"0"}}}})",
                  kCaptureMs + minute * 60'000, interval, close, closed));
}

const std::string kClock = "(epoch_ns(ts_event) - 1700000000000000000) // 1000000";
const std::string kOurClock = "(epoch_ns(ts_recv) - 1700000000000000000) // 1000000";

TEST_CASE("trades and aggregates land on the tape with both clocks, each in its own digits") {
  OneImport one;
  const FileReport report =
      one.load(um_trade(1, 10, "100.5", "2") + um_aggregate(2, 70) +
               um_trade(3, 11, "100.25", "0.001") + um_trade(4, 12, "9000000", "9000000") +
               um_trade(5, 13, "0.00000001", "0.00000001") + um_trade(6, 14, "100", "1"));
  CHECK(report.rows == 6);
  CHECK(one.sql("SELECT trade_id, price, quantity, side FROM trades WHERE grain = 'trade' ORDER BY "
                "time") ==
        "10 100.5 2 buy; 11 100.25 0.001 buy; 12 9000000 9000000 buy; 13 "
        "0.00000001 0.00000001 buy; 14 100 1 buy");
  CHECK(
      one.sql("SELECT trade_id, " + kClock + ", " + kOurClock + " FROM tape.trades ORDER BY ALL") ==
      "10 1 6; 11 3 8; 12 4 9; 13 5 10; 14 6 11; 70 2 7");
  CHECK(one.sql("SELECT trade_id, side FROM tape.trades WHERE grain = 1") == "70 2");
  const InstrumentId id = one.store.instrument("BTCUSDT").id;
  CHECK(coverage_line(one.store.coverage(id, "trades")) ==
        "[1700000000001, 1700000000006) recorded 10-14");
  CHECK(coverage_line(one.store.coverage(id, "aggregates")) ==
        "[1700000000002, 1700000000002) recorded 70-70");
}

TEST_CASE("lost trades are a gap by their numbers, repeated ones are duplicates") {
  OneImport one;
  const FileReport report = one.load(um_trade(1, 10, "1", "1") + um_trade(2, 11, "1", "1") +
                                     um_trade(2, 11, "1", "1") + um_trade(4, 14, "1", "1"));
  CHECK(report.rows == 3);
  CHECK(report.duplicates == 1);
  CHECK(coverage_line(one.store.coverage(one.store.instrument("BTCUSDT").id, "trades")) ==
        "[1700000000001, 1700000000002) recorded 10-11; [1700000000002, 1700000000004) gap 12-13; "
        "[1700000000004, 1700000000004) recorded 14-14");
}

TEST_CASE("lines with and without our clock do not borrow it from one another") {
  OneImport one;
  const std::string stamped_line = um_trade(2, 11, "1", "1");
  one.load(um_trade(1, 10, "1", "1").substr(14) + stamped_line +
           um_trade(3, 12, "1", "1").substr(14));
  CHECK(one.sql("SELECT trade_id, " + kOurClock + " FROM tape.trades ORDER BY 1") ==
        "10 NULL; 11 7; 12 NULL");
}

TEST_CASE("quotes are of the venue's time, of ours where it sends none") {
  OneImport one;
  one.load(stamped(1, R"({"e":"bookTicker","u":7,"s":"ETHUSDT","b":"10","B":"1","a":"11","A":"2",)"
                      R"("T":1700000000000,"E":1700000000001})") +
               stamped(3, R"({"stream":"x@bookTicker","data":{"u":8,"s":"ETHUSDT","b":"10.5",)"
                          R"("B":"1","a":"11","A":"2"}})"),
           "a.log", "binance-um");
  CHECK(one.sql("SELECT " + kClock + ", " + kOurClock +
                ", sequence FROM tape.quotes ORDER BY ts_event") == "0 6 7; 8 8 8");
  CHECK(one.sql("SELECT bid_price, ask_quantity FROM quotes ORDER BY time") == "10 2; 10.5 2");
  CHECK(coverage_text(one.store, "quotes") == "[0, 8) unverifiable");
}

TEST_CASE("klines that the venue closes are stored as it closed them, moving ones are not") {
  OneImport one;
  one.load(kline(1, "5", false) + kline(1, "6", true) + kline(1, "5.5", false) +
           kline(2, "7", false) + kline(2, "7.5", true) + kline(3, "8", false) +
           kline(5, "8.5", false) + kline(6, "9", true));
  CHECK(one.sql("SELECT (epoch_ns(\"begin\") - 1700000000000000000) // 60000000000, close, trades, "
                "interval, source FROM tape.bars ORDER BY 1") ==
        "1 6 3 1m venue; 2 7.5 3 1m venue; 6 9 3 1m venue");
}

TEST_CASE("klines of a venue that closes none are whole once the next one begins") {
  OneImport one;
  const auto candle = [](int64_t ms, int64_t sequence, std::string_view candles) {
    return stamped(ms, fmt::format(R"({{"channel":"candles","client_id":"","timestamp":)"
                                   R"("2023-11-14T22:13:20Z","sequence_num":{},"events":[{{)"
                                   R"("type":"update","candles":[{}]}}]}})",
                                   sequence, candles));
  };
  const auto at = [](int64_t start, std::string_view close) {
    return fmt::format(R"({{"start":"{}","high":"9","low":"1","open":"3","close":"{}","volume":)"
                       R"("10","product_id":"BTC-USD"}})",
                       1'700'000'100 + start, close);
  };
  one.load(candle(0, 0, at(300, "4") + "," + at(0, "3")) + candle(1, 1, at(300, "5")) +
               candle(2, 2, at(300, "6")) + candle(3, 3, at(600, "7")) + candle(4, 4, at(600, "8")),
           "a.log", "coinbase");
  CHECK(one.sql("SELECT (epoch_ns(\"begin\") // 1000000000 - 1700000100), close, interval FROM "
                "tape.bars ORDER BY 1") == "0 3 5m; 300 6 5m");
}

TEST_CASE("mark prices, funding, liquidations and open interest land in their tables") {
  OneImport one;
  const std::string text =
      stamped(1,
              R"({"e":"markPriceUpdate","E":1700000000001,"s":"BTCUSDT","p":"100.50","i":"100.25",)"
              R"("P":"1","r":"0.00010000","T":1700006400000})") +
      stamped(2, R"({"e":"forceOrder","E":1700000000002,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT",)"
                 R"("f":"IOC","q":"0.014","p":"9910","ap":"9911.5","X":"FILLED","l":"0.004",)"
                 R"("z":"0.013","T":1700000000002}})") +
      "https://fapi.binance.com/fapi/v1/openInterest?symbol=BTCUSDT -> 1700000000.003: "
      R"({"openInterest":"10659.509","symbol":"BTCUSDT","time":1700000000003})"
      "\n";
  const FileReport report = one.load(text);
  CHECK(report.rows == 4);
  CHECK(report.rejects == 0);
  CHECK(one.sql("SELECT " + kClock + ", " + kOurClock +
                ", mark_price, index_price FROM tape.mark_prices") == "1 6 100.5 100.25");
  CHECK(one.sql("SELECT " + kClock + ", " + kOurClock +
                ", funding_rate, epoch_ns(next_funding) // 1000000000 FROM tape.funding_rates") ==
        "1 6 0.0001 1700006400");
  CHECK(one.sql("SELECT " + kClock + ", " + kOurClock +
                ", side, price, quantity FROM tape.liquidations") == "2 7 2 9911.5 0.013");
  CHECK(one.sql("SELECT " + kClock + ", open_interest FROM tape.open_interest") == "3 10659.509");
  CHECK(one.sql("SELECT dataset, rows FROM tape.loads ORDER BY ALL") ==
        "funding_rates 1; liquidations 1; mark_prices 1; open_interest 1");
  INFO("in another file they are known already");
  CHECK(one.load(text + um_trade(9, 1, "1", "1"), "b.log").rows == 1);
}

TEST_CASE("a dry run counts and stores nothing") {
  OneImport one;
  const auto path = write_capture(one.folder, "a", um_trade(1, 10, "1", "1") + "?\n");
  const ImportSummary summary =
      import_paths(one.store, {path}, {.instrument_prefix = "binance-um", .dry_run = true});
  CHECK(to_text(summary.files.at(0).outcome) == "loaded");
  CHECK(summary.rejects == 1);
  CHECK(one.sql("SELECT count(*) FROM tape.loads") == "0");
  CHECK(one.sql("SELECT count(*) FROM tape.instruments") == "0");
}

TEST_CASE("instruments that an answer lists are not made, those that are stored are described") {
  OneImport one;
  one.load(
      "https://fapi.binance.com/fapi/v1/exchangeInfo -> 1700000000.001: "
      R"({"symbols":[{"symbol":"BTCUSDT","contractType":"PERPETUAL","filters":[{"filterType":)"
      R"("PRICE_FILTER","tickSize":"0.10"},{"filterType":"LOT_SIZE","stepSize":"0.001"}]},)"
      R"({"symbol":"ETHUSDT","contractType":"PERPETUAL","filters":[]}]})"
      "\n" +
      um_trade(2, 10, "100.5", "1"));
  CHECK(one.sql("SELECT symbol, tick_size, lot_size FROM tape.instruments") == "BTCUSDT 0.1 0.001");
}

TEST_CASE("more rows than a block holds, of several symbols in turn, are all there") {
  OneImport one;
  std::string text;
  for (int64_t i = 0; i < 3'000; ++i) {
    for (const std::string_view symbol : {"AAA", "BBB"}) {
      text += stamped(i, fmt::format(R"({{"e":"trade","E":{0},"s":"{1}","t":{2},"p":"{3}","q":"1",)"
                                     R"("T":{0},"X":"MARKET","m":false}})",
                                     kCaptureMs + i, symbol, i, 100 + i % 7));
      text += stamped(i, fmt::format(R"({{"e":"bookTicker","u":{1},"s":"{0}","b":"1","B":"1","a":)"
                                     R"("2","A":"1","T":{2},"E":{2}}})",
                                     symbol, i, kCaptureMs + i));
    }
  }
  CHECK(one.load(text).rows == 12'000);
  CHECK(one.sql("SELECT symbol, count(*), sum(price) FROM trades GROUP BY ALL ORDER BY ALL") ==
        "AAA 3000 308994; BBB 3000 308994");
  CHECK(one.sql("SELECT symbol, count(*) FROM quotes GROUP BY ALL ORDER BY ALL") ==
        "AAA 3000; BBB 3000");
}

}  // namespace
}  // namespace tapedeck
