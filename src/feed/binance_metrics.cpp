#include "base/check.hpp"
#include "feed/binance_archive.hpp"
#include "feed/csv.hpp"
#include "feed/fields.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tapedeck {
namespace {

constexpr size_t kColumns = 8;

using Fields = std::array<std::string_view, kColumns>;

// The columns that may be empty.
Field<void> read_ratios(const Fields& fields, OpenInterest& row) {
  struct Column {
    std::string_view name;
    std::optional<Decimal>* value;
  };
  size_t column = 3;
  for (const auto& [name, value] :
       {Column{"sum_open_interest_value", &row.open_interest_value},
        Column{"count_toptrader_long_short_ratio", &row.top_trader_account_ratio},
        Column{"sum_toptrader_long_short_ratio", &row.top_trader_position_ratio},
        Column{"count_long_short_ratio", &row.account_ratio},
        Column{"sum_taker_long_short_vol_ratio", &row.taker_volume_ratio}}) {
    const std::string_view text = fields[column++];
    if (text.empty()) continue;
    auto number = read_quantity(name, text);
    if (!number) return tl::make_unexpected(std::move(number.error()));
    *value = *number;
  }
  return {};
}

}  // namespace

MetricsArchiveDecoder::MetricsArchiveDecoder(const ArchiveContext& context)
    : RowArchiveDecoder{ArchiveKind::metrics}, symbol_{context.symbol}, clock_{context.period} {
  TAPEDECK_CHECK(context.kind == ArchiveKind::metrics, "a metrics decoder for {}",
                 to_text(context.kind));
}

Field<OpenInterest> MetricsArchiveDecoder::read_row(std::string_view line) {
  Fields fields;
  const size_t columns = split_fields(line, fields);
  if (columns != kColumns) {
    return tl::make_unexpected(fmt::format("must have {} columns, found {}", kColumns, columns));
  }
  const auto t = clock_.read_text("create_time", fields[0]);
  if (!t) return tl::make_unexpected(t.error());
  if (fields[1].empty()) return tl::make_unexpected("symbol is missing");
  if (!symbol_.empty() && fields[1] != symbol_) {
    return tl::make_unexpected(found("symbol", fmt::format("must be '{}'", symbol_), fields[1]));
  }
  if (fields[2].empty()) return tl::make_unexpected("sum_open_interest is missing");
  const auto open_interest = read_quantity("sum_open_interest", fields[2]);
  if (!open_interest) return tl::make_unexpected(open_interest.error());
  OpenInterest row;
  row.ts_event = *t;
  row.open_interest = *open_interest;
  if (auto taken = read_ratios(fields, row); !taken) {
    return tl::make_unexpected(std::move(taken.error()));
  }
  symbol_ = fields[1];
  return row;
}

}  // namespace tapedeck
