// Ledger: what our own trading did. Entries are checked, written to the journal and visible when a
// call returns; nothing is ever changed, corrections are entries of their own.
#pragma once

#include "tapedeck/market/ledger_entry.hpp"
#include "tapedeck/market/portfolio.hpp"
#include "tapedeck/store/store.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tapedeck {

// An order as it is given. What is absent is made: ids at random (order_id from client_order_id
// where that is given, so that a second call finds the first), times from the clock, the type from
// the prices that are there.
struct NewOrder {
  InstrumentName instrument;
  OrderSide side = OrderSide::buy;
  Amount quantity;
  std::optional<OrderType> type = {};
  std::optional<Amount> price = {};
  std::optional<Amount> stop_price = {};
  std::optional<TimeInForce> time_in_force = {};
  std::optional<std::string> strategy_id = {};
  std::optional<Uuid> order_id = {};
  std::optional<std::string> client_order_id = {};
  std::optional<std::string> venue_order_id = {};
  std::optional<Timestamp> created_at = {};
  std::optional<Uuid> correlation_id = {};
  std::optional<Uuid> parent_order_id = {};
  bool extended_hours = false;
  std::optional<std::string> metadata = {};  // a JSON object
};

// A fill as it is given. Instrument, side and correlation_id are those of its order.
struct NewFill {
  Uuid order_id;
  Amount quantity;
  Amount price;
  Timestamp executed_at;
  std::optional<Timestamp> reported_at = {};
  Amount commission = {};
  Amount fees = {};
  std::optional<std::string> fee_currency = {};  // absent: that of the price
  std::optional<std::string> currency = {};      // of the price
  std::optional<Liquidity> liquidity = {};
  std::optional<std::string> exchange_trade_id = {};
  std::optional<Uuid> fill_id = {};  // absent: from the venue's id, else at random
};

// An entry, and what closes it again: either one of them.
struct Bracket {
  NewOrder entry;
  std::optional<Amount> take_profit = {};  // limit
  std::optional<Amount> stop_loss = {};    // stop
};

struct StatusOptions {
  std::optional<Timestamp> at = {};  // absent: now
  std::optional<std::string> message = {};
  std::optional<std::string> venue_order_id = {};
};

struct SnapshotOptions {
  SnapshotKind kind = SnapshotKind::manual;
  std::optional<Timestamp> at = {};  // absent: now
  std::optional<Amount> buying_power = {};
  std::optional<Amount> margin_used = {};
  std::optional<std::string> metadata = {};  // a JSON object
};

// Calls from several threads take turns. The Store must outlive the Ledger.
class Ledger {
 public:
  // `source` says where entries come from: api, manual, rest, backtest, or a word of the caller's.
  // Error{read_only} when the store was opened for reading.
  explicit Ledger(Store& store, std::string source = "api");

  // Each call stores all that it is given, or throws and stores nothing. What is in the ledger
  // already, equal, is given back and not stored again. Errors: invalid_argument for what cannot
  // be (a quantity not above 0, a limit without its price, a move that may_follow() refuses, more
  // than is left of an order); conflict where an id is taken by something else; not_found for an
  // unknown order or fill; out_of_range; those of Writer::append_live().
  Order create_order(const NewOrder& order);
  std::vector<Order> create_orders(std::span<const NewOrder> orders);
  // The entry first; its legs name it as their parent and share its correlation_id.
  std::vector<Order> create_bracket(const Bracket& bracket);
  Order update_status(const Uuid& order_id, OrderStatus status, const StatusOptions& options = {});
  Order amend_order(const OrderAmendment& amendment);
  // Several entries of orders at once, for importers.
  std::vector<Order> record(std::vector<OrderEntry> entries);

  Fill record_fill(const NewFill& fill);
  std::vector<Fill> record_fills(std::span<const NewFill> fills);
  // The venue took it back.
  void bust_fill(const Uuid& fill_id, const std::string& reason);
  // It was another than was said: `fill` whole, with the fill_id.
  Fill amend_fill(const Fill& fill, const std::string& reason);

  // Values open positions; a price of an earlier time too.
  void mark(std::span<const PositionMark> marks);
  // Values every open position at what the tape says of its instrument at an instant (absent: now):
  // the venue's mark price, else the last trade, else the middle of the last quote, whichever the
  // store has at or before it and not older than `oldest`. Gives the marks that were made; a
  // position whose instrument the tape does not have keeps its last.
  std::vector<PositionMark> mark_to_tape(std::optional<Timestamp> at = {},
                                         std::chrono::nanoseconds oldest = std::chrono::hours{24});
  // Of all positions at their last marks, and this much cash in the same currency.
  PortfolioSnapshot take_snapshot(Amount cash_balance, const SnapshotOptions& options = {});

  // Everything acknowledged so far is in the tables.
  void settle();

 private:
  // Constant after construction
  Store& store_;
  std::string source_;
};

}  // namespace tapedeck
