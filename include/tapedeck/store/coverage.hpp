// Coverage: what a store knows about what it has. A gap is data: it has a place, an extent and a
// cause.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/side.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

enum class CoverageStatus {
  recorded,        // every row in the range is stored
  verified_empty,  // known to hold no row
  gap,             // rows are missing
  backfilled,      // was a gap, filled later
  unverifiable,    // rows are stored; whether all of them cannot be told
  deleted,         // was stored, removed on purpose
};
std::string_view to_text(CoverageStatus status);

// "trades", "aggregates", "quotes", "open_interest", "klines:1m".
std::string dataset_of(Grain grain);
std::string dataset_of_klines(BarInterval interval);
constexpr std::string_view kOpenInterestDataset = "open_interest";
constexpr std::string_view kQuotesDataset = "quotes";
constexpr std::string_view kTicksDataset = "ticks";
constexpr std::string_view kMarkPricesDataset = "mark_prices";
constexpr std::string_view kFundingRatesDataset = "funding_rates";
constexpr std::string_view kLiquidationsDataset = "liquidations";
constexpr std::string_view kDepthBandsDataset = "depth_bands";

struct CoverageRow {
  std::string dataset = {};
  TimeRange range = {};
  std::optional<int64_t> id_begin = {};  // first venue id in the range
  std::optional<int64_t> id_end = {};    // last venue id in the range, itself stored
  CoverageStatus status = CoverageStatus::recorded;
  std::string cause = {};   // of a gap
  std::string source = {};  // "archive", "api", "fetch"
  bool operator==(const CoverageRow&) const = default;
};

// Joins rows that continue one another (by id, or by overlapping in time), and puts a gap row
// between those that do not. Rows of one dataset in any order; the result rises by time.
std::vector<CoverageRow> folded(std::vector<CoverageRow> rows);

// What an answer says about itself.
struct Coverage {
  TimeRange range;                // the asked range, cut to what is known when it was open
  std::vector<CoverageRow> gaps;  // inside range, rising by time
  bool complete() const { return gaps.empty(); }
};

// The gaps of `range` given folded rows, edges included. An open begin or end (TimeRange's
// defaults) is cut to what the rows cover.
Coverage coverage_within(const std::vector<CoverageRow>& folded_rows, TimeRange range);

// The stretches without a hole, rising; a gap without extent ends one and begins the next.
std::vector<TimeRange> covered_ranges(const std::vector<CoverageRow>& folded_rows);

// True when [range.begin, range.end) has no hole.
bool covers(const std::vector<CoverageRow>& folded_rows, TimeRange range);

}  // namespace tapedeck
