#include "feed/table_fields.hpp"

#include "base/suggest.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>

namespace tapedeck {
namespace {

constexpr unsigned bit_of(DataKind kind) {
  return 1U << static_cast<unsigned>(kind);
}

constexpr unsigned kTrades = bit_of(DataKind::trades);
constexpr unsigned kKlines = bit_of(DataKind::klines);
constexpr unsigned kQuotes = bit_of(DataKind::quotes);
constexpr unsigned kOpenInterest = bit_of(DataKind::open_interest);
constexpr unsigned kTicks = bit_of(DataKind::ticks);
constexpr unsigned kDepth = bit_of(DataKind::depth_snapshots);
constexpr unsigned kRuns = bit_of(DataKind::order_runs);
constexpr unsigned kBooks = kDepth | kRuns;
constexpr unsigned kAll = kTrades | kKlines | kQuotes | kOpenInterest | kTicks | kBooks;

struct FieldFacts {
  std::string_view name;
  unsigned kinds = 0;
  unsigned needed = 0;                        // by these kinds
  std::vector<std::string_view> others = {};  // the likelier one first
};

// By TableField.
const std::array<FieldFacts, kTableFields>& all_facts() {
  static const std::array<FieldFacts, kTableFields> table{{
      {"instrument", kAll, 0, {}},
      {"venue", kAll, 0, {"exchange", "exchange_name"}},
      {"symbol", kAll, 0, {"ticker", "pair", "instrument_name", "contract"}},
      {"time",
       kAll,
       kAll,
       {"timestamp", "ts_event", "trade_time", "transact_time", "open_time", "create_time",
        "candle_time", "oi_time", "snapshot_time", "start_time", "begin", "datetime", "date", "ts",
        "t"}},
      {"trade_id", kTrades, 0, {"id", "tradeid", "agg_trade_id", "tid"}},
      {"price", kTrades | kBooks, kTrades | kBooks, {"px", "p", "trade_price"}},
      {"quantity",
       kTrades | kBooks,
       kTrades | kBooks,
       {"qty", "size", "amount", "volume", "base_qty", "q", "trade_size"}},
      {"price_exp", kTrades | kQuotes, 0, {}},
      {"qty_exp", kTrades | kQuotes, 0, {}},
      {"side", kTrades | kBooks, 0, {"aggressor_side", "taker_side"}},
      {"is_buyer_maker", kTrades, 0, {"buyer_maker", "isbuyermaker", "is_sell"}},
      {"grain", kTrades, 0, {}},
      {"interval", kKlines, 0, {"timeframe", "resolution"}},
      {"source", kKlines | kTicks, 0, {}},
      {"open", kKlines, kKlines, {"open_price", "o"}},
      {"high", kKlines, kKlines, {"high_price", "h"}},
      {"low", kKlines, kKlines, {"low_price", "l"}},
      {"close", kKlines, kKlines, {"close_price", "c"}},
      {"volume", kKlines | kTicks, kKlines, {"base_volume", "vol", "v"}},
      {"quote_volume", kKlines, 0, {"quote_asset_volume", "turnover"}},
      {"buy_volume",
       kKlines,
       0,
       {"taker_buy_volume", "taker_buy_base_volume", "taker_buy_base_asset_volume"}},
      {"buy_quote_volume", kKlines, 0, {"taker_buy_quote_volume", "taker_buy_quote_asset_volume"}},
      {"trades", kKlines, 0, {"count", "trade_count", "number_of_trades", "num_trades"}},
      {"bid_price", kQuotes | kTicks, kQuotes | kTicks, {"bid", "best_bid_price", "best_bid", "b"}},
      {"bid_quantity",
       kQuotes | kTicks,
       kQuotes,
       {"bid_qty", "bid_size", "bid_amount", "best_bid_qty", "best_bid_size", "bid_volume"}},
      {"ask_price", kQuotes | kTicks, kQuotes | kTicks, {"ask", "best_ask_price", "best_ask", "a"}},
      {"ask_quantity",
       kQuotes | kTicks,
       kQuotes,
       {"ask_qty", "ask_size", "ask_amount", "best_ask_qty", "best_ask_size", "ask_volume"}},
      {"open_interest", kOpenInterest, kOpenInterest, {"sum_open_interest", "oi", "oi_value"}},
      {"open_interest_value", kOpenInterest, 0, {"sum_open_interest_value"}},
      {"top_trader_account_ratio", kOpenInterest, 0, {"count_toptrader_long_short_ratio"}},
      {"top_trader_position_ratio", kOpenInterest, 0, {"sum_toptrader_long_short_ratio"}},
      {"account_ratio", kOpenInterest, 0, {"count_long_short_ratio"}},
      {"taker_volume_ratio", kOpenInterest, 0, {"sum_taker_long_short_vol_ratio"}},
      {"last_price", kTicks, 0, {"last", "trade_price"}},
      {"last_quantity", kTicks, 0, {"last_size", "last_qty", "trade_size"}},
      {"sequence",
       kQuotes | kTicks | kDepth,
       0,
       {"sequence_number", "last_update_id", "update_id", "seq"}},
      {"conditions", kTicks, 0, {"trade_conditions"}},
      {"tape", kTicks, 0, {}},
      {"correlation_id", kTicks, 0, {}},
      {"ts_recv",
       kQuotes | kTicks,
       0,
       {"ingestion_time", "received_time", "recv_time", "local_timestamp"}},
      {"until_time", kRuns, kRuns, {"until", "end_time", "end"}},
      {"is_bid", kBooks, 0, {}},
  }};
  return table;
}

// What our own exports add for the reader; it follows from the fields.
constexpr std::array<std::string_view, 5> kDerived{"instrument_id", "sell_volume", "tick_id",
                                                   "snapshot_id", "run_id"};

const FieldFacts& facts_of(size_t field) {
  return all_facts()[field];
}

// "Open Time" and "open-time" are open_time.
std::string plain(std::string_view name) {
  std::string result;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    result += c == ' ' || c == '-' ? '_' : upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

std::string listed(const std::vector<std::string>& columns) {
  constexpr size_t kMost = 20;
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(columns.size(), kMost); ++i) {
    shown.push_back(columns[i].empty() ? "''" : columns[i].substr(0, 60));
  }
  if (columns.size() > kMost) shown.emplace_back("…");
  return fmt::format("{}", fmt::join(shown, ", "));
}

std::string meant(std::string_view word, std::span<const std::string> known) {
  const std::optional<std::string> near = nearest(word, known);
  return near ? fmt::format(", did you mean '{}'?", *near) : std::string{};
}

}  // namespace

std::string_view to_text(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::s: return "s";
    case TimeUnit::ms: return "ms";
    case TimeUnit::us: return "us";
    case TimeUnit::ns: return "ns";
  }
  return "ns";
}

