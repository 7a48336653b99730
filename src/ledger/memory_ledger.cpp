#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "ledger/ledger_door.hpp"
#include "ledger/ledger_views.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <utility>

namespace tapedeck {
namespace {

// What a LedgerBatch makes of entries, without tables.
class MemoryLedger final : public LedgerDoor {
 public:
  std::optional<Order> order_by_id(const Uuid& id) override {
    const MutexLock lock{mutex_};
    return tables_.order_by_id(id);
  }
  std::optional<Order> order_by_client_id(const std::string& client_order_id) override {
    const MutexLock lock{mutex_};
    return tables_.order_by_client_id(client_order_id);
  }
  std::optional<Order> order_as_created(const Uuid& id) override {
    const MutexLock lock{mutex_};
    return tables_.order_as_created(id);
  }
  std::optional<Fill> fill_like(const Fill& fill) override {
    const MutexLock lock{mutex_};
    return tables_.fill_like(fill);
  }

  std::vector<Order> write(const OrderRows& rows) override {
    const MutexLock lock{mutex_};
    LedgerCall call{tables_};
    for (const OrderEntry& entry : rows.entries)
      call.add(entry);
    tables_.store(call, rows.source);
    std::vector<Order> result;
    for (const OrderEntry& entry : rows.entries)
      result.push_back(call.order_of(entry));
    return result;
  }

  std::vector<Fill> write(const FillRows& rows) override {
    const MutexLock lock{mutex_};
    std::vector<Fill> written;
    for (size_t from = 0; from < rows.entries.size();) {
      LedgerCall call{tables_};
      while (from < rows.entries.size() && std::holds_alternative<Fill>(rows.entries[from]))
        written.push_back(call.add(std::get<Fill>(rows.entries[from++])));
      tables_.store(call, rows.source);
      std::vector<FillEntry> corrections;
      while (from < rows.entries.size() && !std::holds_alternative<Fill>(rows.entries[from]))
        corrections.push_back(rows.entries[from++]);
      tables_.correct(std::move(corrections), written);
    }
    return written;
  }

  void write(const LedgerRows& rows) override {
    const MutexLock lock{mutex_};
    LedgerCall call{tables_};
    for (const LedgerEntry& entry : rows.entries) {
      if (const auto* const of_order = std::get_if<OrderEntry>(&entry)) {
        call.add(*of_order);
      } else {
        call.add(std::get<Fill>(std::get<FillEntry>(entry)));
      }
    }
    tables_.store(call, rows.source);
  }

  void write(const MarkRows& rows) override {
    const MutexLock lock{mutex_};
    for (const PositionMark& mark : rows.entries)
      tables_.mark(mark);
  }

  void write(const PortfolioRows& rows) override {
    const MutexLock lock{mutex_};
    tables_.store(rows);
  }

  std::vector<Order> orders(const QueryFilter& filter) override {
    const MutexLock lock{mutex_};
    std::vector<Order> result;
    for (OrderRow& row : order_view().select(tables_.order_rows(), filter))
      result.push_back(std::move(row.order));
    return result;
  }
  std::vector<Fill> fills(const QueryFilter& filter) override {
    const MutexLock lock{mutex_};
    std::vector<Fill> result;
    for (FillWithEffect& row : fill_view().select(tables_.fill_rows(), filter))
      result.push_back(std::move(row.fill));
    return result;
  }
  std::vector<PositionSnapshot> positions(const QueryFilter& filter) override {
    const MutexLock lock{mutex_};
    return position_view().select(tables_.instants(), filter);
  }
  std::vector<PortfolioSnapshot> snapshots(const QueryFilter& filter) override {
    const MutexLock lock{mutex_};
    std::vector<PortfolioSnapshot> result;
    for (SnapshotRow& row : portfolio_view().select(tables_.snapshots, filter))
      result.push_back(std::move(row.snapshot));
    return result;
  }

  std::vector<PositionSnapshot> positions_at(Timestamp at) override {
    const MutexLock lock{mutex_};
    std::vector<PositionSnapshot> result;
    for (const auto& [key, held] : tables_.held) {
      const auto last = std::find_if(held.rows.rbegin(), held.rows.rend(),
                                     [&](const PositionSnapshot& row) { return row.at <= at; });
      if (last != held.rows.rend()) result.push_back(*last);
    }
    return result;
  }
  std::vector<PositionSnapshot> history(const PositionFilter& filter, const TimeRange& range,
                                        int64_t limit) override {
    const MutexLock lock{mutex_};
    std::vector<PositionSnapshot> result;
    for (const auto& [key, held] : tables_.held) {
      if (!is_meant(key, filter)) continue;
      std::ranges::copy_if(held.rows, std::back_inserter(result),
                           [&](const PositionSnapshot& row) { return range.contains(row.at); });
    }
    std::ranges::sort(result, [](const PositionSnapshot& a, const PositionSnapshot& b) {
      return std::tie(a.at, a.position_id) > std::tie(b.at, b.position_id);
    });
    if (result.size() > static_cast<size_t>(limit)) result.resize(static_cast<size_t>(limit));
    return result;
  }
  std::optional<PositionSnapshot> find_position(int64_t position_id) override {
    const MutexLock lock{mutex_};
    return tables_.first(
        [&](const PositionSnapshot& row) { return row.position_id == position_id; });
  }
  std::optional<PositionSnapshot> find_position_after(const Uuid& fill_id) override {
    const MutexLock lock{mutex_};
    return tables_.first([&](const PositionSnapshot& row) { return row.fill_id == fill_id; });
  }

