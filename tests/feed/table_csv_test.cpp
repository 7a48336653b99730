#include "feed/table_csv.hpp"

#include "decoded.hpp"
#include "feed/zip.hpp"
#include "shared_data.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

TableFormat trades_of(std::string_view instrument) {
  return {.instrument = parse_instrument_name(instrument)};
}

TableFormat klines_of(std::string_view instrument, std::string_view interval) {
  return {.kind = DataKind::klines,
          .instrument = parse_instrument_name(instrument),
          .interval = BarInterval::parse(interval)};
}

struct Read {
  std::vector<TableSeries> series;
  std::vector<std::string> refused;  // `line: reason`
  int64_t lines = 0;

  // `instrument id ts price quantity side` of each trade.
  std::vector<std::string> trades() const {
    std::vector<std::string> texts;
    for (const TableSeries& one : series) {
      const auto& block = std::get<TradeBlock>(one.content);
      for (size_t row = 0; row < block.rows(); ++row) {
        texts.push_back(to_text(one.instrument) + " " + text_of(block.view()[row], block.scale));
      }
    }
    return texts;
  }
};

Read read(const TableFormat& format, std::string_view text, size_t piece = SIZE_MAX) {
  TableCsvDecoder decoder{format};
  for (size_t at = 0; at < text.size(); at += std::min(piece, text.size() - at)) {
    const std::string_view part = text.substr(at, piece);
    decoder.decode({part.data(), part.size()});
  }
  decoder.finish();
  Read result;
  result.series = decoder.take_series();
  for (const DecodeError& error : decoder.take_errors())
    result.refused.push_back(std::to_string(error.line) + ": " + error.reason);
  result.lines = decoder.lines();
  return result;
}

std::string unpacked(std::string_view relative) {
  const std::vector<std::byte> bytes = shared_file(relative);
  if (bytes.empty()) return {};
  const auto stream = relative.ends_with(".gz") ? open_gzip(bytes) : open_plain(bytes);
  std::string text;
  std::array<char, 65536> piece{};
  while (const size_t count = stream->read(piece))
    text.append(piece.data(), count);
  return text;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a CSV with a header becomes trades, exact to the last digit") {
  const std::string text =
      "id,time,price,qty,side\n"
      "7,2024-08-08T23:54:15.342Z,61837.63000000,0.00100000,buy\n"
      "8,2024-08-08 23:54:15.343+00:00,61837.5,12,SELL\n";
  const Lines expected{"binance:BTCUSDT 7 2024-08-08T23:54:15.342Z 61837.63 0.001 buy",
                       "binance:BTCUSDT 8 2024-08-08T23:54:15.343Z 61837.5 12 sell"};
  CHECK(read(trades_of("binance:BTCUSDT"), text).trades() == expected);
  for (const size_t piece : {1UL, 3UL, 17UL})
    CHECK(read(trades_of("binance:BTCUSDT"), text, piece).trades() == expected);
}

TEST_CASE("delimiters, quotes, CRLF, a byte order mark and a last line without end") {
  const Lines expected{"binance:ETHUSDT -1 2024-08-08T00:00:00Z 2500.5 1 unknown"};
  const TableFormat format = trades_of("binance:ETHUSDT");
  CHECK(read(format, "time;price;size\r\n2024-08-08;2500.5;1").trades() == expected);
  CHECK(read(format, "\xEF\xBB\xBFtime\tprice\tsize\n2024-08-08\t2500.5\t1\n").trades() ==
        expected);
  CHECK(read(format, "\"time\",\"price\",\"size\"\n\"2024-08-08\",\"2500.5\",\"1\"\n").trades() ==
        expected);
  TableFormat extra = format;
  extra.ignore_extra = true;
  CHECK(read(extra, "note,time,price,size\n\"a, b\",2024-08-08,2500.5,1\n").trades() == expected);
}