std::optional<TimeUnit> parse_time_unit(std::string_view word) {
  for (const TimeUnit unit : {TimeUnit::s, TimeUnit::ms, TimeUnit::us, TimeUnit::ns}) {
    if (word == to_text(unit)) return unit;
  }
  return std::nullopt;
}

std::string_view to_text(TableField field) {
  return facts_of(static_cast<size_t>(field)).name;
}

std::string to_text(const TableFormat& format) {
  std::string text{to_text(format.kind)};
  const auto add = [&](std::string_view key, const std::string& value) {
    text += fmt::format(" {}={}", key, value);
  };
  if (format.instrument) add("instrument", to_text(*format.instrument));
  if (format.venue) add("venue", *format.venue);
  if (format.interval) add("interval", std::string{format.interval->text()});
  if (format.source) add("source", *format.source);
  if (format.grain) add("grain", std::string{to_text(*format.grain)});
  if (format.time_unit) add("time_unit", std::string{to_text(*format.time_unit)});
  if (format.delimiter) add("delimiter", std::string(1, *format.delimiter));
  if (format.price_exp) add("price_exp", std::to_string(*format.price_exp));
  if (format.qty_exp) add("qty_exp", std::to_string(*format.qty_exp));
  if (!format.columns.empty()) {
    add("columns", fmt::format("{}", fmt::join(format.columns, ",")));
  }
  for (const auto& [field, column] : format.fields)
    add("fields." + field, column);
  for (const auto& [word, side] : format.sides)
    add("sides." + word, side);
  return text;
}

std::vector<std::string> table_fields(DataKind kind) {
  std::vector<std::string> result;
  for (const bool needed : {true, false}) {
    for (const FieldFacts& facts : all_facts()) {
      if ((facts.kinds & bit_of(kind)) == 0) continue;
      if (((facts.needed & bit_of(kind)) != 0) == needed) result.emplace_back(facts.name);
    }
  }
  return result;
}

TableColumns::TableColumns(const TableFormat& format, const std::vector<std::string>& columns)
    : fields_(columns.size()) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].empty()) continue;
    const auto again =
        std::find(columns.begin() + static_cast<long>(i) + 1, columns.end(), columns[i]);
    if (again == columns.end()) continue;
    throw Error{ErrorCode::bad_input,
                fmt::format("two columns are named '{}'", columns[i].substr(0, 60))};
  }
  take_named(format, columns);
  take_usual(format, columns);
  check_needed(format, columns);
  check_extra(format, columns);
}

