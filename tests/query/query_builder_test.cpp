#include "tapedeck/query/query_builder.hpp"

#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <functional>

namespace tapedeck {
namespace {

using test::at_ms;
using test::check_refused;
using test::range_ms;

TEST_CASE("three columns of orders, two filters, newest first, a hundred of them") {
  const BuiltQuery built = QueryBuilder{"orders"}
                               .select({"id", "price", "quantity"})
                               .filter("symbol", "BTCUSDT")
                               .filter("status", "filled")
                               .order_by("created_at", SortOrder::descending)
                               .limit(100)
                               .build();
  CHECK(built.sql ==
        "SELECT \"id\", \"price\", \"quantity\" FROM \"orders\" WHERE \"symbol\" = ? AND "
        "\"status\" = ? ORDER BY \"created_at\" DESC LIMIT 100");
  CHECK(built.parameters == std::vector<QueryValue>{"BTCUSDT", "filled"});
}

TEST_CASE("a builder without calls selects everything, and build() adds no limit") {
  CHECK(QueryBuilder{"trades"}.build() ==
        BuiltQuery{.sql = "SELECT * FROM \"trades\"", .parameters = {}});
  CHECK(QueryBuilder{"tape.trades"}.limit(0).offset(7).build().sql ==
        "SELECT * FROM \"tape\".\"trades\" LIMIT 0 OFFSET 7");
  CHECK(QueryBuilder{"trades"}.limit(5).unbounded().build().sql == "SELECT * FROM \"trades\"");
}

TEST_CASE("every comparison has its text and its values in order") {
  const auto where = [](const QueryBuilder& query) {
    const std::string sql = query.build().sql;
    return sql.substr(std::string_view{"SELECT * FROM \"t\" WHERE "}.size());
  };
  const QueryBuilder t{"t"};
  const auto with = [&](Comparison comparison, QueryValue value) {
    return where(QueryBuilder{t}.filter("c", comparison, std::move(value)));
  };
  CHECK(with(Comparison::equal, 1) == "\"c\" = ?");
  CHECK(with(Comparison::not_equal, 1) == "\"c\" <> ?");
  CHECK(with(Comparison::less, 1) == "\"c\" < ?");
  CHECK(with(Comparison::at_most, 1) == "\"c\" <= ?");
  CHECK(with(Comparison::greater, 1) == "\"c\" > ?");
  CHECK(with(Comparison::at_least, 1) == "\"c\" >= ?");
  CHECK(with(Comparison::like, "B%") == "\"c\" LIKE ?");
  CHECK(with(Comparison::equal, Decimal{15, -1}) == "\"c\" = CAST(? AS DECIMAL(38,12))");
  CHECK(with(Comparison::equal, {}) == "\"c\" IS NULL");
  CHECK(with(Comparison::not_equal, {}) == "\"c\" IS NOT NULL");
  CHECK(with(Comparison::in, 1) == "\"c\" IN (?)");
  CHECK(where(QueryBuilder{t}.in("c", {})) == "false");
  CHECK(where(QueryBuilder{t}.in("c", {std::monostate{}})) == "\"c\" IS NULL");
  CHECK(where(QueryBuilder{t}.in("c", {"a", std::monostate{}, "b"}).is_null("d")) ==
        "(\"c\" IN (?, ?) OR \"c\" IS NULL) AND \"d\" IS NULL");
  const BuiltQuery built = QueryBuilder{"t"}
                               .between("c", 1, 2)
                               .is_not_null("d")
                               .in("e", {true, 0.5})
                               .time_range("f", range_ms(1, 2))
                               .build();
  CHECK(built.sql ==
        "SELECT * FROM \"t\" WHERE \"c\" BETWEEN ? AND ? AND \"d\" IS NOT NULL AND \"e\" IN (?, ?) "
        "AND \"f\" >= ? AND \"f\" < ?");
  CHECK(built.parameters == std::vector<QueryValue>{1, 2, true, 0.5, at_ms(1), at_ms(2)});
}

TEST_CASE("conditions can be read, with NULL and time ranges turned into plain comparisons") {
  const QueryBuilder query = QueryBuilder{"tape.trades"}
                                 .filter("trades.side", "buy")
                                 .filter("tape.trades.trade_id", std::monostate{})
                                 .time_range("time", {.begin = at_ms(1)});
  CHECK(query.conditions() ==
        std::vector<QueryCondition>{{"side", Comparison::equal, {"buy"}},
                                    {"trade_id", Comparison::is_null, {}},
                                    {"time", Comparison::at_least, {at_ms(1)}}});
  CHECK(query.table() == "tape.trades");
}

TEST_CASE("whatever is no name is refused, wherever a name is taken") {
  const std::vector<std::string> names{"",
                                       " ",
                                       "price ",
                                       "*",
                                       "1st",
                                       "a-b",
                                       "a\"b",
                                       "\"a\"",
                                       "'a'",
                                       "a;DROP TABLE trades",
                                       "a--",
                                       "a/**/b",
                                       "a\nb",
                                       "a\tb",
                                       std::string{"a\0b", 3},
                                       "pr\xd1\x96"
                                       "ce",  // a Cyrillic letter
                                       "prix€",
                                       "\xff\xfe",
                                       "a(b)",
                                       "count(*)",
                                       "price DESC",
                                       "price, quantity",
                                       "1=1 OR a",
                                       "a.b.c.d",
                                       ".",
                                       "a.",
                                       ".a",
                                       "a..b",
                                       "a.b\"c",
                                       "$1",
                                       "?",
                                       std::string(10'240, 'a'),
                                       std::string(129, 'a')};
  for (const std::string& name : names) {
    CAPTURE(name);
    check_refused(ErrorCode::invalid_argument, {"table '", "letters, digits and _"},
                  [&] { QueryBuilder{name}.build(); });
    const auto refused = [&](const std::function<void(QueryBuilder&)>& call) {
      check_refused(ErrorCode::invalid_argument, {"letters, digits and _"}, [&] {
        QueryBuilder query{"trades"};
        call(query);
        query.build();
      });
    };
    refused([&](QueryBuilder& query) { query.select({"price", name}); });
    refused([&](QueryBuilder& query) { query.filter(name, 1); });
    refused([&](QueryBuilder& query) { query.in(name, {}); });
    refused([&](QueryBuilder& query) { query.is_null(name); });
    refused([&](QueryBuilder& query) { query.time_range(name, {}); });
    refused([&](QueryBuilder& query) { query.order_by(name); });
    refused([&](QueryBuilder& query) { query.group_by({name}); });
    refused([&](QueryBuilder& query) { query.aggregate(Aggregate::sum, name); });
    refused([&](QueryBuilder& query) { query.aggregate(Aggregate::sum, "price", name); });
    refused([&](QueryBuilder& query) { query.count_rows(name); });
  }
}

TEST_CASE("a refused name is shown short and without what a terminal would take for orders") {
  check_refused(ErrorCode::invalid_argument,
                {"column 'a???b?'", "at most 128", "only 'trades.' may stand"},
                [] { QueryBuilder{"trades"}.select({"a€b\n"}); });
  check_refused(ErrorCode::invalid_argument, {"'quotes.price'"},
                [] { QueryBuilder{"trades"}.select({"quotes.price"}); });
  check_refused(ErrorCode::invalid_argument, {"table 'a?b'", "'tape.trades'"}, [] {
    QueryBuilder{
        "a\x1b"
        "b"};
  });
  try {
    QueryBuilder{std::string(10'240, 'a')};
  } catch (const Error& error) {
    CHECK(std::string_view{error.what()}.size() < 250);
  }
}

TEST_CASE("values that a comparison cannot use are refused with the column's name") {
  const auto refused = [](Comparison comparison, std::vector<QueryValue> values,
                          std::string_view words) {
    check_refused(ErrorCode::invalid_argument, {"'price'", words}, [&] {
      QueryBuilder{"trades"}.filter(
          {.column = "price", .comparison = comparison, .values = std::move(values)});
    });
  };
  refused(Comparison::equal, {}, "one value");
  refused(Comparison::equal, {1, 2}, "one value");
  refused(Comparison::less, {std::monostate{}}, "NULL");
  refused(Comparison::like, {std::monostate{}}, "NULL");
  refused(Comparison::like, {1}, "text");
  refused(Comparison::between, {1}, "two values");
  refused(Comparison::between, {1, std::monostate{}}, "NULL");
  refused(Comparison::is_null, {1}, "no value");
  refused(Comparison::is_not_null, {1}, "no value");
  check_refused(ErrorCode::invalid_argument, {"limit -1"}, [] { QueryBuilder{"t"}.limit(-1); });
  check_refused(ErrorCode::invalid_argument, {"offset -2"}, [] { QueryBuilder{"t"}.offset(-2); });
}

TEST_CASE("a decimal that DECIMAL(38,12) cannot hold is out of range") {
  const int128 ten_to_26 = int128{100'000'000'000'000} * 1'000'000'000'000;
  for (const Decimal& value : {Decimal{ten_to_26, 0}, Decimal{-ten_to_26, 0}, Decimal{1, -13},
                               Decimal{123'456'789'012'345, -14}}) {
    CAPTURE(to_text(value));
    check_refused(ErrorCode::out_of_range, {to_text(value), "DECIMAL(38,12)"},
                  [&] { QueryBuilder{"trades"}.filter("price", value); });
    check_refused(ErrorCode::out_of_range, {"DECIMAL(38,12)"}, [&] {
      QueryBuilder{"trades"}.in("price", {1, value});
    });
  }
}

TEST_CASE("a query with groups refuses what has no one value in a group") {
  const auto refused = [](const QueryBuilder& query, std::string_view name) {
    check_refused(ErrorCode::invalid_argument, {name}, [&] { query.build(); });
  };
  const QueryBuilder trades{"trades"};
  refused(QueryBuilder{trades}.select({"price"}).group_by({"side"}), "'price'");
  refused(QueryBuilder{trades}.select({"price"}).count_rows(), "'price'");
  refused(QueryBuilder{trades}.count_rows().order_by("price"), "'price'");
  refused(QueryBuilder{trades}.count_rows().count_rows(), "'rows'");
  refused(QueryBuilder{trades}.group_by({"side"}).count_rows("side"), "'side'");
}

}  // namespace
}  // namespace tapedeck