TEST_CASE("epoch times have the unit of their digits, one in a file") {
  const TableFormat format = trades_of("binance:ETHUSDT");
  const auto first_of = [&](std::string_view time) {
    return read(format, fmt::format("time,price,size\n{},1,1\n", time)).trades();
  };
  CHECK(first_of("1605499846") == Lines{"binance:ETHUSDT -1 2020-11-16T04:10:46Z 1 1 unknown"});
  CHECK(first_of("1605499846.25") ==
        Lines{"binance:ETHUSDT -1 2020-11-16T04:10:46.250Z 1 1 unknown"});
  CHECK(first_of("1605499846250") ==
        Lines{"binance:ETHUSDT -1 2020-11-16T04:10:46.250Z 1 1 unknown"});
  CHECK(first_of("1605499846250001") ==
        Lines{"binance:ETHUSDT -1 2020-11-16T04:10:46.250001Z 1 1 unknown"});
  CHECK(first_of("1605499846250001002") ==
        Lines{"binance:ETHUSDT -1 2020-11-16T04:10:46.250001002Z 1 1 unknown"});
  const Read mixed = read(format, "time,price,size\n1605499846,1,1\n1605499846250,1,1\n");
  CHECK(mixed.refused ==
        Lines{"3: time is in ms, those before in s: mixed units, found '1605499846250'"});
  TableFormat in_seconds = format;
  in_seconds.time_unit = TimeUnit::s;
  CHECK(read(in_seconds, "time,price,size\n5,1,1\n").trades() ==
        Lines{"binance:ETHUSDT -1 1970-01-01T00:00:05Z 1 1 unknown"});
}

TEST_CASE("bad values are refused with their line and the reason") {
  const Read got = read(trades_of("binance:ETHUSDT"),
                        "time,price,size,side,id\n"
                        "2024-08-08T00:00:00Z,abc,1,buy,1\n"
                        "2024-08-08T00:00:00Z,-5,1,buy,1\n"
                        "2024-08-08T00:00:00Z,0,1,buy,1\n"
                        "2024-08-08T00:00:00Z,5,-1,buy,1\n"
                        "2024-08-08T00:00:00Z,5,1,up,1\n"
                        "2024-08-08T00:00:00Z,5,1,buy,1.5\n"
                        "2024-08-08T00:00:00+02:00,5,1,buy,1\n"
                        "yesterday,5,1,buy,1\n"
                        "1605499846.0000000001,5,1,buy,1\n"
                        "2024-08-08T00:00:00Z,5,1,buy\n"
                        "2024-08-08T00:00:00Z,1e,1,buy,1\n"
                        "2024-08-08T00:00:00Z,12345678901234567890,1,buy,1\n"
                        "2024-08-08T00:00:00Z,5,1,buy,9\n");
  CHECK(got.trades() == Lines{"binance:ETHUSDT 9 2024-08-08T00:00:00Z 5 1 buy"});
  REQUIRE(got.refused.size() == 12);
  CHECK(got.refused[0] == "2: price must be a decimal number, found 'abc'");
  CHECK(got.refused[1] == "3: price must be above 0, found '-5'");
  CHECK(got.refused[2] == "4: price must be above 0, found '0'");
  CHECK(got.refused[3] == "5: quantity must not be negative, found '-1'");
  CHECK(got.refused[4] == "6: side must be buy or sell, found 'up'");
  CHECK(got.refused[5] == "7: trade_id must be a whole number, found '1.5'");
  CHECK(got.refused[6].starts_with("8: time must be UTC like"));
  CHECK(got.refused[7].starts_with("9: time must be the time since 1970, or UTC like"));
  CHECK(got.refused[8] == "10: time is finer than nanoseconds, found '1605499846.0000000001'");
  CHECK(got.refused[9] == "11: must have 5 columns, found 4");
  CHECK(got.refused[10] == "12: price must be a decimal number, found '1e'");
  CHECK(got.refused[11].starts_with("13: price is out of range"));
}

TEST_CASE("numbers with an exponent are exact decimals") {
  const auto price = [](std::string_view text) {
    const Read got =
        read(trades_of("binance:ETHUSDT"), fmt::format("time,size,price\n2024-01-01,1,{}\n", text));
    if (got.series.empty()) return got.refused.at(0);
    const auto& block = std::get<TradeBlock>(got.series[0].content);
    return to_text(Decimal{block.price[0], block.scale.price_exp});
  };
  CHECK(price("1e-06") == "0.000001");
  CHECK(price("1.25E+3") == "1250");
  CHECK(price("12.5e-1") == "1.25");
  CHECK(price("125e0") == "125");
  CHECK(price("1e-13") ==
        "2: price has more than 12 digits behind the point: too precise, found "
        "'0.0000000000001'");
  for (const std::string_view bad :
       {"e5", ".e5", "-e5", "1e", "1e5x", "1e99", "1.2.3e1", "-1e2", "0x1e2", "1e+-5"}) {
    CAPTURE(bad);
    CHECK(price(bad).starts_with("2: price must be"));
  }
}

