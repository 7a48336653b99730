#include "feed/binance_archive.hpp"

#include "feed/csv.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace tapedeck {
namespace {

constexpr size_t kMaxColumns = 12;

struct Header {
  ArchiveKind kind = ArchiveKind::trades;
  size_t least_columns = 0;  // the rest are missing in some years' files
  std::array<std::string_view, kMaxColumns> names;
};

// The names as the archive has had them up to 2025; spot files have no header.
constexpr std::array kHeaders = {
    Header{ArchiveKind::agg_trades,
           7,
           {"agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id", "transact_time",
            "is_buyer_maker", "best_match"}},
    Header{ArchiveKind::trades,
           6,
           {"id", "price", "qty", "quote_qty", "time", "is_buyer_maker", "best_match"}},
    Header{ArchiveKind::trades,
           6,
           {"id", "price", "qty", "base_qty", "time", "is_buyer_maker", "best_match"}},
    Header{ArchiveKind::klines,
           11,
           {"open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume",
            "count", "taker_buy_volume", "taker_buy_quote_volume", "ignore"}},
    Header{ArchiveKind::metrics,
           8,
           {"create_time", "symbol", "sum_open_interest", "sum_open_interest_value",
            "count_toptrader_long_short_ratio", "sum_toptrader_long_short_ratio",
            "count_long_short_ratio", "sum_taker_long_short_vol_ratio"}},
    Header{ArchiveKind::book_ticker,
           7,
           {"update_id", "best_bid_price", "best_bid_qty", "best_ask_price", "best_ask_qty",
            "transaction_time", "event_time"}},
    Header{ArchiveKind::book_depth, 4, {"timestamp", "percentage", "depth", "notional"}},
};

bool matches(const Header& header, std::span<const std::string_view> columns) {
  return columns.size() >= header.least_columns &&
         std::ranges::equal(columns, std::span{header.names}.first(columns.size())) &&
         !columns.back().empty();
}

}  // namespace

std::optional<ArchiveKind> kind_of_header(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  std::array<std::string_view, kMaxColumns> columns;
  const size_t count = split_fields(line, columns);
  if (count > kMaxColumns) return std::nullopt;
  for (const Header& header : kHeaders) {
    if (matches(header, std::span{columns}.first(count))) return header.kind;
  }
  return std::nullopt;
}

}  // namespace tapedeck
