#include "feed/table_decoder.hpp"

#include "feed/open_series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace tapedeck {
namespace {

using Values = std::span<const std::string_view>;

int exponent_of(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::s: return 0;
    case TimeUnit::ms: return -3;
    case TimeUnit::us: return -6;
    case TimeUnit::ns: return -9;
  }
  return -9;
}

// By the digits before the point, from 2001 on.
TimeUnit unit_of(size_t digits) {
  if (digits <= 11) return TimeUnit::s;
  if (digits <= 14) return TimeUnit::ms;
  return digits <= 17 ? TimeUnit::us : TimeUnit::ns;
}

size_t digits_before_point(std::string_view text) {
  return std::min(text.size(), text.find('.'));
}

std::string_view without_zone(std::string_view text) {
  for (const std::string_view utc : {"+00:00", "+0000", "+00", " UTC"}) {
    if (text.ends_with(utc)) return text.substr(0, text.size() - utc.size());
  }
  return text;
}

std::optional<AggressorSide> side_of(std::string_view word) {
  if (word == "buy" || word == "b") return AggressorSide::buy;
  if (word == "sell" || word == "s") return AggressorSide::sell;
  for (const std::string_view none : {"", "unknown", "none", "any", "n", "u"}) {
    if (word == none) return AggressorSide::unknown;
  }
  return std::nullopt;
}

}  // namespace

size_t TableSeries::rows() const {
  return std::visit(
      [](const auto& rows) {
        if constexpr (requires { rows.rows(); }) {
          return rows.rows();
        } else {
          return rows.size();
        }
      },
      content);
}

std::optional<std::pair<Timestamp, Timestamp>> TableSeries::times() const {
  if (rows() == 0) return std::nullopt;
  const auto of = [](const auto& rows, auto time) {
    const auto [first, last] = std::ranges::minmax_element(rows, {}, time);
    return std::pair{std::invoke(time, *first), std::invoke(time, *last)};
  };
  if (const auto* block = std::get_if<TradeBlock>(&content)) {
    return of(block->ts_event, from_epoch_ns);
  }
  if (const auto* klines = std::get_if<std::vector<Kline>>(&content)) {
    return of(*klines, &Kline::begin);
  }
  if (const auto* quotes = std::get_if<std::vector<Quote>>(&content)) {
    return of(*quotes, &Quote::ts_event);
  }
  if (const auto* bands = std::get_if<std::vector<DepthBand>>(&content)) {
    return of(*bands, &DepthBand::ts_event);
  }
  if (const auto* ticks = std::get_if<std::vector<Tick>>(&content)) {
    return of(*ticks, &Tick::ts_event);
  }
  if (const auto* levels = std::get_if<std::vector<DepthLevel>>(&content)) {
    return of(*levels, &DepthLevel::ts_event);
  }
  if (const auto* runs = std::get_if<std::vector<LevelRun>>(&content)) {
    return of(*runs, &LevelRun::begin);
  }
  return of(std::get<std::vector<OpenInterest>>(content), &OpenInterest::ts_event);
}

TableDecoder::TableDecoder(const TableFormat& format, const std::vector<std::string>& columns,
                           ScaleOf scale_of, SeenTimes* seen)
    : format_{format},
      columns_{format, columns},
      scale_of_{std::move(scale_of)},
      seen_{seen == nullptr ? &own_seen_ : seen},
      unit_{format.time_unit},
      recv_unit_{format.time_unit} {}

TableDecoder::~TableDecoder() = default;

std::string_view TableDecoder::text_of(TableField field, Values values) const {
  const std::optional<size_t> column = columns_.find(field);
  return column ? values[*column] : std::string_view{};
}

Field<void> TableDecoder::take_row(Values values, int64_t row) {
  switch (format_.kind) {
    case DataKind::trades: return take_trade(values);
    case DataKind::klines: return take_kline(values, row);
    case DataKind::quotes: return take_quote(values);
    case DataKind::open_interest: return take_open_interest(values, row);
    case DataKind::ticks: return take_tick(values);
    case DataKind::depth_snapshots: return take_level(values);
    case DataKind::order_runs: return take_run(values);
  }
  return {};
}

Field<Timestamp> TableDecoder::read_time(std::string_view text,
                                         std::optional<TimeUnit>& unit_so_far) {
  if (text.size() < 10 || text[4] != '-') return read_epoch(text, unit_so_far);
  const auto t = parse_timestamp(without_zone(text));
  if (t && *t != Timestamp::max()) return *t;
  return tl::make_unexpected(
      found("time", "must be UTC like '2024-08-08T23:54:15.342Z', or the time since 1970", text));
}

