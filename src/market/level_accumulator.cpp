#include "market/huge_pages.hpp"
#include "market/level_index.hpp"
#include "market/step_divider.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/market/footprint.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace tapedeck {
namespace {

// At most 96 MiB of cells, if every block of the window is used.
constexpr uint64_t kMaxWindowLevels = uint64_t{1} << 21;
// The window also stays below 2^62 price units: differences inside it then fit 64 bits.
constexpr uint64_t kMaxWindowUnits = uint64_t{1} << 62;

// Rows that are looked at together before they are added; their columns fit the first-level cache.
constexpr size_t kRunRows = 1024;
// 1,024 quantities below 2^53 sum to less than 2^63.
constexpr int kSafeQuantityBits = 53;
constexpr uint64_t kMaxTotal = std::numeric_limits<int64_t>::max();

size_t max_window(int64_t step) {
  const uint64_t levels = kMaxWindowUnits / static_cast<uint64_t>(step);
  return std::min(levels, kMaxWindowLevels) / 64 * 64;
}

int64_t checked_step(const PriceStep& step) {
  if (step.units < 1) {
    throw Error{ErrorCode::invalid_argument,
                "price step is " + std::to_string(step.units) + " units; it must be 1 or more"};
  }
  return step.units;
}

int64_t floor_level(int64_t price, int64_t step) {
  return price / step - (price % step < 0 ? 1 : 0);
}

// By AggressorSide; for a row only one side is touched, so its sum and count lie together.
struct SideSums {
  int64_t quantity = 0;
  int64_t count = 0;
};
using Cell = std::array<SideSums, 3>;
using WideCell = std::array<Volume, 3>;

constexpr auto kUnknown = static_cast<size_t>(AggressorSide::unknown);
constexpr auto kBuy = static_cast<size_t>(AggressorSide::buy);
constexpr auto kSell = static_cast<size_t>(AggressorSide::sell);

struct RunBounds {
  int64_t low = 0;
  int64_t high = 0;
  uint64_t quantity = 0;
  bool safe = false;  // `quantity` is the sum, and none is negative
};

RunBounds bounds_of(const TradeView& trades, size_t from, size_t to) {
  int64_t low = trades.price[from];
  int64_t high = low;
  uint64_t sum = 0;
  uint64_t all_bits = 0;
  for (size_t row = from; row < to; ++row) {
    low = std::min(low, trades.price[row]);
    high = std::max(high, trades.price[row]);
    const auto quantity = static_cast<uint64_t>(trades.quantity[row]);
    sum += quantity;
    all_bits |= quantity;
  }
  return {.low = low, .high = high, .quantity = sum, .safe = all_bits >> kSafeQuantityBits == 0};
}

}  // namespace

struct LevelAccumulator::Impl {
  explicit Impl(const PriceStep& price_step)
      : step{checked_step(price_step)},
        buys_ceil{price_step.rule == StepRule::side && step > 1},
        divider{static_cast<uint64_t>(step)},
        index{max_window(step)} {}

  void add_run(const TradeView& trades, size_t from, size_t to);
  // Leave the cell of each row in `found`.
  template <bool kUnitStep>
  void find_in_window(const TradeView& trades, size_t from, size_t to);
  void find_anywhere(const TradeView& trades, size_t from, size_t to);
  void add_found(const TradeView& trades, size_t from, size_t to);
  void widen();
  void join(Impl& other);
  Level take_level(int64_t level, size_t number);

  // Constant after construction
  int64_t step;
  bool buys_ceil;
  StepDivider divider;

  LevelIndex index;
  std::vector<Cell, HugePageAllocator<Cell>> cells;  // all 0 where not in use
  // A cell cannot overflow while the sum of all quantities fits 64 bits. Beyond that they are
  // summed in wide_cells; the counts stay in `cells`.
  uint64_t total = 0;
  bool wide = false;
  std::vector<WideCell> wide_cells;
  std::array<size_t, kRunRows> found{};
};

// Moves the quantities so far into 128-bit sums, where the rest of the bar is added.
void LevelAccumulator::Impl::widen() {
  wide = true;
  wide_cells.resize(cells.size());
  for (size_t number = 0; number < index.cells(); ++number) {
    for (size_t side = 0; side < cells[number].size(); ++side) {
      wide_cells[number][side] = std::exchange(cells[number][side].quantity, 0);
    }
  }
}

template <bool kUnitStep>
void LevelAccumulator::Impl::find_in_window(const TradeView& trades, size_t from, size_t to) {
  const uint64_t base_units = index.base() * static_cast<uint64_t>(step);
  const StepDivider by_step = divider;
  const std::array<uint64_t, 3> bump{0, buys_ceil ? static_cast<uint64_t>(step) - 1 : 0, 0};
  for (size_t row = from; row < to; ++row) {
    const auto side = static_cast<size_t>(trades.side[row]);
    uint64_t offset = static_cast<uint64_t>(trades.price[row]) - base_units;
    if constexpr (!kUnitStep) offset = by_step.divide(offset + bump[side]);
    const size_t number = index.cell(offset);
    // Prices jump: without this every row waits for the memory of its cell.
    __builtin_prefetch(&cells[number][side], 1);
    found[row - from] = number;
  }
}

