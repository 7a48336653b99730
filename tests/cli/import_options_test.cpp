#include "cli/import_options.hpp"

#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

// What `import` makes of these arguments, the last of which may be a path.
ImportOptions parsed(std::vector<std::string> arguments) {
  CLI::App app;
  ImportFlags flags;
  add_import_options(app, flags);
  std::ranges::reverse(arguments);  // as CLI11 takes a vector
  app.parse(arguments);
  return parse_import_flags(flags);
}

}  // namespace

TEST_CASE("without --table the files are archives") {
  const TempFolder folder;
  const ImportOptions options =
      parsed({"--market", "um", "--max-errors", "3", folder.path().string()});
  CHECK_FALSE(options.table.has_value());
  CHECK(options.market == "um");
  CHECK(options.max_errors == 3);
}

TEST_CASE("flags of tables; each takes one word, so that paths may follow") {
  const TempFolder folder;
  const ImportOptions options = parsed({"--table",
                                        "klines",
                                        "--instrument",
                                        "kraken:BCH/EUR",
                                        "--interval",
                                        "1h",
                                        "--map",
                                        "volume=Vol.",
                                        "--map",
                                        "quote_volume=",
                                        "--columns",
                                        "time,open,Vol.",
                                        "--ignore-extra",
                                        "--from-double",
                                        "--new-venue",
                                        "--source",
                                        "mine",
                                        "--time-unit",
                                        "s",
                                        "--delimiter",
                                        ";",
                                        folder.path().string()});
  REQUIRE(options.table.has_value());
  const TableFormat& table = *options.table;
  CHECK(table.kind == DataKind::klines);
  CHECK(to_text(*table.instrument) == "kraken:BCH/EUR");
  CHECK(table.interval == BarInterval::parse("1h"));
  CHECK(table.fields ==
        std::map<std::string, std::string>{{"quote_volume", ""}, {"volume", "Vol."}});
  CHECK(table.columns == std::vector<std::string>{"time", "open", "Vol."});
  CHECK(table.source == "mine");
  CHECK(table.time_unit == TimeUnit::s);
  CHECK(table.delimiter == ';');
  CHECK((table.ignore_extra && table.from_double && table.new_venue));
}

TEST_CASE("flags go before the mapping file") {
  const TempFolder folder;
  write_file(
      folder / "m.toml",
      "table = \"klines\"\ninterval = \"1h\"\nvenue = \"kraken\"\n[fields]\nopen = \"o1\"\n");
  const ImportOptions options = parsed({"--mapping", (folder / "m.toml").string(), "--interval",
                                        "1m", "--map", "close=c1", folder.path().string()});
  REQUIRE(options.table.has_value());
  CHECK(options.table->kind == DataKind::klines);
  CHECK(options.table->interval == BarInterval::parse("1m"));
  CHECK(options.table->venue == "kraken");
  CHECK(options.table->fields ==
        std::map<std::string, std::string>{{"close", "c1"}, {"open", "o1"}});
}

TEST_CASE("flags that do not belong together are named") {
  const TempFolder folder;
  const std::string here = folder.path().string();
  const auto refused = [](std::initializer_list<std::string_view> words,
                          const std::vector<std::string>& arguments,
                          ErrorCode code = ErrorCode::invalid_argument) {
    check_refused(code, words, [&] { parsed(arguments); });
  };
  refused({"which files?"}, {});
  refused({"add --table trades, klines, quotes or open_interest"}, {"--columns", "a,b", here});
  refused({"--market, --kind and --symbol are for archives"},
          {"--table", "trades", "--market", "um", here});
  refused({"--table must be one of trades", "did you mean 'trades'?"}, {"--table", "trade", here});
  refused({"--map must be FIELD=COLUMN, like price=px, found 'price'"},
          {"--table", "trades", "--map", "price", here});
  refused({"--market", "'spott'"}, {"--market", "spott", here});
  refused({"there is no '/nowhere'"}, {"/nowhere"}, ErrorCode::not_found);
  refused({"/nowhere.toml"}, {"--mapping", "/nowhere.toml", here}, ErrorCode::not_found);
}
