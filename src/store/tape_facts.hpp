// TapeFacts: what is known of an instrument's trades without reading them: which loads they came
// with, which grain is set aside where, and what is covered.
#pragma once

#include "duck/database.hpp"
#include "store/open_bars.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/side.hpp"
#include "tapedeck/market/time.hpp"
#include "tapedeck/store/coverage.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace tapedeck {

struct TradeLoadSpan {
  int64_t load_id = 0;
  TimeRange range;  // from its first row to its last
  Grain grain = Grain::trade;
  bool ordered = true;
  int64_t rows = 0;  // 1 or more
};

struct SetAside {
  Grain grain = Grain::trade;
  TimeRange range;
};

// Rising in time; days of one grain that touch become one range.
std::vector<SetAside> joined_days(std::vector<SetAside> days);

struct TapeFacts {
  std::vector<TradeLoadSpan> loads;     // rising by load_id
  std::vector<SetAside> set_aside;      // joined_days
  std::vector<CoverageRow> trades;      // folded
  std::vector<CoverageRow> aggregates;  // folded
  // From here on minutes are not kept, since a recording is still in this one.
  std::optional<Timestamp> open_minute_of_trades = {};
  std::optional<Timestamp> open_minute_of_aggregates = {};

  std::optional<Scale> scale = {};  // of the instrument
  bool mixed_scale = false;
  uint64_t applied_sequence = 0;  // up to here the journal's frames are in the database
  // Of the open minute, where the live window knows it.
  std::map<Grain, std::optional<OpenBar>> open_bars = {};

  std::optional<Timestamp> open_minute(Grain grain) const {
    return grain == Grain::trade ? open_minute_of_trades : open_minute_of_aggregates;
  }

  std::optional<OpenBar> open_bar(Grain grain) const {
    const auto found = open_bars.find(grain);
    return found == open_bars.end() ? std::nullopt : found->second;
  }

  const std::vector<CoverageRow>& covered(Grain grain) const {
    return grain == Grain::trade ? trades : aggregates;
  }
};

// `connection` is in a transaction.
TapeFacts read_tape_facts(duck::Connection& connection, InstrumentId instrument);

}  // namespace tapedeck
