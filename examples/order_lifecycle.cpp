// An order from its creation to the position that its fills leave; and a fill that is taken back.
//   example_order_lifecycle [STORE]      else in memory
#include "tapedeck/tapedeck.hpp"

#include <iostream>

using namespace tapedeck;

namespace {

const Timestamp kTen = *parse_timestamp("2026-11-20T10:00:00Z");

Amount amount(std::string_view text) {
  return parse_amount(text).value();
}

void show(const Store& store, const Uuid& order_id) {
  const Order order = find_order(store, order_id).value();
  std::cout << to_text(order.status) << ", filled " << to_text(order.filled_quantity) << " of "
            << to_text(order.quantity);
  if (const auto average = average_fill_price(order))
    std::cout << " at " << to_text(*average) << " on average";
  for (const PositionSnapshot& held : positions(store))
    std::cout << "; " << to_text(side_of(held.position)) << " " << to_text(held.position.quantity)
              << " from " << to_text(average_entry_price(held.position).value());
  std::cout << "\n";
}

// Prints rows as they come.
class Lines final : public RowSink {
 public:
  void begin(std::span<const Column>) override {}
  void row(std::span<const Cell> cells) override {
    std::cout << std::get<std::string_view>(cells[0]) << " " << std::get<std::string_view>(cells[1])
              << " " << to_text(std::get<Decimal>(cells[2])) << "\n";
  }
  void end() override {}
};

}  // namespace

int main(int argc, char** argv) {
  using std::chrono::seconds;
  StoreOptions options;
  options.mode = OpenMode::create;
  Store store{argc > 1 ? argv[1] : ":memory:", options};
  Ledger ledger{store};

  const Order order = ledger.create_order({.instrument = {.venue = "alpaca", .symbol = "AAPL"},
                                           .side = OrderSide::buy,
                                           .quantity = amount("100"),
                                           .price = amount("150"),
                                           .strategy_id = "momentum",
                                           .client_order_id = "mine-1",
                                           .created_at = kTen});
  show(store, order.order_id);
  ledger.update_status(order.order_id, OrderStatus::submitted, {.at = kTen + seconds{1}});

  const auto fill = [&](const char* quantity, const char* price, int second) {
    const Fill stored = ledger.record_fill({.order_id = order.order_id,
                                            .quantity = amount(quantity),
                                            .price = amount(price),
                                            .executed_at = kTen + seconds{second}});
    show(store, order.order_id);
    return stored;
  };
  fill("40", "149.50", 2);
  const Fill second = fill("60", "150.00", 3);

  // Who asks why: everything of one decision, on one time line.
  for (const TraceEntry& entry : trace(store, order.correlation_id))
    std::cout << "  " << to_iso(entry.at) << " " << entry.kind << ": " << entry.what << "\n";

  // Nothing is changed in a ledger: a correction is an entry of its own, and what follows from the
  // fills is made again.
  ledger.bust_fill(second.fill_id, "the venue took it back");
  show(store, order.order_id);
  for (const OrderState& state : order_history(store, order.order_id))
    std::cout << "  " << state.cause << " -> " << to_text(state.order.status) << "\n";

  ledger.settle();  // SQL sees what is applied
  QueryBuilder query{"orders"};
  query.select({"symbol", "status", "filled_quantity"})
      .filter("symbol", "AAPL")
      .filter("status", "partial")
      .order_by("created_at", SortOrder::descending)
      .limit(100);
  std::cout << query.build().sql << "\n";
  Lines lines;
  run_query(store, query, lines);
}
