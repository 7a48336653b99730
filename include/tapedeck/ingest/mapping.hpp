// Mapping files: what the columns of a vendor's files are, written down once as TOML.
//
//   table = "trades"                # trades, klines, quotes, open_interest
//   instrument = "kraken:BCH/EUR"   # or venue = "kraken", where a column tells the symbol
//   columns = ["time", "price", "quantity"]   # of files without a header line
//   time_unit = "s"                 # s, ms, us, ns
//   ignore_extra = true
//   [fields]                        # field = column, where the names differ; "" for none
//   quantity = "Vol."
//   [sides]                         # the file's word = buy, sell or unknown
//   "1" = "buy"
//
// Likewise interval, source, grain, delimiter, price_exp, qty_exp, from_double, new_venue.
#pragma once

#include "tapedeck/feed/table_format.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace tapedeck {

// Throws Error{config} naming file, line and key; not_found and io for the file itself.
TableFormat read_mapping(const std::filesystem::path& file);

// Sets what has one word as its value: table, instrument, venue, interval, source, grain,
// delimiter, time_unit, price_exp, qty_exp. `where` goes into the message. Throws
// Error{invalid_argument} for a value that cannot be.
void set_table_option(TableFormat& format, std::string_view key, const std::string& value,
                      std::string_view where);

}  // namespace tapedeck