Field<Timestamp> TableDecoder::read_epoch(std::string_view text,
                                          std::optional<TimeUnit>& unit_so_far) {
  const auto refuse = [&](std::string_view rule) {
    return tl::make_unexpected(found("time", rule, text));
  };
  const auto value = parse_decimal(text);
  if (!value || value->units < 0) {
    return refuse("must be the time since 1970, or UTC like '2024-08-08T23:54:15.342Z'");
  }
  const TimeUnit told = unit_of(digits_before_point(text));
  const TimeUnit unit = unit_so_far.value_or(told);
  if (!format_.time_unit && unit != told) {
    return refuse(
        fmt::format("is in {}, those before in {}: mixed units", to_text(told), to_text(unit)));
  }
  const int exponent = value->exponent + exponent_of(unit);
  if (exponent < -9) return refuse("is finer than nanoseconds");
  const auto ns = rescale(value->units, exponent, -9);
  if (!ns || *ns == INT64_MAX) return refuse("does not fit nanoseconds from 1970 to 2262");
  constexpr int64_t kYear2000 = 946'684'800'000'000'000;
  if (!format_.time_unit && *ns < kYear2000) {
    return refuse("lies before 2000: is this column the time? if so, say its unit (--time-unit)");
  }
  unit_so_far = unit;
  return from_epoch_ns(*ns);
}

Field<Decimal> TableDecoder::read_number(TableField field, Values values, ReadDecimal read) const {
  std::string plain;
  return read(to_text(field), without_exponent(text_of(field, values), plain));
}

// Digits with a point, or integers whose exponent a column or the format tells.
Field<Decimal> TableDecoder::read_units(TableField field, Values values, ReadDecimal read,
                                        TableField exponent_field,
                                        std::optional<int> exponent) const {
  const std::string_view name = to_text(field);
  const std::string_view text = text_of(field, values);
  if (columns_.has(exponent_field)) {
    const std::string_view exponent_text = text_of(exponent_field, values);
    const bool minus = exponent_text.starts_with('-');
    const auto digits = read_whole(to_text(exponent_field), exponent_text.substr(minus ? 1 : 0));
    if (!digits || *digits > -kMinExponent || (!minus && *digits != 0)) {
      return tl::make_unexpected(
          found(to_text(exponent_field), "must be between -12 and 0", exponent_text));
    }
    exponent = -static_cast<int>(*digits);
  }
  auto value = read_number(field, values, read);
  if (!value || !exponent) return in_64_bits(name, text, std::move(value));
  if (value->exponent != 0) {
    return tl::make_unexpected(
        found(name, fmt::format("must be an integer of 10^{}", *exponent), text));
  }
  value->exponent = *exponent;
  return in_64_bits(name, text, std::move(value));
}

Field<AggressorSide> TableDecoder::read_side(Values values) const {
  if (columns_.has(TableField::side)) {
    const std::string_view text = text_of(TableField::side, values);
    const auto renamed = format_.sides.find(std::string{text});
    const std::string word = lower(renamed == format_.sides.end() ? text : renamed->second);
    if (const auto side = side_of(word)) return *side;
    return tl::make_unexpected(found("side", "must be buy or sell", text));
  }
  if (!columns_.has(TableField::is_buyer_maker)) return AggressorSide::unknown;
  const std::string text = lower(text_of(TableField::is_buyer_maker, values));
  if (text.empty()) return AggressorSide::unknown;
  auto sells = read_boolean("is_buyer_maker", text);
  if (!sells) return refused(sells);
  return *sells ? AggressorSide::sell : AggressorSide::buy;
}

