// ledger.orders and ledger.order_entries as rows.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/order.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// An order with what the ledger notes beside it.
struct OrderRow {
  Order order;
  std::string source;
};

// A state that an order got into.
struct OrderVersion {
  int64_t entry = 0;
  Timestamp recorded_at;
  std::string_view kind;  // literal: create, status, amend, fill, correction
  OrderRow row;
};

// `condition` is SQL with placeholders for `bind`; with its ORDER BY and LIMIT.
using BindOrders = std::function<void(duck::Statement&)>;
std::vector<OrderRow> read_orders(duck::Connection& connection, std::string_view condition,
                                  const BindOrders& bind);
std::vector<OrderRow> orders_by_id(duck::Connection& connection, std::span<const Uuid> ids);
std::vector<OrderRow> orders_by_client_id(duck::Connection& connection,
                                          std::span<const std::string> ids);
// As it was created.
std::optional<OrderRow> created_order(duck::Connection& connection, const Uuid& id);
// The oldest first.
std::vector<OrderVersion> versions_of_order(duck::Connection& connection, const Uuid& id);
// Every order as it stood when everything recorded up to `at` was known.
std::vector<OrderRow> orders_as_known_at(duck::Connection& connection, Timestamp at);

// Puts the rows in the place of those with the same order_id.
void replace_orders(duck::Transaction& transaction, std::span<const OrderRow> rows);
void insert_order_versions(duck::Transaction& transaction, std::span<const OrderVersion> versions);

}  // namespace tapedeck
