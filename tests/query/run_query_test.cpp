#include "duck/quoted.hpp"
#include "logged.hpp"
#include "sql_rows.hpp"
#include "tapedeck/query/query_builder.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

namespace tapedeck {
namespace {

using test::at;
using test::check_refused;
using test::four_trades;
using test::logged;
using test::new_instrument;
using test::range_ms;
using test::sql;
using test::TextSink;
using Lines = std::vector<std::string>;

const std::string kQuoted = R"(it's; DROP TABLE samples; -- "x")";

// Rows that have what goes wrong: NULL, quotes, the largest decimal, long fractions.
Store samples() {
  Store store{":memory:"};
  sql(store,
      "CREATE TABLE samples(id BIGINT, name VARCHAR, price DECIMAL(38,12), ratio DOUBLE, done "
      "BOOLEAN, time TIMESTAMP_NS); INSERT INTO samples VALUES "
      "(1, 'BTC', 0.1, 0.1, true, '2024-01-01 00:00:00.000000001'), "
      "(2, 'BTC', 0.100000000001, 0.2, false, '2024-01-01 00:00:00.000000002'), "
      "(3, NULL, NULL, NULL, NULL, NULL), "
      "(4, 'ETH', 99999999999999999999999999.999999999999, -1, true, '2024-01-02'), "
      "(5, " +
          duck::quoted_text(kQuoted) + ", -7, 0, false, '2024-01-03')",
      SqlAccess::write);
  return store;
}

Lines run(const Store& store, const QueryBuilder& query) {
  TextSink sink;
  const int64_t rows = run_query(store, query, sink);
  CHECK(sink.ended());
  CHECK(rows == static_cast<int64_t>(sink.lines().size()));
  return sink.lines();
}

QueryBuilder ids() {
  return QueryBuilder{"samples"}.select({"id"}).order_by("id").unbounded();
}

TEST_CASE("names that are words of SQL are names all the same") {
  Store store{":memory:"};
  sql(store, "CREATE TABLE \"select\"(\"from\" INTEGER, \"order\" INTEGER)", SqlAccess::write);
  sql(store, "INSERT INTO \"select\" VALUES (1, 2), (3, 4)", SqlAccess::write);
  CHECK(run(store, QueryBuilder{"select"}.select({"order"}).filter("from", 3).limit(1)) ==
        Lines{"4"});
}

TEST_CASE("values are found literally, whatever they contain") {
  const Store store = samples();
  CHECK(run(store, ids().filter("name", kQuoted)) == Lines{"5"});
  CHECK(run(store, ids().in("name", {kQuoted, "ETH"})) == Lines{"4", "5"});
  for (const char* text : {"' OR 1=1 --", "x'; DROP TABLE samples; --", "?", "$1", "\\", "%"}) {
    CAPTURE(text);
    CHECK(run(store, ids().filter("name", text)).empty());
  }
  CHECK(run(store, ids().filter("name", std::string{"BTC\0x", 5})).empty());
  CHECK(run(store, ids().filter("name", std::string(100'000, '\''))).empty());
  CHECK(run(store, ids()).size() == 5);
}

TEST_CASE("a pattern of LIKE, and NULL") {
  const Store store = samples();
  CHECK(run(store, ids().like("name", "B_C")) == Lines{"1", "2"});
  CHECK(run(store, ids().like("name", "%; DROP%")) == Lines{"5"});
  CHECK(run(store, ids().filter("name", std::monostate{})) == Lines{"3"});
  CHECK(run(store, ids().is_not_null("price")).size() == 4);
  CHECK(run(store, ids().filter("name", Comparison::not_equal, "BTC")) == Lines{"4", "5"});
  CHECK(run(store, ids().filter("name", Comparison::not_equal, std::monostate{})).size() == 4);
  CHECK(run(store, ids().in("name", {"ETH", std::monostate{}})) == Lines{"3", "4"});
  CHECK(run(store, ids().in("name", {})).empty());
}

TEST_CASE("decimals are compared exactly, to the last of 38 digits") {
  const Store store = samples();
  const Decimal largest{
      .units = (int128{9'999'999'999'999'999'999U} * 10'000'000'000'000'000'000U) +
               int128{9'999'999'999'999'999'999U},
      .exponent = -12};
  CHECK(run(store, ids().filter("price", Decimal{1, -1})) == Lines{"1"});
  CHECK(run(store, ids().filter("price", Decimal{100'000'000'001, -12})) == Lines{"2"});
  CHECK(run(store, ids().filter("price", largest)) == Lines{"4"});
  CHECK(run(store, ids().filter("price", Comparison::less, largest)) == Lines{"1", "2", "5"});
  CHECK(run(store, ids().filter("price", Comparison::greater, Decimal{1, -1})) == Lines{"2", "4"});
  CHECK(run(store, ids().filter("price", Decimal{-70, -1})) == Lines{"5"});
  CHECK(run(store, ids().filter("price", -7)) == Lines{"5"});
  CHECK(run(store, ids().filter("id", Decimal{20, -1})) == Lines{"2"});
  CHECK(run(store, ids().filter("id", Decimal{25, -1})).empty());
  // Zeros behind the twelfth digit are no precision.
  CHECK(run(store, ids().filter("price", Decimal{1'000, -4})) == Lines{"1"});
  CHECK(run(store, ids().filter("price", Decimal{10'000'000'000'000, -14})) == Lines{"1"});
}

TEST_CASE("times are compared to the nanosecond, in half-open ranges") {
  const Store store = samples();
  const Timestamp first = at("2024-01-01T00:00:00.000000001");
  const Timestamp second = at("2024-01-01T00:00:00.000000002");
  CHECK(run(store, ids().filter("time", second)) == Lines{"2"});
  CHECK(run(store, ids().time_range("time", {first, second})) == Lines{"1"});
  CHECK(run(store, ids().time_range("time", {second, at("2024-01-03")})) == Lines{"2", "4"});
  CHECK(run(store, ids().time_range("time", {second, first})).empty());
  CHECK(run(store, ids().time_range("time", {.begin = second})) == Lines{"2", "4", "5"});
  CHECK(run(store, ids().time_range("time", {})).size() == 5);
  CHECK(run(store, ids().filter("time", Comparison::less, Timestamp::max())).size() == 4);
}

TEST_CASE("groups have aggregates, by their names sorted") {
  Store store{":memory:"};
  Writer{store}.append(new_instrument(store).id, four_trades());
  const QueryBuilder by_side = QueryBuilder{"trades"}
                                   .group_by({"side"})
                                   .count_rows()
                                   .aggregate(Aggregate::sum, "quantity", "quantity")
                                   .aggregate(Aggregate::min, "price")
                                   .aggregate(Aggregate::max, "price")
                                   .aggregate(Aggregate::avg, "price")
                                   .aggregate(Aggregate::count, "trade_id")
                                   .aggregate(Aggregate::approx_count_distinct, "symbol")
                                   .order_by("quantity", SortOrder::descending)
                                   .limit(10);
  TextSink sink;
  CHECK(run_query(store, by_side, sink) == 2);
  CHECK(sink.lines() == Lines{"sell 2 6 101 102 101.5 0 1", "buy 2 2 99 100 99.5 0 1"});
  const std::vector<std::string_view> names{
      "side",      "rows",      "quantity",       "min_price",
      "max_price", "avg_price", "count_trade_id", "approx_count_distinct_symbol"};
  REQUIRE(sink.columns().size() == names.size());
  for (size_t i = 0; i < names.size(); ++i)
    CHECK(sink.columns()[i].name == names[i]);
  CHECK(sink.columns()[2].type == CellType::decimal);

  // A filter means the column of the table even when a result has its name.
  CHECK(run(store, QueryBuilder{"trades"}
                       .aggregate(Aggregate::sum, "quantity", "quantity")
                       .filter("quantity", Comparison::greater, 1)) == Lines{"6"});
  CHECK(
      run(store, QueryBuilder{"trades"}.select({"symbol"}).group_by({"side", "symbol"}).limit(9)) ==
      Lines{"BTCUSDT", "BTCUSDT"});
}

TEST_CASE("approximate counts of distinct values tell how many there are roughly") {
  Store store{":memory:"};
  sql(store,
      "CREATE TABLE numbered AS SELECT i, 'symbol ' || i % 1000 AS symbol, i % 7 AS few "
      "FROM range(100000) t(i)",
      SqlAccess::write);
  const std::pair<const char*, double> columns[]{{"i", 100'000}, {"symbol", 1'000}, {"few", 7}};
  for (const auto& one : columns) {
    CAPTURE(one.first);
    const Lines counted =
        run(store, QueryBuilder{"numbered"}.aggregate(Aggregate::approx_count_distinct, one.first));
    REQUIRE(counted.size() == 1);
    CHECK(std::stod(counted[0]) == doctest::Approx(one.second).epsilon(0.5));
  }
}

TEST_CASE("several sortings count in their order, offset skips") {
  const Store store = samples();
  const QueryBuilder query = QueryBuilder{"samples"}
                                 .select({"name", "id"})
                                 .order_by("name")
                                 .order_by("id", SortOrder::descending);
  CHECK(run(store, QueryBuilder{query}.limit(3)) == Lines{"BTC 2", "BTC 1", "ETH 4"});
  CHECK(run(store, QueryBuilder{query}.limit(9).offset(3)) == Lines{kQuoted + " 5", "NULL 3"});
  CHECK(run(store, QueryBuilder{query}.limit(0)).empty());
}

TEST_CASE("tables and views of the store are found by name, with and without their schema") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, four_trades());
  writer.upsert_klines(btc.id, test::interval("1m"),
                       std::vector{Kline{.begin = at("2024-01-01"),
                                         .open = {15, -1},
                                         .high = {25, -1},
                                         .low = {5, -1},
                                         .close = {175, -2},
                                         .volume = {7, 0}}});
  store.set_setting("theme", "\"dark; it's\"");

  CHECK(run(store, QueryBuilder{"trades"}
                       .select({"price", "side"})
                       .filter("symbol", "BTCUSDT")
                       .time_range("time", range_ms(60'500, 120'000))
                       .order_by("time")
                       .limit(9)) == Lines{"101 sell", "99 buy"});
  CHECK(run(store, QueryBuilder{"main.klines"}
                       .select({"time", "close"})
                       .filter("close", Decimal{175, -2})
                       .limit(9)) == Lines{"2024-01-01T00:00:00Z 1.75"});
  CHECK(run(store, QueryBuilder{"tape.trades"}.count_rows().filter("side", 1)) == Lines{"2"});
  // In schema tape only, and of JSON and TIMESTAMP.
  const QueryBuilder settings = QueryBuilder{"settings"}.select({"value"}).limit(9);
  CHECK(run(store, QueryBuilder{settings}.filter("key", "theme")) == Lines{"\"dark; it's\""});
  CHECK(run(store, QueryBuilder{settings}.time_range("updated_at", {.begin = at("2000-01-01")})) ==
        Lines{"\"dark; it's\""});
  CHECK(run(store, QueryBuilder{settings}.time_range("updated_at", {.end = at("2000-01-01")}))
            .empty());
}

TEST_CASE("types without a cell of their own arrive as text, with the values bound") {
  Store store{":memory:"};
  sql(store,
      "CREATE TABLE days AS SELECT DATE '2024-01-01' + i::INTEGER AS day, i FROM range(5) t(i)",
      SqlAccess::write);
  CHECK(run(store, QueryBuilder{"days"}
                       .between("i", 1, 3)
                       .filter("day", Comparison::not_equal, "2024-01-03")
                       .order_by("i", SortOrder::descending)
                       .limit(9)) == Lines{"2024-01-04 3", "2024-01-02 1"});
}

TEST_CASE("a table or column that the store has not is not found, with what was meant") {
  const Store store = samples();
  check_refused(ErrorCode::not_found, {"'smaples'", "did you mean 'samples'?"},
                [&] { run(store, QueryBuilder{"smaples"}); });
  check_refused(ErrorCode::not_found, {"'duckdb_tables'"},
                [&] { run(store, QueryBuilder{"duckdb_tables"}); });
  const auto refused = [&](const QueryBuilder& query) {
    check_refused(ErrorCode::not_found, {"'main.samples'", "'prices'", "did you mean 'price'?"},
                  [&] { run(store, query); });
  };
  const QueryBuilder query{"samples"};
  refused(QueryBuilder{query}.select({"id", "prices"}));
  refused(QueryBuilder{query}.filter("prices", 1));
  refused(QueryBuilder{query}.order_by("prices"));
  refused(QueryBuilder{query}.group_by({"prices"}));
  refused(QueryBuilder{query}.aggregate(Aggregate::sum, "prices"));
  check_refused(ErrorCode::not_found, {"'unheard_of'", "it has id, name, price"},
                [&] { run(store, QueryBuilder{"samples"}.select({"unheard_of"})); });
}

TEST_CASE("without a limit a hundred rows are given, and the log says so") {
  Store store{":memory:"};
  sql(store, "CREATE TABLE many AS SELECT range AS i FROM range(5000)", SqlAccess::write);
  Lines lines;
  const std::string warning = logged([&] { lines = run(store, QueryBuilder{"many"}); });
  CHECK(lines.size() == 100);
  CHECK(warning.find("warning") != std::string::npos);
  CHECK(warning.find("'main.many' without limit: at most 100 rows") != std::string::npos);
  const std::string rest = logged([&] {
    CHECK(run(store, QueryBuilder{"many"}.limit(3000)).size() == 3000);
    CHECK(run(store, QueryBuilder{"many"}.unbounded()).size() == 5000);
    CHECK(run(store, QueryBuilder{"many"}.count_rows()) == Lines{"5000"});
  });
  CHECK(rest.empty());
}

TEST_CASE("a query has the pool's time limit, and one reader is enough") {
  StoreOptions options;
  options.pool = PoolOptions::single();
  options.pool.query_timeout = std::chrono::milliseconds{50};
  Store store{":memory:", options};
  sql(store,
      "CREATE VIEW endless AS SELECT sum(i * i % 7)::BIGINT AS total FROM range(100000000000) t(i)",
      SqlAccess::write);
  check_refused(ErrorCode::query_timeout, {"longer than 50 ms", "endless"},
                [&] { run(store, QueryBuilder{"endless"}.limit(1)); });
  CHECK(store.pool_stats().query_timeouts == 1);
  CHECK(run(store, QueryBuilder{"settings"}.count_rows()) == Lines{"0"});
}

TEST_CASE("a store that was opened for reading answers too") {
  test::TempStore store;
  Writer{*store}.append(new_instrument(*store).id, four_trades());
  store.reopen(OpenMode::read);
  CHECK(
      run(*store, QueryBuilder{"trades"}.filter("price", Comparison::at_most, 100).count_rows()) ==
      Lines{"2"});
}

TEST_CASE("what DuckDB cannot compare is an error of the caller, and the store works on") {
  const Store store = samples();
  check_refused(ErrorCode::invalid_argument, {"sum"},
                [&] { run(store, QueryBuilder{"samples"}.aggregate(Aggregate::sum, "name")); });
  check_refused(ErrorCode::invalid_argument, {},
                [&] { run(store, ids().filter("name", "\xff\xfe")); });
  check_refused(ErrorCode::out_of_range, {"yesterday"},
                [&] { run(store, ids().filter("time", "yesterday")); });
  struct Full final : RowSink {
    void begin(std::span<const Column>) override {}
    void row(std::span<const Cell>) override { throw Error{ErrorCode::disk_full, "full"}; }
    void end() override {}
  } sink;
  check_refused(ErrorCode::disk_full, {"full"}, [&] { run_query(store, ids(), sink); });
  CHECK(run(store, ids()).size() == 5);
}

// A property: whatever the conditions, the rows are those that a loop over them keeps.

struct Sample {
  int64_t id = 0;
  std::array<QueryValue, 5> values;
};
constexpr std::array<const char*, 5> kColumns{"name", "price", "number", "done", "time"};

bool less(const QueryValue& a, const QueryValue& b) {
  if (const auto* decimal = std::get_if<Decimal>(&a)) {
    return compare(*decimal, std::get<Decimal>(b)) < 0;
  }
  if (const auto* text = std::get_if<std::string>(&a)) return *text < std::get<std::string>(b);
  if (const auto* number = std::get_if<int64_t>(&a)) return *number < std::get<int64_t>(b);
  if (const auto* flag = std::get_if<bool>(&a)) return !*flag && std::get<bool>(b);
  return std::get<Timestamp>(a) < std::get<Timestamp>(b);
}

bool matches(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '%') {
    return matches(text, pattern.substr(1)) || (!text.empty() && matches(text.substr(1), pattern));
  }
  return !text.empty() && (pattern.front() == '_' || pattern.front() == text.front()) &&
         matches(text.substr(1), pattern.substr(1));
}

bool meets(const QueryValue& cell, const QueryCondition& condition) {
  const bool null = std::holds_alternative<std::monostate>(cell);
  const std::vector<QueryValue>& values = condition.values;
  if (condition.comparison == Comparison::is_null) return null;
  if (condition.comparison == Comparison::in) {
    return std::find(values.begin(), values.end(), cell) != values.end();
  }
  if (null) return false;
  switch (condition.comparison) {
    case Comparison::equal: return cell == values[0];
    case Comparison::not_equal: return cell != values[0];
    case Comparison::less: return less(cell, values[0]);
    case Comparison::at_most: return !less(values[0], cell);
    case Comparison::greater: return less(values[0], cell);
    case Comparison::at_least: return !less(cell, values[0]);
    case Comparison::between: return !less(cell, values[0]) && !less(values[1], cell);
    case Comparison::like:
      return matches(std::get<std::string>(cell), std::get<std::string>(values[0]));
    default: return true;
  }
}

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_{seed} {}
  int64_t below(int64_t n) { return std::uniform_int_distribution<int64_t>{0, n - 1}(random_); }

  // Few different ones, so that conditions meet some; never NULL.
  QueryValue value(size_t column) {
    static const std::array<const char*, 6> texts{"a", "b'", "\"b\"", "", "a;--", "%_"};
    switch (column) {
      case 0: return texts[static_cast<size_t>(below(6))];
      case 1: return Decimal{below(5) - 2, below(2) == 0 ? -12 : 0};
      case 2: return below(5) - 2;
      case 3: return below(2) == 0;
      default: return from_epoch_ns(1'704'067'200'000'000'000 + below(4));
    }
  }
  QueryValue cell(size_t column) {
    if (below(5) == 0) return std::monostate{};
    return value(column);
  }
  QueryCondition condition() {
    const auto column = static_cast<size_t>(below(5));
    QueryCondition result{.column = kColumns[column]};
    result.comparison = static_cast<Comparison>(below(11));
    if (result.comparison == Comparison::like) {
      static const std::array<const char*, 4> patterns{"%", "_", "%b%", "a%"};
      return {"name", Comparison::like, {patterns[static_cast<size_t>(below(4))]}};
    }
    int64_t values = 1;
    if (result.comparison == Comparison::between) values = 2;
    if (result.comparison == Comparison::in) values = below(4);
    if (result.comparison >= Comparison::is_null) values = 0;
    const bool may_be_null =
        result.comparison <= Comparison::not_equal || result.comparison == Comparison::in;
    for (int64_t i = 0; i < values; ++i)
      result.values.push_back(may_be_null ? cell(column) : value(column));
    return result;
  }

 private:
  std::mt19937_64 random_;
};

std::string literal(const QueryValue& value) {
  struct Text {
    std::string operator()(std::monostate) const { return "NULL"; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return std::to_string(number); }
    std::string operator()(const std::string& text) const { return duck::quoted_text(text); }
    std::string operator()(Timestamp t) const { return duck::quoted_text(to_iso(t)); }
    std::string operator()(const Decimal& decimal) const { return to_text(decimal); }
  };
  return std::visit(Text{}, value);
}

TEST_CASE("random conditions keep the rows that a loop over them keeps") {
  Dice dice{20};
  Store store{":memory:"};
  std::string insert =
      "CREATE TABLE samples(id BIGINT, name VARCHAR, price DECIMAL(38,12), number INTEGER, done "
      "BOOLEAN, time TIMESTAMP_NS); INSERT INTO samples VALUES ";
  std::vector<Sample> rows;
  for (int64_t id = 0; id < 300; ++id) {
    Sample sample{.id = id, .values = {}};
    insert += fmt::format("{}({}", id == 0 ? "" : ", ", id);
    for (size_t column = 0; column < sample.values.size(); ++column) {
      sample.values[column] = dice.cell(column);
      insert += ", " + literal(sample.values[column]);
    }
    insert += ")";
    rows.push_back(sample);
  }
  sql(store, insert, SqlAccess::write);
  size_t kept = 0;
  for (int trial = 0; trial < 300; ++trial) {
    QueryBuilder query = ids();
    for (int64_t i = dice.below(3); i >= 0; --i)
      query.filter(dice.condition());
    Lines expected;
    for (const Sample& sample : rows) {
      const auto holds = [&](const QueryCondition& condition) {
        const auto* const at = std::find(kColumns.begin(), kColumns.end(), condition.column);
        return meets(sample.values[static_cast<size_t>(at - kColumns.begin())], condition);
      };
      if (std::ranges::all_of(query.conditions(), holds)) {
        expected.push_back(std::to_string(sample.id));
      }
    }
    kept += expected.size();
    CAPTURE(query.build().sql);
    CHECK(run(store, query) == expected);
  }
  CHECK(kept > 3'000);
}

}  // namespace
}  // namespace tapedeck
