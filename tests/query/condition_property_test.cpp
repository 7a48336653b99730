// A property: conditions keep the same rows in memory and in DuckDB.
#include "duck/quoted.hpp"
#include "sql_rows.hpp"
#include "tapedeck/query/query_builder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>

namespace tapedeck {
namespace {

using test::sql;
using test::TextSink;
using Lines = std::vector<std::string>;

constexpr std::array<const char*, 6> kColumns{"name", "price", "number", "done", "time", "ratio"};
constexpr bool is_numeric(size_t column) {
  return column == 1 || column == 2 || column == 5;
}

struct Sample {
  int64_t id = 0;
  std::array<QueryValue, kColumns.size()> values;
};

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_{seed} {}
  int64_t below(int64_t n) { return std::uniform_int_distribution<int64_t>{0, n - 1}(random_); }

  std::string text(std::string_view extra) {
    static const std::array<const char*, 5> letters{"a", "B", "é", "€", "'"};
    std::string text;
    for (int64_t i = below(6); i > 0; --i) {
      const auto at =
          static_cast<size_t>(below(static_cast<int64_t>(letters.size() + extra.size())));
      text += at < letters.size() ? letters[at] : std::string(1, extra[at - letters.size()]);
    }
    return text;
  }
  Decimal decimal() {
    static const std::array<int128, 4> units{1, 10'000'000'001, 123'456'789'012'345'678, 5};
    const int128 sign = below(2) == 0 ? 1 : -1;
    return {.units = sign * units[static_cast<size_t>(below(4))] * below(3),
            .exponent = static_cast<int>(-below(13))};
  }
  double real() {
    static const std::array<double, 7> reals{0, -1, 0.1, 2, 123456.789012345678, 1e30, 5e-12};
    return reals[static_cast<size_t>(below(7))];
  }
  // Never NULL.
  QueryValue value(size_t column) {
    switch (column) {
      case 0: return text("%_");
      case 1: return decimal();
      case 2: return below(5) - 2;
      case 3: return below(2) == 0;
      case 4: return from_epoch_ns(1'704'067'200'000'000'000 + below(4));
      default: return real();
    }
  }
  QueryValue cell(size_t column) {
    if (below(5) == 0) return std::monostate{};
    return value(column);
  }
  // Numbers are asked for by numbers of every type.
  QueryValue asked(size_t column) {
    constexpr std::array<size_t, 3> kNumeric{1, 2, 5};
    return value(is_numeric(column) ? kNumeric[static_cast<size_t>(below(3))] : column);
  }
  QueryCondition condition() {
    const auto column = static_cast<size_t>(below(static_cast<int64_t>(kColumns.size())));
    QueryCondition result{.column = kColumns[column]};
    result.comparison = static_cast<Comparison>(below(11));
    if (result.comparison == Comparison::like) {
      return {"name", Comparison::like, {text("%%%%%_____")}};
    }
    int64_t values = 1;
    if (result.comparison == Comparison::between) values = 2;
    if (result.comparison == Comparison::in) values = below(4);
    if (result.comparison >= Comparison::is_null) values = 0;
    const bool may_be_null =
        result.comparison <= Comparison::not_equal || result.comparison == Comparison::in;
    // Of one type in a list: DuckDB compares all of it as doubles where one of them is.
    const size_t type =
        is_numeric(column) ? std::array<size_t, 3>{1, 2, 5}[static_cast<size_t>(below(3))] : column;
    for (int64_t i = 0; i < values; ++i) {
      result.values.push_back(may_be_null && below(6) == 0 ? QueryValue{} : value(type));
    }
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
    std::string operator()(double number) const { return fmt::format("{}::DOUBLE", number); }
    std::string operator()(const std::string& text) const { return duck::quoted_text(text); }
    std::string operator()(Timestamp t) const { return duck::quoted_text(to_iso(t)); }
    std::string operator()(const Decimal& decimal) const { return to_text(decimal); }
  };
  return std::visit(Text{}, value);
}

std::vector<Sample> stored_samples(Store& store, Dice& dice) {
  std::string insert =
      "CREATE TABLE samples(id BIGINT, name VARCHAR, price DECIMAL(38,12), number BIGINT, done "
      "BOOLEAN, time TIMESTAMP_NS, ratio DOUBLE); INSERT INTO samples VALUES ";
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
  return rows;
}

size_t place_of(const std::string& column) {
  return static_cast<size_t>(std::ranges::find(kColumns, column) - kColumns.begin());
}

TEST_CASE("random conditions keep the same rows in memory and in DuckDB") {
  Dice dice{27};
  Store store{":memory:"};
  const std::vector<Sample> rows = stored_samples(store, dice);
  size_t kept = 0;
  for (int trial = 0; trial < 600; ++trial) {
    QueryBuilder query = QueryBuilder{"samples"}.select({"id"}).order_by("id").unbounded();
    for (int64_t i = dice.below(2); i >= 0; --i)
      query.filter(dice.condition());
    Lines expected;
    for (const Sample& sample : rows) {
      if (std::ranges::all_of(query.conditions(), [&](const QueryCondition& condition) {
            return holds(condition, sample.values[place_of(condition.column)]);
          })) {
        expected.push_back(std::to_string(sample.id));
      }
    }
    kept += expected.size();
    CAPTURE(query.build().sql);
    std::string shown;
    for (const QueryValue& value : query.build().parameters)
      shown += literal(value) + "; ";
    CAPTURE(shown);
    TextSink sink;
    run_query(store, query, sink);
    CHECK(sink.lines() == expected);
  }
  CHECK(kept > 10'000);
}

TEST_CASE("rows in memory are sorted as ORDER BY sorts them") {
  Dice dice{28};
  Store store{":memory:"};
  std::vector<Sample> rows = stored_samples(store, dice);
  for (size_t column = 0; column < kColumns.size(); ++column) {
    for (const SortOrder order : {SortOrder::ascending, SortOrder::descending}) {
      std::ranges::sort(rows, [&](const Sample& a, const Sample& b) {
        const QueryValue& left = a.values[column];
        const QueryValue& right = b.values[column];
        const bool has_null = left.index() == 0 || right.index() == 0;
        const auto by_value = order == SortOrder::ascending || has_null
                                  ? compare_values(left, right)
                                  : compare_values(right, left);
        return by_value != 0 ? by_value < 0 : a.id < b.id;
      });
      Lines expected;
      for (const Sample& sample : rows)
        expected.push_back(std::to_string(sample.id));
      TextSink sink;
      run_query(store,
                QueryBuilder{"samples"}
                    .select({"id"})
                    .order_by(kColumns[column], order)
                    .order_by("id")
                    .unbounded(),
                sink);
      CHECK(sink.lines() == expected);
    }
  }
}

}  // namespace
}  // namespace tapedeck
