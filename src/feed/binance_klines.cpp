#include "base/check.hpp"
#include "feed/binance_archive.hpp"
#include "feed/csv.hpp"
#include "feed/fields.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tapedeck {
namespace {

constexpr size_t kColumns = 12;  // the last one, `ignore`, is missing in some files

using Fields = std::array<std::string_view, kColumns>;

Field<std::optional<Decimal>> read_optional_quantity(std::string_view name, std::string_view text) {
  if (text.empty()) return std::nullopt;
  auto value = read_quantity(name, text);
  if (!value) return tl::make_unexpected(std::move(value.error()));
  return *value;
}

Field<void> read_prices(const Fields& fields, Kline& kline) {
  struct Column {
    std::string_view name;
    Decimal* value;
  };
  size_t column = 1;
  for (const auto& [name, value] : {Column{"open", &kline.open}, Column{"high", &kline.high},
                                    Column{"low", &kline.low}, Column{"close", &kline.close}}) {
    auto price = read_price(name, fields[column++]);
    if (!price) return tl::make_unexpected(std::move(price.error()));
    *value = *price;
  }
  return check_prices(kline);
}

Field<void> read_volumes(const Fields& fields, Kline& kline) {
  auto volume = read_quantity("volume", fields[5]);
  if (!volume) return tl::make_unexpected(std::move(volume.error()));
  kline.volume = *volume;
  struct Column {
    size_t index;
    std::string_view name;
    std::optional<Decimal>* value;
  };
  for (const auto& [index, name, value] :
       {Column{7, "quote_volume", &kline.quote_volume},
        Column{9, "taker_buy_volume", &kline.buy_volume},
        Column{10, "taker_buy_quote_volume", &kline.buy_quote_volume}}) {
    auto sum = read_optional_quantity(name, fields[index]);
    if (!sum) return tl::make_unexpected(std::move(sum.error()));
    *value = *sum;
  }
  if (fields[8].empty()) return {};
  const auto trades = read_whole("count", fields[8]);
  if (!trades) return tl::make_unexpected(trades.error());
  kline.trades = *trades;
  return {};
}

// A file's first bar may begin before its period: a day's file of weekly bars.
std::optional<TimeRange> period_of_bars(const ArchiveContext& context) {
  auto period = context.period;
  if (period && context.interval) period->begin = context.interval->begin_of(period->begin);
  return period;
}

}  // namespace

KlineArchiveDecoder::KlineArchiveDecoder(const ArchiveContext& context)
    : RowArchiveDecoder{ArchiveKind::klines},
      interval_{context.interval},
      clock_{period_of_bars(context)} {
  TAPEDECK_CHECK(context.kind == ArchiveKind::klines, "a kline decoder for {}",
                 to_text(context.kind));
}

Field<Timestamp> KlineArchiveDecoder::read_begin(std::string_view text) {
  auto begin = clock_.read_epoch("open_time", text);
  if (!begin) return begin;
  if (interval_ && interval_->begin_of(*begin) != *begin) {
    return tl::make_unexpected(
        found("open_time", fmt::format("does not begin a bar of {}", interval_->text()), text));
  }
  if (last_begin_ && *begin <= *last_begin_) {
    return tl::make_unexpected(found(
        "open_time", fmt::format("must be after the one before, {}", to_iso(*last_begin_)), text));
  }
  return begin;
}

Field<Kline> KlineArchiveDecoder::read_row(std::string_view line) {
  Fields fields;
  const size_t columns = split_fields(line, fields);
  if (columns != kColumns && columns != kColumns - 1) {
    return tl::make_unexpected(
        fmt::format("must have {} or {} columns, found {}", kColumns - 1, kColumns, columns));
  }
  const auto begin = read_begin(fields[0]);
  if (!begin) return tl::make_unexpected(begin.error());
  Kline kline;
  kline.begin = *begin;
  auto taken = read_prices(fields, kline);
  if (taken) taken = check_number("close_time", fields[6]);
  if (taken) taken = read_volumes(fields, kline);
  if (!taken) return tl::make_unexpected(std::move(taken.error()));
  last_begin_ = *begin;
  return kline;
}

}  // namespace tapedeck
