// QueryBuilder: a SELECT from one table, put together in C++. Names are checked and quoted, values
// are bound: no text of the caller's becomes SQL.
#pragma once

#include "tapedeck/market/time.hpp"
#include "tapedeck/query/rows.hpp"
#include "tapedeck/store/query_condition.hpp"
#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// avg gives a double, sum of whole numbers a Decimal; approx_count_distinct is off by a tenth on
// average, at times by a third, and much faster than an exact count on many rows. All skip NULL.
enum class Aggregate : uint8_t { count, sum, min, max, avg, approx_count_distinct };
std::string_view to_text(Aggregate function);  // "approx_count_distinct"

struct BuiltQuery {
  std::string sql;
  std::vector<QueryValue> parameters;  // one for each `?`, in order
  bool operator==(const BuiltQuery&) const = default;
};

// A name is [A-Za-z_][A-Za-z0-9_]* of at most 128 characters. A table may have its schema before a
// point, a column the builder's table. Every call throws Error{invalid_argument} for any other
// name, for values that its comparison cannot use and for a negative count of rows, and
// Error{out_of_range} for a Decimal that DECIMAL(38, 12) cannot hold.
class QueryBuilder {
 public:
  static constexpr int64_t kDefaultLimit = 100;

  explicit QueryBuilder(std::string table);

  // What the answer has: the columns, then the aggregates, each in the order of the calls. Default:
  // every column; what it is grouped by; nothing but the aggregates.
  QueryBuilder& select(const std::vector<std::string>& columns);
  QueryBuilder& count_rows(const std::string& name = "rows");
  // The default name is like `sum_quantity`.
  QueryBuilder& aggregate(Aggregate function, const std::string& column,
                          const std::optional<std::string>& name = {});
  // With it, or with aggregates, only columns that are grouped by can be selected.
  QueryBuilder& group_by(const std::vector<std::string>& columns);

  // Conditions are joined by AND. Equal to NULL becomes is_null, not equal to it is_not_null; other
  // comparisons but `in` refuse NULL.
  QueryBuilder& filter(QueryCondition condition);
  QueryBuilder& filter(const std::string& column, QueryValue value);
  QueryBuilder& filter(const std::string& column, Comparison comparison, QueryValue value);
  QueryBuilder& between(const std::string& column, QueryValue low, QueryValue high);
  // Of no values: no row.
  QueryBuilder& in(const std::string& column, std::vector<QueryValue> values);
  QueryBuilder& like(const std::string& column, const std::string& pattern);
  QueryBuilder& is_null(const std::string& column);
  QueryBuilder& is_not_null(const std::string& column);
  // at_least its begin and less than its end; an end that TimeRange{} has is no condition.
  QueryBuilder& time_range(const std::string& column, const TimeRange& range);

  // A column, or the name of an aggregate. The first call counts most; NULL comes last.
  QueryBuilder& order_by(const std::string& column, SortOrder order = SortOrder::ascending);
  QueryBuilder& limit(int64_t rows);
  QueryBuilder& unbounded();
  QueryBuilder& offset(int64_t rows);

  // Needs no store. Error{invalid_argument} when a selected or sorting column is not grouped by in
  // a query with groups or aggregates, and when two of its results have one name.
  BuiltQuery build() const;

  const std::string& table() const { return table_; }
  // Without their table, as all names here; NULL is already turned into is_null.
  const std::vector<QueryCondition>& conditions() const { return conditions_; }
  // Every column of the table that the query names.
  std::vector<std::string> columns() const;

 private:
  friend int64_t run_query(const Store& store, const QueryBuilder& query, RowSink& sink);

  struct Result {
    std::optional<Aggregate> function;  // none: the number of rows
    std::string column;                 // of the function
    std::string name;
  };

  std::string column_name(const std::string& name) const;
  bool is_grouped() const { return !groups_.empty() || !results_.empty(); }
  bool has_one_row() const { return groups_.empty() && !results_.empty(); }
  bool has_result(const std::string& name) const;
  void check_groups() const;
  BuiltQuery build_from(const std::string& table, std::optional<int64_t> limit) const;

  std::string table_;
  std::vector<std::string> selected_;
  std::vector<Result> results_;
  std::vector<std::string> groups_;
  std::vector<QueryCondition> conditions_;
  std::vector<Sorting> sortings_;
  std::optional<int64_t> limit_;
  bool unbounded_ = false;
  int64_t offset_ = 0;
};

// Runs it for reading and gives its rows to `sink`; returns their number. Without limit() or
// unbounded() the first kDefaultLimit rows are given, and a warning in the log says so.
// Errors: not_found for a table or column that the store has not, with the one that was probably
// meant; those of build(); query_timeout as PoolOptions has it.
int64_t run_query(const Store& store, const QueryBuilder& query, RowSink& sink);

}  // namespace tapedeck
