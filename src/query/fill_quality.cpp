#include "tapedeck/query/fill_quality.hpp"

#include "duck/row_reader.hpp"
#include "query/quote_reader.hpp"
#include "store/conditions.hpp"
#include "store/core.hpp"
#include "store/fill_rows.hpp"
#include "store/live_ledger.hpp"
#include "store/observed.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::chrono::nanoseconds kNanosecond{1};
// Instants that lie further apart are looked up one by one instead of reading what is between.
constexpr std::chrono::nanoseconds kReadThrough = std::chrono::minutes{10};

// An instant whose middle is wanted, and where it goes.
struct Wanted {
  Timestamp at;
  std::optional<Amount>* into;
};

Amount mid_of(const Quote& quote) {
  return quotient(Amount::of(quote.bid_price) + Amount::of(quote.ask_price), Amount::whole(2));
}

bool is_known(const Coverage& coverage, Timestamp at) {
  return std::ranges::none_of(coverage.gaps, [&](const CoverageRow& gap) {
    return gap.range.contains(at) || (gap.range.begin == gap.range.end && gap.range.begin == at);
  });
}

// `wanted` rises, and the instants lie close.
void look_up(const Store& store, const QuoteRequest& of, std::span<const Wanted> wanted) {
  QuoteRequest request = of;
  request.range = {.begin = wanted.front().at - kLookBack, .end = wanted.back().at + kNanosecond};
  std::optional<Amount> standing;
  std::vector<std::pair<const Wanted*, Amount>> found;
  auto next = wanted.begin();
  const auto settle_before = [&](Timestamp time) {
    for (; next != wanted.end() && next->at < time; ++next) {
      if (standing) found.emplace_back(&*next, *standing);
    }
  };
  const QuoteAnswer answer = for_each_quote(store, request, [&](const Quote& quote) {
    settle_before(quote.ts_event);
    standing = mid_of(quote);
    return KeepGoing::go_on;
  });
  settle_before(Timestamp::max());
  for (const auto& [one, mid] : found) {
    if (is_known(answer.coverage, one->at)) *one->into = mid;
  }
}

void look_up_all(const Store& store, const QuoteRequest& request, std::vector<Wanted> wanted) {
  std::ranges::sort(wanted, {}, &Wanted::at);
  const std::span<const Wanted> all{wanted};
  for (size_t from = 0; from < all.size();) {
    size_t to = from + 1;
    while (to < all.size() && all[to].at - all[to - 1].at <= kReadThrough)
      ++to;
    look_up(store, request, all.subspan(from, to - from));
    from = to;
  }
}

struct Read {
  std::vector<FillRow> fills;
  std::unordered_map<Uuid, Timestamp, UuidHash> created;  // of their orders
};

Read read_ledger(const Store& store, const FillQualityRequest& request) {
  if (store.core().mode() != OpenMode::read) store.core().live_ledger().settle();
  const auto reader = store.core().borrow_reader();
  const duck::Snapshot snapshot{*reader};
  Conditions conditions;
  conditions.add("venue = ?", request.venue);
  conditions.add("symbol = ?", request.symbol);
  conditions.add("strategy_id = ?", request.strategy_id);
  Conditions of_fills = conditions;
  of_fills.add_range("executed_at", request.executed);
  Read read{
      .fills = read_fills(*reader, of_fills.where(), [&](duck::Statement& s) { of_fills.bind(s); }),
      .created = {}};
  duck::Statement statement =
      reader->prepare_once("SELECT order_id, created_at FROM ledger.orders " + conditions.where());
  conditions.bind(statement);
  duck::Result result = statement.run();
  duck::RowReader in{result};
  while (in.next()) {
    const Uuid id = in.take_uuid();
    read.created.emplace(id, in.take_time());
  }
  sort_in_time(read.fills);
  return read;
}

Amount our_way(const FillQuality& quality, Amount from, Amount to) {
  return quality.fill.side == OrderSide::buy ? to - from : from - to;
}

}  // namespace

std::optional<Amount> slippage(const FillQuality& quality) {
  if (!quality.arrival_mid) return std::nullopt;
  return our_way(quality, *quality.arrival_mid, quality.fill.price);
}

std::optional<Amount> effective_spread(const FillQuality& quality) {
  if (!quality.mid) return std::nullopt;
  const Amount half = our_way(quality, *quality.mid, quality.fill.price);
  return half + half;
}

std::optional<Amount> mark_out(const FillQuality& quality, size_t horizon) {
  if (!quality.later_mids.at(horizon)) return std::nullopt;
  return our_way(quality, quality.fill.price, *quality.later_mids[horizon]);
}

std::vector<FillQuality> fill_quality(const Store& store, const FillQualityRequest& request) {
  return observed(store.core().observer(), "fill_quality", {}, [&]() -> std::vector<FillQuality> {
    Read read = read_ledger(store, request);
    std::ranges::stable_sort(read.fills, {},
                             [](const FillRow& row) { return row.fill.instrument; });
    std::vector<FillQuality> qualities(read.fills.size());
    std::map<InstrumentName, std::vector<Wanted>> wanted;
    for (size_t i = 0; i < qualities.size(); ++i) {
      FillQuality& quality = qualities[i];
      quality.fill = std::move(read.fills[i].fill);
      quality.later_mids.resize(request.horizons.size());
      std::vector<Wanted>& times = wanted[quality.fill.instrument];
      const Timestamp executed = quality.fill.executed_at;
      times.push_back({.at = executed, .into = &quality.mid});
      for (size_t h = 0; h < request.horizons.size(); ++h)
        times.push_back({.at = executed + request.horizons[h], .into = &quality.later_mids[h]});
      const auto created = read.created.find(quality.fill.order_id);
      if (created != read.created.end()) {
        times.push_back({.at = std::min(created->second, executed), .into = &quality.arrival_mid});
      }
    }
    for (auto& [name, times] : wanted) {
      const std::optional<Instrument> instrument = store.find_instrument(name);
      if (!instrument) continue;
      look_up_all(store, {.instrument = *instrument, .source = request.source}, std::move(times));
    }
    return qualities;
  });
}

}  // namespace tapedeck
