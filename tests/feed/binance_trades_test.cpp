#include "feed/archive_name.hpp"
#include "feed/binance_archive.hpp"
#include "feed/decoded.hpp"
#include "feed/shared_data.hpp"
#include "feed/zip_builder.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

using Texts = std::vector<std::string>;

const ArchiveContext kTrades{.kind = ArchiveKind::trades};
const ArchiveContext kAggTrades{.kind = ArchiveKind::agg_trades};

// The one reason for which `line`, in the middle of good ones, is refused; empty when it is taken.
std::string reason_of(const ArchiveContext& context, const std::string& line) {
  const bool aggregate = context.kind == ArchiveKind::agg_trades;
  const std::string before =
      aggregate ? "10,5.0,1.0,1,1,1704067200000,true\n" : "10,5.0,1.0,5.0,1704067200000,true\n";
  const std::string after =
      aggregate ? "90,5.0,1.0,1,1,1704067200000,true\n" : "90,5.0,1.0,5.0,1704067200000,true\n";
  const auto decoded = decoded_trades(context, before + line + "\n" + after);
  CHECK(decoded.lines == 3);
  CHECK(decoded.rows() + decoded.errors.size() == 3);
  if (decoded.errors.empty()) return "";
  REQUIRE(decoded.errors.size() == 1);
  CHECK(decoded.errors[0].line == 2);
  CHECK(decoded.errors[0].text == line);
  return decoded.errors[0].reason;
}

// Lines as the venue prints them, with some wrong, blank or unusual ones among them.
std::string mixed_lines(uint64_t seed, int count, bool with_faults) {
  std::mt19937_64 random{seed};
  std::string text = "id,price,qty,quote_qty,time,is_buyer_maker\n";
  for (int row = 0; row < count; ++row) {
    const uint64_t dice = with_faults ? random() % 40 : 39;
    const std::string id = dice == 0 ? "5" : std::to_string(1000 + row);
    const std::string price = std::to_string(100 + random() % 1000) + "." +
                              std::to_string(random() % 100) + (dice == 1 ? "e5" : "00");
    const std::string quantity = dice == 2 ? "123456789012" : std::to_string(random() % 50) + ".5";
    const std::string ending = dice == 3   ? "\r\n"
                               : dice == 4 ? "\n\n"
                               : dice == 5 ? ",True\n"
                                           : "\n";
    text += id + "," + price + "," + quantity + ",1.5," + std::to_string(1704067200000 + row * 10) +
            (random() % 2 == 0 ? ",true" : ",false") + ending;
    if (dice == 6) text += std::string(random() % 200, 'z') + "\n";
    if (dice == 7) text += std::string{"\0,\0,1,1,1704067200000,true\n", 26};
  }
  return text;
}

}  // namespace

TEST_CASE("aggTrades and trades are read in all their layouts") {
  const Texts expected{"26129 2024-01-01T00:00:00Z 50000.1 0.25 sell",
                       "26130 2024-01-01T00:00:00.001Z 50000 1 buy"};
  CHECK(decoded_trades(kAggTrades,
                       "26129,50000.10,0.25,27781,27781,1704067200000,true\n"
                       "26130,50000,1,27782,27790,1704067200001,false\n")
            .trades() == expected);
  CHECK(decoded_trades(kAggTrades,
                       "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,"
                       "is_buyer_maker\r\n"
                       "26129,50000.10,0.25,27781,27781,1704067200000,1\r\n"
                       "26130,50000,1,27782,27790,1704067200001,0\r\n")
            .trades() == expected);
  CHECK(decoded_trades(kAggTrades,
                       "26129,50000.10000000,0.25000000,27781,27781,1704067200000000,True,True\n"
                       "26130,50000.00000000,1.00000000,27782,27790,1704067200001000,False,True\n")
            .trades() == expected);
  CHECK(decoded_trades(kTrades,
                       "id,price,qty,base_qty,time,is_buyer_maker\n"
                       "26129,50000.10,0.25,12500.02,1704067200000,true\n"
                       "26130,50000,1,50000,1704067200001,false")
            .trades() == expected);
  CHECK(
      decoded_trades(kTrades,
                     "26129,50000.10,0.25,12500.02,1704067200000,True,True\n"
                     "\"26130\",\"50000\",\"1\",\"50000\",\"1704067200001\",\"False\",\"True\"\n\n")
          .trades() == expected);
}