TEST_CASE("a header that lies is found by the values below it") {
  const Read swapped = read(trades_of("binance:BTCUSDT"),
                            "price,time,size\n1723161255342,61837.63,1\n1723161255343,61837.5,1\n");
  CHECK(swapped.trades().empty());
  REQUIRE(swapped.refused.size() == 2);
  CHECK(swapped.refused[0].starts_with("2: time lies before 2000: "));
}

TEST_CASE("a file without a header line needs the names of its columns") {
  const std::string text = "1672531436,90.540000,1.10448420\n1672531471,90.450000,1.00000000\n";
  TableFormat format = trades_of("kraken:BCH/EUR");
  check_refused(
      ErrorCode::bad_input,
      {"there is no header line", "1672531436,90.540000", "--columns time,price,quantity"},
      [&] { read(format, text); });
  format.columns = {"time", "price", "quantity"};
  CHECK(read(format, text).trades() ==
        Lines{"kraken:BCH/EUR -1 2023-01-01T00:03:56Z 90.54 1.1044842 unknown",
              "kraken:BCH/EUR -1 2023-01-01T00:04:31Z 90.45 1 unknown"});
}

TEST_CASE("rows of several instruments and grains are series of their own") {
  const Read got = read(TableFormat{},
                        "venue,symbol,time,trade_id,price,quantity,grain\n"
                        "binance,A,2024-01-01,1,1,1,trade\n"
                        "binance,B,2024-01-01,1,2,1,trade\n"
                        "binance,A,2024-01-01,2,3,1,trade\n"
                        "binance,A,2024-01-01,2,3,1,aggregate\n"
                        "binance,A,2024-01-01,,3,1,trade\n"
                        "Binance,A,2024-01-01,1,1,1,trade\n"
                        "binance,A,2024-01-01,1,1,1,tick\n");
  REQUIRE(got.series.size() == 4);
  CHECK(got.series[0].rows() == 2);
  CHECK(to_text(got.series[1].instrument) == "binance:B");
  CHECK(got.series[2].grain == Grain::aggregate);
  CHECK_FALSE(std::get<TradeBlock>(got.series[3].content).has_ids);
  REQUIRE(got.refused.size() == 2);
  CHECK(got.refused[0].find("'Binance' and 'A'") != std::string::npos);
  CHECK(got.refused[1] == "8: grain must be trade or aggregate, found 'tick'");
}

TEST_CASE("with an instrument the file's venue does not count, its symbol must agree") {
  const Read got = read(trades_of("binance-um:BTCUSDT"),
                        "exchange,symbol,timestamp,price,amount\n"
                        "binance-futures,BTCUSDT,1582329600000000,9687,0.5\n"
                        "binance-futures,ETHUSDT,1582329600000000,260,1\n");
  CHECK(got.trades() == Lines{"binance-um:BTCUSDT -1 2020-02-22T00:00:00Z 9687 0.5 unknown"});
  CHECK(got.refused == Lines{"3: symbol must be 'BTCUSDT', found 'ETHUSDT'"});
}

TEST_CASE("flags and columns must not contradict") {
  TableFormat format = trades_of("binance:BTCUSDT");
  CHECK(read(format, "instrument,time,price,quantity\nbinance:ETHUSDT,2024-01-01,1,1\n").refused ==
        Lines{"2: instrument must be 'binance:BTCUSDT', found 'binance:ETHUSDT'"});
  format.grain = Grain::aggregate;
  CHECK(read(format, "time,price,quantity,grain\n2024-01-01,1,1,trade\n").refused ==
        Lines{"2: grain must be aggregate, found 'trade'"});
  TableFormat klines = klines_of("binance:BTCUSDT", "1h");
  klines.source = "mine";
  CHECK(read(klines,
             "time,open,high,low,close,volume,source\n2024-01-01,1,1,1,1,1,theirs\n"
             "2024-01-01,1,1,1,1,1,m\u00e9\n")
            .refused == Lines{"2: source must be 'mine', found 'theirs'",
                              "3: source must be ASCII without quotes or commas, found 'm\u00e9'"});
}

TEST_CASE("rows that spell one series in two ways belong together") {
  TableFormat format{.kind = DataKind::klines, .venue = "binance"};
  format.interval = BarInterval::parse("1h");
  const Read got = read(format,
                        "exchange,symbol,time,open,high,low,close,volume\n"
                        "binance,A,2024-01-01,1,1,1,1,1\n"
                        "Binance,A,2024-01-01,2,2,2,2,1\n");
  CHECK(got.refused == Lines{"3: time 2024-01-01T00:00:00Z is that of row 2 too"});
  CHECK(got.series.size() == 1);
}

