#include "query/quote_reader.hpp"

#include "store/coverage_rows.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <optional>

namespace tapedeck {
namespace {

const char* column_of(BookClock clock) {
  return clock == BookClock::event ? "ts_event" : "ts_recv";
}

// Bounds as SQL; open ones are left out, so that no time is out of DuckDB's range.
std::string within(const char* column, const TimeRange& range) {
  std::string text;
  if (range.begin != Timestamp::min()) {
    text += fmt::format(" AND {} >= make_timestamp_ns({})", column, to_epoch_ns(range.begin));
  }
  if (range.end != Timestamp::max()) {
    text += fmt::format(" AND {} < make_timestamp_ns({})", column, to_epoch_ns(range.end));
  }
  return text;
}

bool is_set(const uint64_t* bits, size_t row) {
  return bits == nullptr || ((bits[row / 64] >> (row % 64)) & 1U) != 0;
}

}  // namespace

int64_t read_quotes(duck::Connection& connection, InstrumentId instrument, TimeRange range,
                    BookClock clock, const std::function<KeepGoing(const Quote&)>& use) {
  const char* const column = column_of(clock);
  duck::Statement select = connection.prepare_once(fmt::format(
      "SELECT ts_event, ts_recv, sequence, bid_price, bid_quantity, ask_price, ask_quantity, "
      "price_exp, qty_exp FROM tape.quotes WHERE instrument_id = {}{} AND {} IS NOT NULL ORDER BY "
      "{}, sequence, rowid",
      static_cast<uint32_t>(instrument), within(column, range), column, column));
  duck::Result rows = select.stream();
  int64_t given = 0;
  while (rows.next_chunk()) {
    const auto ts_event = rows.column<int64_t>(0);
    const auto ts_recv = rows.column<int64_t>(1);
    const auto sequence = rows.column<int64_t>(2);
    const auto bid_price = rows.column<int64_t>(3);
    const auto bid_quantity = rows.column<int64_t>(4);
    const auto ask_price = rows.column<int64_t>(5);
    const auto ask_quantity = rows.column<int64_t>(6);
    const auto price_exp = rows.column<int8_t>(7);
    const auto qty_exp = rows.column<int8_t>(8);
    for (size_t row = 0; row < rows.rows(); ++row) {
      Quote quote{.ts_event = from_epoch_ns(ts_event[row]),
                  .bid_price = {bid_price[row], price_exp[row]},
                  .bid_quantity = {bid_quantity[row], qty_exp[row]},
                  .ask_price = {ask_price[row], price_exp[row]},
                  .ask_quantity = {ask_quantity[row], qty_exp[row]}};
      if (is_set(rows.validity(1), row)) quote.ts_recv = from_epoch_ns(ts_recv[row]);
      if (is_set(rows.validity(2), row)) quote.sequence = sequence[row];
      ++given;
      if (use(quote) == KeepGoing::stop) return given;
    }
  }
  return given;
}

bool quotes_lack_event_times(duck::Connection& connection, InstrumentId instrument,
                             TimeRange range) {
  duck::Result rows = connection.run(fmt::format(
      "SELECT count(*) > 0 AND bool_and(coalesce(ts_event = ts_recv, false)) FROM tape.quotes "
      "WHERE instrument_id = {}{}",
      static_cast<uint32_t>(instrument), within("ts_event", range)));
  rows.next_row();
  return rows.boolean(0);
}

std::vector<QuotedTrade> read_timed_trades(duck::Connection& connection,
                                           const Instrument& instrument, TimeRange range,
                                           BookClock clock) {
  const char* const column = column_of(clock);
  duck::Statement select = connection.prepare_once(fmt::format(
      "SELECT ts_event, ts_recv, trade_id, price, quantity, price_exp, qty_exp, side FROM "
      "tape.current_trades WHERE instrument_id = {}{} ORDER BY {}, trade_id",
      static_cast<uint32_t>(instrument.id), within("ts_event", range), column));
  duck::Result rows = select.stream();
  std::vector<QuotedTrade> trades;
  while (rows.next_chunk()) {
    for (size_t row = 0; row < rows.rows(); ++row) {
      const bool has_recv = is_set(rows.validity(1), row);
      if (clock == BookClock::recv && !has_recv) {
        throw Error{ErrorCode::unsupported,
                    fmt::format("trades of {} have no receive times: they can be joined by the "
                                "venue's clock only",
                                to_text(instrument.name))};
      }
      QuotedTrade trade{.trade = {.ts_event = from_epoch_ns(rows.column<int64_t>(0)[row]),
                                  .trade_id = {},
                                  .price = Price{rows.column<int64_t>(3)[row]},
                                  .quantity = Qty{rows.column<int64_t>(4)[row]},
                                  .side = static_cast<AggressorSide>(rows.column<uint8_t>(7)[row])},
                        .scale = {.price_exp = rows.column<int8_t>(5)[row],
                                  .qty_exp = rows.column<int8_t>(6)[row]}};
      if (has_recv) trade.ts_recv = from_epoch_ns(rows.column<int64_t>(1)[row]);
      if (is_set(rows.validity(2), row)) trade.trade.trade_id = rows.column<int64_t>(2)[row];
      trades.push_back(trade);
    }
  }
  return trades;
}

Coverage trade_coverage(duck::Connection& connection, InstrumentId instrument, TimeRange range) {
  std::vector<CoverageRow> rows = coverage_rows(connection, instrument, dataset_of(Grain::trade));
  if (rows.empty()) {
    rows = coverage_rows(connection, instrument, dataset_of(Grain::aggregate));
  }
  return coverage_within(folded(std::move(rows)), range);
}

}  // namespace tapedeck
