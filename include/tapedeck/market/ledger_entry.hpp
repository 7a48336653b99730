// What is written to a ledger, entry by entry. Nothing of it is ever changed: what was wrong is put
// right by another entry.
#pragma once

#include "tapedeck/market/fill.hpp"
#include "tapedeck/market/order.hpp"
#include "tapedeck/market/position.hpp"

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace tapedeck {

struct StatusChange {
  Uuid order_id;
  OrderStatus status = OrderStatus::submitted;
  Timestamp at;
  std::optional<std::string> message = {};
  std::optional<std::string> venue_order_id = {};
};

// New terms of an order that is open; what is absent stays.
struct OrderAmendment {
  Uuid order_id;
  Timestamp at;
  std::optional<Amount> quantity = {};
  std::optional<Amount> price = {};
  std::optional<Amount> stop_price = {};
};

// An Order is a new one.
using OrderEntry = std::variant<Order, StatusChange, OrderAmendment>;

// The venue took the fill back.
struct FillBust {
  Uuid fill_id;
  Timestamp at;
  std::string reason;
};

// The fill of this id was another than was said.
struct FillAmendment {
  Fill fill;
  Timestamp at;
  std::string reason;
};

// A Fill is a new one.
using FillEntry = std::variant<Fill, FillBust, FillAmendment>;

using LedgerEntry = std::variant<OrderEntry, FillEntry>;

// Every position of the instrument is worth so much.
struct PositionMark {
  InstrumentName instrument;
  Timestamp at = {};
  Amount price = {};
};

const Uuid& order_of(const OrderEntry& entry);
const Uuid& fill_of(const FillEntry& entry);

// Why an order in this state cannot take the change; nullopt when it can.
std::optional<std::string> refusal(const Order& before, const StatusChange& change);
std::optional<std::string> refusal(const Order& before, const OrderAmendment& amendment);
std::optional<std::string> refusal(const Order& before, const Fill& fill);

// The order afterwards. A fill makes it partial or filled, unless it is cancelled: then it was on
// its way. Fills may come in any order.
void apply(Order& order, const StatusChange& change);
void apply(Order& order, const OrderAmendment& amendment);
void apply(Order& order, const Fill& fill);
// As its fills are after a correction: `fills` in any order. An order that its fills had filled is
// partial or submitted again.
void apply_all(Order& order, std::span<const Fill> fills);

// What a position was after each of its fills and at each mark while something was held, without
// position_id. Fills in the order of compare_in_time(), marks by rising time; at equal times a mark
// is behind the fills. `position`: what was held before them.
std::vector<PositionSnapshot> position_rows(const PositionKey& key, std::span<const Fill> fills,
                                            std::span<const PositionMark> marks,
                                            Position position = {});

}  // namespace tapedeck
