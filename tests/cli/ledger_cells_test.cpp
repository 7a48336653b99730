#include "cli/ledger_cells.hpp"

#include "cli/cells.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tapedeck {
namespace {

std::string line(const CellRow& row) {
  std::string text;
  for (const Cell& cell : row.cells()) {
    if (!text.empty()) text += " ";
    append_plain(text, cell, {});
    if (text.ends_with(" ")) text += "-";
  }
  return text;
}

TEST_CASE("rows have a cell for each column, and texts that outlive their source") {
  Order order;
  order.instrument = {.venue = "alpaca", .symbol = "AAPL"};
  order.client_order_id = "mine";
  order.quantity = parse_amount("100").value();
  CHECK(order_row(order).cells().size() == order_columns().size());
  CHECK(line(order_row(order)).find("alpaca:AAPL buy limit 100 - - pending 0 - mine") !=
        std::string::npos);
  CHECK(order_state_row({}).cells().size() == order_state_columns().size());
  CHECK(fill_row({}).cells().size() == fill_columns().size());
  CHECK(portfolio_row({}).cells().size() == portfolio_columns().size());
  CHECK(performance_row({}).cells().size() == performance_columns().size());
  CHECK(equity_row({}).cells().size() == equity_columns().size());
  CHECK(ledger_import_row("a.csv", {}).cells().size() == ledger_import_columns().size());
}

TEST_CASE("a short position shows its quantity above 0 and its value below") {
  PositionSnapshot snapshot;
  snapshot.key.instrument = {.venue = "alpaca", .symbol = "AAPL"};
  snapshot.position.quantity = parse_amount("-50").value();
  snapshot.position.cost = parse_amount("-7500").value();
  snapshot.position.mark = parse_amount("149").value();
  CHECK(position_row(snapshot).cells().size() == position_columns().size());
  CHECK(line(position_row(snapshot)).find("alpaca:AAPL - short 50 150 149 -7450 50 0") !=
        std::string::npos);
}

}  // namespace
}  // namespace tapedeck
