// aggTrades and trades. A line goes through read_fast(), which knows the places of its columns and
// takes numbers of usual length only; whatever it does not take, read_row() reads with care and
// refuses with a reason. Both give the same for every line that both take.
#include "base/check.hpp"
#include "feed/binance_archive.hpp"
#include "feed/csv.hpp"
#include "feed/fast_trade.hpp"
#include "feed/fields.hpp"
#include "feed/trade_blocks.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tapedeck {
namespace {

constexpr size_t kMaxColumns = 8;

// Columns 0 to 2 are id, price and quantity in both kinds; best_match may follow the maker.
constexpr size_t time_column(ArchiveKind kind) {
  return kind == ArchiveKind::agg_trades ? 5 : 4;
}
constexpr size_t least_columns(ArchiveKind kind) {
  return time_column(kind) + 2;
}

uint64_t clamped_to_zero(Timestamp t) {
  return static_cast<uint64_t>(std::max(int64_t{0}, to_epoch_ns(t)));
}

}  // namespace

struct TradeArchiveDecoder::Impl {
  ArchiveKind kind;
  FileClock clock;
  LineLog log;
  TradeBlocks blocks;
  LinePieces pieces;
  std::optional<int64_t> last_id;
  size_t columns;  // of the last row that was taken

  explicit Impl(const ArchiveContext& context)
      : kind{context.kind},
        clock{context.period},
        log{context.kind},
        blocks{context.scale, kBlockRows},
        columns{least_columns(context.kind)} {}

  std::optional<fast::Rules> fast_rules() const;
  Field<void> read_row(std::string_view line);
  void decode_line(std::string_view line);
  void decode_lines(std::string_view text);
  template <size_t kTime, size_t kColumns>
  size_t decode_fast(std::string_view text);
  size_t decode_fast(std::string_view text);
};

// nullopt where no line can be read the fast way.
std::optional<fast::Rules> TradeArchiveDecoder::Impl::fast_rules() const {
  const Scale scale = blocks.scale();
  const auto price_fraction = static_cast<size_t>(-scale.price_exp);
  const auto quantity_fraction = static_cast<size_t>(-scale.qty_exp);
  if (!log.expects_row() || clock.digits() == 0 || price_fraction > 8 || quantity_fraction > 8) {
    return std::nullopt;
  }
  return fast::Rules{.id_above = last_id.value_or(-1),
                     .begin_ns = clamped_to_zero(clock.allowed().begin),
                     .end_ns = clamped_to_zero(clock.allowed().end),
                     .time_digits = clock.digits(),
                     .ns_per_unit = static_cast<uint64_t>(clock.ns_per_unit()),
                     .price = fast::Fraction{price_fraction},
                     .quantity = fast::Fraction{quantity_fraction}};
}

// Takes the row into the open block, or tells why not.
Field<void> TradeArchiveDecoder::Impl::read_row(std::string_view line) {
  std::array<std::string_view, kMaxColumns> fields;
  const size_t found_columns = split_fields(line, fields);
  const size_t least = least_columns(kind);
  const size_t time = time_column(kind);
  if (found_columns != least && found_columns != least + 1) {
    return tl::make_unexpected(
        fmt::format("must have {} or {} columns, found {}", least, least + 1, found_columns));
  }
  const auto id = read_whole("id", fields[0]);
  if (!id) return tl::make_unexpected(id.error());
  const auto price = in_64_bits("price", fields[1], read_price("price", fields[1]));
  if (!price) return tl::make_unexpected(price.error());
  const auto quantity = in_64_bits("quantity", fields[2], read_quantity("quantity", fields[2]));
  if (!quantity) return tl::make_unexpected(quantity.error());
  for (size_t column = 3; column < time; ++column) {
    auto number = check_number(fmt::format("column {}", column + 1), fields[column]);
    if (!number) return number;
  }
  const auto t = clock.read_epoch("time", fields[time]);
  if (!t) return tl::make_unexpected(t.error());
  const auto maker = read_boolean("is_buyer_maker", fields[time + 1]);
  if (!maker) return tl::make_unexpected(maker.error());
  if (found_columns > least) {
    const auto best_match = read_boolean("best_match", fields[time + 2]);
    if (!best_match) return tl::make_unexpected(best_match.error());
  }
  if (last_id && *id <= *last_id) {
    return tl::make_unexpected(
        found("id", fmt::format("must be above the one before, {}", *last_id), fields[0]));
  }
  last_id = *id;
  columns = found_columns;
  blocks.add_decimal({.ts_event = to_epoch_ns(*t),
                      .trade_id = *id,
                      .side = *maker ? AggressorSide::sell : AggressorSide::buy},
                     *price, *quantity);
  return {};
}

