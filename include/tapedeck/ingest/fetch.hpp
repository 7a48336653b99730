// fetch: what is asked for, with exactly the missing parts brought in first.
#pragma once

#include "tapedeck/market/trade.hpp"
#include "tapedeck/store/store.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace tapedeck {

// Gives the trades of a range that the store lacks; nullopt when the source does not have it.
// A given block says that the range holds these trades and no others.
using TradeSource = std::function<std::optional<TradeBlock>(const Instrument&, TimeRange)>;

struct FetchResult {
  std::vector<TimeRange> asked;  // the missing parts, as the source was asked for them
  int64_t rows = 0;              // stored now
  Coverage coverage;             // of the range afterwards
};

// Asks `source` for each missing part of `range` (which must have a begin and an end), stores what
// it gives as `backfilled`, and says what is still missing. Read the trades as usual then.
FetchResult fetch_trades(Store& store, const Instrument& instrument, TimeRange range,
                         const TradeSource& source);

// The same from a folder in the layout of the venue's archive: imports the files of the days that
// are missing.
FetchResult fetch_trades(Store& store, const Instrument& instrument, TimeRange range,
                         const std::filesystem::path& archive);

}  // namespace tapedeck
