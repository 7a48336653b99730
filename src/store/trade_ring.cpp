#include "store/trade_ring.hpp"

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

constexpr size_t kChunkRows = 8'192;

bool comes_before(const TradeView& a, size_t row, const TradeView& b, size_t other) {
  if (a.ts_event[row] != b.ts_event[other]) return a.ts_event[row] < b.ts_event[other];
  return a.has_ids && b.has_ids && a.trade_id[row] < b.trade_id[other];
}

// Both in order; where two have one place, that of `stored` came first.
TradeBlock merged(const TradeView& stored, const TradeView& late) {
  TradeBlock result;
  result.scale = stored.scale;
  result.has_ids = stored.has_ids;
  result.reserve(stored.rows() + late.rows());
  size_t from = 0;
  for (size_t row = 0; row < late.rows(); ++row) {
    size_t to = from;
    while (to < stored.rows() && !comes_before(late, row, stored, to))
      ++to;
    append(result, stored.part(from, to));
    append(result, late.part(row, row + 1));
    from = to;
  }
  append(result, stored.part(from, stored.rows()));
  return result;
}

TradeView from_time(const TradeView& rows, Timestamp begin) {
  const auto first = std::ranges::lower_bound(rows.ts_event, to_epoch_ns(begin));
  return rows.part(static_cast<size_t>(first - rows.ts_event.begin()), rows.rows());
}

}  // namespace

TradeRing::TradeRing(const TradeBlock& rows, Timestamp whole_from, TapeEnd end)
    : scale_{rows.scale}, whole_from_{whole_from}, end_{end} {
  push(from_time(rows.view(), whole_from));
}

void TradeRing::note(const TradeView& rows) {
  if (rows.rows() == 0) return;
  rows_ += static_cast<int64_t>(rows.rows());
  end_.ts = std::max(end_.ts.value_or(INT64_MIN), rows.ts_event.back());
  if (!rows.has_ids) return;
  end_.largest_id = std::max(end_.largest_id.value_or(INT64_MIN), std::ranges::max(rows.trade_id));
}

// Behind all others.
void TradeRing::push(const TradeView& rows) {
  note(rows);
  size_t from = 0;
  if (!chunks_.empty() && chunks_.back()->rows() < kChunkRows && rows.rows() > 0) {
    TradeBlock longer = *chunks_.back();
    from = std::min(rows.rows(), kChunkRows - longer.rows());
    append(longer, rows.part(0, from));
    chunks_.back() = std::make_shared<const TradeBlock>(std::move(longer));
  }
  while (from < rows.rows()) {
    const size_t to = std::min(rows.rows(), from + kChunkRows);
    TradeBlock chunk;
    chunk.scale = scale_;
    append(chunk, rows.part(std::exchange(from, to), to));
    chunks_.push_back(std::make_shared<const TradeBlock>(std::move(chunk)));
  }
}

std::optional<TradeRing> TradeRing::with(TradeBlock rows) const {
  if (!chunks_.empty() && chunks_.back()->has_ids != rows.has_ids) return std::nullopt;
  if (rows.scale != scale_) {
    if (finest(rows.scale, scale_) != scale_ || !rescale(rows, scale_)) return std::nullopt;
  }
  const TradeView fresh = from_time(rows.view(), whole_from_);
  TradeRing result = *this;
  if (rows.has_ids && rows.rows() > 0) {
    result.end_.largest_id =
        std::max(end_.largest_id.value_or(INT64_MIN), std::ranges::max(rows.trade_id));
  }
  if (fresh.rows() == 0) return result;
  // The chunks that late rows fall into, and those behind, are made again.
  std::vector<Chunk> behind;
  while (!result.chunks_.empty() &&
         comes_before(fresh, 0, result.chunks_.back()->view(), result.chunks_.back()->rows() - 1)) {
    behind.push_back(std::move(result.chunks_.back()));
    result.chunks_.pop_back();
  }
  if (behind.empty()) {
    result.push(fresh);
    return result;
  }
  TradeBlock again;
  again.scale = scale_;
  for (auto chunk = behind.rbegin(); chunk != behind.rend(); ++chunk)
    append(again, (*chunk)->view());
  result.rows_ -= static_cast<int64_t>(again.rows());
  result.push(merged(again.view(), fresh).view());
  return result;
}

TradeRing TradeRing::cut_to(int64_t rows, Timestamp oldest) const {
  TradeRing result = *this;
  size_t gone = 0;
  while (gone + 1 < chunks_.size() &&
         (result.rows_ > rows || chunks_[gone]->ts_event.back() < to_epoch_ns(oldest))) {
    result.rows_ -= static_cast<int64_t>(chunks_[gone]->rows());
    result.whole_from_ = from_epoch_ns(chunks_[gone]->ts_event.back() + 1);
    ++gone;
  }
  if (gone == 0) return result;
  result.chunks_.erase(result.chunks_.begin(),
                       result.chunks_.begin() + static_cast<ptrdiff_t>(gone));
  // Rows at the very time of one that is gone are not all there.
  const TradeView first = result.chunks_.front()->view();
  const TradeView whole = from_time(first, result.whole_from_);
  if (whole.rows() == first.rows()) return result;
  result.rows_ -= static_cast<int64_t>(first.rows() - whole.rows());
  TradeBlock chunk;
  chunk.scale = scale_;
  append(chunk, whole);
  if (chunk.rows() == 0) {
    result.chunks_.erase(result.chunks_.begin());
  } else {
    result.chunks_.front() = std::make_shared<const TradeBlock>(std::move(chunk));
  }
  return result;
}

uint64_t TradeRing::bytes() const {
  return static_cast<uint64_t>(rows_) * kTradeBytes;
}

void TradeRing::copy_last(int64_t rows, TradeBlock& into) const {
  size_t first = chunks_.size();
  int64_t found = 0;
  while (first > 0 && found < rows)
    found += static_cast<int64_t>(chunks_[--first]->rows());
  auto skipped = static_cast<size_t>(std::max<int64_t>(found - rows, 0));
  for (; first < chunks_.size(); ++first) {
    const TradeView view = chunks_[first]->view();
    append(into, view.part(std::exchange(skipped, 0), view.rows()));
  }
}

}  // namespace tapedeck