void TableColumns::put(TableField field, size_t column) {
  places_[static_cast<size_t>(field)] = column;
  fields_[column] = field;
}

void TableColumns::take_named(const TableFormat& format, const std::vector<std::string>& columns) {
  const std::vector<std::string> known = table_fields(format.kind);
  for (const auto& [name, column] : format.fields) {
    size_t field = 0;
    while (field < kTableFields &&
           (facts_of(field).name != name || (facts_of(field).kinds & bit_of(format.kind)) == 0))
      ++field;
    if (field == kTableFields) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("{} have no field '{}'{}; they have {}", to_text(format.kind), name,
                              meant(name, known), fmt::join(known, ", "))};
    }
    if (column.empty()) {
      without_[field] = true;
      continue;
    }
    const auto found = std::ranges::find(columns, column);
    if (found == columns.end()) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("{} is mapped to the column '{}', which is not there{}; its columns "
                              "are {}",
                              name, column, meant(column, columns), listed(columns))};
    }
    put(static_cast<TableField>(field), static_cast<size_t>(found - columns.begin()));
  }
}

// The column that has this plain name and is not taken; two that differ in case are not chosen
// between.
std::optional<size_t> TableColumns::find_free(std::string_view name, std::string_view field,
                                              const std::vector<std::string>& columns) const {
  std::optional<size_t> found;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (fields_[i] || plain(columns[i]) != name) continue;
    if (found) {
      throw Error{ErrorCode::bad_input,
                  fmt::format("the columns '{}' and '{}' may both be the {}; say which: --map "
                              "{}=COLUMN",
                              columns[*found], columns[i], field, field)};
    }
    found = i;
  }
  return found;
}

void TableColumns::take_usual(const TableFormat& format, const std::vector<std::string>& columns) {
  const auto take = [&](size_t field, std::string_view name) {
    const std::optional<size_t> found = find_free(name, facts_of(field).name, columns);
    if (found) put(static_cast<TableField>(field), *found);
    return found.has_value();
  };
  // A field's own name goes before what another field may also be called.
  for (const bool own : {true, false}) {
    for (size_t field = 0; field < kTableFields; ++field) {
      const FieldFacts& facts = facts_of(field);
      if ((facts.kinds & bit_of(format.kind)) == 0 || places_[field] || without_[field]) continue;
      if (own) {
        take(field, facts.name);
        continue;
      }
      for (const std::string_view other : facts.others) {
        if (take(field, other)) break;
      }
    }
  }
}

void TableColumns::check_needed(const TableFormat& format,
                                const std::vector<std::string>& columns) const {
  const auto missing = [&](std::string_view what, std::string_view hint) {
    throw Error{ErrorCode::bad_input,
                fmt::format("no column holds the {} of {}; the columns are {}; {}", what,
                            to_text(format.kind), listed(columns), hint)};
  };
  for (size_t field = 0; field < kTableFields; ++field) {
    const FieldFacts& facts = facts_of(field);
    if ((facts.needed & bit_of(format.kind)) == 0 || places_[field]) continue;
    missing(facts.name, fmt::format("name it: --map {}=COLUMN", facts.name));
  }
  if (format.kind == DataKind::klines && !format.interval && !has(TableField::interval))
    missing("interval", "pass --interval, for example 1m");
  if ((bit_of(format.kind) & kBooks) != 0 && !has(TableField::side) && !has(TableField::is_bid))
    missing("side", "name it: --map side=COLUMN or --map is_bid=COLUMN");
  if (format.instrument || has(TableField::instrument)) return;
  if (!has(TableField::symbol)) missing("symbol", "pass --instrument VENUE:SYMBOL");
  if (!format.venue && !has(TableField::venue)) missing("venue", "pass --venue VENUE");
}

void TableColumns::check_extra(const TableFormat& format,
                               const std::vector<std::string>& columns) const {
  if (format.ignore_extra) return;
  std::vector<std::string> extra;
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool derived = std::ranges::find(kDerived, columns[i]) != kDerived.end();
    if (!fields_[i] && !derived) extra.push_back(columns[i]);
  }
  if (extra.empty()) return;
  throw Error{ErrorCode::bad_input,
              fmt::format("{} have no field for the column{} {}; pass over what is not needed with "
                          "--ignore-extra, or name a field: --map FIELD=COLUMN",
                          to_text(format.kind), extra.size() == 1 ? "" : "s", listed(extra))};
}

}  // namespace tapedeck
