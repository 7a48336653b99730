// The half of TableDecoder that reads rows of quotes, open interest, ticks and books.
#include "feed/open_series.hpp"
#include "tapedeck/base/uuid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace tapedeck {
namespace {

using Values = std::span<const std::string_view>;

WireNumber wire_number(const Decimal& value) {
  return {.units = static_cast<int64_t>(value.units),
          .exponent = static_cast<int8_t>(value.exponent),
          .digits = static_cast<uint8_t>(-value.exponent)};
}

// "[@, T]", "{@,T}" and ["@","T"], as DuckDB, Postgres and JSON spell a list.
std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> words;
  const bool wrapped = list.size() >= 2 && (list.front() == '[' || list.front() == '{');
  if (wrapped) list = list.substr(1, list.size() - 2);
  while (!list.empty()) {
    std::string_view word = list.substr(0, list.find(','));
    list.remove_prefix(std::min(word.size() + 1, list.size()));
    constexpr std::string_view kAround = " \"'";
    word.remove_prefix(std::min(word.find_first_not_of(kAround), word.size()));
    word = word.substr(0, word.find_last_not_of(kAround) + 1);
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

}  // namespace

Field<void> TableDecoder::take_quote(Values values) {
  auto t = read_time(text_of(TableField::time, values), unit_);
  if (!t) return refused(t);
  Quote quote;
  quote.ts_event = *t;
  for (const auto& [field, value] : {std::pair{TableField::bid_price, &quote.bid_price},
                                     std::pair{TableField::ask_price, &quote.ask_price}}) {
    auto price = read_units(field, values, read_price, TableField::price_exp, format_.price_exp);
    if (!price) return refused(price);
    *value = *price;
  }
  for (const auto& [field, value] : {std::pair{TableField::bid_quantity, &quote.bid_quantity},
                                     std::pair{TableField::ask_quantity, &quote.ask_quantity}}) {
    auto quantity = read_units(field, values, read_quantity, TableField::qty_exp, format_.qty_exp);
    if (!quantity) return refused(quantity);
    *value = *quantity;
  }
  if (auto taken = read_optional(values, TableField::sequence, quote.sequence); !taken)
    return taken;
  if (auto taken = read_optional(values, TableField::ts_recv, quote.ts_recv); !taken) return taken;
  auto series = find_series(values, true);
  if (!series) return refused(series);
  (*series)->quotes.push_back(quote);
  return {};
}

Field<void> TableDecoder::take_open_interest(Values values, int64_t row) {
  auto t = read_time(text_of(TableField::time, values), unit_);
  if (!t) return refused(t);
  auto count = read_number(TableField::open_interest, values, read_quantity);
  if (!count) return refused(count);
  OpenInterest one;
  one.ts_event = *t;
  one.open_interest = *count;
  for (const auto& [field, value] :
       {std::pair{TableField::open_interest_value, &one.open_interest_value},
        std::pair{TableField::top_trader_account_ratio, &one.top_trader_account_ratio},
        std::pair{TableField::top_trader_position_ratio, &one.top_trader_position_ratio},
        std::pair{TableField::account_ratio, &one.account_ratio},
        std::pair{TableField::taker_volume_ratio, &one.taker_volume_ratio}}) {
    if (auto taken = read_optional(values, field, *value); !taken) return taken;
  }
  auto series = find_series(values, true);
  if (!series) return refused(series);
  if (auto once = (*series)->note_time(*t, row); !once) return once;
  (*series)->open_interest.push_back(one);
  return {};
}

Field<void> TableDecoder::read_optional(Values values, TableField field,
                                        std::optional<Decimal>& value) const {
  if (text_of(field, values).empty()) return {};
  auto number = read_number(field, values, read_quantity);
  if (!number) return refused(number);
  value = *number;
  return {};
}

Field<void> TableDecoder::read_optional(Values values, TableField field,
                                        std::optional<int64_t>& value) const {
  const std::string_view text = text_of(field, values);
  if (text.empty()) return {};
  auto number = read_whole(to_text(field), text);
  if (!number) return refused(number);
  value = *number;
  return {};
}

Field<void> TableDecoder::read_optional(Values values, TableField field,
                                        std::optional<Timestamp>& value) {
  const std::string_view text = text_of(field, values);
  if (text.empty()) return {};
  auto t = read_time(text, recv_unit_);
  if (!t) return refused(t);
  value = *t;
  return {};
}

Field<void> TableDecoder::take_tick(Values values) {
  auto t = read_time(text_of(TableField::time, values), unit_);
  if (!t) return refused(t);
  Tick tick;
  tick.ts_event = *t;
  for (const auto& [field, value] : {std::pair{TableField::bid_price, &tick.bid_price},
                                     std::pair{TableField::ask_price, &tick.ask_price}}) {
    auto price = read_number(field, values, read_price);
    if (!price) return refused(price);
    *value = *price;
  }
  if (!text_of(TableField::last_price, values).empty()) {
    auto price = read_number(TableField::last_price, values, read_price);
    if (!price) return refused(price);
    tick.last_price = *price;
  }
  for (const auto& [field, value] : {std::pair{TableField::bid_quantity, &tick.bid_quantity},
                                     std::pair{TableField::ask_quantity, &tick.ask_quantity},
                                     std::pair{TableField::last_quantity, &tick.last_quantity},
                                     std::pair{TableField::volume, &tick.volume}}) {
    if (auto taken = read_optional(values, field, *value); !taken) return taken;
  }
  if (auto taken = read_optional(values, TableField::sequence, tick.sequence); !taken) return taken;
  if (auto taken = read_optional(values, TableField::ts_recv, tick.ts_recv); !taken) return taken;
  tick.conditions = words_of(text_of(TableField::conditions, values));
  tick.tape = text_of(TableField::tape, values);
  tick.correlation_id = text_of(TableField::correlation_id, values);
  if (!tick.correlation_id.empty() && !is_uuid(tick.correlation_id)) {
    return tl::make_unexpected(found("correlation_id", "must be a UUID", tick.correlation_id));
  }
  auto series = find_series(values, true);
  if (!series) return refused(series);
  (*series)->ticks.push_back(std::move(tick));
  return {};
}

Field<BookSide> TableDecoder::read_book_side(Values values) const {
  if (columns_.has(TableField::side)) {
    const std::string_view text = text_of(TableField::side, values);
    const auto renamed = format_.sides.find(std::string{text});
    const std::string word = lower(renamed == format_.sides.end() ? text : renamed->second);
    if (word == "bid" || word == "buy" || word == "b") return BookSide::bid;
    if (word == "ask" || word == "sell" || word == "a") return BookSide::ask;
    return tl::make_unexpected(found("side", "must be bid or ask", text));
  }
  auto is_bid = read_boolean("is_bid", lower(text_of(TableField::is_bid, values)));
  if (!is_bid) return refused(is_bid);
  return *is_bid ? BookSide::bid : BookSide::ask;
}

Field<WireLevel> TableDecoder::read_level(Values values) const {
  WireLevel level;
  for (const auto& [field, read, into] :
       {std::tuple{TableField::price, &read_price, &level.price},
        std::tuple{TableField::quantity, &read_quantity, &level.quantity}}) {
    auto number =
        in_64_bits(to_text(field), text_of(field, values), read_number(field, values, read));
    if (!number) return refused(number);
    *into = wire_number(*number);
  }
  return level;
}

Field<void> TableDecoder::take_level(Values values) {
  auto t = read_time(text_of(TableField::time, values), unit_);
  if (!t) return refused(t);
  DepthLevel row{.ts_event = *t};
  auto side = read_book_side(values);
  if (!side) return refused(side);
  row.side = *side;
  auto level = read_level(values);
  if (!level) return refused(level);
  row.level = *level;
  if (auto taken = read_optional(values, TableField::sequence, row.sequence); !taken) return taken;
  auto series = find_series(values, true);
  if (!series) return refused(series);
  (*series)->levels.push_back(row);
  return {};
}

Field<void> TableDecoder::take_run(Values values) {
  auto begin = read_time(text_of(TableField::time, values), unit_);
  if (!begin) return refused(begin);
  auto end = read_time(text_of(TableField::until_time, values), unit_);
  if (!end) return refused(end);
  if (*end <= *begin) {
    return tl::make_unexpected(found("until_time", fmt::format("must be behind {}", to_iso(*begin)),
                                     text_of(TableField::until_time, values)));
  }
  LevelRun run{.begin = *begin, .end = *end};
  auto side = read_book_side(values);
  if (!side) return refused(side);
  run.side = *side;
  auto level = read_level(values);
  if (!level) return refused(level);
  run.level = *level;
  auto series = find_series(values, true);
  if (!series) return refused(series);
  (*series)->runs.push_back(run);
  return {};
}

}  // namespace tapedeck
