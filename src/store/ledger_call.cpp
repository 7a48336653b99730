#include "store/ledger_call.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <utility>

namespace tapedeck {
namespace {

// What an order is told by; when it was sent and how it is traced may differ in a second message.
bool has_terms_of(const Order& a, const Order& b) {
  return a.order_id == b.order_id && a.client_order_id == b.client_order_id &&
         a.instrument == b.instrument && a.strategy_id == b.strategy_id && a.side == b.side &&
         a.type == b.type && a.time_in_force == b.time_in_force && a.quantity == b.quantity &&
         a.price == b.price && a.stop_price == b.stop_price &&
         a.parent_order_id == b.parent_order_id && a.extended_hours == b.extended_hours &&
         a.metadata == b.metadata;
}

// The same of a fill: when we heard of it and how it is traced may differ.
bool is_same(Fill a, const Fill& b) {
  a.fill_id = b.fill_id;
  a.reported_at = b.reported_at;
  a.correlation_id = b.correlation_id;
  return a == b;
}

[[noreturn]] void refuse(const std::string& reason) {
  throw Error{ErrorCode::invalid_argument, reason};
}

}  // namespace

void fail_unknown_order(const Uuid& id) {
  throw Error{ErrorCode::not_found,
              fmt::format("the ledger has no order {}; record the order before what happens to it",
                          to_text(id))};
}

void fail_unknown_fill(const Uuid& id) {
  throw Error{ErrorCode::not_found,
              fmt::format("the ledger has no fill {} that counts", to_text(id))};
}

void fail_other_snapshot(const PortfolioSnapshot& snapshot) {
  throw Error{ErrorCode::conflict, fmt::format("the ledger has another {} snapshot of {}",
                                               to_text(snapshot.kind), to_iso(snapshot.at))};
}

std::string trade_key(const Fill& fill) {
  return fmt::format("{}\x1f{}\x1f{}\x1f{}", fill.instrument.venue, fill.instrument.symbol,
                     *fill.exchange_trade_id, to_text(fill.side));
}

Uuid id_of_trade(const Fill& fill) {
  return named_uuid(fmt::format("fill {} {} {}", to_text(fill.instrument), *fill.exchange_trade_id,
                                to_text(fill.side)));
}

Order* LedgerCall::known(const Uuid& id) {
  const auto found = orders_.find(id);
  if (found != orders_.end()) return &found->second;
  std::optional<Order> order = facts_.order_by_id(id);
  if (!order) return nullptr;
  return &orders_.emplace(id, std::move(*order)).first->second;
}

const Order* LedgerCall::find_order(const Uuid& id) {
  return known(id);
}

const Order& LedgerCall::order_of(const OrderEntry& entry) const {
  const auto* const order = std::get_if<Order>(&entry);
  const Uuid& id =
      order != nullptr ? client_ids_.at(order->client_order_id) : tapedeck::order_of(entry);
  return orders_.at(id);
}

// One that has its id or its client id.
std::optional<Order> LedgerCall::order_with(const Order& offered) {
  const auto by_client_id = client_ids_.find(offered.client_order_id);
  const Order* const own =
      known(by_client_id != client_ids_.end() ? by_client_id->second : offered.order_id);
  if (own != nullptr) return *own;
  return facts_.order_by_client_id(offered.client_order_id);
}

// Whether it is in the ledger already; Error{conflict} where its ids are taken by another.
bool LedgerCall::is_stored(const Order& offered) {
  std::optional<Order> same = order_with(offered);
  if (!same) return false;
  if (!has_terms_of(*same, offered)) {  // it may have been amended since
    const std::optional<Order> created = facts_.order_as_created(same->order_id);
    if (!created || !has_terms_of(*created, offered)) {
      throw Error{ErrorCode::conflict,
                  fmt::format("order '{}' ({}) is in the ledger with other terms: {} {} of {}; "
                              "give another client_order_id, or amend it",
                              same->client_order_id, to_text(same->order_id), to_text(same->side),
                              to_text(same->quantity), to_text(same->instrument))};
    }
  }
  client_ids_.emplace(same->client_order_id, same->order_id);
  orders_.try_emplace(same->order_id, std::move(*same));
  return true;
}

void LedgerCall::add(const OrderEntry& entry) {
  if (const auto* const order = std::get_if<Order>(&entry)) {
    if (is_stored(*order)) return;
    client_ids_.emplace(order->client_order_id, order->order_id);
    orders_.emplace(order->order_id, *order);
    news_.emplace_back(entry);
    return;
  }
  Order* const order = known(tapedeck::order_of(entry));
  if (order == nullptr) fail_unknown_order(tapedeck::order_of(entry));
  const auto take = [&](const auto& change) {
    if (const auto reason = refusal(*order, change)) refuse(*reason);
    const Order before = *order;
    apply(*order, change);
    if (*order != before) news_.emplace_back(entry);
  };
  if (const auto* const change = std::get_if<StatusChange>(&entry)) {
    take(*change);
  } else {
    take(std::get<OrderAmendment>(entry));
  }
}

std::optional<Fill> LedgerCall::fill_with(const Fill& offered) {
  const auto by_id = fills_.find(offered.fill_id);
  if (by_id != fills_.end()) return by_id->second;
  if (std::optional<Fill> before = facts_.fill_like(offered)) return before;
  if (!offered.exchange_trade_id) return std::nullopt;
  const auto by_trade = trades_.find(trade_key(offered));
  return by_trade == trades_.end() ? std::nullopt : std::optional{fills_.at(by_trade->second)};
}

Fill LedgerCall::add(const Fill& offered) {
  Order* const order = known(offered.order_id);
  if (order == nullptr) fail_unknown_order(offered.order_id);
  Fill fill = offered;
  fill.strategy_id = order->strategy_id;
  if (const std::optional<Fill> same = fill_with(fill)) {
    if (is_same(fill, *same)) return *same;
    throw Error{ErrorCode::conflict,
                fmt::format("fill {} of {} is in the ledger with other content: {} {} at {}; "
                            "amend it if it was wrong",
                            fill.exchange_trade_id.value_or(to_text(fill.fill_id)),
                            to_text(fill.instrument), to_text(same->side), to_text(same->quantity),
                            to_text(same->price))};
  }
  if (const auto reason = refusal(*order, fill)) refuse(*reason);
  apply(*order, fill);
  fills_.emplace(fill.fill_id, fill);
  if (fill.exchange_trade_id) trades_.emplace(trade_key(fill), fill.fill_id);
  news_.emplace_back(FillEntry{fill});
  return fill;
}

}  // namespace tapedeck
