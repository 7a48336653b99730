#include "tapedeck/query/market_data_repository.hpp"

#include "duck/row_reader.hpp"
#include "store/conditions.hpp"
#include "store/core.hpp"
#include "store/given_rows.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::string_view kGiven = "venue";  // source of the bars
constexpr char kSeparator = '\x1f';           // of conditions in one text

std::optional<Decimal> decimal_of(const std::optional<Amount>& amount) {
  return amount ? std::optional{amount->decimal()} : std::nullopt;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t from = 0; !text.empty() && from <= text.size();) {
    const size_t to = std::min(text.find(kSeparator, from), text.size());
    parts.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

Tick take_tick(duck::RowReader& in) {
  Tick tick;
  tick.ts_event = in.take_time();
  tick.bid_price = in.take_amount().decimal();
  tick.ask_price = in.take_amount().decimal();
  tick.bid_quantity = decimal_of(in.find_amount());
  tick.ask_quantity = decimal_of(in.find_amount());
  tick.last_price = decimal_of(in.find_amount());
  tick.last_quantity = decimal_of(in.find_amount());
  tick.volume = decimal_of(in.find_amount());
  tick.sequence = in.find_integer();
  tick.conditions = split(in.find_text().value_or(""));
  tick.tape = in.find_text().value_or("");
  tick.correlation_id = in.find_text().value_or("");
  tick.ts_recv = in.take_time();
  return tick;
}

class StoredMarketData final : public MarketDataRepository {
 public:
  explicit StoredMarketData(Store& store) : store_{store}, writer_{store} {}

  TickResult insert_ticks(const InstrumentName& instrument,
                          const std::vector<Tick>& ticks) override {
    return writer_.append_ticks(store_.resolve_instrument(instrument, NewVenue::add).id, ticks);
  }
  int64_t insert_bars(const InstrumentName& instrument, BarInterval interval,
                      const std::vector<Kline>& bars) override {
    return writer_.upsert_klines(store_.resolve_instrument(instrument, NewVenue::add).id, interval,
                                 bars, std::string{kGiven});
  }

  std::vector<Tick> ticks(const InstrumentName& instrument, const TimeRange& range,
                          int64_t limit) const override {
    return read_ticks(instrument, range, "ORDER BY ts_event, tick_id", limit);
  }
  std::optional<Tick> find_latest_tick(const InstrumentName& instrument) const override {
    std::vector<Tick> newest =
        read_ticks(instrument, {}, "ORDER BY ts_event DESC, tick_id DESC", 1);
    return newest.empty() ? std::nullopt : std::optional{std::move(newest.front())};
  }
  std::vector<Kline> bars(const InstrumentName& instrument, BarInterval interval,
                          const TimeRange& range, int64_t limit) const override {
    std::vector<Kline> found = read_bars(
        instrument, interval, [&](const TimeRange& stored) { return intersect(range, stored); });
    if (found.size() > static_cast<size_t>(limit)) found.resize(static_cast<size_t>(limit));
    return found;
  }
  std::optional<Kline> find_latest_bar(const InstrumentName& instrument,
                                       BarInterval interval) const override {
    std::vector<Kline> found = read_bars(instrument, interval, [](const TimeRange& stored) {
      return TimeRange{stored.end - std::chrono::nanoseconds{1}, stored.end};
    });
    return found.empty() ? std::nullopt : std::optional{found.back()};
  }

 private:
  std::vector<Tick> read_ticks(const InstrumentName& name, const TimeRange& range,
                               std::string_view order, int64_t limit) const {
    std::vector<Tick> ticks;
    const std::optional<Instrument> instrument = store_.find_instrument(name);
    if (!instrument) return ticks;
    Conditions conditions;
    conditions.add_value("instrument_id = CAST(? AS INTEGER)",
                         static_cast<int64_t>(instrument->id));
    conditions.add_range("ts_event", range);
    const auto reader = store_.core().borrow_reader();
    duck::Statement statement = reader->prepare_once(fmt::format(
        "SELECT ts_event, bid_price, ask_price, bid_quantity, ask_quantity, last_price, "
        "last_quantity, volume, sequence, array_to_string(conditions, chr(31)), tape, "
        "CAST(correlation_id AS VARCHAR), ts_recv FROM tape.ticks {} {} LIMIT {}",
        conditions.where(), order, limit));
    conditions.bind(statement);
    duck::Result result = statement.run();
    duck::RowReader in{result};
    while (in.next())
      ticks.push_back(take_tick(in));
    return ticks;
  }

  // `part_of` says which part of the range that is stored.
  template <typename PartOf>
  std::vector<Kline> read_bars(const InstrumentName& name, BarInterval interval,
                               const PartOf& part_of) const {
    const std::optional<Instrument> instrument = store_.find_instrument(name);
    if (!instrument) return {};
    const auto reader = store_.core().borrow_reader();
    const duck::Snapshot snapshot{*reader};
    for (const GivenSeries& series : given_series(*reader, instrument->id)) {
      if (series.interval != interval || series.source != kGiven) continue;
      return given_klines(*reader, instrument->id, interval, kGiven, part_of(series.range));
    }
    return {};
  }

  Store& store_;
  mutable Writer writer_;
};

}  // namespace

std::unique_ptr<MarketDataRepository> market_data_repository(Store& store) {
  return std::make_unique<StoredMarketData>(store);
}

}  // namespace tapedeck