void LevelAccumulator::Impl::find_anywhere(const TradeView& trades, size_t from, size_t to) {
  for (size_t row = from; row < to; ++row) {
    const int64_t price = trades.price[row];
    const bool ceil = buys_ceil && trades.side[row] == AggressorSide::buy && price % step != 0;
    found[row - from] = index.cell_anywhere(floor_level(price, step) + (ceil ? 1 : 0));
  }
}

void LevelAccumulator::Impl::add_found(const TradeView& trades, size_t from, size_t to) {
  for (size_t row = from; row < to; ++row) {
    SideSums& sums = cells[found[row - from]][static_cast<size_t>(trades.side[row])];
    ++sums.count;
    sums.quantity += wide ? 0 : trades.quantity[row];
  }
  if (!wide) return;
  for (size_t row = from; row < to; ++row) {
    wide_cells[found[row - from]][static_cast<size_t>(trades.side[row])] += trades.quantity[row];
  }
}

void LevelAccumulator::Impl::add_run(const TradeView& trades, size_t from, size_t to) {
  const RunBounds bounds = bounds_of(trades, from, to);
  const int64_t low = floor_level(bounds.low, step);
  const int64_t high = floor_level(bounds.high, step) + (buys_ceil ? 1 : 0);
  int64_t unused = 0;
  if (__builtin_mul_overflow(low, step, &unused) || __builtin_mul_overflow(high, step, &unused)) {
    throw Error{ErrorCode::out_of_range, "a price is within one step of the 64-bit limits"};
  }
  const size_t room = index.cells_after(to - from);  // every row may open a level
  if (cells.size() < room) cells.resize(std::max(room, cells.size() * 2));
  if (!wide) {
    total += bounds.quantity;  // below 2^63 + 2^63
    if (!bounds.safe || total > kMaxTotal) widen();
  }
  if (wide) wide_cells.resize(cells.size());
  if (!index.make_room(low, high, floor_level(trades.price[from], step))) {
    find_anywhere(trades, from, to);
  } else if (step == 1) {
    find_in_window<true>(trades, from, to);
  } else {
    find_in_window<false>(trades, from, to);
  }
  add_found(trades, from, to);
}

void LevelAccumulator::Impl::join(Impl& other) {
  index.make_room_for(other.index);
  cells.resize(std::max(cells.size(), index.cells()));
  if (!wide && (other.wide || total + other.total > kMaxTotal)) widen();
  total += other.total;
  other.index.drain([&](int64_t level, size_t number) {
    const size_t mine = index.cell_anywhere(level);
    if (mine >= cells.size()) cells.resize(std::max(index.cells(), cells.size() * 2));
    if (wide) wide_cells.resize(cells.size());
    const Cell cell = std::exchange(other.cells[number], Cell{});
    const WideCell sums =
        other.wide ? std::exchange(other.wide_cells[number], WideCell{}) : WideCell{};
    for (size_t side = 0; side < cell.size(); ++side) {
      cells[mine][side].count += cell[side].count;
      if (wide) {
        wide_cells[mine][side] += sums[side] + cell[side].quantity;
      } else {
        cells[mine][side].quantity += cell[side].quantity;
      }
    }
  });
  other.total = 0;
  other.wide = false;
}

// Leaves the cell 0 for the next bar.
Level LevelAccumulator::Impl::take_level(int64_t level, size_t number) {
  const Cell cell = std::exchange(cells[number], Cell{});
  Level taken{.price = Price{level * step},
              .buy_quantity = cell[kBuy].quantity,
              .sell_quantity = cell[kSell].quantity,
              .unknown_quantity = cell[kUnknown].quantity,
              .buy_count = cell[kBuy].count,
              .sell_count = cell[kSell].count,
              .unknown_count = cell[kUnknown].count};
  if (wide) {
    const WideCell sums = std::exchange(wide_cells[number], WideCell{});
    taken.buy_quantity = sums[kBuy];
    taken.sell_quantity = sums[kSell];
    taken.unknown_quantity = sums[kUnknown];
  }
  return taken;
}

LevelAccumulator::LevelAccumulator(PriceStep step) : impl_{std::make_unique<Impl>(step)} {}
LevelAccumulator::~LevelAccumulator() = default;
LevelAccumulator::LevelAccumulator(LevelAccumulator&&) noexcept = default;
LevelAccumulator& LevelAccumulator::operator=(LevelAccumulator&&) noexcept = default;

void LevelAccumulator::add(const TradeView& trades, size_t from, size_t to) {
  for (size_t row = from; row < to; row += kRunRows) {
    impl_->add_run(trades, row, std::min(row + kRunRows, to));
  }
}

void LevelAccumulator::join(LevelAccumulator& other) {
  impl_->join(*other.impl_);
}

void LevelAccumulator::take(std::vector<Level>& out) {
  out.reserve(out.size() + impl_->index.levels());
  advise_huge_pages(out.data(), out.capacity() * sizeof(Level));
  impl_->index.drain(
      [&](int64_t level, size_t number) { out.push_back(impl_->take_level(level, number)); });
  impl_->total = 0;
  impl_->wide = false;
}

}  // namespace tapedeck