 private:
  struct Tables final : LedgerFacts {
    struct Held {
      std::vector<Fill> fills;  // in the order of compare_in_time(), then of arrival
      std::vector<PositionSnapshot> rows;
    };

    std::optional<Order> order_by_id(const Uuid& id) override {
      const auto found = orders.find(id);
      return found == orders.end() ? std::nullopt : std::optional{found->second.order};
    }
    std::optional<Order> order_by_client_id(const std::string& client_order_id) override {
      const auto found = client_ids.find(client_order_id);
      return found == client_ids.end() ? std::nullopt : order_by_id(found->second);
    }
    std::optional<Order> order_as_created(const Uuid& id) override {
      const auto found = created.find(id);
      return found == created.end() ? std::nullopt : std::optional{found->second};
    }
    std::optional<Fill> fill_like(const Fill& fill) override {
      const auto by_id = said_first.find(fill.fill_id);
      if (by_id != said_first.end()) return by_id->second;
      if (!fill.exchange_trade_id) return std::nullopt;
      const auto by_trade = trades.find(trade_key(fill));
      if (by_trade == trades.end()) return std::nullopt;
      return said_first.at(by_trade->second);
    }

    void store(const LedgerCall& call, const std::string& source) {
      for (const auto& [id, order] : call.orders()) {
        const auto [row, is_new] =
            orders.try_emplace(id, OrderRow{.order = order, .source = source});
        if (!is_new) row->second.order = order;
      }
      for (const LedgerEntry& entry : call.news()) {
        if (const auto* const of_order = std::get_if<OrderEntry>(&entry)) {
          const auto* const order = std::get_if<Order>(of_order);
          if (order == nullptr) continue;
          created.emplace(order->order_id, *order);
          client_ids.emplace(order->client_order_id, order->order_id);
        } else {
          store(std::get<Fill>(std::get<FillEntry>(entry)));
        }
      }
    }

    void store(const Fill& fill) {
      said_first.emplace(fill.fill_id, fill);
      if (fill.exchange_trade_id) trades.emplace(trade_key(fill), fill.fill_id);
      arrivals.emplace(fill.fill_id, static_cast<int64_t>(arrivals.size()));
      fills.insert_or_assign(fill.fill_id, fill);
      Held& now = held[key_of(fill)];
      const Timestamp newest_mark = newest_mark_of(fill.instrument);
      const bool behind = now.fills.empty() || compare_in_time(fill, now.fills.back()) >= 0;
      if (!behind || newest_mark >= fill.executed_at) return fold(key_of(fill));
      now.fills.push_back(fill);
      PositionSnapshot row{.position_id = ++last_position_id,
                           .key = key_of(fill),
                           .at = fill.executed_at,
                           .fill_id = fill.fill_id,
                           .correlation_id = fill.correlation_id};
      if (!now.rows.empty()) row.position = now.rows.back().position;
      row.effect = add_fill(row.position, fill);
      now.rows.push_back(std::move(row));
    }

    // Everything of the key anew.
    void fold(const PositionKey& key) {
      Held& now = held[key];
      now.fills.clear();
      for (const auto& [id, fill] : fills) {
        if (key_of(fill) == key) now.fills.push_back(fill);
      }
      sort_in_time(now.fills);
      now.rows = position_rows(key, now.fills, marks[key.instrument]);
      for (PositionSnapshot& row : now.rows)
        row.position_id = ++last_position_id;
    }

    void sort_in_time(std::vector<Fill>& some) const {
      std::ranges::sort(some, [&](const Fill& a, const Fill& b) {
        const auto order = compare_in_time(a, b);
        return order != 0 ? order < 0 : arrivals.at(a.fill_id) < arrivals.at(b.fill_id);
      });
    }

    Timestamp newest_mark_of(const InstrumentName& instrument) const {
      const auto found = marks.find(instrument);
      if (found == marks.end() || found->second.empty()) return Timestamp::min();
      return found->second.back().at;
    }

    void mark(const PositionMark& mark) {
      std::vector<PositionMark>& all = marks[mark.instrument];
      all.insert(std::ranges::upper_bound(all, mark.at, {}, &PositionMark::at), mark);
      const bool behind_marks = all.back().at == mark.at;
      for (auto& [key, now] : held) {
        if (key.instrument != mark.instrument || now.rows.empty()) continue;
        if (!behind_marks || now.rows.back().at > mark.at) {
          fold(key);
          continue;
        }
        PositionSnapshot row{.key = key, .at = mark.at, .position = now.rows.back().position};
        if (side_of(row.position) == PositionSide::flat) continue;
        row.position_id = ++last_position_id;
        mark_at(row.position, mark.price);
        now.rows.push_back(std::move(row));
      }
    }

