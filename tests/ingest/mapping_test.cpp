#include "tapedeck/ingest/mapping.hpp"

#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

TableFormat mapping_of(std::string_view text) {
  const TempFolder folder;
  write_file(folder / "map.toml", text);
  return read_mapping(folder / "map.toml");
}

void check_refused_mapping(std::initializer_list<std::string_view> words, std::string_view text) {
  check_refused(ErrorCode::config, words, [&] { mapping_of(text); });
}

}  // namespace

TEST_CASE("a mapping file says all that a format has") {
  const TableFormat format = mapping_of(R"toml(
table = "klines"
instrument = "kraken:BCH/EUR"
interval = "1h"
source = "tradingview"
columns = ["time", "open", "high", "low", "close", "Vol."]
delimiter = ";"
time_unit = "s"
price_exp = -4
ignore_extra = true
from_double = true
new_venue = true
[fields]
volume = "Vol."
[sides]
1 = "buy"
"-1" = "sell"
)toml");
  CHECK(format.kind == DataKind::klines);
  CHECK(to_text(*format.instrument) == "kraken:BCH/EUR");
  CHECK(format.interval == BarInterval::parse("1h"));
  CHECK(format.source == "tradingview");
  CHECK(format.columns.size() == 6);
  CHECK(format.delimiter == ';');
  CHECK(format.time_unit == TimeUnit::s);
  CHECK(format.price_exp == -4);
  CHECK_FALSE(format.qty_exp.has_value());
  CHECK(format.ignore_extra);
  CHECK(format.from_double);
  CHECK(format.new_venue);
  CHECK(format.fields.at("volume") == "Vol.");
  CHECK(format.sides.at("1") == "buy");
  CHECK(format.sides.at("-1") == "sell");
}

TEST_CASE("an empty mapping is the plain format") {
  const TableFormat format = mapping_of("");
  CHECK(format.kind == DataKind::trades);
  CHECK_FALSE(format.instrument.has_value());
}

TEST_CASE("mistakes in a mapping are named with file and line") {
  check_refused_mapping({"map.toml:1: unknown key 'colums'; did you mean 'columns'?"},
                        "colums = [\"time\"]\n");
  check_refused_mapping({"map.toml:2: table must be one of trades, klines, quotes, open_interest",
                         "did you mean 'trades'?", "found 'trade'"},
                        "\ntable = \"trade\"\n");
  check_refused_mapping({"map.toml:1: instrument must be VENUE:SYMBOL", "found 'BTCUSDT'"},
                        "instrument = \"BTCUSDT\"\n");
  check_refused_mapping({"map.toml:1: ignore_extra must be true or false"},
                        "ignore_extra = \"yes\"\n");
  check_refused_mapping({"map.toml:1: columns must be a list of names"}, "columns = \"time\"\n");
  check_refused_mapping({"map.toml:1: price_exp must be between -12 and 0, found '3'"},
                        "price_exp = 3\n");
  check_refused_mapping({"time_unit must be s, ms, us or ns, found 'sec'"},
                        "time_unit = \"sec\"\n");
  check_refused_mapping({"interval must be an interval, like 1m, found '7m'"},
                        "interval = \"7m\"\n");
  check_refused_mapping({"grain must be trade or aggregate, found 'tick'"}, "grain = \"tick\"\n");
  check_refused_mapping({"delimiter must be one character, or tab, found '::'"},
                        "delimiter = \"::\"\n");
  check_refused_mapping({"venue must be a word", "found 'Kraken'"}, "venue = \"Kraken\"\n");
  check_refused_mapping({"fields must be a section"}, "fields = \"price\"\n");
  check_refused_mapping({"sides must be buy, sell or unknown, found 1 = 'long'"},
                        "[sides]\n1 = \"long\"\n");
  check_refused_mapping({"map.toml:1: "}, "table = \n");
  check_refused(ErrorCode::not_found, {"nowhere.toml"}, [] { read_mapping("/nowhere.toml"); });
}
