#include "ledger/ledger_views.hpp"

#include "tapedeck/store/schema.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

template <typename Row>
void check_shape(const Store& store, const EntityView<Row>& view) {
  const TableShape shape = table_shape(store, view.shape().name);
  REQUIRE(shape.columns.size() == view.shape().columns.size());
  for (size_t at = 0; at < shape.columns.size(); ++at) {
    const ViewColumn& column = view.shape().columns[at];
    CAPTURE(column.name);
    CHECK(shape.columns[at].name == column.name);
    const std::string type = shape.columns[at].type;
    switch (column.kind) {
      case ColumnKind::text: CHECK(type == "VARCHAR"); break;
      case ColumnKind::uuid: CHECK(type == "UUID"); break;
      case ColumnKind::decimal: CHECK(type.starts_with("DECIMAL(")); break;
      case ColumnKind::integer: CHECK(type == "BIGINT"); break;
      case ColumnKind::boolean: CHECK(type == "BOOLEAN"); break;
      case ColumnKind::time: CHECK(type == "TIMESTAMP_NS"); break;
    }
  }
}

TEST_CASE("the views in memory have the columns of those in the database") {
  const Store store{":memory:"};
  check_shape(store, order_view());
  check_shape(store, fill_view());
  check_shape(store, position_view());
  check_shape(store, portfolio_view());
}

}  // namespace
}  // namespace tapedeck
