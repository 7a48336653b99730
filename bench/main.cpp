// ./dev bench: the work of a tape store on the standard tape, beside plain DuckDB, in turns.

#include "books.hpp"
#include "live.hpp"
#include "measure.hpp"
#include "plain_duckdb.hpp"
#include "standard_tape.hpp"
#include "tapedeck/tapedeck.hpp"
#include "trading.hpp"

#include <fmt/format.h>

#include <malloc.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tapedeck::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 9;

struct Bench {
  fs::path folder;
  StandardTape tape;
  std::vector<Line> lines;
  std::string only;  // part of a line's name; empty: all

  bool wanted(std::string_view work) const {
    return only.empty() || work.find(only) != std::string_view::npos;
  }
  fs::path deck() const { return folder / "bench.deck"; }
  fs::path plain() const { return folder / "plain.duckdb"; }
};

void clear_path(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
}

std::string verdict(bool met) {
  return met ? "yes" : "no";
}

void add_ms(Bench& bench, const std::string& work, double aim_ms, const std::function<void()>& ours,
            const std::function<void()>& peer) {
  if (!bench.wanted(work)) return;
  const Pair pair = in_turns(kRounds, ours, peer);
  bench.lines.push_back({work, fmt::format("{:.2f} ms", pair.ours_ms),
                         peer ? fmt::format("{:.2f} ms", pair.peer_ms) : "–",
                         fmt::format("<= {} ms", aim_ms), verdict(pair.ours_ms <= aim_ms)});
}

void bench_import(Bench& bench) {
  const auto trades = static_cast<double>(bench.tape.trades);
  std::vector<double> ours_s;
  std::vector<double> peer_s;
  double peak_mb = 0;
  double peer_peak_mb = 0;
  for (int round = 0; round < 3; ++round) {
    clear_path(bench.deck());
    const ChildRun ours = in_child([&] {
      Store store{bench.deck(), {.mode = OpenMode::create}};
      const fs::path paths[]{bench.tape.archives};
      const ImportSummary summary = import_files(store, paths, {});
      if (summary.rows != bench.tape.trades) throw std::runtime_error{"rows are missing"};
    });
    ours_s.push_back(ours.seconds);
    peak_mb = std::max(peak_mb, ours.peak_rss_mb);
    clear_path(bench.plain());
    const ChildRun peer = in_child([&] { PlainDuckDB{bench.plain()}.import(bench.tape.csv); });
    peer_s.push_back(peer.seconds);
    peer_peak_mb = std::max(peer_peak_mb, peer.peak_rss_mb);
  }
  const double rate = trades / median(ours_s) / 1e6;
  bench.lines.push_back({"import, verified and synced", fmt::format("{:.2f} M rows/s", rate),
                         fmt::format("{:.2f} M rows/s", trades / median(peer_s) / 1e6),
                         ">= 5 M rows/s", verdict(rate >= 5)});
  bench.lines.push_back({"memory while importing", fmt::format("{:.0f} MB", peak_mb),
                         fmt::format("{:.0f} MB", peer_peak_mb), "<= 300 MB",
                         verdict(peak_mb <= 300)});
}

void bench_size(Bench& bench) {
  const auto trades = static_cast<double>(bench.tape.trades);
  const Store store{bench.deck()};
  const double ours = static_cast<double>(store.stats().database_bytes) / trades;
  const double peer = static_cast<double>(PlainDuckDB{bench.plain()}.used_bytes()) / trades;
  bench.lines.push_back({"bytes a trade on disk", fmt::format("{:.2f} B", ours),
                         fmt::format("{:.2f} B", peer), "<= 9 B", verdict(ours <= 9)});
}

void bench_open(Bench& bench) {
  const ChildRun idle = in_child([&] {
    const Store store{bench.deck()};
    if (store.instruments().empty()) throw std::runtime_error{"no instruments"};
  });
  add_ms(
      bench, "open a store", 50, [&] { const Store store{bench.deck()}; },
      [&] { const PlainDuckDB peer{bench.plain()}; });
  bench.lines.push_back({"memory of an open store", fmt::format("{:.0f} MB", idle.rss_mb), "–",
                         "<= 40 MB", verdict(idle.rss_mb <= 40)});
}

TapeRequest request(const Store& store, const std::string& begin, const std::string& end) {
  return {.instrument = store.instrument("BTCUSDT"),
          .range = {.begin = *parse_timestamp(begin), .end = *parse_timestamp(end)}};
}

