#include "tapedeck/ingest/fetch.hpp"

#include "ingest/archive_file.hpp"
#include "store/trade_batch.hpp"
#include "store/trade_load.hpp"
#include "tapedeck/ingest/importer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tapedeck {
namespace {

void check_range(TimeRange range) {
  const TimeRange open;
  if (range.begin == open.begin || range.end == open.end || range.empty()) {
    throw Error{ErrorCode::invalid_argument,
                "fetch needs a begin and an end, the begin before the end"};
  }
}

// Where two gaps meet. One of ids within an instant has an empty range, and a place all the same.
bool have_common_time(const TimeRange& gap, const TimeRange& other) {
  return gap.empty() ? other.contains(gap.begin) : !intersect(gap, other).empty();
}

// What neither grain has: a stretch that one of them holds is not missing.
Coverage missing_of(const Store& store, const Instrument& instrument, TimeRange range) {
  const auto missing = [&](Grain grain) {
    return coverage_within(store.coverage(instrument.id, dataset_of(grain)), range);
  };
  Coverage result = missing(Grain::trade);
  const std::vector<CoverageRow> of_trades = std::exchange(result.gaps, {});
  const std::vector<CoverageRow> of_aggregates = missing(Grain::aggregate).gaps;
  for (const CoverageRow& gap : of_trades) {
    for (const CoverageRow& other : of_aggregates) {
      if (!have_common_time(gap.range, other.range)) continue;
      result.gaps.push_back(gap);
      result.gaps.back().range = intersect(gap.range, other.range);
    }
  }
  return result;
}

// Missing ids may share their instant with the rows on either side; rows that are stored already
// are recognised by their id.
TimeRange asked_range(const CoverageRow& gap) {
  constexpr std::chrono::nanoseconds kInstant{1};
  if (!gap.id_begin) return gap.range;
  return {.begin = gap.range.begin - kInstant, .end = gap.range.end + kInstant};
}

}  // namespace

FetchResult fetch_trades(Store& store, const Instrument& instrument, TimeRange range,
                         const TradeSource& source) {
  check_range(range);
  FetchResult result;
  for (const CoverageRow& gap : missing_of(store, instrument, range).gaps) {
    const TimeRange asked = asked_range(gap);
    result.asked.push_back(asked);
    const std::optional<TradeBlock> given = source(instrument, asked);
    if (!given) continue;
    check_values(*given);
    const OrderedBatch batch = in_order(*given);
    StoreCore& core = store.core();
    Instrument refined = instrument;
    core.write(
        [&](duck::Transaction& transaction) {
          TradeLoad load{core, transaction,
                         core.catalogue().find(instrument.id).value_or(instrument), Grain::trade};
          load.add(batch.trades.view());
          const Load done = load.finish(
              {.source = "fetch", .whole_period = gap.range, .status = CoverageStatus::backfilled});
          result.rows += done.rows;
          refined = load.instrument();
        },
        [&] { core.catalogue().remember(refined); });
  }
  result.coverage = missing_of(store, instrument, range);
  return result;
}

FetchResult fetch_trades(Store& store, const Instrument& instrument, TimeRange range,
                         const std::filesystem::path& archive) {
  check_range(range);
  FetchResult result;
  for (const CoverageRow& gap : missing_of(store, instrument, range).gaps) {
    result.asked.push_back(asked_range(gap));
  }
  std::vector<std::filesystem::path> wanted;
  for (const std::filesystem::path& path : find_files({&archive, 1})) {
    const ArchiveName name = parse_archive_path(path.string());
    const bool trades = name.kind == ArchiveKind::trades || name.kind == ArchiveKind::agg_trades;
    if (!trades || !name.period || name.symbol != instrument.name.symbol) continue;
    if (name.market && venue_of(*name.market) != instrument.name.venue) continue;
    if (std::ranges::any_of(result.asked, [&](const TimeRange& asked) {
          return !intersect(asked, *name.period).empty();
        })) {
      wanted.push_back(path);
    }
  }
  for (const std::filesystem::path& path : wanted) {
    ImportOptions options;
    for (const Market market : {Market::spot, Market::um, Market::cm}) {
      if (venue_of(market) == instrument.name.venue) options.market = to_text(market);
    }
    const ImportSummary summary = import_files(store, {&path, 1}, options);
    for (const FileReport& file : summary.files) {
      if (file.outcome == FileOutcome::failed) throw Error{*file.error, file.message};
    }
    result.rows += summary.rows;
  }
  result.coverage = missing_of(store, instrument, range);
  return result;
}

}  // namespace tapedeck
