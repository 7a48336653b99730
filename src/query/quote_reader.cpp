#include "query/quote_reader.hpp"

#include "store/coverage_rows.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

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

// Rows mostly lie as they came: looking whether they do costs a tenth of sorting them. `from` is a
// table and its filter; without numbers rows of one time stay as they lie.
bool lies_in_order(duck::Connection& connection, const std::string& from, const char* time,
                   const char* number) {
  duck::Statement select =
      connection.prepare_once(fmt::format("SELECT {}, {} FROM {}", time, number, from));
  duck::Result rows = select.stream();
  // Rows without a number come last of their time, as ORDER BY has them.
  std::pair<int64_t, int64_t> last{INT64_MIN, INT64_MIN};
  while (rows.next_chunk()) {
    const auto times = rows.column<int64_t>(0);
    const auto numbers = rows.column<int64_t>(1);
    const uint64_t* const has_number = rows.validity(1);
    for (size_t row = 0; row < rows.rows(); ++row) {
      const bool numbered = duck::is_valid(has_number, row);
      const std::pair now{times[row], numbered ? numbers[row] : INT64_MAX};
      if (now < last) return false;
      last = now;
    }
  }
  return true;
}

std::string trades_within(const TimedTrades& trades) {
  return fmt::format("tape.current_trades WHERE instrument_id = {}{}",
                     static_cast<uint32_t>(trades.instrument.id), within("ts_event", trades.range));
}

duck::Statement select_quotes(duck::Connection& connection, InstrumentId instrument,
                              TimeRange range, const char* time) {
  const std::string from =
      fmt::format("tape.quotes WHERE instrument_id = {}{} AND {} IS NOT NULL",
                  static_cast<uint32_t>(instrument), within(time, range), time);
  const bool in_order = lies_in_order(connection, from, time, "sequence");
  return connection.prepare_once(fmt::format(
      "SELECT ts_event, ts_recv, sequence, bid_price, bid_quantity, ask_price, ask_quantity, "
      "price_exp, qty_exp FROM {}{}",
      from, in_order ? "" : fmt::format(" ORDER BY {}, sequence, rowid", time)));
}

}  // namespace

QuoteCursor::QuoteCursor(duck::Connection& connection, InstrumentId instrument, TimeRange range,
                         BookClock clock)
    : select_{select_quotes(connection, instrument, range, column_of(clock))},
      rows_{select_.stream()} {}

const Quote* QuoteCursor::next() {
  while (row_ == columns_[0].size()) {
    if (!rows_.next_chunk()) return nullptr;
    row_ = 0;
    for (size_t column = 0; column < columns_.size(); ++column)
      columns_[column] = rows_.column<int64_t>(column);
    price_exp_ = rows_.column<int8_t>(7);
    qty_exp_ = rows_.column<int8_t>(8);
    has_recv_ = rows_.validity(1);
    has_sequence_ = rows_.validity(2);
  }
  read_row();
  ++row_;
  return &quote_;
}

void QuoteCursor::read_row() {
  const auto& [ts_event, ts_recv, sequence, bid_price, bid_quantity, ask_price, ask_quantity] =
      columns_;
  const size_t row = row_;
  quote_ = {.ts_event = from_epoch_ns(ts_event[row]),
            .bid_price = {bid_price[row], price_exp_[row]},
            .bid_quantity = {bid_quantity[row], qty_exp_[row]},
            .ask_price = {ask_price[row], price_exp_[row]},
            .ask_quantity = {ask_quantity[row], qty_exp_[row]}};
  if (duck::is_valid(has_recv_, row)) quote_.ts_recv = from_epoch_ns(ts_recv[row]);
  if (duck::is_valid(has_sequence_, row)) quote_.sequence = sequence[row];
}

bool quotes_lack_event_times(duck::Connection& connection, InstrumentId instrument,
                             TimeRange range) {
  const std::string from =
      fmt::format("tape.quotes WHERE instrument_id = {}{}", static_cast<uint32_t>(instrument),
                  within("ts_event", range));
  const auto has_rows = [&](std::string_view condition) {
    return connection.run(fmt::format("SELECT 1 FROM {}{} LIMIT 1", from, condition)).next_row();
  };
  return !has_rows(" AND ts_event IS DISTINCT FROM ts_recv") && has_rows("");
}

TimeRange times_of(duck::Connection& connection, const TimedTrades& trades) {
  const char* const column = column_of(trades.clock);
  duck::Result rows = connection.run(
      fmt::format("SELECT min({0}), max({0}) FROM {1}", column, trades_within(trades)));
  rows.next_row();
  if (rows.is_null(0)) return {.begin = Timestamp{}, .end = Timestamp{}};
  return {.begin = rows.timestamp(0), .end = rows.timestamp(1) + std::chrono::nanoseconds{1}};
}

void read_timed_trades(duck::Connection& connection, const TimedTrades& trades,
                       const std::function<KeepGoing(QuotedTrade&)>& use) {
  const char* const column = column_of(trades.clock);
  const std::string from = trades_within(trades);
  const bool in_order = lies_in_order(connection, from, column, "trade_id");
  duck::Statement select = connection.prepare_once(fmt::format(
      "SELECT ts_event, ts_recv, trade_id, price, quantity, price_exp, qty_exp, side FROM {}{}",
      from, in_order ? "" : fmt::format(" ORDER BY {}, trade_id", column)));
  duck::Result rows = select.stream();
  while (rows.next_chunk()) {
    const auto ts_event = rows.column<int64_t>(0);
    const auto ts_recv = rows.column<int64_t>(1);
    const auto trade_id = rows.column<int64_t>(2);
    const auto price = rows.column<int64_t>(3);
    const auto quantity = rows.column<int64_t>(4);
    const auto price_exp = rows.column<int8_t>(5);
    const auto qty_exp = rows.column<int8_t>(6);
    const auto side = rows.column<uint8_t>(7);
    const uint64_t* const has_recv = rows.validity(1);
    const uint64_t* const has_id = rows.validity(2);
    for (size_t row = 0; row < rows.rows(); ++row) {
      const bool received = duck::is_valid(has_recv, row);
      if (trades.clock == BookClock::recv && !received) {
        throw Error{ErrorCode::unsupported,
                    fmt::format("trades of {} have no receive times: they can be joined by the "
                                "venue's clock only",
                                to_text(trades.instrument.name))};
      }
      QuotedTrade trade{.trade = {.ts_event = from_epoch_ns(ts_event[row]),
                                  .trade_id = {},
                                  .price = Price{price[row]},
                                  .quantity = Qty{quantity[row]},
                                  .side = static_cast<AggressorSide>(side[row])},
                        .scale = {.price_exp = price_exp[row], .qty_exp = qty_exp[row]}};
      if (received) trade.ts_recv = from_epoch_ns(ts_recv[row]);
      if (duck::is_valid(has_id, row)) trade.trade.trade_id = trade_id[row];
      if (use(trade) == KeepGoing::stop) return;
    }
  }
}

Coverage trade_coverage(duck::Connection& connection, InstrumentId instrument, TimeRange range) {
  std::vector<CoverageRow> rows = coverage_rows(connection, instrument, dataset_of(Grain::trade));
  if (rows.empty()) {
    rows = coverage_rows(connection, instrument, dataset_of(Grain::aggregate));
  }
  return coverage_within(folded(std::move(rows)), range);
}

}  // namespace tapedeck