TEST_CASE("the last nanosecond has no end, UTF-16 is named") {
  CHECK(read(trades_of("binance:A"), "time,price,quantity\n2262-04-11T23:47:16.854775807Z,1,1\n")
            .refused.size() == 1);
  check_refused(ErrorCode::bad_input, {"the text is UTF-16; save it as UTF-8"},
                [] { read(trades_of("binance:A"), "\xFF\xFEt"); });
}

TEST_CASE("prices may be integers with an exponent, of a column or of the whole file") {
  TableFormat format = trades_of("binance:BTCUSDT");
  const std::string expected = "binance:BTCUSDT -1 2024-01-01T00:00:00Z 61837.63 0.001 unknown";
  CHECK(read(format, "time,price,price_exp,quantity,qty_exp\n2024-01-01,6183763,-2,1,-3\n")
            .trades() == Lines{expected});
  format.price_exp = -2;
  format.qty_exp = -3;
  CHECK(read(format, "time,price,quantity\n2024-01-01,6183763,1\n").trades() == Lines{expected});
  const Read bad = read(format,
                        "time,price,quantity,price_exp\n"
                        "2024-01-01,61837.63,1,-2\n"
                        "2024-01-01,1,1,-13\n"
                        "2024-01-01,1,1,2\n");
  CHECK(bad.refused == Lines{"2: price must be an integer of 10^-2, found '61837.63'",
                             "3: price_exp must be between -12 and 0, found '-13'",
                             "4: price_exp must be between -12 and 0, found '2'"});
}

TEST_CASE("who crossed the spread, in the words that files have") {
  TableFormat format = trades_of("binance:BTCUSDT");
  const auto side = [&](std::string_view column, std::string_view word) {
    const Read got =
        read(format, fmt::format("time,price,quantity,{}\n2024-01-01,1,1,{}\n", column, word));
    const std::vector<std::string> trades = got.trades();
    return trades.empty() ? "refused" : trades[0].substr(trades[0].rfind(' ') + 1);
  };
  CHECK(side("side", "B") == "buy");
  CHECK(side("side", "Sell") == "sell");
  CHECK(side("side", "ANY") == "unknown");
  CHECK(side("is_buyer_maker", "True") == "sell");
  CHECK(side("is_buyer_maker", "0") == "buy");
  CHECK(side("is_sell", "") == "unknown");
  CHECK(side("side", "-1") == "refused");
  format.sides = {{"1", "buy"}, {"-1", "sell"}};
  CHECK(side("side", "-1") == "sell");
}

TEST_CASE("klines: mixed digits are exact, contradictions and repetitions are refused") {
  const Read got = read(klines_of("binance:BTCUSDT", "1m"),
                        "time,open,high,low,close,volume,count\n"
                        "2024-01-01T00:00:00Z,42843.0,42850,4503,42844.25,10.5,3\n"
                        "2024-01-01T00:01:00Z,42843,42850,42844,42845,1,\n"
                        "2024-01-01T00:03:00Z,42843,42850,42840,42845,1,\n"
                        "2024-01-01T00:03:00Z,42843,42851,42840,42845,1,\n"
                        "2024-01-01T00:04:30Z,42843,42851,42840,42845,1,\n");
  REQUIRE(got.series.size() == 1);
  const auto& klines = std::get<std::vector<Kline>>(got.series[0].content);
  REQUIRE(klines.size() == 2);
  CHECK(to_text(klines[0].open) == "42843");
  CHECK(to_text(klines[0].low) == "4503");
  CHECK(klines[0].trades == 3);
  CHECK_FALSE(klines[1].trades.has_value());
  CHECK(got.series[0].source == "file");
  CHECK(got.refused == Lines{"3: low is above open",
                             "5: time 2024-01-01T00:03:00Z is that of row 4 too",
                             "6: time 2024-01-01T00:04:30Z does not begin a bar of 1m"});
}

TEST_CASE("klines of several intervals and sources are series of their own") {
  const Read got = read({.kind = DataKind::klines},
                        "venue,symbol,interval,source,time,open,high,low,close,volume\n"
                        "binance,A,1m,venue,2024-01-01,1,1,1,1,1\n"
                        "binance,A,1h,venue,2024-01-01,1,1,1,1,1\n"
                        "binance,A,1h,mine,2024-01-01,1,1,1,1,1\n"
                        "binance,A,7m,mine,2024-01-01,1,1,1,1,1\n");
  REQUIRE(got.series.size() == 3);
  CHECK(got.series[1].interval->text() == "1h");
  CHECK(got.series[2].source == "mine");
  CHECK(got.refused == Lines{"5: interval must be like 1m, found '7m'"});
}

