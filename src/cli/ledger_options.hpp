// What the options of commands about one's own trading mean.
#pragma once

#include "cli/selection.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/amount.hpp"
#include "tapedeck/market/instrument.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

namespace tapedeck {

// Every Error in this file is invalid_argument and names the option.

Amount amount_from(std::string_view option, const std::string& text);
// nullopt for an empty text, and so below.
std::optional<Amount> find_amount(std::string_view option, const std::string& text);
Uuid uuid_from(std::string_view option, const std::string& text);
std::optional<Uuid> find_uuid(std::string_view option, const std::string& text);
Timestamp time_from(std::string_view option, const std::string& text);
std::optional<Timestamp> find_time(std::string_view option, const std::string& text);
std::optional<std::string> find_text(const std::string& text);
InstrumentName name_from(std::string_view option, const std::string& text);

// venue:symbol, or a symbol of any venue.
struct NameChoice {
  std::optional<std::string> venue;
  std::optional<std::string> symbol;
};
NameChoice names_from(const std::string& text);

Timestamp time_now();
// The range of --from, --to, --day; `--last 2h` counts back from now.
TimeRange ledger_range(const SelectionOptions& options, Timestamp now);

// `parse` reads the words; `known` lists them.
template <typename Parse>
auto word_from(std::string_view option, const std::string& text, std::string_view known,
               const Parse& parse) {
  if (const auto value = parse(text)) return *value;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("{} knows no '{}'; one of: {}", option, text, known)};
}

}  // namespace tapedeck
