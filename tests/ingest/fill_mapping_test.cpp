#include "ingest/fill_mapping.hpp"

#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

FillFormat mapping_of(std::string_view text) {
  const TempFolder folder;
  write_file(folder / "map.toml", text);
  return read_fill_mapping(folder / "map.toml");
}

void check_refused_mapping(std::string_view reason, std::string_view text) {
  check_refused(ErrorCode::config, {reason}, [&] { mapping_of(text); });
}

}  // namespace

TEST_CASE("a mapping file says all that a format of fills has") {
  const FillFormat format = mapping_of(R"toml(
venue = "schwab"
currency = "USD"
strategy = "hand"
dates = "month_first"
delimiter = "tab"
columns = ["Date", "Action"]
signed_quantity = true
negative_costs = true
units = true
[fields]
time = "Date"
fee_currency = ["a", "b"]
[sides]
"Market buy" = "buy"
S = "sell"
)toml");
  CHECK(format.venue == "schwab");
  CHECK(format.constants.at(FillField::currency) == "USD");
  CHECK(format.constants.at(FillField::strategy) == "hand");
  CHECK(format.dates == DateOrder::month_first);
  CHECK(format.delimiter == '\t');
  CHECK(format.columns == std::vector<std::string>{"Date", "Action"});
  CHECK(format.signed_quantity);
  CHECK(format.negative_costs);
  CHECK(format.units);
  CHECK(format.fields.at(FillField::time) == std::vector<std::string>{"Date"});
  CHECK(format.fields.at(FillField::fee_currency) == std::vector<std::string>{"a", "b"});
  CHECK(format.sides.at("Market buy") == OrderSide::buy);
  CHECK(format.sides.at("S") == OrderSide::sell);
}

TEST_CASE("mistakes in a mapping of fills are named with file and line") {
  check_refused_mapping("map.toml:1: unknown key 'venu'; did you mean 'venue'?", "venu = \"x\"\n");
  check_refused_mapping("map.toml:2: unknown field 'quantiy'; did you mean 'quantity'?",
                        "[fields]\nquantiy = \"x\"\n");
  check_refused_mapping("map.toml:1: unknown key 'price'", "price = \"x\"\n");
  check_refused_mapping("map.toml:1: venue must be a word of small letters", "venue = \"A B\"\n");
  check_refused_mapping("map.toml:1: dates must be year_first, month_first or day_first",
                        "dates = \"us\"\n");
  check_refused_mapping("map.toml:1: units must be true or false", "units = \"yes\"\n");
  check_refused_mapping("map.toml:2: Buy must be buy or sell", "[sides]\nBuy = \"long\"\n");
  check_refused_mapping("map.toml:1: columns must be a list of names", "columns = \"time\"\n");
  check_refused_mapping("map.toml:1: fields must be a section", "fields = \"time\"\n");
  check_refused_mapping("map.toml:1: delimiter must be one character, or tab",
                        "delimiter = \"--\"\n");
  check_refused_mapping("map.toml:1: ", "= 3\n");
}
