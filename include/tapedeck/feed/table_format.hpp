// TableFormat: what the rows of a CSV or Parquet file are, and which of its columns holds what.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/data_kind.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/side.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

enum class TimeUnit : uint8_t { s, ms, us, ns };
std::string_view to_text(TimeUnit unit);
std::optional<TimeUnit> parse_time_unit(std::string_view word);

// A column is found by its name, any case: the field's own (`price`), one of its usual other names
// (`px`, `p`), or the one that `fields` gives. docs/definitions.md lists them.
struct TableFormat {
  DataKind kind = DataKind::trades;

  // Columns
  std::map<std::string, std::string> fields = {};  // field → column; → "": no column
  std::vector<std::string> columns = {};           // of a CSV file without a header line, in order
  std::optional<char> delimiter = {};              // of a CSV file; else , ; tab or |, as it has
  bool ignore_extra = false;                       // columns that are no field are passed over

  // Values
  std::optional<TimeUnit> time_unit = {};         // of epoch times; else told by their digits
  std::map<std::string, std::string> sides = {};  // the file's word → buy, sell or unknown
  std::optional<int> price_exp = {};              // prices are integers of 10^price_exp
  std::optional<int> qty_exp = {};                // quantities of 10^qty_exp
  bool from_double = false;  // binary floating-point is read as its shortest decimal

  // What the rows do not tell
  std::optional<InstrumentName> instrument = {};  // rows of another symbol are refused
  std::optional<std::string> venue = {};          // whatever the file calls it
  std::optional<BarInterval> interval = {};       // of klines
  std::optional<Grain> grain = {};                // of trades; else `trade`
  std::optional<std::string> source = {};         // of klines; else `file`
  bool new_venue = false;                         // a venue that the store does not know is added
};

// What of it decides which rows a file becomes, as one line; equal texts, equal rows.
std::string to_text(const TableFormat& format);

// The fields that rows of a kind have, those that must be there first.
std::vector<std::string> table_fields(DataKind kind);

}  // namespace tapedeck
