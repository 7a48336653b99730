#include "store/live_ledger.hpp"

#include "base/clock.hpp"
#include "duck/row_reader.hpp"
#include "store/core.hpp"
#include "store/fill_rows.hpp"
#include "store/live_tape.hpp"
#include "store/order_rows.hpp"
#include "store/portfolio_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr size_t kMostEntries = size_t{1} << 20;  // of a frame: its entries are numbered
constexpr size_t kMostFinalOrders = 20'000;       // that are kept in memory

uint64_t key_of(const Uuid& id) {
  return KeySet::key_of({reinterpret_cast<const char*>(&id), sizeof(id)});
}

std::string client_key(std::string_view client_order_id) {
  return fmt::format("client\x1f{}", client_order_id);
}

// Both sides of a trade with oneself have one number of the venue.
std::string trade_key(const Fill& fill) {
  return fmt::format("{}\x1f{}\x1f{}\x1f{}", fill.instrument.venue, fill.instrument.symbol,
                     *fill.exchange_trade_id, to_text(fill.side));
}

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

template <typename Entries>
void check_size(const Entries& entries, std::string_view what) {
  if (entries.size() < kMostEntries) return;
  throw Error{ErrorCode::invalid_argument, fmt::format("{} {} in one call; give at most {}",
                                                       entries.size(), what, kMostEntries - 1)};
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

// What others wrote into the tables is not known here.
void LiveLedger::begin() {
  const uint64_t unknown = core_.window().unknown_writes();
  if (std::exchange(unknown_writes_, unknown) != unknown && keys_loaded_) {
    settle();
    keys_loaded_ = false;
    const MutexLock lock{mutex_};
    orders_.clear();
    client_ids_.clear();
  }
  if (!keys_loaded_) load_keys();
}

void LiveLedger::load_keys() {
  order_keys_.clear();
  fill_keys_.clear();
  const auto reader = core_.borrow_reader();
  duck::Result orders = reader->run("SELECT order_id, client_order_id FROM ledger.orders");
  duck::RowReader order{orders};
  while (order.next()) {
    order_keys_.insert(key_of(order.take_uuid()));
    order_keys_.insert(KeySet::key_of(client_key(order.take_text())));
  }
  duck::Result fills = reader->run(
      "SELECT fill_id, venue, symbol, exchange_trade_id, side FROM ledger.fill_entries");
  duck::RowReader in{fills};
  while (in.next()) {
    Fill fill;
    fill_keys_.insert(key_of(in.take_uuid()));
    fill.instrument.venue = in.take_text();
    fill.instrument.symbol = in.take_text();
    fill.exchange_trade_id = in.find_text();
    fill.side = parse_order_side(in.take_text()).value();
    if (fill.exchange_trade_id) fill_keys_.insert(KeySet::key_of(trade_key(fill)));
  }
  keys_loaded_ = true;
}

// Times of the entries never go back, so that what was known at an instant can be told.
template <typename Rows>
uint64_t LiveLedger::journal(const Rows& rows, Durability durability) {
  last_recorded_ = std::max(last_recorded_, from_epoch_ns(now_epoch_ns()));
  const Acknowledgement acknowledged =
      core_.live_tape()
          .append({}, rows, {.durability = durability, .ts_recv = last_recorded_})
          .get();
  const MutexLock lock{mutex_};
  newest_sequence_ = acknowledged.sequence;
  return acknowledged.sequence;
}

void LiveLedger::settle() {
  uint64_t newest = 0;
  {
    const MutexLock lock{mutex_};
    newest = newest_sequence_;
  }
  if (newest > 0) core_.live_tape().apply_until(newest, kPatience);
}

LiveLedger::Orders LiveLedger::orders_of(std::span<const Uuid> ids) {
  Orders found;
  std::vector<Uuid> missing;
  {
    const MutexLock lock{mutex_};
    for (const Uuid& id : ids) {
      const auto known = orders_.find(id);
      if (known != orders_.end()) {
        found.emplace(id, known->second.order);
      } else if (order_keys_.may_contain(key_of(id))) {
        missing.push_back(id);
      }
    }
  }
  if (missing.empty()) return found;
  const auto reader = core_.borrow_reader();
  for (OrderRow& row : orders_by_id(*reader, missing)) {
    const Uuid id = row.order.order_id;
    found.emplace(id, std::move(row.order));
  }
  return found;
}

// One that has its id or its client id.
std::optional<Order> LiveLedger::order_with(const Order& offered) {
  if (order_keys_.may_contain(key_of(offered.order_id))) {
    Orders same = orders_of(std::span{&offered.order_id, 1});
    if (!same.empty()) return std::move(same.begin()->second);
  }
  const std::string& client_id = offered.client_order_id;
  if (!order_keys_.may_contain(KeySet::key_of(client_key(client_id)))) return std::nullopt;
  {
    const MutexLock lock{mutex_};
    const auto known = client_ids_.find(client_id);
    if (known != client_ids_.end()) return orders_.at(known->second).order;
  }
  const auto reader = core_.borrow_reader();
  std::vector<OrderRow> rows = orders_by_client_id(*reader, std::span{&client_id, 1});
  return rows.empty() ? std::nullopt : std::optional{std::move(rows.front().order)};
}

// Whether it is in the ledger already; Error{conflict} where its ids are taken by another.
bool LiveLedger::is_stored(const Order& offered, Touched& touched) {
  const auto by_client_id = touched.client_ids.find(offered.client_order_id);
  const auto in_call = touched.orders.find(
      by_client_id != touched.client_ids.end() ? by_client_id->second : offered.order_id);
  std::optional<Order> same =
      in_call != touched.orders.end() ? std::optional{in_call->second} : order_with(offered);
  if (!same) return false;
  if (!has_terms_of(*same, offered)) {
    settle();  // it may have been amended since
    const auto reader = core_.borrow_reader();
    const std::optional<OrderRow> created = created_order(*reader, same->order_id);
    if (!created || !has_terms_of(created->order, offered)) {
      throw Error{ErrorCode::conflict,
                  fmt::format("order '{}' ({}) is in the ledger with other terms: {} {} of {}; "
                              "give another client_order_id, or amend it",
                              same->client_order_id, to_text(same->order_id), to_text(same->side),
                              to_text(same->quantity), to_text(same->instrument))};
    }
  }
  touched.client_ids.emplace(same->client_order_id, same->order_id);
  touched.orders.emplace(same->order_id, std::move(*same));
  return true;
}

void LiveLedger::publish(const Orders& touched, uint64_t sequence) {
  const uint64_t applied = core_.live_tape().stats().applied_sequence;
  const MutexLock lock{mutex_};
  for (const auto& [id, order] : touched) {
    orders_.insert_or_assign(id, Known{.order = order, .sequence = sequence});
    client_ids_.insert_or_assign(order.client_order_id, id);
    order_keys_.insert(key_of(id));
    order_keys_.insert(KeySet::key_of(client_key(order.client_order_id)));
  }
  if (orders_.size() < kMostFinalOrders) return;
  std::erase_if(client_ids_, [&](const auto& entry) REQUIRES(mutex_) {
    const Known& known = orders_.at(entry.second);
    return is_final(known.order.status) && known.sequence <= applied;
  });
  std::erase_if(orders_, [&](const auto& entry) {
    return is_final(entry.second.order.status) && entry.second.sequence <= applied;
  });
}

std::vector<Order> LiveLedger::write(const OrderRows& rows) {
  check_size(rows.entries, "entries of orders");
  const MutexLock turn{turn_};
  begin();
  std::vector<Uuid> ids;
  for (const OrderEntry& entry : rows.entries) {
    if (!std::holds_alternative<Order>(entry)) ids.push_back(order_of(entry));
  }
  Touched touched{.orders = orders_of(ids), .client_ids = {}};
  OrderRows fresh{.source = rows.source};
  for (const OrderEntry& entry : rows.entries) {
    if (const auto* const order = std::get_if<Order>(&entry)) {
      if (is_stored(*order, touched)) continue;
      touched.client_ids.emplace(order->client_order_id, order->order_id);
      touched.orders.emplace(order->order_id, *order);
      fresh.entries.push_back(entry);
      continue;
    }
    const auto found = touched.orders.find(order_of(entry));
    if (found == touched.orders.end()) fail_unknown_order(order_of(entry));
    const auto take = [&](const auto& change) {
      if (const auto reason = refusal(found->second, change)) refuse(*reason);
      const Order before = found->second;
      apply(found->second, change);
      if (found->second != before) fresh.entries.push_back(change);
    };
    if (const auto* const change = std::get_if<StatusChange>(&entry)) {
      take(*change);
    } else {
      take(std::get<OrderAmendment>(entry));
    }
  }
  if (!fresh.entries.empty()) publish(touched.orders, journal(fresh, Durability::journal));
  std::vector<Order> result;
  for (const OrderEntry& entry : rows.entries) {
    const auto* const order = std::get_if<Order>(&entry);
    const Uuid& id =
        order != nullptr ? touched.client_ids.at(order->client_order_id) : order_of(entry);
    result.push_back(touched.orders.at(id));
  }
  return result;
}

// What the tables know of fills with the ids of these.
LiveLedger::KnownFills LiveLedger::fills_like(std::span<const FillEntry> entries) {
  std::vector<Uuid> ids;
  std::vector<std::string> trade_ids;
  for (const FillEntry& entry : entries) {
    const auto* const fill = std::get_if<Fill>(&entry);
    if (fill == nullptr) continue;
    if (fill_keys_.may_contain(key_of(fill->fill_id))) ids.push_back(fill->fill_id);
    if (fill->exchange_trade_id && fill_keys_.may_contain(KeySet::key_of(trade_key(*fill)))) {
      trade_ids.push_back(*fill->exchange_trade_id);
    }
  }
  KnownFills known;
  if (ids.empty() && trade_ids.empty()) return known;
  settle();
  const auto reader = core_.borrow_reader();
  std::vector<FillVersion> versions = versions_of_fills(*reader, ids);
  for (FillVersion& version : versions_by_trade_id(*reader, trade_ids))
    versions.push_back(std::move(version));
  for (FillVersion& version : versions) {
    const Fill& fill = version.row.fill;
    if (version.kind != "fill") continue;  // what was said first is what a second message says
    if (fill.exchange_trade_id) known.by_trade.emplace(trade_key(fill), fill);
    known.by_id.emplace(fill.fill_id, fill);
  }
  return known;
}

std::vector<Fill> LiveLedger::write(const FillRows& rows) {
  check_size(rows.entries, "entries of fills");
  const MutexLock turn{turn_};
  begin();
  std::vector<Fill> written;
  const std::span<const FillEntry> all{rows.entries};
  for (size_t from = 0; from < all.size();) {
    const bool is_new = std::holds_alternative<Fill>(all[from]);
    size_t to = from + 1;
    while (to < all.size() && std::holds_alternative<Fill>(all[to]) == is_new)
      ++to;
    const auto part = all.subspan(from, to - from);
    if (is_new) {
      write_new(rows.source, part, written);
    } else {
      write_corrections(rows.source, part, written);
    }
    from = to;
  }
  return written;
}

void LiveLedger::write_new(const std::string& source, std::span<const FillEntry> entries,
                           std::vector<Fill>& written) {
  KnownFills known = fills_like(entries);
  std::vector<Uuid> ids;
  for (const FillEntry& entry : entries)
    ids.push_back(std::get<Fill>(entry).order_id);
  Orders touched = orders_of(ids);
  FillRows fresh{.source = source};
  for (const FillEntry& entry : entries) {
    const auto& offered = std::get<Fill>(entry);
    const auto order = touched.find(offered.order_id);
    if (order == touched.end()) fail_unknown_order(offered.order_id);
    Fill fill = offered;
    fill.strategy_id = order->second.strategy_id;
    const auto by_id = known.by_id.find(fill.fill_id);
    const auto by_trade =
        fill.exchange_trade_id ? known.by_trade.find(trade_key(fill)) : known.by_trade.end();
    const Fill* const same = by_id != known.by_id.end()         ? &by_id->second
                             : by_trade != known.by_trade.end() ? &by_trade->second
                                                                : nullptr;
    if (same != nullptr && !is_same(fill, *same)) {
      throw Error{ErrorCode::conflict,
                  fmt::format("fill {} of {} is in the ledger with other content: {} {} at {}; "
                              "amend it if it was wrong",
                              fill.exchange_trade_id.value_or(to_text(fill.fill_id)),
                              to_text(fill.instrument), to_text(same->side),
                              to_text(same->quantity), to_text(same->price))};
    }
    written.push_back(same != nullptr ? *same : fill);
    if (same != nullptr) continue;
    if (const auto reason = refusal(order->second, fill)) refuse(*reason);
    apply(order->second, fill);
    known.by_id.emplace(fill.fill_id, fill);
    if (fill.exchange_trade_id) known.by_trade.emplace(trade_key(fill), fill);
    fresh.entries.emplace_back(std::move(fill));
  }
  if (fresh.entries.empty()) return;
  publish(touched, journal(fresh, Durability::journal));
  for (const FillEntry& entry : fresh.entries) {
    const auto& fill = std::get<Fill>(entry);
    fill_keys_.insert(key_of(fill.fill_id));
    if (fill.exchange_trade_id) fill_keys_.insert(KeySet::key_of(trade_key(fill)));
  }
}

// Orders are read anew afterwards: what they are follows from all their fills.
void LiveLedger::write_corrections(const std::string& source, std::span<const FillEntry> entries,
                                   std::vector<Fill>& written) {
  settle();
  std::vector<Uuid> ids;
  for (const FillEntry& entry : entries)
    ids.push_back(fill_of(entry));
  std::map<Uuid, std::optional<Fill>> fills;
  {
    const auto reader = core_.borrow_reader();
    for (FillRow& row : fills_by_id(*reader, ids))
      fills.insert_or_assign(row.fill.fill_id, std::move(row.fill));
  }
  std::vector<Uuid> orders;
  for (const FillEntry& entry : entries) {
    const auto found = fills.find(fill_of(entry));
    if (found == fills.end() || !found->second) {
      throw Error{ErrorCode::not_found,
                  fmt::format("the ledger has no fill {} that counts", to_text(fill_of(entry)))};
    }
    orders.push_back(found->second->order_id);
    if (const auto* const amendment = std::get_if<FillAmendment>(&entry)) {
      orders.push_back(amendment->fill.order_id);
      found->second = amendment->fill;
      written.push_back(amendment->fill);
    } else {
      written.push_back(*std::exchange(found->second, std::nullopt));
    }
  }
  const Orders known = orders_of(orders);
  for (const Uuid& id : orders) {
    if (!known.contains(id)) fail_unknown_order(id);
  }
  FillRows rows{.source = source, .entries = {entries.begin(), entries.end()}};
  for (FillEntry& entry : rows.entries) {
    auto* const amendment = std::get_if<FillAmendment>(&entry);
    if (amendment == nullptr) continue;
    amendment->fill.strategy_id = known.at(amendment->fill.order_id).strategy_id;
    if (amendment->fill.exchange_trade_id) {
      fill_keys_.insert(KeySet::key_of(trade_key(amendment->fill)));
    }
  }
  journal(rows, Durability::applied);
  const MutexLock lock{mutex_};
  for (const auto& [id, order] : known) {
    orders_.erase(id);
    client_ids_.erase(order.client_order_id);
  }
}

void LiveLedger::write(const MarkRows& rows) {
  check_size(rows.entries, "marks");
  const MutexLock turn{turn_};
  begin();
  if (!rows.entries.empty()) journal(rows, Durability::journal);
}

void LiveLedger::write(const PortfolioRows& rows) {
  const MutexLock turn{turn_};
  begin();
  settle();
  PortfolioRows fresh{.source = rows.source};
  for (const PortfolioSnapshot& snapshot : rows.entries) {
    const auto reader = core_.borrow_reader();
    const auto same = find_portfolio_snapshot(*reader, snapshot.at, snapshot.kind);
    if (!same) {
      fresh.entries.push_back(snapshot);
    } else if (*same != snapshot) {
      throw Error{ErrorCode::conflict, fmt::format("the ledger has another {} snapshot of {}",
                                                   to_text(snapshot.kind), to_iso(snapshot.at))};
    }
  }
  if (!fresh.entries.empty()) journal(fresh, Durability::applied);
}

std::optional<Order> LiveLedger::find_order(const Uuid& id) {
  {
    const MutexLock lock{mutex_};
    const auto known = orders_.find(id);
    if (known != orders_.end()) return known->second.order;
  }
  const auto reader = core_.borrow_reader();
  std::vector<OrderRow> rows = orders_by_id(*reader, std::span{&id, 1});
  return rows.empty() ? std::nullopt : std::optional{std::move(rows.front().order)};
}

std::optional<Order> LiveLedger::find_order_by_client_id(const std::string& client_order_id) {
  {
    const MutexLock lock{mutex_};
    const auto known = client_ids_.find(client_order_id);
    if (known != client_ids_.end()) return orders_.at(known->second).order;
  }
  const auto reader = core_.borrow_reader();
  std::vector<OrderRow> rows = orders_by_client_id(*reader, std::span{&client_order_id, 1});
  return rows.empty() ? std::nullopt : std::optional{std::move(rows.front().order)};
}

}  // namespace tapedeck
