#include "store/tick_rows.hpp"

#include "base/clock.hpp"
#include "store/coverage_rows.hpp"
#include "store/given_stage.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/base/uuid.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::chrono::nanoseconds kNanosecond{1};
constexpr const char* kSeparator = "\x1f";  // of conditions on their way through the stage

void stage(duck::Transaction& transaction, std::span<const Tick> ticks, Timestamp now) {
  GivenStage stage{transaction,
                   {.time = "ts_event",
                    .decimals = {"bid_price", "bid_quantity", "ask_price", "ask_quantity",
                                 "last_price", "last_quantity", "volume"},
                    .wholes = {"arrival", "sequence", "ts_recv"},
                    .texts = {"conditions", "tape", "correlation_id"}}};
  int64_t arrival = 0;
  for (const Tick& tick : ticks) {
    check_tick(tick);
    stage.add(tick.ts_event,
              {tick.bid_price, tick.bid_quantity, tick.ask_price, tick.ask_quantity,
               tick.last_price, tick.last_quantity, tick.volume},
              {arrival++, tick.sequence, to_epoch_ns(tick.ts_recv.value_or(now))},
              {fmt::format("{}", fmt::join(tick.conditions, kSeparator)), tick.tape,
               tick.correlation_id});
  }
  stage.close();
}

constexpr const char* kInsert =
    "INSERT INTO tape.ticks SELECT (SELECT coalesce(max(tick_id), 0) FROM tape.ticks) + "
    "row_number() OVER (ORDER BY g.ts_event, g.arrival), {0}, g.ts_event, "
    "make_timestamp_ns(g.ts_recv), g.bid_price, g.bid_quantity, g.ask_price, g.ask_quantity, "
    "g.last_price, g.last_quantity, g.volume, g.sequence, g.conditions, g.tape, "
    "g.correlation_id, $1 FROM (SELECT * REPLACE (string_split(conditions, chr(31)) AS "
    "conditions, CAST(correlation_id AS UUID) AS correlation_id) FROM given QUALIFY row_number() "
    "OVER (PARTITION BY ts_event, bid_price, bid_quantity, ask_price, ask_quantity, last_price, "
    "last_quantity, volume, sequence, conditions, tape, correlation_id ORDER BY arrival) = 1) g "
    "WHERE NOT EXISTS (SELECT 1 FROM tape.ticks t WHERE t.instrument_id = {0} AND t.ts_event = "
    "g.ts_event AND row(t.bid_price, t.bid_quantity, t.ask_price, t.ask_quantity, t.last_price, "
    "t.last_quantity, t.volume, t.sequence, t.conditions, t.tape, t.correlation_id) IS NOT "
    "DISTINCT FROM row(g.bid_price, g.bid_quantity, g.ask_price, g.ask_quantity, g.last_price, "
    "g.last_quantity, g.volume, g.sequence, g.conditions, g.tape, g.correlation_id)) ORDER BY "
    "g.ts_event, g.arrival";

std::optional<NumberedTick> newest_numbered(duck::Connection& connection, InstrumentId instrument) {
  duck::Result rows = connection.run(
      fmt::format("SELECT ts_event, sequence FROM tape.ticks WHERE instrument_id = {} AND sequence "
                  "IS NOT NULL ORDER BY ts_event DESC, tick_id DESC LIMIT 1",
                  static_cast<uint32_t>(instrument)));
  if (!rows.next_row()) return std::nullopt;
  return NumberedTick{.at = rows.timestamp(0), .sequence = rows.int64(1)};
}

}  // namespace

void check_tick(const Tick& tick) {
  const auto refuse = [&](std::string_view field, const Decimal& value, std::string_view rule) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("the tick at {} has the {} {}, which must be {}", to_iso(tick.ts_event),
                            field, to_text(value), rule)};
  };
  if (tick.bid_price.units <= 0) refuse("bid_price", tick.bid_price, "above 0");
  if (tick.ask_price.units <= 0) refuse("ask_price", tick.ask_price, "above 0");
  if (tick.last_price && tick.last_price->units <= 0) {
    refuse("last_price", *tick.last_price, "above 0");
  }
  for (const auto& [field, value] :
       {std::pair{"bid_quantity", &tick.bid_quantity},
        std::pair{"ask_quantity", &tick.ask_quantity},
        std::pair{"last_quantity", &tick.last_quantity}, std::pair{"volume", &tick.volume}}) {
    if (*value && (*value)->units < 0) refuse(field, **value, "0 or more");
  }
  if (tick.correlation_id.empty() || is_uuid(tick.correlation_id)) return;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("the tick at {}: its correlation_id '{}' is no UUID",
                          to_iso(tick.ts_event), tick.correlation_id.substr(0, 80))};
}

std::vector<CoverageRow> coverage_of(std::span<const Tick> ticks, std::optional<NumberedTick> last,
                                     const std::string& source) {
  std::vector<const Tick*> ordered;
  for (const Tick& tick : ticks)
    ordered.push_back(&tick);
  std::ranges::stable_sort(ordered, [](const Tick* a, const Tick* b) {
    return std::pair{a->ts_event, a->sequence} < std::pair{b->ts_event, b->sequence};
  });
  const bool numbered =
      std::ranges::all_of(ticks, [](const Tick& t) { return t.sequence.has_value(); });
  if (last && last->at > ordered.front()->ts_event) last.reset();  // these fill up what was before
  Timestamp begin = last && numbered ? last->at : ordered.front()->ts_event;
  std::vector<CoverageRow> rows;
  const auto add = [&](TimeRange range, CoverageStatus status, std::string cause) {
    if (range.empty()) return;
    rows.push_back({.dataset = std::string{kTicksDataset},
                    .range = range,
                    .status = status,
                    .cause = std::move(cause),
                    .source = source});
  };
  const CoverageStatus status = numbered ? CoverageStatus::recorded : CoverageStatus::unverifiable;
  for (const Tick* const tick : ordered) {
    if (!tick->sequence) continue;
    const int64_t missing = last ? *tick->sequence - last->sequence - 1 : 0;
    if (missing > 0) {
      add({.begin = begin, .end = last->at + kNanosecond}, status, {});
      begin = std::max(tick->ts_event, last->at + kNanosecond);
      add({.begin = last->at + kNanosecond, .end = begin}, CoverageStatus::gap,
          fmt::format("numbers {} – {} are missing", last->sequence + 1, *tick->sequence - 1));
    }
    last = NumberedTick{.at = tick->ts_event, .sequence = *tick->sequence};
  }
  add({.begin = begin, .end = ordered.back()->ts_event + kNanosecond}, status, {});
  return rows;
}

TickResult insert_ticks(duck::Transaction& transaction, InstrumentId instrument,
                        std::span<const Tick> ticks, const std::string& source) {
  if (ticks.empty()) return {};
  duck::Connection& connection = transaction.connection();
  const std::optional<NumberedTick> last = newest_numbered(connection, instrument);
  stage(transaction, ticks, from_epoch_ns(now_epoch_ns()));
  TickResult result;
  result.rows = connection.prepare_once(fmt::format(kInsert, static_cast<uint32_t>(instrument)))
                    .bind(1, std::string_view{source})
                    .run()
                    .rows_changed();
  connection.run("DROP TABLE given");
  result.duplicates = static_cast<int64_t>(ticks.size()) - result.rows;
  if (result.rows == 0) return result;
  const std::vector<CoverageRow> covered = coverage_of(ticks, last, source);
  insert_coverage(transaction, instrument, covered);
  result.gaps = std::ranges::count(covered, CoverageStatus::gap, &CoverageRow::status);
  return result;
}

}  // namespace tapedeck
