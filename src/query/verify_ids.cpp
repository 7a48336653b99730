#include "query/verify_ids.hpp"

#include <algorithm>

namespace tapedeck {

void IdRuns::add(const IdRun& run) {
  if (!runs_.empty() && runs_.back().end + 1 == run.begin) {
    runs_.back().end = run.end;
    runs_.back().last = run.last;
  } else {
    runs_.push_back(run);
  }
}

void IdRuns::add(const TradeView& trades) {
  for (size_t row = 0; row < trades.rows();) {
    size_t end = row + 1;
    while (end < trades.rows() && trades.trade_id[end] == trades.trade_id[end - 1] + 1)
      ++end;
    add({.begin = trades.trade_id[row],
         .end = trades.trade_id[end - 1],
         .first = from_epoch_ns(trades.ts_event[row]),
         .last = from_epoch_ns(trades.ts_event[end - 1])});
    row = end;
  }
}

void IdRuns::add(const IdRuns& later) {
  for (const IdRun& run : later.runs_)
    add(run);
}

std::vector<IdRun> IdRuns::rising() const {
  std::vector<IdRun> result = runs_;
  if (!std::ranges::is_sorted(result, {}, &IdRun::begin))
    std::ranges::stable_sort(result, {}, &IdRun::begin);
  return result;
}

std::vector<IdRun> doubled_ids(const std::vector<IdRun>& runs) {
  std::vector<IdRun> result;
  for (size_t i = 1, widest = 0; i < runs.size(); ++i) {
    const IdRun& before = runs[widest];
    const IdRun& run = runs[i];
    if (run.begin <= before.end) {
      result.push_back(run);
      if (before.end < run.end) result.back() = {run.begin, before.end, run.first, before.last};
    }
    if (run.end > before.end) widest = i;
  }
  return result;
}

std::vector<IdRun> missing_ids(const std::vector<IdRun>& runs,
                               const std::vector<IdRange>& expected) {
  std::vector<IdRun> result;
  size_t at = 0;
  const IdRun* below = nullptr;  // reaches furthest among those before `at`
  for (const IdRange& range : expected) {
    int64_t next = range.begin;  // first id not yet seen
    const auto add = [&](int64_t end, const IdRun* above) {
      if (next > end) return;
      const Timestamp nowhere{};
      result.push_back({.begin = next,
                        .end = end,
                        .first = below != nullptr   ? below->last
                                 : above != nullptr ? above->first
                                                    : nowhere,
                        .last = above != nullptr   ? above->first
                                : below != nullptr ? below->last
                                                   : nowhere});
    };
    for (; at < runs.size() && runs[at].begin <= range.end; ++at) {
      add(std::min(runs[at].begin - 1, range.end), &runs[at]);
      next = std::max(next, runs[at].end + 1);
      if (below == nullptr || runs[at].end > below->end) below = &runs[at];
      if (runs[at].end > range.end) break;  // it may reach into the next range
    }
    add(range.end, at < runs.size() ? &runs[at] : nullptr);
  }
  return result;
}

std::vector<IdRun> unknown_ids(const std::vector<IdRun>& runs, const std::vector<IdRange>& known) {
  std::vector<IdRun> result;
  size_t at = 0;
  for (const IdRun& run : runs) {
    int64_t next = run.begin;
    while (at < known.size() && known[at].end < run.begin)
      ++at;
    for (size_t i = at; i < known.size() && known[i].begin <= run.end && next <= run.end; ++i) {
      if (known[i].begin > next) {
        result.push_back({next, known[i].begin - 1, run.first, run.last});
      }
      next = std::max(next, known[i].end + 1);
    }
    if (next <= run.end) result.push_back({next, run.end, run.first, run.last});
  }
  return result;
}

}  // namespace tapedeck
