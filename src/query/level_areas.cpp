#include "query/level_areas.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::array kSides{BookSide::bid, BookSide::ask};

int64_t floor_divide(int64_t value, int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

}  // namespace

LevelAreas::LevelAreas(const HeatmapRequest& request,
                       const std::function<KeepGoing(const LiquidityCell&)>& use)
    : use_{use},
      width_{request.width.count()},
      price_step_{request.price_step},
      levels_{request.levels} {}

LevelAreas::Cell* LevelAreas::find(Side& side, int64_t step) {
  const uint64_t slot = static_cast<uint64_t>(step) - static_cast<uint64_t>(side.base);
  if (slot < kWindow) return &side.window[slot];
  const auto found = side.outside.find(step);
  return found == side.outside.end() ? nullptr : &found->second;
}

LevelAreas::Cell& LevelAreas::cell(Side& side, int64_t step) {
  Cell* const found = find(side, step);
  return found != nullptr ? *found : side.outside[step];
}

void LevelAreas::put_window_around(Side& side, int64_t step) {
  const uint64_t slot = static_cast<uint64_t>(step) - static_cast<uint64_t>(side.base);
  if (slot >= kWindow / 4 && slot < kWindow - kWindow / 4) return;
  std::vector<Cell> before = std::exchange(side.window, std::vector<Cell>(kWindow));
  for (size_t i = 0; i < kWindow; ++i) {
    if (before[i].quantity == 0 && before[i].bucket != bucket_) continue;
    side.outside[static_cast<int64_t>(static_cast<uint64_t>(side.base) + i)] = before[i];
  }
  constexpr auto kHalf = static_cast<int64_t>(kWindow / 2);
  side.base = step < INT64_MIN + kHalf ? INT64_MIN : step - kHalf;
  std::erase_if(side.outside, [&](const auto& entry) {
    const uint64_t to = static_cast<uint64_t>(entry.first) - static_cast<uint64_t>(side.base);
    if (to < kWindow) side.window[to] = entry.second;
    return to < kWindow || (entry.second.quantity == 0 && entry.second.bucket != bucket_);
  });
}

// What stood until now counts: states without extent in time are none.
void LevelAreas::bring_up(Cell& cell, int64_t now) const {
  if (cell.bucket != bucket_) {
    cell.bucket = bucket_;
    cell.area = 0;
    cell.most = 0;
    cell.since = std::max(cell.since, bucket_begin());
  }
  if (cell.since >= now) return;
  cell.area += cell.quantity * (now - cell.since);
  cell.most = std::max(cell.most, cell.quantity);
  cell.since = now;
}

void LevelAreas::set(BookSide side, int64_t price, int64_t quantity) {
  const int64_t before = book_.quantity_at(side, Price{price}).raw();
  if (before == quantity) return;
  book_.set(side, Price{price}, Qty{quantity});
  Cell& here = cell(sides_[static_cast<size_t>(side)], floor_divide(price, price_step_));
  bring_up(here, now_);
  here.quantity += int128{quantity} - before;
}

void LevelAreas::on_begin(Timestamp at, const OrderBook& book) {
  const int64_t now = to_epoch_ns(at);
  const int64_t bucket = floor_divide(now, width_);
  if (bucket_ != INT64_MIN && bucket != bucket_) end_bucket();
  if (bucket != bucket_) begin_bucket(bucket);
  now_ = now;
  book_ = OrderBook{book.scale()};
  for (const BookSide side : kSides) {
    if (const auto best = book.best(side)) {
      put_window_around(sides_[static_cast<size_t>(side)],
                        floor_divide(best->price.raw(), price_step_));
    }
    for (const BookLevel& level : book.levels(side)) {
      Cell& here =
          cell(sides_[static_cast<size_t>(side)], floor_divide(level.price.raw(), price_step_));
      bring_up(here, now_);
      here.since = now_;
      set(side, level.price.raw(), level.quantity.raw());
    }
  }
}

KeepGoing LevelAreas::on_updates(const UpdateColumns& rows) {
  for (size_t row = 0; row < rows.rows(); ++row) {
    if (rows.ts_event[row] > now_) move_to(rows.ts_event[row]);
    if (stopped_) return KeepGoing::stop;
    set(static_cast<BookSide>(rows.side[row]), rows.price[row], rows.quantity[row]);
  }
  return KeepGoing::go_on;
}

void LevelAreas::move_to(int64_t now) {
  note_best();
  while (now >= bucket_end() && !stopped_) {
    known_ += bucket_end() - now_;
    now_ = bucket_end();
    end_bucket();
    begin_bucket(bucket_ + 1);
    note_best();
  }
  known_ += now - now_;
  now_ = now;
}

void LevelAreas::note_best() {
  for (const BookSide which : kSides) {
    const auto best = book_.best(which);
    if (!best) continue;
    Side& side = sides_[static_cast<size_t>(which)];
    const int64_t step = floor_divide(best->price.raw(), price_step_);
    side.best_low = std::min(side.best_low.value_or(step), step);
    side.best_high = std::max(side.best_high.value_or(step), step);
  }
}

void LevelAreas::begin_bucket(int64_t bucket) {
  bucket_ = bucket;
  known_ = 0;
  for (const BookSide which : kSides) {
    Side& side = sides_[static_cast<size_t>(which)];
    if (side.best_low) put_window_around(side, *side.best_low);
    side.best_low.reset();
    side.best_high.reset();
  }
}

void LevelAreas::end_bucket() {
  if (known_ == 0) return;
  for (const BookSide side : kSides)
    give_out(side);
}

void LevelAreas::give_out(BookSide which) {
  Side& side = sides_[static_cast<size_t>(which)];
  if (!side.best_low) return;
  const bool bid = which == BookSide::bid;
  const int64_t low = *side.best_low - (bid ? levels_ - 1 : 0);
  const int64_t high = *side.best_high + (bid ? 0 : levels_ - 1);
  for (int64_t step = low; step <= high && !stopped_; ++step) {
    Cell* const here = find(side, step);
    if (here == nullptr || (here->quantity == 0 && here->bucket != bucket_)) continue;
    bring_up(*here, now_);
    if (here->area == 0) continue;
    stopped_ = use_({.begin = from_epoch_ns(bucket_begin()),
                     .side = which,
                     .price = Price{step * price_step_},
                     .quantity_ns = here->area,
                     .known = std::chrono::nanoseconds{known_},
                     .max_quantity = here->most}) == KeepGoing::stop;
  }
}

// The book may come back within the same bucket: what it held so far stays.
void LevelAreas::on_end(Timestamp at) {
  if (to_epoch_ns(at) > now_) move_to(to_epoch_ns(at));
  const auto end = [this](Cell& cell) {
    if (cell.quantity == 0) return;
    bring_up(cell, now_);
    cell.quantity = 0;
  };
  for (Side& side : sides_) {
    for (Cell& one : side.window)
      end(one);
    for (auto& [step, one] : side.outside)
      end(one);
  }
}

void LevelAreas::finish() {
  if (bucket_ != INT64_MIN && !stopped_) end_bucket();
}

}  // namespace tapedeck
