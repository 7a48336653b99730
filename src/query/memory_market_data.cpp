#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "store/given_stage.hpp"
#include "store/tick_rows.hpp"
#include "tapedeck/base/uuid.hpp"
#include "tapedeck/query/market_data_repository.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

// What makes ticks equal; when they came does not.
auto content_of(const Tick& tick) {
  return std::tie(tick.ts_event, tick.bid_price, tick.ask_price, tick.bid_quantity,
                  tick.ask_quantity, tick.last_price, tick.last_quantity, tick.volume,
                  tick.sequence, tick.conditions, tick.tape, tick.correlation_id);
}

auto content_of(const Kline& bar) {
  return std::tie(bar.open, bar.high, bar.low, bar.close, bar.volume, bar.quote_volume,
                  bar.buy_volume, bar.buy_quote_volume, bar.trades);
}

using Fields = std::vector<std::pair<std::string_view, std::optional<Decimal>>>;

// Error{out_of_range} as from a table.
void check_fits(Timestamp at, const Fields& fields) {
  for (const auto& [field, value] : fields) {
    if (value) given_units(*value, field, at);
  }
}

void check_fits(const Tick& tick) {
  check_fits(tick.ts_event, Fields{{"bid_price", tick.bid_price},
                                   {"bid_quantity", tick.bid_quantity},
                                   {"ask_price", tick.ask_price},
                                   {"ask_quantity", tick.ask_quantity},
                                   {"last_price", tick.last_price},
                                   {"last_quantity", tick.last_quantity},
                                   {"volume", tick.volume}});
}

void check_fits(const Kline& bar) {
  check_fits(bar.begin, Fields{{"open", bar.open},
                               {"high", bar.high},
                               {"low", bar.low},
                               {"close", bar.close},
                               {"volume", bar.volume},
                               {"quote_volume", bar.quote_volume},
                               {"buy_volume", bar.buy_volume},
                               {"buy_quote_volume", bar.buy_quote_volume}});
}

class MemoryMarketData final : public MarketDataRepository {
 public:
  TickResult insert_ticks(const InstrumentName& instrument,
                          const std::vector<Tick>& ticks) override {
    for (const Tick& tick : ticks) {
      check_tick(tick);
      check_fits(tick);
    }
    const MutexLock lock{mutex_};
    std::vector<Tick>& stored = ticks_[instrument];
    const std::optional<NumberedTick> last = newest_numbered(stored);
    TickResult result;
    for (const Tick& tick : ticks)
      result.rows += insert(stored, tick);
    result.duplicates = static_cast<int64_t>(ticks.size()) - result.rows;
    if (result.rows == 0) return result;
    const std::vector<CoverageRow> covered = coverage_of(ticks, last, "memory");
    result.gaps = std::ranges::count(covered, CoverageStatus::gap, &CoverageRow::status);
    return result;
  }

  int64_t insert_bars(const InstrumentName& instrument, BarInterval interval,
                      const std::vector<Kline>& bars) override {
    std::map<Timestamp, Kline> given;  // the last of each begin
    for (const Kline& bar : bars) {
      check_fits(bar);
      given.insert_or_assign(bar.begin, bar);
    }
    const MutexLock lock{mutex_};
    std::map<Timestamp, Kline>& stored = bars_[{instrument, interval.code()}];
    int64_t changed = 0;
    for (const auto& [begin, bar] : given) {
      const auto [place, is_new] = stored.try_emplace(begin, bar);
      if (!is_new && content_of(place->second) == content_of(bar)) continue;
      place->second = bar;
      ++changed;
    }
    return changed;
  }

  std::vector<Tick> ticks(const InstrumentName& instrument, const TimeRange& range,
                          int64_t limit) const override {
    const MutexLock lock{mutex_};
    std::vector<Tick> found;
    const auto stored = ticks_.find(instrument);
    if (stored == ticks_.end()) return found;
    for (const Tick& tick : stored->second) {
      if (found.size() == static_cast<size_t>(limit)) break;
      if (range.contains(tick.ts_event)) found.push_back(tick);
    }
    return found;
  }
  std::optional<Tick> find_latest_tick(const InstrumentName& instrument) const override {
    const MutexLock lock{mutex_};
    const auto stored = ticks_.find(instrument);
    if (stored == ticks_.end() || stored->second.empty()) return std::nullopt;
    return stored->second.back();
  }
  std::vector<Kline> bars(const InstrumentName& instrument, BarInterval interval,
                          const TimeRange& range, int64_t limit) const override {
    const MutexLock lock{mutex_};
    std::vector<Kline> found;
    const auto stored = bars_.find({instrument, interval.code()});
    if (stored == bars_.end()) return found;
    for (const auto& [begin, bar] : stored->second) {
      if (found.size() == static_cast<size_t>(limit)) break;
      if (range.contains(begin)) found.push_back(bar);
    }
    return found;
  }
  std::optional<Kline> find_latest_bar(const InstrumentName& instrument,
                                       BarInterval interval) const override {
    const MutexLock lock{mutex_};
    const auto stored = bars_.find({instrument, interval.code()});
    if (stored == bars_.end() || stored->second.empty()) return std::nullopt;
    return stored->second.rbegin()->second;
  }

 private:
  static std::optional<NumberedTick> newest_numbered(const std::vector<Tick>& ticks) {
    const auto found = std::find_if(ticks.rbegin(), ticks.rend(),
                                    [](const Tick& tick) { return tick.sequence.has_value(); });
    if (found == ticks.rend()) return std::nullopt;
    return NumberedTick{.at = found->ts_event, .sequence = *found->sequence};
  }

  // 1, or 0 for one that is there.
  static int64_t insert(std::vector<Tick>& stored, Tick tick) {
    if (const auto id = parse_uuid(tick.correlation_id)) tick.correlation_id = to_text(*id);
    auto place = std::ranges::lower_bound(stored, tick.ts_event, {}, &Tick::ts_event);
    for (; place != stored.end() && place->ts_event == tick.ts_event; ++place) {
      if (content_of(*place) == content_of(tick)) return 0;
    }
    if (!tick.ts_recv) tick.ts_recv = from_epoch_ns(now_epoch_ns());
    stored.insert(place, std::move(tick));
    return 1;
  }

  using BarKey = std::pair<InstrumentName, int>;  // with the interval's code

  mutable Mutex mutex_;
  std::map<InstrumentName, std::vector<Tick>> ticks_ GUARDED_BY(mutex_);  // by rising time
  std::map<BarKey, std::map<Timestamp, Kline>> bars_ GUARDED_BY(mutex_);  // by begin
};

}  // namespace

std::unique_ptr<MarketDataRepository> memory_market_data_repository() {
  return std::make_unique<MemoryMarketData>();
}

}  // namespace tapedeck
