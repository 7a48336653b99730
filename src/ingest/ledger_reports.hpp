// LedgerReports: execution reports into entries of the ledger: orders that are not known yet, their
// moves, fills. A report that the ledger would refuse is refused by itself, and nothing of it is
// kept.
#pragma once

#include "feed/fields.hpp"
#include "feed/report_decoder.hpp"
#include "tapedeck/ingest/ledger_import.hpp"
#include "tapedeck/market/ledger_entry.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace tapedeck {

class LedgerReports {
 public:
  // The store must outlive it, and nobody else gives the ledger entries of the same orders
  // meanwhile.
  explicit LedgerReports(Store& store);

  // Stores what `rows` say that the ledger does not know. By rising time, over all calls.
  void take(std::span<const ReportRow> rows);
  // Of all calls.
  const LedgerImportResult& result() const { return result_; }
  std::vector<DecodeError> take_errors() { return std::exchange(errors_, {}); }

 private:
  using Entry = std::variant<OrderEntry, Fill>;
  // What one report leads to.
  struct Plan {
    Order order;
    bool is_new = false;
    std::vector<Entry> entries;
  };
  // Entries that one call can write, in the order of the calls: of orders, of fills, of orders, …
  using Phases = std::vector<std::vector<Entry>>;

  void load(std::span<const ReportRow* const> rows);
  Field<void> take(const ExecutionReport& report, Phases& phases);
  Field<void> plan_moves(const ExecutionReport& report, Plan& plan) const;
  Field<void> plan_fill(const ExecutionReport& report, const Fill& told, Plan& plan) const;
  Field<void> plan_entry(const OrderEntry& entry, Plan& plan) const;
  Plan plan_for(const ExecutionReport& report, const Uuid& order_id, const Fill* fill) const;
  const Order* find_order(const ExecutionReport& report) const;
  // Whether the ledger has it; a reason where it has it otherwise.
  Field<bool> is_known(const Fill& fill, FillScope scope) const;
  Uuid fill_id_of(const ExecutionReport& report);
  void keep(const Fill& fill);
  void keep(const Order& order);
  void accept(Plan plan, Phases& phases);
  void write(Phases phases);

  // Constant after construction
  Store& store_;

  // Of the ledger, as far as the reports so far touch it
  std::unordered_map<Uuid, Order, UuidHash> orders_;
  std::unordered_map<std::string, Uuid> client_ids_;
  std::unordered_map<Uuid, Fill, UuidHash> fills_;
  std::unordered_map<std::string, Uuid> trades_;  // by the venue's number

  std::unordered_map<Uuid, int64_t, UuidHash> equal_fills_;    // without a number, so far
  std::unordered_map<Uuid, size_t, UuidHash> phase_of_order_;  // in this batch
  LedgerImportResult result_;
  std::vector<DecodeError> errors_;
};

}  // namespace tapedeck
