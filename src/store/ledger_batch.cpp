#include "store/ledger_batch.hpp"

#include "store/portfolio_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

int64_t first_entry_of(const EntryPlace& place) {
  return static_cast<int64_t>(place.sequence << 20);
}

bool is_behind(const Fill& fill, const std::optional<Fill>& newest) {
  return !newest || compare_in_time(fill, *newest) >= 0;
}

}  // namespace

void LedgerBatch::begin(const EntryPlace& place, const std::string& source) {
  entry_ = first_entry_of(place);
  recorded_at_ = place.recorded_at;
  source_ = source;
}

void LedgerBatch::add(const EntryPlace& place, const OrderRows& rows) {
  begin(place, rows.source);
  std::vector<Uuid> ids;
  for (const OrderEntry& entry : rows.entries) {
    if (!std::holds_alternative<Order>(entry)) ids.push_back(order_of(entry));
  }
  load_orders(std::move(ids));
  for (const OrderEntry& entry : rows.entries)
    add_entry(entry);
}

void LedgerBatch::add(const EntryPlace& place, const FillRows& rows) {
  begin(place, rows.source);
  load_orders_of(rows.entries);
  load_for_corrections(rows.entries);
  for (const FillEntry& entry : rows.entries)
    add_entry(entry);
}

void LedgerBatch::add(const EntryPlace& place, const LedgerRows& rows) {
  begin(place, rows.source);
  std::vector<Uuid> ids;
  for (const LedgerEntry& entry : rows.entries) {
    if (const auto* const of_order = std::get_if<OrderEntry>(&entry)) {
      if (!std::holds_alternative<Order>(*of_order)) ids.push_back(order_of(*of_order));
    } else if (const auto* const fill = std::get_if<Fill>(&std::get<FillEntry>(entry))) {
      ids.push_back(fill->order_id);
    }
  }
  load_orders(std::move(ids));
  for (const LedgerEntry& entry : rows.entries) {
    const auto* const of_fill = std::get_if<FillEntry>(&entry);
    if (of_fill != nullptr) load_for_corrections(std::span<const FillEntry>{of_fill, 1});
    std::visit([&](const auto& one) { add_entry(one); }, entry);
  }
}

void LedgerBatch::add_entry(const OrderEntry& entry) {
  if (const auto* const order = std::get_if<Order>(&entry)) {
    auto& row = orders_[order->order_id];
    row = OrderRow{.order = *order, .source = source_};
    note_version(*row, "create");
  } else if (OrderRow* const row = find_order(order_of(entry))) {
    if (const auto* const change = std::get_if<StatusChange>(&entry)) {
      apply(row->order, *change);
      note_version(*row, "status");
    } else {
      apply(row->order, std::get<OrderAmendment>(entry));
      note_version(*row, "amend");
    }
  } else {
    refuse("the order is not in the ledger", to_text(order_of(entry)));
  }
  ++entry_;
}

void LedgerBatch::add_entry(const FillEntry& entry) {
  if (const auto* const fill = std::get_if<Fill>(&entry)) {
    add_fill(*fill);
  } else if (const auto* const bust = std::get_if<FillBust>(&entry)) {
    correct_fill(bust->fill_id, nullptr, bust->reason);
  } else {
    const auto& amendment = std::get<FillAmendment>(entry);
    correct_fill(amendment.fill.fill_id, &amendment, amendment.reason);
  }
  ++entry_;
}

void LedgerBatch::load_orders_of(std::span<const FillEntry> entries) {
  std::vector<Uuid> orders;
  for (const FillEntry& entry : entries) {
    if (const auto* const fill = std::get_if<Fill>(&entry)) orders.push_back(fill->order_id);
  }
  load_orders(std::move(orders));
}

void LedgerBatch::add(const EntryPlace& place, const MarkRows& rows) {
  begin(place, rows.source);
  write_rows();  // every position of the instruments is in the table
  const std::vector<PositionSnapshot> all =
      newest_positions(transaction_.connection(), FlatPositions::include);
  for (const PositionMark& mark : rows.entries) {
    marks_.push_back(
        {.recorded_at = recorded_at_, .source = source_, .mark = mark, .entry = entry_});
    for (const PositionSnapshot& row : all) {
      if (row.key.instrument == mark.instrument) add_mark(row.key, mark);
    }
    for (auto& [key, held] : positions_.held_) {  // those without a row too
      if (key.instrument == mark.instrument) note_mark(held, mark.at);
    }
    ++entry_;
  }
}

void LedgerBatch::add(const EntryPlace& place, const PortfolioRows& rows) {
  insert_portfolio_snapshots(transaction_, rows, place.recorded_at);
}

OrderRow* LedgerBatch::find_order(const Uuid& id) {
  const auto found = orders_.find(id);
  return found != orders_.end() && found->second ? &*found->second : nullptr;
}