    // Adds to `written` what each said, or took back.
    void correct(std::vector<FillEntry> entries, std::vector<Fill>& written) {
      std::map<Uuid, std::optional<Fill>> after;
      for (FillEntry& entry : entries) {
        const Uuid id = fill_of(entry);
        if (!after.contains(id)) {
          const auto counts = fills.find(id);
          after.emplace(id, counts == fills.end() ? std::nullopt : std::optional{counts->second});
        }
        std::optional<Fill>& now = after.at(id);
        if (!now) fail_unknown_fill(id);
        auto* const amendment = std::get_if<FillAmendment>(&entry);
        if (amendment == nullptr) {
          written.push_back(*std::exchange(now, std::nullopt));
          continue;
        }
        const auto order = orders.find(amendment->fill.order_id);
        if (order == orders.end()) fail_unknown_order(amendment->fill.order_id);
        amendment->fill.strategy_id = order->second.order.strategy_id;
        now = amendment->fill;
        written.push_back(amendment->fill);
      }
      for (const auto& [id, fill] : after)
        replace(id, fill);
    }

    void replace(const Uuid& id, const std::optional<Fill>& fill) {
      const Fill before = fills.at(id);
      std::set<PositionKey> keys{key_of(before)};
      std::set<Uuid> changed{before.order_id};
      if (fill) {
        fills.insert_or_assign(id, *fill);
        keys.insert(key_of(*fill));
        changed.insert(fill->order_id);
      } else {
        fills.erase(id);
      }
      for (const Uuid& order_id : changed) {
        std::vector<Fill> own;
        for (const auto& entry : fills) {
          if (entry.second.order_id == order_id) own.push_back(entry.second);
        }
        sort_in_time(own);
        apply_all(orders.at(order_id).order, own);
      }
      for (const PositionKey& key : keys)
        fold(key);
    }

    void store(const PortfolioRows& rows) {
      std::vector<PortfolioSnapshot> fresh;
      for (const PortfolioSnapshot& offered : rows.entries) {
        const auto same = std::ranges::find_if(snapshots, [&](const SnapshotRow& row) {
          return row.snapshot.at == offered.at && row.snapshot.kind == offered.kind;
        });
        if (same == snapshots.end()) {
          fresh.push_back(offered);
        } else if (same->snapshot != offered) {
          fail_other_snapshot(offered);
        }
      }
      for (const PortfolioSnapshot& snapshot : fresh) {
        snapshots.push_back({.snapshot_id = static_cast<int64_t>(snapshots.size()) + 1,
                             .snapshot = snapshot,
                             .source = rows.source});
      }
    }

    std::vector<OrderRow> order_rows() const {
      std::vector<OrderRow> rows;
      for (const auto& entry : orders)
        rows.push_back(entry.second);
      return rows;
    }
    std::vector<FillWithEffect> fill_rows() const {
      std::vector<FillWithEffect> rows;
      for (const auto& entry : held) {
        for (const PositionSnapshot& row : entry.second.rows) {
          if (row.fill_id) rows.push_back({.fill = fills.at(*row.fill_id), .effect = *row.effect});
        }
      }
      return rows;
    }
    // The last row of each key and instant, as in main.positions.
    std::vector<PositionSnapshot> instants() const {
      std::vector<PositionSnapshot> rows;
      for (const auto& entry : held) {
        const std::vector<PositionSnapshot>& all = entry.second.rows;
        for (size_t at = 0; at < all.size(); ++at) {
          if (at + 1 == all.size() || all[at + 1].at != all[at].at) rows.push_back(all[at]);
        }
      }
      return rows;
    }
    template <typename Is>
    std::optional<PositionSnapshot> first(const Is& is) const {
      for (const auto& entry : held) {
        const auto found = std::ranges::find_if(entry.second.rows, is);
        if (found != entry.second.rows.end()) return *found;
      }
      return std::nullopt;
    }

    std::map<Uuid, OrderRow> orders;
    std::map<Uuid, Order> created;
    std::map<std::string, Uuid> client_ids;
    std::map<Uuid, Fill> fills;  // that count
    std::map<Uuid, Fill> said_first;
    std::map<std::string, Uuid> trades;  // of those, by trade_key()
    std::map<Uuid, int64_t> arrivals;
    std::map<InstrumentName, std::vector<PositionMark>> marks;  // by rising time
    std::map<PositionKey, Held> held;
    int64_t last_position_id = 0;
    std::vector<SnapshotRow> snapshots;
  };

  Mutex mutex_;
  Tables tables_ GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<LedgerDoor> memory_ledger() {
  return std::make_unique<MemoryLedger>();
}

}  // namespace tapedeck
