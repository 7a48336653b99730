#include "store/order_rows.hpp"

#include "base/check.hpp"
#include "duck/row_reader.hpp"
#include "duck/row_writer.hpp"
#include "store/foreign_fees.hpp"
#include "store/ledger_ids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::string_view kColumns =
    "order_id, client_order_id, venue_order_id, venue, symbol, strategy_id, side, order_type, "
    "time_in_force, quantity, price, stop_price, filled_quantity, filled_notional, "
    "average_fill_price, commission, commission_currency, foreign_fees, last_fill_at, status, "
    "status_message, created_at, "
    "submitted_at, updated_at, filled_at, correlation_id, parent_order_id, extended_hours, "
    "metadata, source";

constexpr std::array<std::string_view, 5> kKinds{"create", "status", "amend", "fill", "correction"};

std::string_view literal_of(const std::string& kind) {
  const auto found = std::ranges::find(kKinds, kind);
  TAPEDECK_CHECK(found != kKinds.end(), "an entry of kind '{}'", kind);
  return *found;
}

void put(duck::RowWriter& out, const OrderRow& row) {
  const Order& order = row.order;
  out.put(order.order_id).put(order.client_order_id).put(order.venue_order_id);
  out.put(order.instrument.venue).put(order.instrument.symbol).put(order.strategy_id);
  out.put(to_text(order.side)).put(to_text(order.type));
  out.put(order.time_in_force ? std::optional{to_text(*order.time_in_force)} : std::nullopt);
  out.put(order.quantity).put(order.price).put(order.stop_price);
  out.put(order.filled_quantity).put(order.filled_notional).put(average_fill_price(order));
  const bool only_foreign = order.commission == Amount{} && order.foreign_fees.size() == 1;
  out.put(only_foreign ? order.foreign_fees[0].paid : order.commission);
  out.put(only_foreign ? std::optional{order.foreign_fees[0].currency} : std::nullopt);
  out.put(fees_json(order.foreign_fees)).put(order.last_fill_at);
  out.put(to_text(order.status)).put(order.status_message);
  out.put(order.created_at).put(order.submitted_at).put(order.updated_at).put(order.filled_at);
  out.put(order.correlation_id).put(order.parent_order_id).put(order.extended_hours);
  out.put(order.metadata).put(row.source);
  out.end_row();
}

OrderRow take(duck::RowReader& in) {
  OrderRow row;
  Order& order = row.order;
  order.order_id = in.take_uuid();
  order.client_order_id = in.take_text();
  order.venue_order_id = in.find_text();
  order.instrument.venue = in.take_text();
  order.instrument.symbol = in.take_text();
  order.strategy_id = in.find_text();
  order.side = parse_order_side(in.take_text()).value();
  order.type = parse_order_type(in.take_text()).value();
  if (const auto word = in.find_text()) order.time_in_force = parse_time_in_force(*word);
  order.quantity = in.take_amount();
  order.price = in.find_amount();
  order.stop_price = in.find_amount();
  order.filled_quantity = in.take_amount();
  order.filled_notional = in.take_amount();
  in.find_amount();  // the average follows from both
  order.commission = in.take_amount();
  if (in.find_text()) order.commission = {};  // it is that of foreign_fees
  if (const auto fees = in.find_text()) order.foreign_fees = parse_fees(*fees);
  order.last_fill_at = in.find_time();
  order.status = parse_order_status(in.take_text()).value();
  order.status_message = in.find_text();
  order.created_at = in.take_time();
  order.submitted_at = in.find_time();
  order.updated_at = in.find_time();
  order.filled_at = in.find_time();
  order.correlation_id = in.take_uuid();
  order.parent_order_id = in.find_uuid();
  order.extended_hours = in.take_boolean();
  order.metadata = in.find_text();
  row.source = in.take_text();
  return row;
}

std::vector<OrderRow> rows_of(duck::Statement& statement) {
  std::vector<OrderRow> rows;
  duck::Result result = statement.run();
  duck::RowReader in{result};
  while (in.next())
    rows.push_back(take(in));
  return rows;
}

}  // namespace

std::vector<OrderRow> read_orders(duck::Connection& connection, std::string_view condition,
                                  const BindOrders& bind) {
  duck::Statement& statement =
      connection.prepare(fmt::format("SELECT {} FROM ledger.orders {}", kColumns, condition));
  bind(statement);
  return rows_of(statement);
}

std::vector<OrderRow> orders_by_id(duck::Connection& connection, std::span<const Uuid> ids) {
  if (ids.empty()) return {};
  const std::string list = joined(ids);
  return read_orders(connection, "WHERE " + uuid_in("order_id"),
                     [&](duck::Statement& s) { s.bind(1, std::string_view{list}); });
}

std::vector<OrderRow> orders_by_client_id(duck::Connection& connection,
                                          std::span<const std::string> ids) {
  if (ids.empty()) return {};
  const std::string list = joined(ids);
  return read_orders(connection, "WHERE " + text_in("client_order_id"),
                     [&](duck::Statement& s) { s.bind(1, std::string_view{list}); });
}

std::optional<OrderRow> created_order(duck::Connection& connection, const Uuid& id) {
  duck::Statement& statement = connection.prepare(fmt::format(
      "SELECT {} FROM ledger.order_entries WHERE order_id = ? AND kind = 'create'", kColumns));
  std::vector<OrderRow> rows = rows_of(statement.bind(1, id));
  return rows.empty() ? std::nullopt : std::optional{std::move(rows.front())};
}

std::vector<OrderVersion> versions_of_order(duck::Connection& connection, const Uuid& id) {
  duck::Result result = connection
                            .prepare(fmt::format("SELECT entry, recorded_at, kind, {} FROM "
                                                 "ledger.order_entries WHERE order_id = ? ORDER BY "
                                                 "entry",
                                                 kColumns))
                            .bind(1, id)
                            .run();
  std::vector<OrderVersion> versions;
  duck::RowReader in{result};
  while (in.next()) {
    OrderVersion& version = versions.emplace_back();
    version.entry = in.take_integer();
    version.recorded_at = in.take_time();
    version.kind = literal_of(in.take_text());
    version.row = take(in);
  }
  return versions;
}

std::vector<OrderRow> orders_as_known_at(duck::Connection& connection, Timestamp at) {
  duck::Statement& statement = connection.prepare(fmt::format(
      "SELECT {} FROM ledger.order_entries WHERE recorded_at <= ? QUALIFY row_number() OVER "
      "(PARTITION BY order_id ORDER BY entry DESC) = 1 ORDER BY created_at, order_id",
      kColumns));
  return rows_of(statement.bind(1, at));
}

void replace_orders(duck::Transaction& transaction, std::span<const OrderRow> rows) {
  if (rows.empty()) return;
  std::vector<Uuid> ids;
  for (const OrderRow& row : rows)
    ids.push_back(row.order.order_id);
  const std::string list = joined(ids);
  transaction.connection()
      .prepare("DELETE FROM ledger.orders WHERE " + uuid_in("order_id"))
      .bind(1, std::string_view{list})
      .run();
  duck::RowWriter out{transaction, "ledger", "orders"};
  for (const OrderRow& row : rows)
    put(out, row);
  out.close();
}

void insert_order_versions(duck::Transaction& transaction, std::span<const OrderVersion> versions) {
  if (versions.empty()) return;
  duck::RowWriter out{transaction, "ledger", "order_entries"};
  for (const OrderVersion& version : versions) {
    out.put(version.entry).put(version.recorded_at).put(version.kind);
    put(out, version.row);
  }
  out.close();
}

}  // namespace tapedeck
