#include "tapedeck/query/liquidity.hpp"

#include "query/book_reading.hpp"
#include "query/book_scan.hpp"
#include "query/level_areas.hpp"
#include "store/core.hpp"
#include "store/observed.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::array kSides{BookSide::bid, BookSide::ask};

LiquidityAnswer scan(const Store& store, const LiquidityRequest& request, BookVisitor& visitor) {
  BookScanResult result = scan_book(
      store, {.instrument = request.instrument, .range = request.range, .stream = request.stream},
      visitor);
  return {.stream = std::move(result.stream),
          .scale = result.scale,
          .coverage = std::move(result.coverage),
          .updates = result.updates};
}

// Runs that stand. What a level was before an instant is compared with what it is behind it: states
// without extent in time end no run.
class RunVisitor final : public BookVisitor {
 public:
  explicit RunVisitor(const std::function<KeepGoing(const OrderRun&)>& use) : use_{use} {}

  void on_begin(Timestamp at, const OrderBook& book) override {
    now_ = to_epoch_ns(at);
    for (const BookSide side : kSides) {
      std::map<int64_t, Standing>& runs = of(side);
      runs.clear();
      for (const BookLevel& level : book.levels(side))
        runs[key_of(side, level.price.raw())] = {level.quantity.raw(), now_};
    }
  }

  KeepGoing on_updates(const UpdateColumns& rows) override {
    for (size_t row = 0; row < rows.rows() && !stopped_; ++row) {
      if (rows.ts_event[row] > now_) {
        end_instant();
        now_ = rows.ts_event[row];
      }
      const auto side = static_cast<BookSide>(rows.side[row]);
      const int64_t key = key_of(side, rows.price[row]);
      Standing& run = of(side)[key];
      if (run.since != now_) touched_.push_back({side, key, run});
      run = {rows.quantity[row], now_};
    }
    return stopped_ ? KeepGoing::stop : KeepGoing::go_on;
  }

  void on_end(Timestamp at) override {
    end_instant();
    for (const BookSide side : kSides) {
      for (const auto& [key, run] : of(side))
        tell(side, key, run, to_epoch_ns(at));
    }
  }

 private:
  struct Standing {
    int64_t quantity = 0;
    int64_t since = INT64_MIN;
  };
  struct Touched {
    BookSide side;
    int64_t key;
    Standing before;
  };

  // The best first.
  static int64_t key_of(BookSide side, int64_t price) {
    return side == BookSide::bid ? -price : price;
  }
  std::map<int64_t, Standing>& of(BookSide side) { return runs_[static_cast<size_t>(side)]; }

  void end_instant() {
    for (const Touched& one : std::exchange(touched_, {})) {
      std::map<int64_t, Standing>& runs = of(one.side);
      const auto run = runs.find(one.key);
      if (run->second.quantity == one.before.quantity) {
        run->second.since = one.before.since;
      } else {
        tell(one.side, one.key, one.before, now_);
      }
      if (run->second.quantity == 0) runs.erase(run);
    }
  }

  void tell(BookSide side, int64_t key, const Standing& run, int64_t until) {
    if (stopped_ || run.quantity == 0 || run.since >= until) return;
    stopped_ = use_({.side = side,
                     .price = Price{key_of(side, key)},
                     .quantity = Qty{run.quantity},
                     .start = from_epoch_ns(run.since),
                     .until = from_epoch_ns(until)}) == KeepGoing::stop;
  }

  const std::function<KeepGoing(const OrderRun&)>& use_;
  std::array<std::map<int64_t, Standing>, 2> runs_;
  std::vector<Touched> touched_;
  int64_t now_ = INT64_MIN;
  bool stopped_ = false;
};

class EventVisitor final : public BookVisitor {
 public:
  explicit EventVisitor(const std::function<KeepGoing(const BookEvent&)>& use) : use_{use} {}

  void on_begin(Timestamp at, const OrderBook& book) override {
    for (const BookSide side : kSides) {
      for (const BookLevel& level : book.levels(side)) {
        tell({.snapshot = true,
              .ts_event = at,
              .change = {.side = side, .price = level.price, .quantity = level.quantity}});
      }
    }
  }

  KeepGoing on_updates(const UpdateColumns& rows) override {
    for (size_t row = 0; row < rows.rows() && !stopped_; ++row) {
      BookEvent event{.ts_event = from_epoch_ns(rows.ts_event[row]),
                      .change = {.side = static_cast<BookSide>(rows.side[row]),
                                 .price = Price{rows.price[row]},
                                 .quantity = Qty{rows.quantity[row]}}};
      if (rows.has_recv(row)) event.ts_recv = from_epoch_ns(rows.ts_recv[row]);
      if (rows.has_sequence(row)) event.sequence = rows.sequence[row];
      tell(event);
    }
    return stopped_ ? KeepGoing::stop : KeepGoing::go_on;
  }

  void on_end(Timestamp /*at*/) override {}

 private:
  void tell(const BookEvent& event) {
    if (!stopped_) stopped_ = use_(event) == KeepGoing::stop;
  }

  const std::function<KeepGoing(const BookEvent&)>& use_;
  bool stopped_ = false;
};

}  // namespace

Decimal mean_quantity(const LiquidityCell& cell, Scale scale, int digits) {
  return {divide_half_even(cell.quantity_ns, cell.known.count(), digits), scale.qty_exp - digits};
}

Scale liquidity_scale(const Store& store, const LiquidityRequest& request) {
  const BookReading reading{store.core(), request.instrument, request.stream};
  return reading.known_streams().front()->stream.scale;
}

LiquidityAnswer for_each_liquidity(const Store& store, const HeatmapRequest& request,
                                   const std::function<KeepGoing(const LiquidityCell&)>& use) {
  return observed(store.core().observer(), "liquidity", {}, [&]() -> LiquidityAnswer {
    if (request.width.count() < 1 || request.price_step < 1 || request.levels < 1) {
      throw Error{
          ErrorCode::invalid_argument,
          fmt::format("a heatmap needs a width, a price step and levels of 1 or more, not {} "
                      "ns, {} and {}",
                      request.width.count(), request.price_step, request.levels)};
    }
    LevelAreas areas{request, use};
    LiquidityAnswer answer = scan(store, request.of, areas);
    areas.finish();
    return answer;
  });
}

LiquidityAnswer for_each_order_run(const Store& store, const LiquidityRequest& request,
                                   const std::function<KeepGoing(const OrderRun&)>& use) {
  return observed(store.core().observer(), "order_runs", {}, [&]() -> LiquidityAnswer {
    RunVisitor runs{use};
    return scan(store, request, runs);
  });
}

LiquidityAnswer for_each_book_event(const Store& store, const LiquidityRequest& request,
                                    const std::function<KeepGoing(const BookEvent&)>& use) {
  return observed(store.core().observer(), "book_events", {}, [&]() -> LiquidityAnswer {
    EventVisitor events{use};
    return scan(store, request, events);
  });
}

}  // namespace tapedeck