void LedgerBatch::load_orders(std::vector<Uuid> ids) {
  std::erase_if(ids, [&](const Uuid& id) { return !orders_.try_emplace(id, std::nullopt).second; });
  for (OrderRow& row : orders_by_id(transaction_.connection(), ids)) {
    const Uuid id = row.order.order_id;
    orders_[id] = std::move(row);
  }
}

void LedgerBatch::note_version(const OrderRow& row, std::string_view kind) {
  changed_orders_.insert(row.order.order_id);
  order_versions_.push_back(
      {.entry = entry_, .recorded_at = recorded_at_, .kind = kind, .row = row});
}

void LedgerBatch::add_fill(const Fill& fill) {
  const FillRow row{.fill = fill, .entry = entry_};
  fills_[fill.fill_id] = row;
  const auto to_correct = fills_of_orders_.find(fill.order_id);
  if (to_correct != fills_of_orders_.end()) to_correct->second.insert(fill.fill_id);
  new_fills_.push_back(fill.fill_id);
  fill_versions_.push_back(
      {.recorded_at = recorded_at_, .kind = "fill", .source = source_, .row = row});
  if (OrderRow* const order = find_order(fill.order_id)) {
    apply(order->order, fill);
    note_version(*order, "fill");
  } else {
    refuse("the order of the fill is not in the ledger; the fill is kept", to_text(fill.order_id));
  }
  add_to_position(fill);
}

// The fills that are corrected, their orders, and all fills of those.
void LedgerBatch::load_for_corrections(std::span<const FillEntry> entries) {
  std::vector<Uuid> ids;
  std::vector<Uuid> orders;
  for (const FillEntry& entry : entries) {
    if (std::holds_alternative<Fill>(entry)) continue;
    ids.push_back(fill_of(entry));
    const auto* const amendment = std::get_if<FillAmendment>(&entry);
    if (amendment != nullptr) orders.push_back(amendment->fill.order_id);
  }
  if (ids.empty()) return;
  write_rows();
  for (const FillRow& row : fills_by_id(transaction_.connection(), ids))
    orders.push_back(row.fill.order_id);
  for (const FillEntry& entry : entries) {  // one may be corrected that comes with it
    if (const auto* const fill = std::get_if<Fill>(&entry)) orders.push_back(fill->order_id);
  }
  std::ranges::sort(orders);
  orders.erase(std::unique(orders.begin(), orders.end()), orders.end());
  for (const Uuid& order : orders)
    fills_of_orders_[order].clear();
  for (FillRow& row : fills_of_orders(transaction_.connection(), orders)) {
    const Uuid id = row.fill.fill_id;
    fills_of_orders_[row.fill.order_id].insert(id);
    fills_[id] = std::move(row);
  }
  load_orders(std::move(orders));
}

// A fill is taken back, or becomes another.
void LedgerBatch::correct_fill(const Uuid& id, const FillAmendment* amendment,
                               const std::string& reason) {
  const auto found = fills_.find(id);
  if (found == fills_.end() || !found->second) {
    return refuse("the fill is not in the ledger", to_text(id));
  }
  FillRow row = *found->second;
  const Uuid order_before = row.fill.order_id;
  note_late(key_of(row.fill), row.fill.executed_at);
  fills_of_orders_[order_before].erase(id);
  if (amendment != nullptr) {
    row.fill = amendment->fill;
    note_late(key_of(row.fill), row.fill.executed_at);
    fills_of_orders_[row.fill.order_id].insert(id);
    found->second = row;
  } else {
    found->second.reset();
  }
  changed_fills_.insert(id);
  FillVersion version{.recorded_at = recorded_at_,
                      .kind = amendment != nullptr ? "amend" : "bust",
                      .source = source_,
                      .reason = reason,
                      .row = row};
  version.row.entry = entry_;
  fill_versions_.push_back(std::move(version));
  correct_order(order_before);
  if (row.fill.order_id != order_before) correct_order(row.fill.order_id);
}

void LedgerBatch::correct_order(const Uuid& order_id) {
  OrderRow* const row = find_order(order_id);
  if (row == nullptr) return;
  std::vector<FillRow> rows;
  for (const Uuid& id : fills_of_orders_[order_id])
    rows.push_back(*fills_[id]);
  sort_in_time(rows);
  std::vector<Fill> fills;
  for (FillRow& one : rows)
    fills.push_back(std::move(one.fill));
  apply_all(row->order, fills);
  note_version(*row, "correction");
}

LedgerBatch::Held& LedgerBatch::held(const PositionKey& key) {
  const auto [found, is_new] = positions_.held_.try_emplace(key);
  Held& held = found->second;
  if (!is_new) return held;
  duck::Connection& connection = transaction_.connection();
  if (auto newest = newest_position(connection, key)) held.position = std::move(newest->position);
  held.newest_fill = newest_fill(connection, key);
  held.newest_mark = newest_mark(connection, key.instrument);
  for (const MarkRow& row : marks_) {  // that the table does not have yet
    if (row.mark.instrument == key.instrument) note_mark(held, row.mark.at);
  }
  return held;
}

