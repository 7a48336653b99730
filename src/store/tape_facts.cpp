#include "store/tape_facts.hpp"

#include "store/coverage_rows.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace tapedeck {
namespace {

// Sorted here: an ORDER BY costs such a small query as much again.
std::vector<TradeLoadSpan> trade_loads(duck::Connection& connection, InstrumentId instrument) {
  duck::Result rows =
      connection
          .prepare(
              "SELECT load_id, dataset = 'aggregates', ts_begin, ts_end, ordered, rows FROM "
              "tape.loads WHERE instrument_id = ? AND dataset IN ('trades', 'aggregates') AND "
              "rows > 0")
          .bind(1, static_cast<int64_t>(instrument))
          .run();
  std::vector<TradeLoadSpan> result;
  while (rows.next_row()) {
    result.push_back({.load_id = rows.int64(0),
                      .range = {.begin = rows.timestamp(2),
                                .end = rows.timestamp(3) + std::chrono::nanoseconds{1}},
                      .grain = rows.boolean(1) ? Grain::aggregate : Grain::trade,
                      .ordered = rows.boolean(4),
                      .rows = rows.int64(5)});
  }
  std::ranges::sort(result, {}, &TradeLoadSpan::load_id);
  return result;
}

std::vector<SetAside> set_aside_ranges(duck::Connection& connection, InstrumentId instrument) {
  duck::Result rows =
      connection
          .prepare("SELECT grain, \"begin\", \"end\" FROM tape.superseded WHERE instrument_id = ?")
          .bind(1, static_cast<int64_t>(instrument))
          .run();
  std::vector<SetAside> days;
  while (rows.next_row()) {
    days.push_back({.grain = static_cast<Grain>(rows.int64(0)),
                    .range = {.begin = rows.timestamp(1), .end = rows.timestamp(2)}});
  }
  return joined_days(std::move(days));
}

void read_live_facts(duck::Connection& connection, InstrumentId instrument, TapeFacts& facts) {
  duck::Result rows =
      connection
          .prepare(
              "SELECT p.sequence, i.price_exp, i.qty_exp, i.mixed_scale, m.grain, m.\"begin\" FROM "
              "tape.journal_position p LEFT JOIN tape.instruments i ON i.instrument_id = CAST($1 "
              "AS "
              "INTEGER) LEFT JOIN tape.open_minutes m ON m.instrument_id = CAST($1 AS INTEGER)")
          .bind(1, static_cast<int64_t>(instrument))
          .run();
  while (rows.next_row()) {
    facts.applied_sequence = static_cast<uint64_t>(rows.int64(0));
    if (!rows.is_null(1)) {
      facts.scale = Scale{.price_exp = static_cast<int8_t>(rows.int64(1)),
                          .qty_exp = static_cast<int8_t>(rows.int64(2))};
      facts.mixed_scale = rows.boolean(3);
    }
    if (rows.is_null(4)) continue;
    const bool aggregate = static_cast<Grain>(rows.int64(4)) == Grain::aggregate;
    (aggregate ? facts.open_minute_of_aggregates : facts.open_minute_of_trades) = rows.timestamp(5);
  }
}

}  // namespace

std::vector<SetAside> joined_days(std::vector<SetAside> days) {
  std::ranges::sort(days, {}, [](const SetAside& day) { return day.range.begin; });
  std::vector<SetAside> result;
  for (const SetAside& day : days) {
    if (!result.empty() && result.back().grain == day.grain &&
        result.back().range.end == day.range.begin) {
      result.back().range.end = day.range.end;
    } else {
      result.push_back(day);
    }
  }
  return result;
}

TapeFacts read_tape_facts(duck::Connection& connection, InstrumentId instrument) {
  TapeFacts facts{
      .loads = trade_loads(connection, instrument),
      .set_aside = set_aside_ranges(connection, instrument),
      .trades = folded(coverage_rows(connection, instrument, dataset_of(Grain::trade))),
      .aggregates = folded(coverage_rows(connection, instrument, dataset_of(Grain::aggregate)))};
  read_live_facts(connection, instrument, facts);
  return facts;
}

}  // namespace tapedeck
