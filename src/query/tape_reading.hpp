// TapeReading: one question to the tape. Its plan and all its readers see the store as it was at
// one moment, whatever is written meanwhile; it has its turn among the queries as long as it lives.
#pragma once

#include "duck/transaction.hpp"
#include "query/tape_plan.hpp"
#include "store/core.hpp"
#include "store/tape_facts.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace tapedeck {

// Rows from which a further core is worth its start.
constexpr int64_t kRowsWorthACore = 150'000;

struct ReadingOptions {
  bool with_pending = true;  // what is acknowledged and not yet in the database, too
  bool from_trades = true;   // false: few rows are read, however many the plan has
};

class TapeReading {
 public:
  // `core` must outlive it. Errors: timeout, when all readers are busy.
  TapeReading(StoreCore& core, const TapeRequest& request, const ReadingOptions& options = {});

  const TapePlan& plan() const { return plan_; }
  TapePlan& plan() { return plan_; }
  const TapeFacts& facts() const { return *facts_; }
  // One or more: as many as the rows are worth, the cores allow and are free.
  std::span<Reader* const> readers() const { return readers_; }
  Reader& reader() const { return *readers_.front(); }

 private:
  void open(const TapeRequest& request, const ReadingOptions& options);
  std::optional<uint64_t> read_plan(const TapeRequest& request, bool with_pending);
  void add_readers();
  void close_readers(size_t all_but);

  StoreCore& core_;
  std::optional<QueryTurn> turn_;
  std::deque<SnapshotReader> held_;
  std::vector<Reader*> readers_;
  std::shared_ptr<const TapeFacts> facts_;
  TapePlan plan_;
};

// The trades of its plan, in order.
TapeAnswer scan_trades(const TapeReading& reading,
                       const std::function<KeepGoing(const TradeView&)>& use);

}  // namespace tapedeck
