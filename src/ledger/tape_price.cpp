#include "ledger/tape_price.hpp"

#include "duck/row_reader.hpp"

#include <array>

namespace tapedeck {
namespace {

// Each gives a DECIMAL(38,12), of the instrument $1 in [$2, $3).
constexpr std::array kSources{
    "SELECT mark_price FROM tape.mark_prices WHERE instrument_id = $1 AND ts_event >= $2 AND "
    "ts_event < $3 ORDER BY ts_event DESC LIMIT 1",
    "SELECT CAST(tape.to_decimal(price, price_exp) AS DECIMAL(38,12)) FROM tape.current_trades "
    "WHERE instrument_id = $1 AND ts_event >= $2 AND ts_event < $3 ORDER BY ts_event DESC, "
    "trade_id DESC LIMIT 1"};
constexpr const char* kQuote =
    "SELECT CAST(tape.to_decimal(bid_price, price_exp) AS DECIMAL(38,12)), "
    "CAST(tape.to_decimal(ask_price, price_exp) AS DECIMAL(38,12)) FROM tape.quotes WHERE "
    "instrument_id = $1 AND ts_event >= $2 AND ts_event < $3 ORDER BY ts_event DESC, sequence DESC "
    "LIMIT 1";

duck::Result ask(duck::Connection& connection, const char* sql, InstrumentId instrument,
                 const TimeRange& range) {
  return connection.prepare(sql)
      .bind(1, static_cast<int64_t>(instrument))
      .bind(2, range.begin)
      .bind(3, range.end)
      .run();
}

}  // namespace

std::optional<Amount> tape_price(duck::Connection& connection, InstrumentId instrument,
                                 const TimeRange& range) {
  for (const char* const source : kSources) {
    duck::Result rows = ask(connection, source, instrument, range);
    duck::RowReader in{rows};
    if (!in.next()) continue;
    const Amount price = in.take_amount();
    if (price > Amount{}) return price;
  }
  duck::Result rows = ask(connection, kQuote, instrument, range);
  duck::RowReader in{rows};
  if (!in.next()) return std::nullopt;
  const Amount bid = in.take_amount();
  const Amount middle = quotient(bid + in.take_amount(), Amount::whole(2));
  return middle > Amount{} ? std::optional{middle} : std::nullopt;
}

}  // namespace tapedeck