TEST_CASE("open interest with and without its ratios") {
  TableFormat format = trades_of("binance-um:BTCUSDT");
  format.kind = DataKind::open_interest;
  const Read got = read(format,
                        "create_time,symbol,sum_open_interest,sum_open_interest_value\n"
                        "2025-08-01 00:05:00,BTCUSDT,83019.5,9.6F9\n"
                        "2025-08-01 00:10:00,BTCUSDT,83020.5,\n");
  REQUIRE(got.series.size() == 1);
  const auto& rows = std::get<std::vector<OpenInterest>>(got.series[0].content);
  REQUIRE(rows.size() == 1);
  CHECK(to_text(rows[0].open_interest) == "83020.5");
  CHECK_FALSE(rows[0].open_interest_value.has_value());
  CHECK(got.refused == Lines{"2: open_interest_value must be a decimal number, found '9.6F9'"});
}

TEST_CASE("quotes need both sides") {
  TableFormat format = trades_of("binance:BTCUSDT");
  format.kind = DataKind::quotes;
  const Read got = read(format,
                        "time,bid,bid_size,ask,ask_size\n"
                        "2024-01-01,100.5,1,100.75,2.125\n"
                        "2024-01-01,100.5,1,,2\n"
                        "2024-01-01,100.5,-1,101,2\n");
  REQUIRE(got.series.size() == 1);
  const auto& quotes = std::get<std::vector<Quote>>(got.series[0].content);
  REQUIRE(quotes.size() == 1);
  CHECK(to_text(quotes[0].ask_quantity) == "2.125");
  CHECK(got.refused == Lines{"3: ask_price must be a decimal number, found ''",
                             "4: bid_quantity must not be negative, found '-1'"});
}

TEST_CASE("recorded files of other programs are read as they are") {
  SUBCASE("tardis") {
    const std::string text =
        unpacked("vendor_csv/tardis_binance-futures_trades_BTCUSDT_20200222.csv.gz");
    if (text.empty()) return;
    TableFormat format = trades_of("binance-um:BTCUSDT");
    format.ignore_extra = true;
    const Read got = read(format, text);
    CHECK(got.refused.empty());
    CHECK(static_cast<int64_t>(got.trades().size()) == got.lines - 1);
  }
  SUBCASE("quotes of tardis") {
    const std::string text = unpacked("vendor_csv/tardis_huobi-dm-swap_quotes_BTC-USD.csv");
    if (text.empty()) return;
    TableFormat format{.kind = DataKind::quotes, .ignore_extra = true};
    const Read got = read(format, text);
    CHECK(got.refused.empty());
    REQUIRE(got.series.size() == 1);
    CHECK(to_text(got.series[0].instrument) == "huobi-dm-swap:BTC-USD");
    const auto& quotes = std::get<std::vector<Quote>>(got.series[0].content);
    CHECK(static_cast<int64_t>(quotes.size()) == got.lines - 1);
    CHECK(to_text(quotes[0].ask_price) == "8629.3");
    CHECK(to_text(quotes[0].bid_quantity) == "806");
  }
  SUBCASE("ccxt") {
    const std::string text = unpacked("vendor_csv/ccxt_public_trades_ETHUSDT_20230202.csv");
    if (text.empty()) return;
    TableFormat format = trades_of("binance:ETHUSDT");
    format.ignore_extra = true;
    const Read got = read(format, text);
    CHECK(got.refused.empty());
    CHECK(got.trades().at(0) ==
          "binance:ETHUSDT 1206419187 2023-02-02T09:20:00.138Z 1666.8 26.062 buy");
  }
  SUBCASE("gocryptotrader, without a header") {
    const std::string text = unpacked("vendor_csv/gct_BTCUSDT_trades_2020_11_16.csv");
    if (text.empty()) return;
    TableFormat format = trades_of("binance:BTCUSDT");
    format.columns = {"time", "price", "quantity", "side"};
    const Read got = read(format, text);
    CHECK(got.refused.empty());
    CHECK(static_cast<int64_t>(got.trades().size()) == got.lines);
    CHECK(got.trades().at(50).ends_with(" 15993.1 0.000001 unknown"));
  }
}
