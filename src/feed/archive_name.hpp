// What a Binance archive's path says about its content:
//   [data/]spot/{daily,monthly}/KIND/SYMBOL/…            market spot
//   [data/]futures/{um,cm}/{daily,monthly}/KIND/SYMBOL/…   market um or cm
//   SYMBOL-{aggTrades,trades,metrics,…}-DATE[-part].{zip,csv,csv.gz}, SYMBOL-INTERVAL-DATE… (klines)
// DATE is 2024-08-08 (daily) or 2024-08 (monthly). Source: github.com/binance/binance-public-data,
// README as of 2024.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

enum class Market { spot, um, cm };
std::string_view to_text(Market market);  // "spot", "um", "cm"
std::optional<Market> parse_market(std::string_view word);
std::string_view venue_of(Market market);  // "binance", "binance-um", "binance-cm"

enum class ArchiveKind { agg_trades, trades, klines, metrics, book_ticker, book_depth };
std::string_view to_text(ArchiveKind kind);  // "aggTrades", "trades", …
std::optional<ArchiveKind> parse_archive_kind(std::string_view word);

struct ArchiveName {
  std::optional<Market> market;  // from the tree, never from the file name
  std::optional<Market> prefix;  // `um-` in front of the symbol; must not contradict
  std::optional<ArchiveKind> kind;
  std::string unsupported_kind;         // e.g. "bookTicker" when the kind is known but not handled
  std::string symbol;                   // empty when the name does not tell
  std::optional<BarInterval> interval;  // klines
  std::optional<TimeRange> period;      // the day or month the file is of
  bool daily = false;
};

// Never fails: what the path does not tell stays empty.
ArchiveName parse_archive_path(std::string_view path);

}  // namespace tapedeck
