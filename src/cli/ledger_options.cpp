#include "cli/ledger_options.hpp"

#include "base/clock.hpp"

namespace tapedeck {
namespace {

[[noreturn]] void refuse(std::string_view option, const std::string& text, std::string_view rule) {
  throw Error{ErrorCode::invalid_argument, fmt::format("{} '{}' is {}", option, text, rule)};
}

}  // namespace

Amount amount_from(std::string_view option, const std::string& text) {
  const auto amount = parse_amount(text);
  if (amount) return *amount;
  switch (amount.error()) {
    case DecimalError::too_precise: refuse(option, text, "finer than 12 digits behind the point");
    case DecimalError::out_of_range: refuse(option, text, "10^26 or more, which does not fit");
    default: refuse(option, text, "no number; write digits with a point, like 0.25");
  }
}

std::optional<Amount> find_amount(std::string_view option, const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{amount_from(option, text)};
}

Uuid uuid_from(std::string_view option, const std::string& text) {
  if (const auto uuid = parse_uuid(text)) return *uuid;
  refuse(option, text, "no UUID, like 2602d89e-c01a-402a-92d1-3b47c1e135af");
}

std::optional<Uuid> find_uuid(std::string_view option, const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{uuid_from(option, text)};
}

Timestamp time_from(std::string_view option, const std::string& text) {
  if (const auto time = parse_timestamp(text)) return *time;
  refuse(option, text, "no time, like 2026-11-21T10:00:00.123Z or 1732183200123");
}

std::optional<Timestamp> find_time(std::string_view option, const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{time_from(option, text)};
}

std::optional<std::string> find_text(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

InstrumentName name_from(std::string_view option, const std::string& text) {
  if (const auto name = parse_instrument_name(text)) return *name;
  refuse(option, text, "no instrument; write venue:symbol, like binance:BTCUSDT");
}

NameChoice names_from(const std::string& text) {
  if (text.empty()) return {};
  if (const auto name = parse_instrument_name(text)) return {name->venue, name->symbol};
  return {{}, text};
}

Timestamp time_now() {
  return from_epoch_ns(now_epoch_ns());
}

TimeRange ledger_range(const SelectionOptions& options, Timestamp now) {
  const Selection selection = parse_selection(options);
  if (!selection.last) return selection.range;
  if (selection.last->span) return {.begin = now - *selection.last->span};
  refuse("--last", options.last, "a count of rows; say --limit, or a length of time like 2h");
}

}  // namespace tapedeck
