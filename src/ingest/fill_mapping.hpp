// Mapping files of fills: what the columns of a broker's export are, written down once as TOML.
//
//   venue = "schwab"          # and currency, fee_currency, strategy, symbol: of all rows
//   dates = "month_first"     # year_first, month_first, day_first
//   signed_quantity = true    # there is no side: what is below 0 was sold
//   negative_costs = true     # commission and fees that were paid are below 0
//   columns = ["time", …]     # of files without a header line
//   [fields]                  # field = column, or several of which one has a value
//   quantity = "No. of shares"
//   [sides]                   # the file's word = buy or sell; other rows are passed over
//   "Market buy" = "buy"
//
// Likewise delimiter, units.
#pragma once

#include "feed/fill_format.hpp"

#include <filesystem>

namespace tapedeck {

// Throws Error{config} naming file, line and key; not_found and io for the file itself.
FillFormat read_fill_mapping(const std::filesystem::path& file);

}  // namespace tapedeck
