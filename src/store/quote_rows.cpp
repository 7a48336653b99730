#include "store/quote_rows.hpp"

#include "duck/appender.hpp"
#include "store/coverage_rows.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tapedeck {
namespace {

// The columns of the stage, in order.
enum Column : size_t {
  kArrival,
  kTsEvent,
  kTsRecv,
  kSequence,
  kBidPrice,
  kBidQuantity,
  kAskPrice,
  kAskQuantity,
  kPriceExp,
  kQtyExp
};

struct Units {
  std::array<int64_t, 4> values{};  // bid price and quantity, ask price and quantity
  Scale scale;
};

Scale scale_of(const Quote& quote) {
  return {.price_exp =
              static_cast<int8_t>(std::min(quote.bid_price.exponent, quote.ask_price.exponent)),
          .qty_exp = static_cast<int8_t>(
              std::min(quote.bid_quantity.exponent, quote.ask_quantity.exponent))};
}

tl::expected<Units, DecimalError> units_of(const Quote& quote, Scale scale) {
  Units units{.values = {}, .scale = scale};
  size_t at = 0;
  for (const auto& [value, exponent] :
       {std::pair{&quote.bid_price, scale.price_exp}, std::pair{&quote.bid_quantity, scale.qty_exp},
        std::pair{&quote.ask_price, scale.price_exp},
        std::pair{&quote.ask_quantity, scale.qty_exp}}) {
    const auto scaled = rescale(value->units, value->exponent, exponent);
    if (!scaled) return tl::make_unexpected(scaled.error());
    units.values[at++] = *scaled;
  }
  return units;
}

// At the batch's scale, so that the exponents compress to nothing; a value that does not fit there
// keeps its own.
Units fitting_units(const Quote& quote, Scale scale) {
  if (const auto units = units_of(quote, scale)) return *units;
  if (const auto units = units_of(quote, scale_of(quote))) return *units;
  throw Error{
      ErrorCode::out_of_range,
      fmt::format("the quote {} × {} / {} × {} at {} does not fit 64 bits at its digits",
                  to_text(quote.bid_price), to_text(quote.bid_quantity), to_text(quote.ask_price),
                  to_text(quote.ask_quantity), to_iso(quote.ts_event))};
}

void stage_quotes(duck::Transaction& transaction, std::span<const Quote> quotes) {
  transaction.connection().run(
      "CREATE OR REPLACE TEMP TABLE given_quotes(arrival BIGINT, ts_event TIMESTAMP_NS, ts_recv "
      "TIMESTAMP_NS, sequence BIGINT, bid_price BIGINT, bid_quantity BIGINT, ask_price BIGINT, "
      "ask_quantity BIGINT, price_exp TINYINT, "
      "qty_exp TINYINT)");
  Scale scale;
  for (const Quote& quote : quotes)
    scale = finest(scale, scale_of(quote));
  duck::Appender appender{transaction, "main", "given_quotes"};
  duck::RowChunk chunk{DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_TIMESTAMP_NS, DUCKDB_TYPE_TIMESTAMP_NS,
                       DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_BIGINT,       DUCKDB_TYPE_BIGINT,
                       DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_BIGINT,       DUCKDB_TYPE_TINYINT,
                       DUCKDB_TYPE_TINYINT};
  for (size_t from = 0; from < quotes.size(); from += duck::RowChunk::kRows) {
    const size_t rows = std::min(duck::RowChunk::kRows, quotes.size() - from);
    chunk.reset();
    for (size_t row = 0; row < rows; ++row) {
      const Quote& quote = quotes[from + row];
      const Units units = fitting_units(quote, scale);
      chunk.column<int64_t>(kArrival)[row] = static_cast<int64_t>(from + row);
      chunk.column<int64_t>(kTsEvent)[row] = to_epoch_ns(quote.ts_event);
      if (quote.ts_recv) chunk.column<int64_t>(kTsRecv)[row] = to_epoch_ns(*quote.ts_recv);
      if (!quote.ts_recv) chunk.set_null(kTsRecv, row);
      if (quote.sequence) chunk.column<int64_t>(kSequence)[row] = *quote.sequence;
      if (!quote.sequence) chunk.set_null(kSequence, row);
      for (size_t i = 0; i < units.values.size(); ++i)
        chunk.column<int64_t>(kBidPrice + i)[row] = units.values[i];
      chunk.column<int8_t>(kPriceExp)[row] = units.scale.price_exp;
      chunk.column<int8_t>(kQtyExp)[row] = units.scale.qty_exp;
    }
    chunk.set_rows(rows);
    appender.append(chunk);
  }
  appender.close();
}

}  // namespace