void TradeArchiveDecoder::Impl::decode_line(std::string_view line) {
  const auto row = log.next_row(line);
  if (!row) return;
  if (auto taken = read_row(*row); !taken) log.refuse(std::move(taken.error()), *row);
}

// Decodes lines from the front of `text` up to the first one that is not usual, and returns their
// bytes.
template <size_t kTime, size_t kColumns>
size_t TradeArchiveDecoder::Impl::decode_fast(std::string_view text) {
  auto rules = fast_rules();
  if (!rules) return 0;
  size_t done = 0;
  int64_t rows = 0;
  fast::Line<kColumns> line;
  TradeUnits trade;
  while (text.size() - done >= fast::kReadableBytes && line.find(text.data() + done) &&
         fast::read_trade<kTime, kColumns>(line, *rules, trade)) {
    blocks.add(trade);
    rules->id_above = trade.trade_id;
    done += line.bytes_with_end();
    ++rows;
  }
  if (rows > 0) {
    last_id = rules->id_above;
    log.next_known_rows(rows);
  }
  return done;
}

size_t TradeArchiveDecoder::Impl::decode_fast(std::string_view text) {
  if (kind == ArchiveKind::agg_trades) {
    return columns == 7 ? decode_fast<5, 7>(text) : decode_fast<5, 8>(text);
  }
  return columns == 6 ? decode_fast<4, 6>(text) : decode_fast<4, 7>(text);
}

void TradeArchiveDecoder::Impl::decode_lines(std::string_view text) {
  while (true) {
    text.remove_prefix(decode_fast(text));
    if (text.empty()) return;
    const size_t end = text.find('\n');
    decode_line(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
}

TradeArchiveDecoder::TradeArchiveDecoder(const ArchiveContext& context) {
  TAPEDECK_CHECK(context.kind == ArchiveKind::agg_trades || context.kind == ArchiveKind::trades,
                 "a trade decoder for {}", to_text(context.kind));
  impl_ = std::make_unique<Impl>(context);
}

TradeArchiveDecoder::~TradeArchiveDecoder() = default;

void TradeArchiveDecoder::decode(std::span<const char> bytes) {
  impl_->pieces.add(
      {bytes.data(), bytes.size()}, [this](std::string_view lines) { impl_->decode_lines(lines); },
      [this](std::string_view front) { impl_->log.next_overlong(front); });
}

void TradeArchiveDecoder::finish() {
  impl_->pieces.finish([this](std::string_view lines) { impl_->decode_lines(lines); },
                       [this](std::string_view front) { impl_->log.next_overlong(front); });
  impl_->blocks.finish();
}

std::vector<TradeBlock> TradeArchiveDecoder::take_blocks() {
  return impl_->blocks.take();
}
std::vector<DecodeError> TradeArchiveDecoder::take_errors() {
  return impl_->log.take_errors();
}
int64_t TradeArchiveDecoder::lines() const {
  return impl_->log.lines();
}
int64_t TradeArchiveDecoder::refused() const {
  return impl_->log.refused();
}

}  // namespace tapedeck
