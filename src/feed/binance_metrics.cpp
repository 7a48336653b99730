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

struct MetricsArchiveDecoder::Impl {
  std::string symbol;
  FileClock clock;
  LineLog log{ArchiveKind::metrics};
  LinePieces pieces;
  std::vector<OpenInterest> rows;

  explicit Impl(const ArchiveContext& context) : symbol{context.symbol}, clock{context.period} {}

  Field<void> take_row(std::string_view line);
  void take_lines(std::string_view lines);
};

Field<void> MetricsArchiveDecoder::Impl::take_row(std::string_view line) {
  Fields fields;
  const size_t columns = split_fields(line, fields);
  if (columns != kColumns) {
    return tl::make_unexpected(fmt::format("must have {} columns, found {}", kColumns, columns));
  }
  const auto t = clock.read_text("create_time", fields[0]);
  if (!t) return tl::make_unexpected(t.error());
  if (fields[1].empty()) return tl::make_unexpected("symbol is missing");
  if (!symbol.empty() && fields[1] != symbol) {
    return tl::make_unexpected(found("symbol", fmt::format("must be '{}'", symbol), fields[1]));
  }
  if (fields[2].empty()) return tl::make_unexpected("sum_open_interest is missing");
  const auto open_interest = read_quantity("sum_open_interest", fields[2]);
  if (!open_interest) return tl::make_unexpected(open_interest.error());
  OpenInterest row;
  row.ts_event = *t;
  row.open_interest = *open_interest;
  if (auto taken = read_ratios(fields, row); !taken) return taken;
  symbol = fields[1];
  rows.push_back(row);
  return {};
}

void MetricsArchiveDecoder::Impl::take_lines(std::string_view lines) {
  log.each_row(lines, [this](std::string_view line) { return take_row(line); });
}

MetricsArchiveDecoder::MetricsArchiveDecoder(const ArchiveContext& context) {
  TAPEDECK_CHECK(context.kind == ArchiveKind::metrics, "a metrics decoder for {}",
                 to_text(context.kind));
  impl_ = std::make_unique<Impl>(context);
}

MetricsArchiveDecoder::~MetricsArchiveDecoder() = default;

void MetricsArchiveDecoder::decode(std::span<const char> bytes) {
  impl_->pieces.add(
      {bytes.data(), bytes.size()}, [this](std::string_view lines) { impl_->take_lines(lines); },
      [this](std::string_view front) { impl_->log.next_overlong(front); });
}

void MetricsArchiveDecoder::finish() {
  impl_->pieces.finish([this](std::string_view lines) { impl_->take_lines(lines); },
                       [this](std::string_view front) { impl_->log.next_overlong(front); });
}

std::vector<OpenInterest> MetricsArchiveDecoder::take_rows() {
  return std::exchange(impl_->rows, {});
}
std::vector<DecodeError> MetricsArchiveDecoder::take_errors() {
  return impl_->log.take_errors();
}
int64_t MetricsArchiveDecoder::lines() const {
  return impl_->log.lines();
}
int64_t MetricsArchiveDecoder::refused() const {
  return impl_->log.refused();
}
const std::string& MetricsArchiveDecoder::symbol() const {
  return impl_->symbol;
}

}  // namespace tapedeck