int64_t LedgerBatch::next_position_id() {
  if (!positions_.next_id_) {
    duck::Result rows = transaction_.connection().run(
        "SELECT coalesce(max(position_id), 0) + 1 FROM ledger.positions");
    rows.next_row();
    positions_.next_id_ = rows.int64(0);
  }
  return (*positions_.next_id_)++;
}

void LedgerBatch::add_to_position(const Fill& fill) {
  const PositionKey key = key_of(fill);
  if (late_.contains(key)) return note_late(key, fill.executed_at);
  Held& now = held(key);
  const bool behind_marks = !now.newest_mark || *now.newest_mark < fill.executed_at;
  if (!behind_marks || !is_behind(fill, now.newest_fill)) return note_late(key, fill.executed_at);
  const FillEffect effect = tapedeck::add_fill(now.position, fill);
  now.newest_fill = fill;
  new_positions_.push_back({.position_id = next_position_id(),
                            .key = key,
                            .at = fill.executed_at,
                            .fill_id = fill.fill_id,
                            .position = now.position,
                            .effect = effect,
                            .correlation_id = fill.correlation_id});
}

void LedgerBatch::note_mark(Held& held, Timestamp at) {
  held.newest_mark = std::max(held.newest_mark.value_or(at), at);
}

void LedgerBatch::add_mark(const PositionKey& key, const PositionMark& mark) {
  if (late_.contains(key)) return note_late(key, mark.at);
  Held& now = held(key);
  const bool behind_fills = !now.newest_fill || now.newest_fill->executed_at <= mark.at;
  if (!behind_fills || (now.newest_mark && *now.newest_mark > mark.at)) {
    return note_late(key, mark.at);
  }
  now.newest_mark = mark.at;
  if (side_of(now.position) == PositionSide::flat) return;
  mark_at(now.position, mark.price);
  new_positions_.push_back(
      {.position_id = next_position_id(), .key = key, .at = mark.at, .position = now.position});
}

void LedgerBatch::note_late(const PositionKey& key, Timestamp at) {
  const auto [late, is_new] = late_.try_emplace(key, at);
  late->second = std::min(late->second, at);
}

// What stands at `begin` and behind it anew, from fills and marks.
void LedgerBatch::refold(const PositionKey& key, Timestamp begin) {
  duck::Connection& connection = transaction_.connection();
  std::vector<Fill> fills;
  for (FillRow& row : fills_of_position(connection, key, begin))
    fills.push_back(std::move(row.fill));
  const std::vector<PositionMark> marks = marks_of(connection, key.instrument, begin);
  delete_positions(transaction_, key, begin);
  Held now;
  if (auto before = newest_position(connection, key)) now.position = std::move(before->position);
  now.newest_fill = newest_fill(connection, key);
  now.newest_mark = newest_mark(connection, key.instrument);
  std::vector<PositionSnapshot> rows = position_rows(key, fills, marks, now.position);
  for (PositionSnapshot& row : rows)
    row.position_id = next_position_id();
  if (!rows.empty()) now.position = rows.back().position;
  insert_positions(transaction_, rows);
  positions_.held_.insert_or_assign(key, std::move(now));
}

void LedgerBatch::write_rows() {
  std::vector<OrderRow> orders;
  for (const Uuid& id : std::exchange(changed_orders_, {}))
    orders.push_back(*find_order(id));
  replace_orders(transaction_, orders);
  insert_order_versions(transaction_, std::exchange(order_versions_, {}));
  std::vector<FillRow> fills;
  std::vector<Uuid> changed{changed_fills_.begin(), changed_fills_.end()};
  std::vector<Uuid> added = std::exchange(new_fills_, {});
  std::erase_if(added, [&](const Uuid& id) { return changed_fills_.contains(id); });
  added.insert(added.end(), changed.begin(), changed.end());
  changed_fills_.clear();
  for (const Uuid& id : added) {
    if (const auto& row = fills_[id]) fills.push_back(*row);
  }
  delete_fills(transaction_, changed);
  insert_fills(transaction_, fills);
  insert_fill_versions(transaction_, std::exchange(fill_versions_, {}));
  insert_marks(transaction_, std::exchange(marks_, {}));
  insert_positions(transaction_, std::exchange(new_positions_, {}));
}

void LedgerBatch::store() {
  write_rows();
  for (const auto& [key, begin] : std::exchange(late_, {}))
    refold(key, begin);
}

void LedgerBatch::refuse(std::string reason, std::string subject) {
  rejects_.push_back({.reason = std::move(reason), .text = std::move(subject)});
}

}  // namespace tapedeck
