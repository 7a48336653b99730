#include "feed/table_ndjson.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

TableFormat trades_format() {
  TableFormat format;
  format.instrument = InstrumentName{.venue = "binance", .symbol = "BTCUSDT"};
  return format;
}

struct Decoded {
  std::string rows;
  std::vector<std::string> errors;
};

Decoded decoded(TableNdjsonDecoder& decoder) {
  Decoded result;
  for (const TableSeries& series : decoder.take_all()) {
    const TradeBlock& trades = std::get<TradeBlock>(series.content);
    for (size_t row = 0; row < trades.rows(); ++row) {
      const Trade trade = trades.view()[row];
      result.rows += (trade.trade_id ? std::to_string(*trade.trade_id) : std::string{"-"}) + " " +
                     to_text(Decimal{trade.price.raw(), trades.scale.price_exp}) + " " +
                     to_text(Decimal{trade.quantity.raw(), trades.scale.qty_exp}) + " " +
                     std::string{to_text(trade.side)} + "; ";
    }
  }
  for (const DecodeError& error : decoder.take_errors())
    result.errors.push_back(std::to_string(error.line) + ": " + error.reason);
  return result;
}

Decoded decoded(std::string_view text) {
  TableNdjsonDecoder decoder{trades_format()};
  decoder.decode({text.data(), text.size()});
  decoder.finish();
  return decoded(decoder);
}

TEST_CASE("texts and numbers keep their digits; a member may be missing or null") {
  const Decoded found = decoded(
      R"({"time":"2024-08-08T23:54:15.342Z","trade_id":7,"price":"61837.63","quantity":0.02,"side":"sell"}
{"side":"buy","time":1723161255617,"trade_id":null,"price":0.000000000001,"quantity":"3"}
{"price":1e-3,"time":"2024-08-08T23:54:16Z","quantity":1}
)");
  CHECK(found.errors.empty());
  CHECK(found.rows.find("7 61837.63 0.02 sell; ") != std::string::npos);
  CHECK(found.rows.find("- 0.000000000001 3 buy; ") != std::string::npos);
  CHECK(found.rows.find("- 0.001 1 unknown; ") != std::string::npos);
}

TEST_CASE("a member that comes later than the first line is one more column") {
  const Decoded found = decoded(
      "{\"time\":\"2024-08-08\",\"price\":1,\"quantity\":1}\n"
      "{\"time\":\"2024-08-09\",\"price\":2,\"quantity\":1,\"trade_id\":5}\n");
  CHECK(found.errors.empty());
  CHECK(found.rows == "- 1 1 unknown; 5 2 1 unknown; ");
}

TEST_CASE("a line that is no row is refused with its reason; the others are rows") {
  const Decoded found = decoded(
      "not json\n"
      "{\"time\":\"2024-08-08\",\"price\":1,\"quantity\":1}\n"
      "{\"time\":\"2024-08-08\",\"price\":-1,\"quantity\":1}\n"
      "{\"time\":\"2024-08-08\",\"price\":{\"a\":1},\"quantity\":1}\n"
      "{\"time\":\"2024-08-08\",\"price\":1,\"quantity\":1,\"colour\":\"red\"}\n"
      "{\"time\":\"2024-08-08\",\"price\":1,\"quantity\":1} {}\n"
      "{\"time\":\"2024-08-08\",\"price\":1\n"
      "[1,2]\n"
      "{\"time\":\"2024-08-08\",\"price\":9,\"quantity\":1}\n");
  CHECK(found.rows == "- 1 1 unknown; - 9 1 unknown; ");
  REQUIRE(found.errors.size() == 7);
  CHECK(found.errors[0].find("1: no JSON object") == 0);
  CHECK(found.errors[1].find("3: price") == 0);
  CHECK(found.errors[2] == "4: 'price' must be a text or a number");
  CHECK(found.errors[3].find("colour") != std::string::npos);
  CHECK(found.errors[4].find("6: ") == 0);
}

TEST_CASE("bytes come in pieces of any length") {
  const std::string text =
      "{\"time\":\"2024-08-08\",\"price\":1,\"quantity\":1,\"trade_id\":1}\n"
      "{\"time\":\"2024-08-08\",\"price\":2,\"quantity\":1,\"trade_id\":2}\r\n"
      "{\"time\":\"2024-08-08\",\"price\":3,\"quantity\":1,\"trade_id\":3}";
  for (size_t length = 1; length < 40; ++length) {
    TableNdjsonDecoder decoder{trades_format()};
    for (size_t from = 0; from < text.size(); from += length) {
      const std::string_view piece = std::string_view{text}.substr(from, length);
      decoder.decode({piece.data(), piece.size()});
    }
    decoder.finish();
    CHECK(decoded(decoder).rows == "1 1 1 unknown; 2 2 1 unknown; 3 3 1 unknown; ");
  }
}

}  // namespace
}  // namespace tapedeck
