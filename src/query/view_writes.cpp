#include "query/view_writes.hpp"

#include "market/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace tapedeck {
namespace {

// What writes the rows that a view shows, and the table that they lie in.
struct Source {
  std::string_view table;
  std::string_view instead;
};

constexpr Source kInstruments{"tape.instruments", "Store::resolve_instrument()"};
constexpr Source kVenues{"tape.venues", "Store::resolve_instrument()"};
constexpr Source kTrades{"tape.trades",
                         "Writer::append(), append_live() and delete_before(), or `tapedeck "
                         "import --table trades`"};
constexpr Source kBars{"tape.bars",
                       "Writer::upsert_klines() and delete_before(), or `tapedeck import --table "
                       "klines`"};
constexpr Source kBooks{
    "tape.book_updates",
    "Writer::append_depth() or append_live(), or `tapedeck import --table depth_snapshots`"};
constexpr Source kQuotes{"tape.quotes",
                         "Writer::append_quotes(), or `tapedeck import --table quotes`"};
constexpr Source kTicks{"tape.ticks", "Writer::append_ticks(), or `tapedeck import --table ticks`"};
constexpr Source kOpenInterest{"tape.open_interest",
                               "Writer::upsert_open_interest(), or `tapedeck import --table "
                               "open_interest`"};
constexpr Source kOrders{"ledger.orders",
                         "Ledger::create_order(), update_status() and amend_order(), or `tapedeck "
                         "orders`"};
constexpr Source kFills{"ledger.fills",
                        "Ledger::record_fill(), amend_fill() and bust_fill(), or `tapedeck fills`"};
constexpr Source kPositions{"ledger.positions", "Ledger::record_fill() and mark()"};
constexpr Source kSnapshots{"ledger.portfolio_snapshots",
                            "Ledger::take_snapshot(), or `tapedeck portfolio snapshot`"};
constexpr Source kMetrics{"telemetry.metrics",
                          "Telemetry::insert_metrics() and apply_retention(), or `tapedeck metrics "
                          "put` and `tapedeck expire`"};
constexpr Source kLogs{"telemetry.logs",
                       "Telemetry::log() and apply_retention(), or `tapedeck expire`"};
constexpr Source kEvents{"telemetry.events",
                         "Telemetry::log_event() and apply_retention(), or `tapedeck expire`"};
constexpr Source kPerformance{"telemetry.performance",
                              "keep_performance(), or `tapedeck pnl --keep`"};
constexpr Source kSettings{"tape.settings", "Store::set_setting(), or `tapedeck settings set`"};
constexpr Source kMigrations{"main.schema_migrations", "migrate_to(), or `tapedeck schema`"};

constexpr std::array<Word<Source>, 31> kSources{{{"exchanges", kVenues},
                                                 {"tickers", kInstruments},
                                                 {"instruments", kInstruments},
                                                 {"trades", kTrades},
                                                 {"time_and_sales", kTrades},
                                                 {"heatmap_view", kTrades},
                                                 {"footprint_data", kTrades},
                                                 {"volume_profiles", kTrades},
                                                 {"klines", kBars},
                                                 {"ohlcv_bars", kBars},
                                                 {"candles", kBars},
                                                 {"trading_candles", kBars},
                                                 {"depth_snapshots", kBooks},
                                                 {"order_runs", kBooks},
                                                 {"book_updates", kBooks},
                                                 {"quotes", kQuotes},
                                                 {"market_ticks", kTicks},
                                                 {"open_interest", kOpenInterest},
                                                 {"orders", kOrders},
                                                 {"fills", kFills},
                                                 {"positions", kPositions},
                                                 {"current_positions", kPositions},
                                                 {"portfolio_snapshots", kSnapshots},
                                                 {"metrics", kMetrics},
                                                 {"system_metrics", kMetrics},
                                                 {"trading_metrics", kMetrics},
                                                 {"application_logs", kLogs},
                                                 {"system_events", kEvents},
                                                 {"performance_history", kPerformance},
                                                 {"settings", kSettings},
                                                 {"migrations", kMigrations}}};
// Schemas of views.
constexpr std::array<std::string_view, 5> kSchemas{"main", "flowsurface", "dreammaker", "pyrt",
                                                   "fills_as_trades"};

// Words and names in lower case, without quotes around names; texts and what stands between words
// are left out.
std::vector<std::string> words_of(std::string_view sql) {
  std::vector<std::string> words(1);
  bool text = false;
  for (const char c : sql) {
    if (c == '\'') text = !text;
    if (!text && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.')) {
      words.back() += to_lower_ascii(c);
    } else if (c != '"' && !words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

struct Target {
  std::string name;
  bool analyzed = false;
};

// What a statement may write, by the words before it. Not all of them are names.
std::vector<Target> targets_of(std::string_view sql) {
  const std::vector<std::string> words = words_of(sql);
  std::vector<Target> targets;
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string& before = words[i - 1];
    const bool analyzed = before == "analyze" || before == "vacuum";
    const bool written = before == "into" || before == "update" || before == "truncate" ||
                         before == "copy" ||
                         (before == "from" && i > 1 && words[i - 2] == "delete") ||
                         (before == "table" && i > 1 && words[i - 2] == "truncate");
    if (analyzed || written) targets.push_back({words[i], analyzed});
  }
  return targets;
}

std::optional<Source> source_of(std::string_view name, std::string_view profile) {
  std::string_view schema = profile.empty() ? "main" : profile;
  if (const size_t point = name.find('.'); point != std::string_view::npos) {
    schema = name.substr(0, point);
    name.remove_prefix(point + 1);
  }
  if (std::ranges::find(kSchemas, schema) == kSchemas.end()) return std::nullopt;
  if (name == "trades" && schema != "main" && schema != "flowsurface") return kFills;
  return find_by_word(kSources, name);
}

}  // namespace

std::optional<std::string> advice_on_view(std::string_view sql, std::string_view profile) {
  for (const Target& target : targets_of(sql)) {
    const std::optional<Source> source = source_of(target.name, profile);
    if (!source) continue;
    if (target.analyzed) {
      return fmt::format(
          "'{}' is a view, and statistics are kept for tables: write ANALYZE without a name, or "
          "ANALYZE {}",
          target.name, source->table);
    }
    return fmt::format("'{}' is a view for reading; its rows are those of {}, written by {}",
                       target.name, source->table, source->instead);
  }
  return std::nullopt;
}

}  // namespace tapedeck