void bench_trades(Bench& bench, const Store& store, PlainDuckDB& peer) {
  const TapeRequest day = request(store, "2024-01-02", "2024-01-03");
  TradeBlock columns;
  add_ms(
      bench, "1.1 M trades of a day to columns, in order", 8.8,
      [&] { read_trades(store, day, columns); },
      [&] {
        peer.run(
            "SELECT ts, id, price, quantity, is_buyer_maker FROM trades WHERE symbol = "
            "'BTCUSDT' AND ts >= TIMESTAMP_NS '2024-01-02' AND ts < TIMESTAMP_NS '2024-01-03' "
            "ORDER BY ts, id");
      });
  add_ms(
      bench, "last 1,000 trades", 5,
      [&] {
        TapeRequest tail{.instrument = day.instrument};
        tail.range.begin = tail_begin(store, tail, 1000);
        read_trades(store, tail, columns);
      },
      [&] {
        peer.run(
            "SELECT ts, id, price, quantity FROM trades WHERE symbol = 'BTCUSDT' ORDER BY "
            "ts DESC, id DESC LIMIT 1000");
      });
}

// Bars of a minute are read as they are kept; those of half a minute are folded from the trades.
void bench_klines(Bench& bench, const Store& store, PlainDuckDB& peer) {
  const BarInterval minute = *BarInterval::parse("1m");
  const BarInterval half_minute = *BarInterval::parse("30s");
  const auto ignore = [](const BarAnswer&) { return KeepGoing::go_on; };
  const auto ask = [&](int seconds, std::string_view where) {
    peer.run(fmt::format(
        "SELECT symbol, time_bucket(INTERVAL {} second, ts) AS t, arg_min(price, id), max(price), "
        "min(price), arg_max(price, id), sum(quantity), sum(CASE WHEN is_buyer_maker THEN 0 ELSE "
        "quantity END), sum(price * quantity::DOUBLE), count(*) FROM trades {} GROUP BY ALL ORDER "
        "BY ALL",
        seconds, where));
  };
  constexpr std::string_view kDay =
      "WHERE symbol = 'BTCUSDT' AND ts >= TIMESTAMP_NS '2024-01-02' AND ts < TIMESTAMP_NS "
      "'2024-01-03'";
  const TapeRequest day = request(store, "2024-01-02", "2024-01-03");
  const auto all = [&](BarInterval interval) {
    for (const Instrument& instrument : store.instruments())
      for_each_kline(store, {.instrument = instrument}, interval, ignore);
  };
  add_ms(
      bench, "klines 1m, one day", 0.5, [&] { for_each_kline(store, day, minute, ignore); },
      [&] { ask(60, kDay); });
  add_ms(
      bench, "klines 1m, all symbols, 5 days", 8, [&] { all(minute); }, [&] { ask(60, ""); });
  add_ms(
      bench, "klines 30s, one day, folded from trades", 8,
      [&] { for_each_kline(store, day, half_minute, ignore); }, [&] { ask(30, kDay); });
  add_ms(
      bench, "klines 30s, all symbols, 5 days, folded from trades", 60, [&] { all(half_minute); },
      [&] { ask(30, ""); });
}

void bench_verify(Bench& bench, Store& store) {
  if (!bench.wanted("verify")) return;
  const auto work = [&] {
    const VerifyReport report = verify(store, {}, [](const Finding&) {});
    if (report.findings > 0 || report.trades != bench.tape.trades)
      throw std::runtime_error{"verify has findings, or did not read everything"};
  };
  const Pair pair = in_turns(3, work, {});
  const double rate = static_cast<double>(bench.tape.trades) / pair.ours_ms / 1e3;
  bench.lines.push_back({"verify: ids, order, values, kept bars",
                         fmt::format("{:.1f} M rows/s", rate), "–", ">= 10 M rows/s",
                         verdict(rate >= 10)});
}

