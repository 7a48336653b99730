#include "store/derivative_rows.hpp"

#include "store/given_stage.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

std::optional<int64_t> ns_of(const std::optional<Timestamp>& t) {
  return t ? std::optional{to_epoch_ns(*t)} : std::nullopt;
}

// A column behind ts_recv, and what it is of a row `g` of `given`.
struct Value {
  std::string column;
  std::string expression;
};

// From `given` those that the table does not have, whatever our clock said; of equal ones the
// first.
int64_t insert_new(duck::Transaction& transaction, InstrumentId instrument, std::string_view table,
                   const std::vector<Value>& values) {
  std::string columns;
  std::string expressions;
  for (const Value& value : values) {
    columns += ", t." + value.column;
    expressions += ", " + value.expression;
  }
  duck::Connection& connection = transaction.connection();
  const int64_t stored =
      connection
          .run(fmt::format(
              "INSERT INTO tape.{0} SELECT {1}, g.ts_event, make_timestamp_ns(g.ts_recv){3} FROM "
              "(SELECT * FROM given g QUALIFY row_number() OVER (PARTITION BY g.ts_event{3} ORDER "
              "BY g.ts_recv) = 1) g WHERE NOT EXISTS (SELECT 1 FROM tape.{0} t WHERE "
              "t.instrument_id = {1} AND t.ts_event = g.ts_event AND row(1{2}) IS NOT DISTINCT "
              "FROM row(1{3})) ORDER BY g.ts_event",
              table, static_cast<uint32_t>(instrument), columns, expressions))
          .rows_changed();
  connection.run("DROP TABLE given");
  return stored;
}

}  // namespace

int64_t insert_mark_prices(duck::Transaction& transaction, InstrumentId instrument,
                           std::span<const MarkPrice> rows) {
  GivenStage stage{
      transaction,
      {.time = "ts_event", .decimals = {"mark_price", "index_price"}, .wholes = {"ts_recv"}}};
  for (const MarkPrice& row : rows)
    stage.add(row.ts_event, {row.mark_price, row.index_price}, {ns_of(row.ts_recv)});
  stage.close();
  return insert_new(transaction, instrument, "mark_prices",
                    {{"mark_price", "g.mark_price"}, {"index_price", "g.index_price"}});
}

int64_t insert_funding_rates(duck::Transaction& transaction, InstrumentId instrument,
                             std::span<const FundingRate> rows) {
  GivenStage stage{
      transaction,
      {.time = "ts_event", .decimals = {"funding_rate"}, .wholes = {"next_ns", "ts_recv"}}};
  for (const FundingRate& row : rows)
    stage.add(row.ts_event, {row.funding_rate}, {ns_of(row.next_funding), ns_of(row.ts_recv)});
  stage.close();
  return insert_new(
      transaction, instrument, "funding_rates",
      {{"funding_rate", "g.funding_rate"}, {"next_funding", "make_timestamp_ns(g.next_ns)"}});
}

int64_t insert_liquidations(duck::Transaction& transaction, InstrumentId instrument,
                            std::span<const Liquidation> rows) {
  GivenStage stage{
      transaction,
      {.time = "ts_event", .decimals = {"price", "quantity"}, .wholes = {"side", "ts_recv"}}};
  for (const Liquidation& row : rows) {
    stage.add(row.ts_event, {row.price, row.quantity},
              {static_cast<int64_t>(row.side), ns_of(row.ts_recv)});
  }
  stage.close();
  return insert_new(
      transaction, instrument, "liquidations",
      {{"side", "CAST(g.side AS UTINYINT)"}, {"price", "g.price"}, {"quantity", "g.quantity"}});
}

int64_t insert_depth_bands(duck::Transaction& transaction, InstrumentId instrument,
                           std::span<const DepthBand> rows) {
  GivenStage stage{
      transaction,
      {.time = "ts_event", .decimals = {"percentage", "depth", "notional"}, .wholes = {"ts_recv"}}};
  for (const DepthBand& row : rows)
    stage.add(row.ts_event, {row.percentage, row.depth, row.notional}, {std::nullopt});
  stage.close();
  return insert_new(
      transaction, instrument, "depth_bands",
      {{"percentage", "g.percentage"}, {"depth", "g.depth"}, {"notional", "g.notional"}});
}

}  // namespace tapedeck
