// LevelAreas: how much rested at each price during each stretch of time, from the changes of a
// book. The fold below the liquidity heatmap.
#pragma once

#include "query/book_scan.hpp"
#include "tapedeck/query/liquidity.hpp"

#include <array>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace tapedeck {

class LevelAreas final : public BookVisitor {
 public:
  // Both must outlive it.
  LevelAreas(const HeatmapRequest& request,
             const std::function<KeepGoing(const LiquidityCell&)>& use);

  void on_begin(Timestamp at, const OrderBook& book) override;
  KeepGoing on_updates(const UpdateColumns& rows) override;
  void on_end(Timestamp at) override;
  // The last bucket.
  void finish();

 private:
  // Of one price step. Brought up to date only when it changes or is given out, so that a resting
  // level costs nothing.
  struct Cell {
    int128 area = 0;  // Σ quantity × ns of the bucket
    Volume quantity = 0;
    Volume most = 0;
    int64_t since = 0;           // up to which area counts
    int64_t bucket = INT64_MIN;  // that area and most are of
  };
  // Cells near the best price in an array, the others in a table.
  struct Side {
    std::vector<Cell> window = std::vector<Cell>(kWindow);
    int64_t base = 0;  // step of window[0]
    std::unordered_map<int64_t, Cell> outside = {};
    // Steps of the best price that this bucket saw
    std::optional<int64_t> best_low = {};
    std::optional<int64_t> best_high = {};
  };
  static constexpr size_t kWindow = 4096;

  Cell& cell(Side& side, int64_t step);
  Cell* find(Side& side, int64_t step);
  void put_window_around(Side& side, int64_t step);
  void bring_up(Cell& cell, int64_t now) const;
  void set(BookSide side, int64_t price, int64_t quantity);
  void move_to(int64_t now);
  void note_best();
  void end_bucket();
  void give_out(BookSide which);
  void begin_bucket(int64_t bucket);
  int64_t bucket_begin() const { return bucket_ * width_; }
  int64_t bucket_end() const { return (bucket_ + 1) * width_; }

  // Constant after construction
  const std::function<KeepGoing(const LiquidityCell&)>& use_;
  int64_t width_;
  int64_t price_step_;
  int64_t levels_;

  OrderBook book_;
  std::array<Side, 2> sides_;
  int64_t bucket_ = INT64_MIN;
  int64_t now_ = 0;
  int64_t known_ = 0;  // of the bucket, up to now_
  bool stopped_ = false;
};

}  // namespace tapedeck