void bench_levels(Bench& bench, const Store& store, PlainDuckDB& peer) {
  const BarInterval five = *BarInterval::parse("5m");
  const auto ignore = [](const Footprint&) { return KeepGoing::go_on; };
  const TapeRequest candles = request(store, "2024-01-02T08:00", "2024-01-02T16:20");
  const std::string select =
      "SELECT time_bucket(INTERVAL 5 minute, ts) AS t, {} AS level, is_buyer_maker, sum(quantity), "
      "count(*) FROM trades WHERE symbol = 'BTCUSDT' AND ts >= TIMESTAMP_NS '2024-01-02 08:00' AND "
      "ts "
      "< TIMESTAMP_NS '2024-01-02 16:20' GROUP BY ALL ORDER BY ALL";
  add_ms(
      bench, "footprint, 100 candles of 5m, step 10.00", 5,
      [&] { for_each_footprint(store, candles, five, {.units = 1000}, ignore); },
      [&] { peer.run(fmt::format(fmt::runtime(select), "floor(price / 10) * 10")); });
  add_ms(
      bench, "footprint, 100 candles of 5m, step 0.10", 5,
      [&] { for_each_footprint(store, candles, five, {.units = 10}, ignore); },
      [&] { peer.run(fmt::format(fmt::runtime(select), "floor(price / 0.1) * 0.1")); });
  add_ms(
      bench, "footprint, 100 candles of 5m, every price", 10,
      [&] { for_each_footprint(store, candles, five, {.units = 1}, ignore); },
      [&] { peer.run(fmt::format(fmt::runtime(select), "price")); });
  const TapeRequest everything{.instrument = candles.instrument};
  add_ms(bench, "footprint 5m, 5 days, step 10.00", 100,
         [&] { for_each_footprint(store, everything, five, {.units = 1000}, ignore); }, {});
  add_ms(bench, "volume profile of 5 days, step 10.00", 100,
         [&] { volume_profile(store, everything, {.units = 1000}); }, {});
  add_ms(
      bench, "volume profile of a day, every price", 12,
      [&] { volume_profile(store, request(store, "2024-01-02", "2024-01-03"), {}); },
      [&] {
        peer.run(
            "SELECT price, sum(quantity), sum(CASE WHEN is_buyer_maker THEN 0 ELSE "
            "quantity END), count(*) FROM trades WHERE symbol = 'BTCUSDT' AND ts >= "
            "TIMESTAMP_NS '2024-01-02' AND ts < TIMESTAMP_NS '2024-01-03' GROUP BY price ORDER "
            "BY price");
      });
  add_ms(
      bench, "heatmap 2 h, 1 s x every price", 40,
      [&] {
        for_each_footprint(store, request(store, "2024-01-02T08:00", "2024-01-02T10:00"),
                           *BarInterval::parse("1s"), {}, ignore);
      },
      [&] {
        peer.run(
            "SELECT time_bucket(INTERVAL 1 second, ts) AS t, price, is_buyer_maker, "
            "sum(quantity), count(*) FROM trades WHERE symbol = 'BTCUSDT' AND ts >= "
            "TIMESTAMP_NS '2024-01-02 08:00' AND ts < TIMESTAMP_NS '2024-01-02 10:00' GROUP BY "
            "ALL ORDER BY ALL");
      });
  add_ms(bench, "heatmap of a day, 1 s x every price", 200,
         [&] {
           for_each_footprint(store, request(store, "2024-01-02", "2024-01-03"),
                              *BarInterval::parse("1s"), {}, ignore);
         },
         {});
}

int run(int argc, char** argv) {
  Bench bench;
  int64_t trades = 10'000'000;
  int seconds = 60;
  bool live = false;
  bool books = false;
  bool trading = false;
  bench.folder = "build/bench-tape";
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--help") {
      fmt::print(
          "usage: tapedeck_bench [NAME] [--trades N] [--data FOLDER]\n"
          "       tapedeck_bench live [PART] [--seconds N] [--data FOLDER]\n"
          "       tapedeck_bench books [PART] [--data FOLDER]\n"
          "       tapedeck_bench trading [PART] [--data FOLDER]\n"
          "NAME: part of a line's name, e.g. klines; import runs when it is wanted or no store is "
          "there\n"
          "live: a recording and those who read meanwhile, N seconds (default 60) a stretch; PART: "
          "waiting, visible, readers or steady\n"
          "books: order books; PART: memory, decode or day\n"
          "trading: one's own orders, and metrics; PART: metrics, ledger, quality or observe\n");
      return 0;
    }
    if (argument == "--trades" && i + 1 < argc) {
      trades = std::atoll(argv[++i]);
    } else if (argument == "--seconds" && i + 1 < argc) {
      seconds = std::atoi(argv[++i]);
    } else if (argument == "--data" && i + 1 < argc) {
      bench.folder = argv[++i];
    } else if (argument == "live") {
      live = true;
    } else if (argument == "books") {
      books = true;
    } else if (argument == "trading") {
      trading = true;
    } else {
      bench.only = argument;
    }
  }
  if (live || books || trading) {
    fs::create_directories(bench.folder);
    fmt::print("machine: {}\n\n", machine());
    if (live) bench_live(bench.folder, bench.only, seconds, bench.lines);
    if (books) bench_books(bench.folder, bench.only, bench.lines);
    if (trading) bench_trading(bench.folder, bench.only, bench.lines);
    print_table(bench.lines);
    return 0;
  }
  bench.folder /= std::to_string(trades);
  fs::create_directories(bench.folder);
  fmt::print(
      "machine: {}\ntape: {} trades, 4 symbols, 5 days, 20 zips; median of {} in turns "
      "(import: of 3)\n\n",
      machine(), trades, kRounds);
  bench.tape = standard_tape(bench.folder, trades);
  if (bench.wanted("import") || !fs::exists(bench.deck())) bench_import(bench);
  if (bench.wanted("bytes a trade")) bench_size(bench);
  if (bench.wanted("open")) bench_open(bench);
  {
    // As in a program that runs for long: freed memory is kept. Giving it back after each answer
    // costs a page fault per 4 KiB of the next one, for us and for the peer.
    ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
    Store store{bench.deck()};
    PlainDuckDB peer{bench.plain()};
    bench_trades(bench, store, peer);
    bench_klines(bench, store, peer);
    bench_levels(bench, store, peer);
    bench_verify(bench, store);
  }
  print_table(bench.lines);
  return 0;
}

}  // namespace
}  // namespace tapedeck::bench

int main(int argc, char** argv) {
  try {
    return tapedeck::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "tapedeck_bench: {}\n", error.what());
    return 1;
  }
}
