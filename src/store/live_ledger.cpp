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

template <typename Entries>
void check_size(const Entries& entries, std::string_view what) {
  if (entries.size() < kMostEntries) return;
  throw Error{ErrorCode::invalid_argument, fmt::format("{} {} in one call; give at most {}",
                                                       entries.size(), what, kMostEntries - 1)};
}

}  // namespace

// What was acknowledged before a call. Orders and fills of many entries are read at once, before.
class LiveLedger::Facts final : public LedgerFacts {
 public:
  Facts(LiveLedger& ledger, Orders orders, KnownFills fills)
      : ledger_{ledger}, orders_{std::move(orders)}, fills_{std::move(fills)} {}

  std::optional<Order> order_by_id(const Uuid& id) override REQUIRES(ledger_.turn_) {
    const auto known = orders_.find(id);
    if (known != orders_.end()) return known->second;
    Orders found = ledger_.orders_of(std::span{&id, 1});
    return found.empty() ? std::nullopt : std::optional{std::move(found.begin()->second)};
  }
  std::optional<Order> order_by_client_id(const std::string& client_order_id) override
      REQUIRES(ledger_.turn_) {
    const uint64_t key = KeySet::key_of(client_key(client_order_id));
    if (!ledger_.order_keys_.may_contain(key)) return std::nullopt;
    return ledger_.find_order_by_client_id(client_order_id);
  }
  std::optional<Order> order_as_created(const Uuid& id) override {
    return ledger_.find_created_order(id);
  }
  std::optional<Fill> fill_like(const Fill& fill) override {
    const auto by_id = fills_.by_id.find(fill.fill_id);
    if (by_id != fills_.by_id.end()) return by_id->second;
    if (!fill.exchange_trade_id) return std::nullopt;
    const auto by_trade = fills_.by_trade.find(trade_key(fill));
    return by_trade == fills_.by_trade.end() ? std::nullopt : std::optional{by_trade->second};
  }

 private:
  LiveLedger& ledger_;
  Orders orders_;
  KnownFills fills_;
};

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
  Facts facts{*this, orders_of(ids), {}};
  LedgerCall call{facts};
  for (const OrderEntry& entry : rows.entries)
    call.add(entry);
  OrderRows fresh{.source = rows.source};
  for (const LedgerEntry& entry : call.news())
    fresh.entries.push_back(std::get<OrderEntry>(entry));
  if (!fresh.entries.empty()) publish(call.orders(), journal(fresh, Durability::journal));
  std::vector<Order> result;
  for (const OrderEntry& entry : rows.entries)
    result.push_back(call.order_of(entry));
  return result;
}

// What the tables know of fills like these.
LiveLedger::KnownFills LiveLedger::fills_like(std::span<const Fill* const> fills) {
  std::vector<Uuid> ids;
  std::vector<std::string> trade_ids;
  for (const Fill* const fill : fills) {
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

void LiveLedger::note_fill(const Fill& fill) {
  fill_keys_.insert(key_of(fill.fill_id));
  if (fill.exchange_trade_id) fill_keys_.insert(KeySet::key_of(trade_key(fill)));
}

void LiveLedger::write(const LedgerRows& rows) {
  check_size(rows.entries, "entries of the ledger");
  const MutexLock turn{turn_};
  begin();
  std::vector<const Fill*> fills;
  for (const LedgerEntry& entry : rows.entries) {
    const auto* const of_fill = std::get_if<FillEntry>(&entry);
    if (of_fill == nullptr) continue;
    fills.push_back(std::get_if<Fill>(of_fill));
    if (fills.back() != nullptr) continue;
    throw Error{ErrorCode::unsupported,
                fmt::format("a correction of fill {} cannot stand among other entries; bust or "
                            "amend it by itself",
                            to_text(fill_of(*of_fill)))};
  }
  Facts facts{*this, {}, fills_like(fills)};
  LedgerCall call{facts};
  for (const LedgerEntry& entry : rows.entries) {
    if (const auto* const of_order = std::get_if<OrderEntry>(&entry)) {
      call.add(*of_order);
    } else {
      call.add(std::get<Fill>(std::get<FillEntry>(entry)));
    }
  }
  if (call.news().empty()) return;
  const LedgerRows fresh{.source = rows.source, .entries = call.news()};
  publish(call.orders(), journal(fresh, Durability::journal));
  for (const LedgerEntry& entry : fresh.entries) {
    if (const auto* const fill = std::get_if<FillEntry>(&entry)) note_fill(std::get<Fill>(*fill));
  }
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
  std::vector<const Fill*> fills;
  std::vector<Uuid> ids;
  for (const FillEntry& entry : entries) {
    fills.push_back(&std::get<Fill>(entry));
    ids.push_back(fills.back()->order_id);
  }
  Facts facts{*this, orders_of(ids), fills_like(fills)};
  LedgerCall call{facts};
  for (const Fill* const fill : fills)
    written.push_back(call.add(*fill));
  FillRows fresh{.source = source};
  for (const LedgerEntry& entry : call.news())
    fresh.entries.push_back(std::get<FillEntry>(entry));
  if (fresh.entries.empty()) return;
  publish(call.orders(), journal(fresh, Durability::journal));
  for (const FillEntry& entry : fresh.entries)
    note_fill(std::get<Fill>(entry));
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
      fail_unknown_fill(fill_of(entry));
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
  const size_t first = written.size() - rows.entries.size();
  for (size_t i = 0; i < rows.entries.size(); ++i) {
    auto* const amendment = std::get_if<FillAmendment>(&rows.entries[i]);
    if (amendment == nullptr) continue;
    amendment->fill.strategy_id = known.at(amendment->fill.order_id).strategy_id;
    written[first + i] = amendment->fill;
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
      fail_other_snapshot(snapshot);
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

std::optional<Order> LiveLedger::find_created_order(const Uuid& id) {
  settle();
  const auto reader = core_.borrow_reader();
  std::optional<OrderRow> created = created_order(*reader, id);
  return created ? std::optional{std::move(created->order)} : std::nullopt;
}

std::optional<Fill> LiveLedger::find_fill_like(const Fill& fill) {
  const MutexLock turn{turn_};
  begin();
  const Fill* const one = &fill;
  Facts facts{*this, {}, fills_like(std::span{&one, 1})};
  return facts.fill_like(fill);
}

}  // namespace tapedeck