Field<InstrumentName> TableDecoder::read_instrument(Values values) const {
  const std::string_view symbol = text_of(TableField::symbol, values);
  if (format_.instrument) {
    if (columns_.has(TableField::symbol) && symbol != format_.instrument->symbol) {
      return tl::make_unexpected(
          found("symbol", fmt::format("must be '{}'", format_.instrument->symbol), symbol));
    }
    if (columns_.has(TableField::instrument)) {
      const std::string name = to_text(*format_.instrument);
      const std::string_view text = text_of(TableField::instrument, values);
      if (text != name) {
        return tl::make_unexpected(found("instrument", fmt::format("must be '{}'", name), text));
      }
    }
    return *format_.instrument;
  }
  if (columns_.has(TableField::instrument)) {
    const std::string_view text = text_of(TableField::instrument, values);
    if (auto name = parse_instrument_name(text)) return std::move(*name);
    return tl::make_unexpected(found("instrument", "must be like 'binance:BTCUSDT'", text));
  }
  const std::string venue =
      format_.venue ? *format_.venue : std::string{text_of(TableField::venue, values)};
  if (auto name = parse_instrument_name(fmt::format("{}:{}", venue, symbol))) {
    return std::move(*name);
  }
  return tl::make_unexpected(found("venue and symbol", "must be like 'binance' and 'BTCUSDT'",
                                   fmt::format("{}' and '{}", venue, symbol)));
}

Field<TableSeries> TableDecoder::describe(Values values) const {
  TableSeries series;
  auto instrument = read_instrument(values);
  if (!instrument) return refused(instrument);
  series.instrument = std::move(*instrument);
  if (format_.kind == DataKind::trades) {
    const std::string_view grain = text_of(TableField::grain, values);
    series.grain = format_.grain.value_or(Grain::trade);
    if (!format_.grain && grain == to_text(Grain::aggregate)) series.grain = Grain::aggregate;
    if (!grain.empty() && grain != to_text(series.grain)) {
      return tl::make_unexpected(found("grain",
                                       format_.grain
                                           ? fmt::format("must be {}", to_text(*format_.grain))
                                           : "must be trade or aggregate",
                                       grain));
    }
  }
  if (format_.kind == DataKind::klines) {
    if (auto read = read_interval(values, series); !read) return refused(read);
  }
  if (format_.kind == DataKind::klines || format_.kind == DataKind::ticks) {
    const std::string_view source = text_of(TableField::source, values);
    const bool plain = std::ranges::all_of(
        source, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != ','; });
    if (!plain) {
      return tl::make_unexpected(found("source", "must be ASCII without quotes or commas", source));
    }
    if (format_.source && !source.empty() && source != *format_.source) {
      return tl::make_unexpected(
          found("source", fmt::format("must be '{}'", *format_.source), source));
    }
    series.source = source.empty() ? format_.source.value_or("file") : std::string{source};
  }
  return series;
}

Field<void> TableDecoder::read_interval(Values values, TableSeries& series) const {
  series.interval = format_.interval;
  if (!columns_.has(TableField::interval)) return {};
  const std::string_view text = text_of(TableField::interval, values);
  const auto interval = BarInterval::parse(text);
  if (!interval) return tl::make_unexpected(found("interval", "must be like 1m", text));
  if (format_.interval && *format_.interval != *interval) {
    return tl::make_unexpected(
        found("interval", fmt::format("must be {}", format_.interval->text()), text));
  }
  series.interval = interval;
  return {};
}

// Rows that spell their series in different ways may still belong together.
TableDecoder::OpenSeries& TableDecoder::open_series(TableSeries described, bool has_id) {
  const auto same = [&](const OpenSeries& one) {
    return one.has_ids == has_id && one.label.instrument == described.instrument &&
           one.label.grain == described.grain && one.label.interval == described.interval &&
           one.label.source == described.source;
  };
  const auto known = std::ranges::find_if(series_, same);
  if (known != series_.end()) return *known;
  const Scale scale = scale_of_ ? scale_of_(described.instrument) : Scale{};
  const std::string name =
      fmt::format("{} {} {}", to_text(described.instrument),
                  described.interval ? described.interval->text() : "", described.source);
  return series_.emplace_back(std::move(described), has_id, scale, seen_->of(name));
}

Field<TableDecoder::OpenSeries*> TableDecoder::find_series(Values values, bool has_id) {
  next_key_.assign(1, has_id ? 'i' : '-');
  for (const TableField field : {TableField::instrument, TableField::venue, TableField::symbol,
                                 TableField::grain, TableField::interval, TableField::source}) {
    if (!columns_.has(field)) continue;
    next_key_ += text_of(field, values);
    next_key_ += '\0';
  }
  if (current_ != nullptr && key_ == next_key_) return current_;
  const auto known = by_key_.find(next_key_);
  if (known != by_key_.end()) {
    current_ = known->second;
  } else {
    auto described = describe(values);
    if (!described) return refused(described);
    current_ = &open_series(std::move(*described), has_id);
    by_key_.emplace(next_key_, current_);
  }
  std::swap(key_, next_key_);
  return current_;
}

