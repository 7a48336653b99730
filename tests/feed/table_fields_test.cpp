#include "feed/table_fields.hpp"

#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

TableFormat of_one(DataKind kind = DataKind::trades) {
  return {.kind = kind, .instrument = parse_instrument_name("binance:ETHUSDT")};
}

void check_refused_columns(std::initializer_list<std::string_view> words, const TableFormat& format,
                           const std::vector<std::string>& columns,
                           ErrorCode code = ErrorCode::bad_input) {
  check_refused(code, words, [&] { const TableColumns refused{format, columns}; });
}

}  // namespace

TEST_CASE("columns are found by the field's name and by its usual other names, in any case") {
  const TableColumns columns{of_one(), {"Timestamp", "ID", "Side", "Price", "Amount"}};
  CHECK(columns.find(TableField::time) == 0);
  CHECK(columns.find(TableField::trade_id) == 1);
  CHECK(columns.find(TableField::side) == 2);
  CHECK(columns.find(TableField::price) == 3);
  CHECK(columns.find(TableField::quantity) == 4);
  CHECK_FALSE(columns.has(TableField::grain));
  CHECK(columns.field_of(4) == TableField::quantity);
}

TEST_CASE("a field's own name goes before another name, the likelier of two others first") {
  TableFormat format = of_one();
  format.ignore_extra = true;
  const TableColumns columns{format, {"date", "timestamp", "qty", "quantity", "price"}};
  CHECK(columns.find(TableField::time) == 1);
  CHECK(columns.find(TableField::quantity) == 3);
  CHECK_FALSE(columns.field_of(0).has_value());
}

TEST_CASE("`Open Time` and `open-time` are open_time") {
  TableFormat format = of_one(DataKind::klines);
  format.interval = BarInterval::parse("1m");
  CHECK(TableColumns{format, {"Open Time", "open", "high", "low", "close", "volume"}}.find(
            TableField::time) == 0);
  CHECK(TableColumns{format, {"open-time", "open", "high", "low", "close", "vol"}}.find(
            TableField::time) == 0);
}

TEST_CASE("a mapping goes before all names") {
  TableFormat format = of_one();
  format.fields = {{"price", "Last"}, {"time", "exchange time"}};
  format.ignore_extra = true;
  const TableColumns columns{format, {"time", "exchange time", "price", "Last", "size"}};
  CHECK(columns.find(TableField::price) == 3);
  CHECK(columns.find(TableField::time) == 1);
}

TEST_CASE("columns whose names differ in case only are not chosen between") {
  TableFormat format = of_one();
  format.ignore_extra = true;
  check_refused_columns({"the columns 't' and 'T' may both be the time", "--map time=COLUMN"},
                        format, {"t", "T", "p", "q"});
  format.fields = {{"time", "T"}, {"trade_id", "t"}};
  CHECK(TableColumns{format, {"t", "T", "p", "q"}}.find(TableField::trade_id) == 0);
}

TEST_CASE("what decides the rows of a file is a line of text") {
  TableFormat format = of_one(DataKind::klines);
  format.interval = BarInterval::parse("1h");
  format.fields = {{"volume", "Vol."}};
  format.ignore_extra = true;
  CHECK(to_text(format) == "klines instrument=binance:ETHUSDT interval=1h fields.volume=Vol.");
}

TEST_CASE("a field that is mapped to nothing is not there") {
  TableFormat format = of_one();
  format.fields = {{"trade_id", ""}};
  format.ignore_extra = true;
  CHECK_FALSE(TableColumns{format, {"id", "time", "price", "size"}}.has(TableField::trade_id));
}

TEST_CASE("a mapping that names what is not there is refused with what there is") {
  TableFormat format = of_one();
  format.fields = {{"prize", "px"}};
  check_refused_columns({"trades have no field 'prize'", "did you mean 'price'?", "quantity"},
                        format, {"time", "px", "size"}, ErrorCode::invalid_argument);
  format.fields = {{"price", "Prices"}};
  check_refused_columns({"price is mapped to the column 'Prices', which is not there",
                         "did you mean 'Price'?", "its columns are time, Price, size"},
                        format, {"time", "Price", "size"}, ErrorCode::invalid_argument);
  format.fields = {{"open", "time"}};
  check_refused_columns({"trades have no field 'open'"}, format, {"time", "price", "size"},
                        ErrorCode::invalid_argument);
}

TEST_CASE("what is missing, left over or there twice is named, with what to do") {
  check_refused_columns({"no column holds the price of trades", "the columns are time, last, size",
                         "--map price=COLUMN"},
                        of_one(), {"time", "last", "size"});
  check_refused_columns({"trades have no field for the columns cost, ''", "--ignore-extra"},
                        of_one(), {"time", "price", "size", "cost", ""});
  check_refused_columns({"two columns are named 'price'"}, of_one(),
                        {"time", "price", "price", "size"});
  check_refused_columns({"no column holds the symbol of trades", "--instrument"}, TableFormat{},
                        {"time", "price", "size"});
  check_refused_columns({"no column holds the venue of trades", "--venue"}, TableFormat{},
                        {"symbol", "time", "price", "size"});
  check_refused_columns({"no column holds the interval of klines", "--interval"},
                        of_one(DataKind::klines),
                        {"time", "open", "high", "low", "close", "volume"});
}

TEST_CASE("columns that our exports derive are no extra ones") {
  const TableFormat format{.kind = DataKind::klines};
  const TableColumns columns{format,
                             {"venue", "symbol", "interval", "time", "open", "high", "low", "close",
                              "volume", "buy_volume", "sell_volume", "quote_volume",
                              "buy_quote_volume", "trades", "source", "instrument_id"}};
  CHECK_FALSE(columns.field_of(10).has_value());
}

TEST_CASE("the fields of a kind are listed, those that must be there first") {
  const std::vector<std::string> fields = table_fields(DataKind::open_interest);
  REQUIRE(fields.size() > 2);
  CHECK(fields[0] == "time");
  CHECK(fields[1] == "open_interest");
}
