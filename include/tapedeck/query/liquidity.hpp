// What rested in the book over time: the liquidity heatmap, runs of orders, and the updates
// themselves.
#pragma once

#include "tapedeck/base/keep_going.hpp"
#include "tapedeck/book/book_builder.hpp"
#include "tapedeck/query/book.hpp"
#include "tapedeck/store/coverage.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace tapedeck {

struct LiquidityRequest {
  Instrument instrument;
  TimeRange range = {};     // of event times; the defaults mean everything
  std::string stream = {};  // its channel; default: the best that has a book in the range
};

// What an answer says of itself.
struct LiquidityAnswer {
  BookStreamInfo stream;
  Scale scale;        // of every value in the answer
  Coverage coverage;  // where the book is known, and where not
  int64_t updates = 0;
};

// Quantity that rested in [price, price + step) during [begin, begin + width).
struct LiquidityCell {
  Timestamp begin;
  BookSide side = BookSide::bid;
  Price price;
  // Σ over time of the level's quantity: divided by `known` it is the time-weighted mean.
  int128 quantity_ns = 0;
  std::chrono::nanoseconds known{};  // of the bucket's time in which the book was known
  Volume max_quantity = 0;           // at any instant of it
};
// quantity_ns / known with `digits` more than the quantity has, half-even.
Decimal mean_quantity(const LiquidityCell& cell, Scale scale, int digits = 4);

struct HeatmapRequest {
  LiquidityRequest of;
  std::chrono::nanoseconds width = std::chrono::seconds{1};
  int64_t price_step = 1;  // units of the scale that the answer has; see liquidity_scale()
  // Price steps on each side, counted from the best price that the bucket saw. Books have thousands
  // of levels that nobody looks at.
  int64_t levels = 50;
};
// The scale in which the prices of its answer count.
Scale liquidity_scale(const Store& store, const LiquidityRequest& request);

// Cells rise by (begin, side, price), bids first; those in which nothing rested are left out.
// Errors: those of book_at for an instrument without streams; invalid_argument for a width or step
// below 1.
LiquidityAnswer for_each_liquidity(const Store& store, const HeatmapRequest& request,
                                   const std::function<KeepGoing(const LiquidityCell&)>& use);

// A price at which the quantity stood unchanged in [start, until).
struct OrderRun {
  BookSide side = BookSide::bid;
  Price price;
  Qty quantity;
  Timestamp start;
  Timestamp until;
  bool operator==(const OrderRun&) const = default;
};
// In the order in which they end; of those that stand at the same time the bids first, the best
// ones first. Runs are cut where the range, or the known book, begins and ends.
LiquidityAnswer for_each_order_run(const Store& store, const LiquidityRequest& request,
                                   const std::function<KeepGoing(const OrderRun&)>& use);

// One level that changed, or, where the book begins, one that stands.
struct BookEvent {
  bool snapshot = false;
  Timestamp ts_event;
  std::optional<Timestamp> ts_recv = {};
  std::optional<int64_t> sequence = {};
  BookChange change;
};
// The book as a stream: all levels where the known book begins, then each change.
LiquidityAnswer for_each_book_event(const Store& store, const LiquidityRequest& request,
                                    const std::function<KeepGoing(const BookEvent&)>& use);

}  // namespace tapedeck