Field<void> TableDecoder::take_trade(Values values) {
  auto t = read_time(text_of(TableField::time, values), unit_);
  if (!t) return refused(t);
  TradeUnits trade{.ts_event = to_epoch_ns(*t)};
  const std::string_view id = text_of(TableField::trade_id, values);
  if (!id.empty()) {
    auto number = read_whole("trade_id", id);
    if (!number) return refused(number);
    trade.trade_id = *number;
  }
  auto price =
      read_units(TableField::price, values, read_price, TableField::price_exp, format_.price_exp);
  if (!price) return refused(price);
  auto quantity =
      read_units(TableField::quantity, values, read_quantity, TableField::qty_exp, format_.qty_exp);
  if (!quantity) return refused(quantity);
  auto side = read_side(values);
  if (!side) return refused(side);
  trade.side = *side;
  auto series = find_series(values, !id.empty());
  if (!series) return refused(series);
  (*series)->blocks.add_decimal(trade, *price, *quantity);
  return {};
}

Field<void> TableDecoder::take_kline(Values values, int64_t row) {
  auto begin = read_time(text_of(TableField::time, values), unit_);
  if (!begin) return refused(begin);
  Kline kline;
  kline.begin = *begin;
  for (const auto& [field, value] :
       {std::pair{TableField::open, &kline.open}, std::pair{TableField::high, &kline.high},
        std::pair{TableField::low, &kline.low}, std::pair{TableField::close, &kline.close}}) {
    auto price = read_number(field, values, read_price);
    if (!price) return refused(price);
    *value = *price;
  }
  if (auto checked = check_prices(kline); !checked) return checked;
  auto volume = read_number(TableField::volume, values, read_quantity);
  if (!volume) return refused(volume);
  kline.volume = *volume;
  for (const auto& [field, value] :
       {std::pair{TableField::quote_volume, &kline.quote_volume},
        std::pair{TableField::buy_volume, &kline.buy_volume},
        std::pair{TableField::buy_quote_volume, &kline.buy_quote_volume}}) {
    if (auto taken = read_optional(values, field, *value); !taken) return taken;
  }
  if (const std::string_view text = text_of(TableField::trades, values); !text.empty()) {
    auto count = read_whole("trades", text);
    if (!count) return refused(count);
    kline.trades = *count;
  }
  auto series = find_series(values, true);
  if (!series) return refused(series);
  const BarInterval interval = *(*series)->label.interval;
  if (interval.begin_of(kline.begin) != kline.begin) {
    return tl::make_unexpected(
        fmt::format("time {} does not begin a bar of {}", to_iso(kline.begin), interval.text()));
  }
  if (auto once = (*series)->note_time(kline.begin, row); !once) return once;
  (*series)->klines.push_back(kline);
  return {};
}

void TableDecoder::hand_out(OpenSeries& series, std::vector<TableSeries>& out) {
  const auto give = [&](auto&& content) {
    out.push_back(series.label);
    out.back().content = std::forward<decltype(content)>(content);
  };
  for (TradeBlock& block : series.blocks.take()) {
    block.has_ids = series.has_ids;
    give(std::move(block));
  }
  if (!series.klines.empty()) give(std::exchange(series.klines, {}));
  if (!series.quotes.empty()) give(std::exchange(series.quotes, {}));
  if (!series.open_interest.empty()) give(std::exchange(series.open_interest, {}));
  if (!series.ticks.empty()) give(std::exchange(series.ticks, {}));
  if (!series.levels.empty()) give(std::exchange(series.levels, {}));
  if (!series.runs.empty()) give(std::exchange(series.runs, {}));
}

std::vector<TableSeries> TableDecoder::take_full() {
  std::vector<TableSeries> full;
  for (OpenSeries& series : series_) {
    const size_t given = series.klines.size() + series.quotes.size() + series.open_interest.size() +
                         series.ticks.size() + series.levels.size() + series.runs.size();
    if (given == 0 || given >= kGivenRows) hand_out(series, full);
  }
  return full;
}

std::vector<TableSeries> TableDecoder::finish() {
  std::vector<TableSeries> rest;
  for (OpenSeries& series : series_) {
    series.blocks.finish();
    hand_out(series, rest);
  }
  return rest;
}

}  // namespace tapedeck