int64_t insert_quotes(duck::Transaction& transaction, InstrumentId instrument,
                      std::span<const Quote> quotes) {
  stage_quotes(transaction, quotes);
  duck::Connection& connection = transaction.connection();
  const auto value = [](std::string_view table, std::string_view column,
                        std::string_view exponent) {
    return fmt::format("tape.to_decimal({0}.{1}, {0}.{2})", table, column, exponent);
  };
  const auto values = [&](std::string_view table) {
    return fmt::format(
        "({}.ts_event, {}, {}, {}, {})", table, value(table, "bid_price", "price_exp"),
        value(table, "bid_quantity", "qty_exp"), value(table, "ask_price", "price_exp"),
        value(table, "ask_quantity", "qty_exp"));
  };
  connection.run(fmt::format(
      "DELETE FROM given_quotes g USING tape.quotes q WHERE q.instrument_id = {} AND q.ts_event = "
      "g.ts_event AND q.sequence IS NOT DISTINCT FROM g.sequence AND {} = {}",
      static_cast<uint32_t>(instrument), values("q"), values("g")));
  const int64_t stored =
      connection
          .run(fmt::format(
              "INSERT INTO tape.quotes SELECT {}, ts_event, ts_recv, sequence, bid_price, "
              "bid_quantity, ask_price, ask_quantity, price_exp, qty_exp FROM given_quotes g "
              "QUALIFY row_number() OVER (PARTITION BY sequence, {} ORDER BY arrival) = 1 ORDER BY "
              "ts_event, arrival",
              static_cast<uint32_t>(instrument), values("g")))
          .rows_changed();
  connection.run("DROP TABLE given_quotes");
  return stored;
}

void insert_quote_coverage(duck::Transaction& transaction, InstrumentId instrument,
                           std::span<const Quote> quotes, const std::string& source) {
  if (quotes.empty()) return;
  const auto [first, last] = std::ranges::minmax_element(quotes, {}, &Quote::ts_event);
  insert_coverage(
      transaction, instrument,
      {.dataset = std::string{kQuotesDataset},
       .range = {.begin = first->ts_event, .end = last->ts_event + std::chrono::nanoseconds{1}},
       .status = CoverageStatus::unverifiable,
       .source = source});
}

std::optional<Quote> newest_quote(duck::Connection& connection, InstrumentId instrument) {
  duck::Result rows =
      connection
          .prepare(
              "SELECT ts_event, bid_price, bid_quantity, ask_price, ask_quantity, price_exp, "
              "qty_exp FROM tape.quotes WHERE instrument_id = CAST(? AS INTEGER) ORDER BY ts_event "
              "DESC, rowid DESC LIMIT 1")
          .bind(1, static_cast<int64_t>(instrument))
          .run();
  if (!rows.next_row()) return std::nullopt;
  const auto price_exp = static_cast<int>(rows.int64(5));
  const auto qty_exp = static_cast<int>(rows.int64(6));
  return Quote{.ts_event = rows.timestamp(0),
               .bid_price = {rows.int64(1), price_exp},
               .bid_quantity = {rows.int64(2), qty_exp},
               .ask_price = {rows.int64(3), price_exp},
               .ask_quantity = {rows.int64(4), qty_exp}};
}

}  // namespace tapedeck
