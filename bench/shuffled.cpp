// Is a tape that arrives shuffled the tape in order? Trades of a random walk come in 40 batches of
// random order, 1 % of them in a wrong batch and 1 % twice; then klines of every interval from a
// minute up must equal their fold over the tape in order, and verify must find nothing.
//
//   tapedeck_shuffled [TRADES]     default 10000000; exit code 1 when anything differs
#include "tapedeck/tapedeck.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <random>
#include <vector>

using namespace tapedeck;

namespace {

constexpr Scale kScale{.price_exp = -2, .qty_exp = -5};
constexpr size_t kBatches = 40;

struct ShuffledTape {
  std::vector<TradeBlock> batches;
  std::vector<BarInterval> intervals;
  std::vector<std::vector<Bar>> bars;  // of each interval, from the tape in order
  int64_t late = 0;
  int64_t repeated = 0;
};

ShuffledTape make_tape(int64_t trades) {
  ShuffledTape tape;
  tape.batches.resize(kBatches);
  for (TradeBlock& batch : tape.batches)
    batch.scale = kScale;
  std::vector<BarFold> folds;
  for (const BarInterval interval : BarInterval::all()) {
    if (interval.width() && *interval.width() < std::chrono::minutes{1}) continue;
    tape.intervals.push_back(interval);
    folds.emplace_back(interval);
  }
  std::mt19937_64 random{7};
  const auto below = [&](uint64_t count) { return static_cast<int64_t>(random() % count); };
  TradeBlock chunk;
  chunk.scale = kScale;
  const auto fold = [&] {
    for (BarFold& one : folds)
      one.add(chunk.view());
    chunk.clear();
  };
  int64_t ns = 1'704'067'200'000'000'000;
  int64_t price = 4'000'000;
  for (int64_t i = 0; i < trades; ++i) {
    ns += below(80) * 1'000'000;
    price = std::max<int64_t>(1, price + below(21) - 10);
    const Trade trade{.ts_event = from_epoch_ns(ns),
                      .trade_id = i + 1,
                      .price = Price{price},
                      .quantity = Qty{below(100'000)},
                      .side = below(2) == 0 ? AggressorSide::buy : AggressorSide::sell};
    chunk.push_back(trade);
    if (chunk.rows() == 100'000) fold();
    int64_t batch = i * static_cast<int64_t>(kBatches) / trades;
    if (below(100) == 0) {
      batch = below(kBatches);
      ++tape.late;
    }
    tape.batches[static_cast<size_t>(batch)].push_back(trade);
    if (below(100) == 0) {
      tape.batches[static_cast<size_t>(below(kBatches))].push_back(trade);
      ++tape.repeated;
    }
  }
  fold();
  for (BarFold& one : folds)
    tape.bars.push_back(one.finish());
  std::ranges::shuffle(tape.batches, random);
  return tape;
}

// The number of intervals whose klines differ.
int count_different(const Store& store, const ShuffledTape& tape) {
  const Instrument instrument = store.instrument("BTCUSDT");
  int different = 0;
  for (size_t i = 0; i < tape.intervals.size(); ++i) {
    const std::vector<Bar>& expected = tape.bars[i];
    size_t at = 0;
    bool same = true;
    for_each_kline(store, {.instrument = instrument}, tape.intervals[i], [&](const BarAnswer& one) {
      same = same && at < expected.size() && one.bar == expected[at];
      ++at;
      return KeepGoing::go_on;
    });
    same = same && at == expected.size();
    fmt::print("  {:>3}: {} klines {}\n", tape.intervals[i].text(), at,
               same ? "equal" : "DIFFERENT");
    different += same ? 0 : 1;
  }
  return different;
}

int run(int64_t trades) {
  const ShuffledTape tape = make_tape(trades);
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "shuffled.deck";
  std::filesystem::remove_all(folder);
  int different = 0;
  {
    Store store{folder, {.mode = OpenMode::create}};
    const InstrumentId id = store.resolve_instrument({"binance", "BTCUSDT"}).id;
    Writer writer{store};
    const auto began = std::chrono::steady_clock::now();
    AppendResult total;
    for (const TradeBlock& batch : tape.batches) {
      const AppendResult one = writer.append(id, batch);
      total.rows += one.rows;
      total.duplicates += one.duplicates;
      total.conflicts += one.conflicts;
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
    fmt::print(
        "{} trades, {} late, {} twice, in {} batches: {} stored, {} duplicates, {} conflicts "
        "in {:.1f} s\n",
        trades, tape.late, tape.repeated, kBatches, total.rows, total.duplicates, total.conflicts,
        seconds.count());
    different += total.rows == trades && total.duplicates == tape.repeated ? 0 : 1;
    different += count_different(store, tape);
    const VerifyReport report = verify(store, {}, [](const Finding& finding) {
      fmt::print("  finding: {} {} {} {}\n", finding.dataset, finding.what, finding.expected,
                 finding.found);
    });
    fmt::print("verify: {} trades, {} kept minutes, {} findings, {:.1f} M rows/s\n", report.trades,
               report.minutes, report.findings,
               static_cast<double>(report.trades) / report.seconds / 1e6);
    different += report.findings == 0 ? 0 : 1;
  }
  std::filesystem::remove_all(folder);
  fmt::print("{}\n", different == 0 ? "equal" : "DIFFERENT");
  return different == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc > 1 ? std::atoll(argv[1]) : 10'000'000);
}
