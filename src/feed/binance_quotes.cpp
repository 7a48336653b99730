#include "base/check.hpp"
#include "feed/binance_archive.hpp"
#include "feed/csv.hpp"
#include "feed/fields.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tapedeck {
namespace {

template <size_t kColumns>
Field<void> split(std::string_view line, std::array<std::string_view, kColumns>& fields) {
  const size_t columns = split_fields(line, fields);
  if (columns == kColumns) return {};
  return tl::make_unexpected(fmt::format("must have {} columns, found {}", kColumns, columns));
}

}  // namespace

BookTickerArchiveDecoder::BookTickerArchiveDecoder(const ArchiveContext& context)
    : RowArchiveDecoder{ArchiveKind::book_ticker}, clock_{context.period} {
  TAPEDECK_CHECK(context.kind == ArchiveKind::book_ticker, "a bookTicker decoder for {}",
                 to_text(context.kind));
}

Field<Quote> BookTickerArchiveDecoder::read_row(std::string_view line) {
  std::array<std::string_view, 7> fields;
  if (auto right = split(line, fields); !right) return tl::make_unexpected(right.error());
  const auto sequence = read_whole("update_id", fields[0]);
  if (!sequence) return tl::make_unexpected(sequence.error());
  const auto ts_event = clock_.read_epoch("transaction_time", fields[5]);
  if (!ts_event) return tl::make_unexpected(ts_event.error());
  Quote quote{.ts_event = *ts_event,
              .bid_price = {},
              .bid_quantity = {},
              .ask_price = {},
              .ask_quantity = {},
              .sequence = *sequence};
  struct Column {
    std::string_view name;
    Field<Decimal> (*read)(std::string_view, std::string_view);
    Decimal* value;
  };
  size_t column = 1;
  for (const auto& [name, read, value] :
       {Column{"best_bid_price", read_price, &quote.bid_price},
        Column{"best_bid_qty", read_quantity, &quote.bid_quantity},
        Column{"best_ask_price", read_price, &quote.ask_price},
        Column{"best_ask_qty", read_quantity, &quote.ask_quantity}}) {
    const std::string_view text = fields[column++];
    auto number = in_64_bits(name, text, read(name, text));
    if (!number) return tl::make_unexpected(std::move(number.error()));
    *value = *number;
  }
  return quote;
}

BookDepthArchiveDecoder::BookDepthArchiveDecoder(const ArchiveContext& context)
    : RowArchiveDecoder{ArchiveKind::book_depth}, clock_{context.period} {
  TAPEDECK_CHECK(context.kind == ArchiveKind::book_depth, "a bookDepth decoder for {}",
                 to_text(context.kind));
}

Field<DepthBand> BookDepthArchiveDecoder::read_row(std::string_view line) {
  std::array<std::string_view, 4> fields;
  if (auto right = split(line, fields); !right) return tl::make_unexpected(right.error());
  const auto ts_event = clock_.read_text("timestamp", fields[0]);
  if (!ts_event) return tl::make_unexpected(ts_event.error());
  const auto percentage = read_decimal("percentage", fields[1]);
  if (!percentage) return tl::make_unexpected(percentage.error());
  const auto depth = read_quantity("depth", fields[2]);
  if (!depth) return tl::make_unexpected(depth.error());
  const auto notional = read_quantity("notional", fields[3]);
  if (!notional) return tl::make_unexpected(notional.error());
  return DepthBand{
      .ts_event = *ts_event, .percentage = *percentage, .depth = *depth, .notional = *notional};
}

}  // namespace tapedeck
