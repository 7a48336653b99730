// MarketDataRepository: ticks and bars as they were given, behind an interface that business code
// is given, over a store or in memory.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/tick.hpp"
#include "tapedeck/store/store.hpp"
#include "tapedeck/store/writer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace tapedeck {

// Instruments are made when something of them is inserted; of others there is nothing. Several
// threads may call it.
class MarketDataRepository {
 public:
  virtual ~MarketDataRepository() = default;

  // As Writer::append_ticks(): all or none, equal ones once.
  virtual TickResult insert_ticks(const InstrumentName& instrument,
                                  const std::vector<Tick>& ticks) = 0;
  // By (interval, begin) the last value wins; the number of those that are new or changed.
  // Error{out_of_range} for a value that DECIMAL(38,12) cannot hold.
  virtual int64_t insert_bars(const InstrumentName& instrument, BarInterval interval,
                              const std::vector<Kline>& bars) = 0;

  // Rising by time, of equal times as they came; the first `limit` of them.
  virtual std::vector<Tick> ticks(const InstrumentName& instrument, const TimeRange& range,
                                  int64_t limit) const = 0;
  virtual std::optional<Tick> find_latest_tick(const InstrumentName& instrument) const = 0;
  // Those that begin in the range and were inserted with this interval, rising; the first `limit`.
  virtual std::vector<Kline> bars(const InstrumentName& instrument, BarInterval interval,
                                  const TimeRange& range, int64_t limit) const = 0;
  virtual std::optional<Kline> find_latest_bar(const InstrumentName& instrument,
                                               BarInterval interval) const = 0;
};

// `store` must outlive it. Error{read_only} when it was opened for reading.
std::unique_ptr<MarketDataRepository> market_data_repository(Store& store);
// Without a store.
std::unique_ptr<MarketDataRepository> memory_market_data_repository();

}  // namespace tapedeck