TEST_CASE("a buyer who is the maker makes the trade a sell") {
  const auto decoded = decoded_trades(kTrades, "1,5,1,5,1704067200000,true\n");
  REQUIRE(decoded.blocks.size() == 1);
  CHECK(decoded.blocks[0].side[0] == AggressorSide::sell);
}

TEST_CASE("a file of nothing, of a header or of blanks has no rows") {
  for (const std::string_view text :
       {"", "\n", "\r\n\n", "id,price,qty,quote_qty,time,is_buyer_maker",
        "id,price,qty,quote_qty,time,is_buyer_maker\n\n"}) {
    CAPTURE(text);
    const auto decoded = decoded_trades(kTrades, text);
    CHECK(decoded.blocks.empty());
    CHECK(decoded.errors.empty());
  }
}

TEST_CASE("a line is refused for the rule it breaks") {
  struct Row {
    std::string line;
    std::string reason;
  };
  const std::string time = ",1704067200000,true";
  const std::vector<Row> rows{
      {"11,5,1,5" + time, ""},
      {"11,5,0,0" + time, ""},
      {"11,5,1" + time, "must have 6 or 7 columns, found 5"},
      {"11,5,1,5" + time + ",True,1", "must have 6 or 7 columns, found 8"},
      {"11", "must have 6 or 7 columns, found 1"},
      {"a,5,1,5" + time, "id must be a whole number, found 'a'"},
      {"-11,5,1,5" + time, "id must be a whole number, found '-11'"},
      {"9223372036854775808,5,1,5" + time,
       "id is out of range: it does not fit 64 bits, found '9223372036854775808'"},
      {"11,x,1,5" + time, "price must be a decimal number, found 'x'"},
      {"11,,1,5" + time, "price must be a decimal number, found ''"},
      {"11,1e-7,1,5" + time, "price must be a decimal number, found '1e-7'"},
      {"11,0.00000000,1,5" + time, "price must be above 0, found '0.00000000'"},
      {"11,-1.5,1,5" + time, "price must be above 0, found '-1.5'"},
      {"11,0.0000000000001,1,5" + time,
       "price has more than 12 digits behind the point: too precise, found '0.0000000000001'"},
      {"11,9223372036854775.8089,1,5" + time,
       "price is out of range: its digits do not fit 64 bits, found '9223372036854775.8089'"},
      {"11,5,-1,5" + time, "quantity must not be negative, found '-1'"},
      {"11,5,one,5" + time, "quantity must be a decimal number, found 'one'"},
      {"11,5,1,five" + time, "column 4 must be a decimal number, found 'five'"},
      {"11,5,1,5,170406720000,true",
       "time must have 13 digits (ms) or 16 (µs), found '170406720000'"},
      {"11,5,1,5,1704067200000000,true",
       "time must have 13 digits as the first row's, found '1704067200000000'"},
      {"11,5,1,5,17040672000x0,true",
       "time must have 13 digits (ms) or 16 (µs), found '17040672000x0'"},
      {"11,5,1,5,9999999999999,true",
       "time is out of range: beyond the year 2262, found '9999999999999'"},
      {"11,5,1,5,1704067200000,TRUE", "is_buyer_maker must be true or false, found 'TRUE'"},
      {"11,5,1,5,1704067200000,", "is_buyer_maker must be true or false, found ''"},
      {"11,5,1,5,1704067200000,true,maybe", "best_match must be true or false, found 'maybe'"},
      {"10,5,1,5" + time, "id must be above the one before, 10, found '10'"},
      {"9,5,1,5" + time, "id must be above the one before, 10, found '9'"},
      {"id,price,qty,quote_qty,time,is_buyer_maker", "id must be a whole number, found 'id'"},
      {"", "line is blank"},
      {std::string{"1\0,5,1,5", 8} + time,
       "id must be a whole number, found '" + std::string{"1\0", 2} + "'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    CHECK(reason_of(kTrades, row.line) == row.reason);
  }
  CHECK(reason_of(kAggTrades, "11,5,1,1" + time) == "must have 7 or 8 columns, found 6");
  CHECK(reason_of(kAggTrades, "11,5,1,a,1" + time) ==
        "column 4 must be a decimal number, found 'a'");
  CHECK(reason_of(kAggTrades, "11,5,1,1,b" + time) ==
        "column 5 must be a decimal number, found 'b'");
}

TEST_CASE("rows must lie within the file's period and one day more") {
  auto context = kTrades;
  context.period = day_range(*parse_date("2024-01-02"));
  const auto decoded = decoded_trades(context,
                                      "1,5,1,5,1704067199999,true\n"
                                      "2,5,1,5,1704067200000,true\n"
                                      "3,5,1,5,1704326399999,true\n"
                                      "4,5,1,5,1704326400000,true\n");
  CHECK(decoded.trades() ==
        Texts{"2 2024-01-01T00:00:00Z 5 1 sell", "3 2024-01-03T23:59:59.999Z 5 1 sell"});
  CHECK(decoded.refused == 2);
}

TEST_CASE("a line of the wrong kind's header is refused and the rows behind it are read") {
  const auto decoded = decoded_trades(kTrades,
                                      "agg_trade_id,price,quantity,first_trade_id,last_trade_id,"
                                      "transact_time,is_buyer_maker\n1,5,1,5,1704067200000,true\n");
  CHECK(decoded.reasons() == Texts{"1: header is that of aggTrades, not of trades"});
  CHECK(decoded.rows() == 1);
}

TEST_CASE("blank lines inside are refused, at the end they are not") {
  const auto decoded = decoded_trades(kTrades,
                                      "1,5,1,5,1704067200000,true\n\n\r\n"
                                      "2,5,1,5,1704067200000,true\n\n\n");
  CHECK(decoded.reasons() == Texts{"2: line is blank", "3: line is blank"});
  CHECK(decoded.rows() == 2);
  CHECK(decoded.lines == 6);
}

TEST_CASE("a refused line does not end the file, and all of them are counted") {
  std::string text;
  for (int line = 0; line < 3000; ++line) {
    text += "bad\n";
  }
  text += "1,5,1,5,1704067200000,true\n";
  const auto decoded = decoded_trades(kTrades, text);
  CHECK(decoded.rows() == 1);
  CHECK(decoded.refused == 3000);
  CHECK(decoded.errors.size() == 3000);
}

TEST_CASE("a line beyond 64 KiB is refused and not held") {
  const std::string text = "1,5,1,5,1704067200000,true\n" + std::string(200'000, '7') +
                           "\n2,5,1,5,1704067200000,true\n" + std::string(70'000, '\0');
  for (const size_t piece : {size_t{0}, size_t{1000}, size_t{65'536}}) {
    const auto decoded = decoded_trades(kTrades, text, piece);
    CHECK(decoded.rows() == 2);
    CHECK(decoded.reasons() ==
          Texts{"2: line has more than 65536 bytes", "4: line has more than 65536 bytes"});
    CHECK(decoded.errors[0].text == std::string(512, '7'));
  }
}

TEST_CASE("every cut into two pieces gives the same rows") {
  const std::string text =
      "id,price,qty,quote_qty,time,is_buyer_maker\r\n1,5.25,1,5,1704067200000,true\r\n\r\n"
      "2,5,1.125,5,1704067200000,false\nbad,line\n3,5,1,5,1704067200000,true,True\n"
      "4,5,1,5,1704067200000,true\n5,5,1,5,1704067200001,true";
  const auto whole = decoded_trades(kTrades, text);
  CHECK(whole.rows() == 5);
  CHECK(whole.refused == 2);
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    TradeArchiveDecoder decoder{kTrades};
    decoder.decode(std::string_view{text}.substr(0, cut));
    decoder.decode(std::string_view{text}.substr(cut));
    decoder.finish();
    CHECK(decoder.lines() == whole.lines);
    CHECK(same_errors(decoder.take_errors(), whole.errors));
    CHECK(same_blocks(decoder.take_blocks(), whole.blocks));
  }
}

TEST_CASE("pieces of any length give the same rows, the fast way and the careful way") {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    for (const bool with_faults : {false, true}) {
      const std::string text = mixed_lines(seed, 2000, with_faults);
      const auto whole = decoded_trades(kTrades, text);
      CHECK(whole.rows() > 1500);
      // Below 128 bytes no line is read the fast way, above most are.
      for (const size_t piece : {size_t{1}, size_t{17}, size_t{127}, size_t{500}, size_t{65'536}}) {
        CAPTURE(seed);
        CAPTURE(piece);
        CHECK(same(decoded_trades(kTrades, text, piece), whole));
      }
    }
  }
}

TEST_CASE("a block is refined as rows need more digits") {
  const std::string text =
      "1,5,1,5,1704067200000,true\n2,5.5,1,5,1704067200000,true\n3,5.123456789,1.25,5,"
      "1704067200000,true\n4,5,1,5,1704067200000,true\n";
  const auto decoded = decoded_trades(kTrades, text);
  REQUIRE(decoded.blocks.size() == 1);
  CHECK(decoded.blocks[0].scale == Scale{.price_exp = -9, .qty_exp = -2});
  CHECK(decoded.blocks[0].price ==
        std::vector<int64_t>{5'000'000'000, 5'500'000'000, 5'123'456'789, 5'000'000'000});
  auto context = kTrades;
  context.scale = {.price_exp = -10, .qty_exp = -3};
  CHECK(decoded_trades(context, text).blocks[0].scale == context.scale);
}

TEST_CASE("values without a common scale are split into blocks, in file order") {
  const auto decoded = decoded_trades(kTrades,
                                      "1,5.25,0.5,5,1704067200000,true\n"
                                      "2,5.25,9000000000000000000,5,1704067200000,true\n"
                                      "3,5.25,0.001,5,1704067200000,true\n");
  REQUIRE(decoded.blocks.size() == 3);
  CHECK(decoded.trades() == Texts{"1 2024-01-01T00:00:00Z 5.25 0.5 sell",
                                  "2 2024-01-01T00:00:00Z 5.25 9000000000000000000 sell",
                                  "3 2024-01-01T00:00:00Z 5.25 0.001 sell"});
}

TEST_CASE("full blocks are handed out before the file ends") {
  TradeArchiveDecoder decoder{kTrades};
  const size_t rows = TradeArchiveDecoder::kBlockRows + 10;
  std::string text;
  for (size_t row = 1; row <= rows; ++row) {
    text += std::to_string(row) + ",5.25,1,5,1704067200000,true\n";
  }
  decoder.decode(text);
  const auto full = decoder.take_blocks();
  REQUIRE(full.size() == 1);
  CHECK(full[0].rows() == TradeArchiveDecoder::kBlockRows);
  CHECK(full[0].trade_id.back() == static_cast<int64_t>(TradeArchiveDecoder::kBlockRows));
  CHECK(decoder.take_blocks().empty());
  decoder.finish();
  const auto rest = decoder.take_blocks();
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].rows() == 10);
  CHECK(rest[0].trade_id.front() == static_cast<int64_t>(TradeArchiveDecoder::kBlockRows + 1));
}

TEST_CASE("recorded archives have the rows that unzip counts") {
  struct Row {
    std::string_view file;
    int64_t lines;
    size_t rows;
    std::string_view first;
    std::string_view last;
  };
  const std::vector<Row> rows{
      {"XRPETH-aggTrades-2019-10-11", 5929, 5929,
       "13519807 2019-10-11T00:00:11.620Z 0.00141342 23 sell", "13525735 "},
      {"cm-ETHUSD_PERP-trades-2024-08-08", 1733, 1732,
       "805376266 2024-08-08T23:54:18.762Z 2682.18 1 buy", "805377997 "},
      {"spot-BTCUSDT-trades-2024-08-08", 9757, 9757,
       "3735683259 2024-08-08T23:54:15.342Z 61837.63 0.02 sell", "3735693015 "},
      {"spot-TRXUSDT-trades-2025-03-04-part1", 5000, 5000,
       "348656870 2025-03-04T00:00:01.271497Z 0.2312 2619.4 sell", "348661869 "},
      {"um-ETHUSDT-trades-2024-07-18", 1641, 1640,
       "4217896584 2024-07-18T23:57:02.707Z 3424.98 0.007 sell", "4217898223 "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.file);
    const auto archive = shared_file("binance_csv/" + std::string{row.file} + ".zip");
    if (archive.empty()) return;
    const auto text = text_of(*open_zip_member(archive, zip_members(archive).at(0)), 1 << 18);
    const auto name = parse_archive_path(std::string{row.file} + ".zip");
    REQUIRE(name.kind);
    const ArchiveContext context{.kind = *name.kind, .period = name.period};
    const auto decoded = decoded_trades(context, text);
    CHECK(decoded.lines == row.lines);
    CHECK(decoded.refused == 0);
    const auto trades = decoded.trades();
    REQUIRE(trades.size() == row.rows);
    CHECK(trades.front() == row.first);
    CHECK(trades.back().starts_with(row.last));
    CHECK(same(decoded_trades(context, text, 100), decoded));
  }
}

}  // namespace tapedeck
