#include "base/log.hpp"
#include "duck/database.hpp"
#include "query/answer_columns.hpp"
#include "query/timed_reading.hpp"
#include "store/condition_text.hpp"
#include "store/core.hpp"
#include "store/entity_view.hpp"
#include "tapedeck/query/query_builder.hpp"
#include "tapedeck/store/schema.hpp"

#include <algorithm>
#include <string_view>

namespace tapedeck {
namespace {

void check_columns(const QueryBuilder& query, const TableShape& shape) {
  std::vector<std::string> known;
  for (const TableColumn& column : shape.columns)
    known.push_back(column.name);
  for (const std::string& name : query.columns()) {
    if (std::ranges::find(known, name) == known.end()) {
      fail_unknown_column(shape.name, name, known);
    }
  }
}

}  // namespace

int64_t run_query(const Store& store, const QueryBuilder& query, RowSink& sink) {
  const TableShape shape = table_shape(store, query.table());
  check_columns(query, shape);
  std::optional<int64_t> limit = query.limit_;
  if (!limit && !query.unbounded_ && !query.has_one_row()) {
    limit = QueryBuilder::kDefaultLimit;
    log::warn(
        "a query of '{}' without limit: at most {} rows are given; use limit() or "
        "unbounded()",
        shape.name, *limit);
  }
  // The table as the catalogue calls it, so that SQL finds the one that was checked.
  const BuiltQuery built = query.build_from(shape.name, limit);
  const StoreCore::ReaderLease reader = store.core().borrow_reader();
  return observed(store.core().observer(), "query", built.sql, [&](Observation& observation) {
    const int64_t rows = read_in_turn(store.core().readers(), *reader, built.sql, [&] {
      duck::Statement statement = reader->prepare_once(built.sql);
      bind_values(statement, built.parameters);
      const AnswerColumns columns{statement};
      if (!columns.need_cast()) return columns.give_rows(statement, sink);
      duck::Statement cast = reader->prepare_once(columns.with_casts(built.sql));
      bind_values(cast, built.parameters);
      return columns.give_rows(cast, sink);
    });
    observation.add_rows(rows);
    return rows;
  });
}

}  // namespace tapedeck
