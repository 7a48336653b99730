// What a venue computed and published itself: klines, open interest, long/short ratios. Never mixed
// with what is computed from trades.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/query/tape.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace tapedeck {

struct GivenRequest {
  Instrument instrument;
  TimeRange range = {};     // half-open; the defaults mean everything
  std::string source = {};  // empty: "venue" where it is stored, else the first by name
};

struct GivenAnswer {
  std::optional<BarInterval> made_of;  // the stored klines; absent when none can be used
  std::string source;
  Coverage coverage;  // of those klines
  int64_t rows = 0;   // stored rows read
};

struct GivenKline {
  Kline kline;
  bool complete = false;  // no part of it is missing
};

// Klines of `interval` that begin in the range, rising. Those stored with this interval, or joined
// from those of a finer one that divides it: the one that covers most of the range, of equals the
// interval itself, then the finest. A joined kline has the volumes and counts that all its parts
// have. Error{not_found} for a source that is not stored.
GivenAnswer for_each_given_kline(const Store& store, const GivenRequest& request,
                                 BarInterval interval,
                                 const std::function<KeepGoing(const GivenKline&)>& use);

// Rising in time. With an interval: the last row of each, at its own time. `made_of` stays absent.
GivenAnswer for_each_open_interest(const Store& store, const GivenRequest& request,
                                   std::optional<BarInterval> interval,
                                   const std::function<KeepGoing(const OpenInterest&)>& use);

}  // namespace tapedeck
