#include "books.hpp"

#include "book_day.hpp"
#include "feed/capture_decoder.hpp"
#include "plain_duckdb.hpp"
#include "tapedeck/book/order_book.hpp"
#include "tapedeck/tapedeck.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>

namespace tapedeck::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 9;

std::string verdict(bool met) {
  return met ? "yes" : "no";
}

// Settings of levels near the best price, as a walk makes them.
void bench_memory(std::vector<Line>& lines) {
  struct Change {
    BookSide side = BookSide::bid;
    Price price;
    Qty quantity;
  };
  constexpr size_t kChanges = 4'000'000;
  std::mt19937_64 random{3};
  std::vector<Change> changes(kChanges);
  std::geometric_distribution<int64_t> away{0.02};
  int64_t middle = 6'000'000;
  for (Change& change : changes) {
    middle +=
        static_cast<int64_t>(random() % 101) == 0 ? static_cast<int64_t>(random() % 3) - 1 : 0;
    const bool bid = random() % 2 == 0;
    change = {.side = bid ? BookSide::bid : BookSide::ask,
              .price = Price{bid ? middle - 1 - away(random) : middle + 1 + away(random)},
              .quantity = Qty{random() % 10 < 3 ? 0 : static_cast<int64_t>(random() % 5'000) + 1}};
  }
  OrderBook book;
  int64_t best = 0;
  const Pair time = in_turns(kRounds,
                             [&] {
                               for (const Change& change : changes)
                                 book.set(change.side, change.price, change.quantity);
                               best += book.best(BookSide::bid)->price.raw();
                             },
                             {});
  const double rate = static_cast<double>(kChanges) / time.ours_ms / 1e3;
  lines.push_back({"level updates of a book in memory", fmt::format("{:.0f} M/s", rate), "–",
                   ">= 50 M/s", verdict(rate >= 50 && best > 0)});
}

void bench_decode(const BookDay& day, std::vector<Line>& lines) {
  std::ifstream file{day.capture};
  std::string text(size_t{64} << 20, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(text.rfind('\n') + 1);
  int64_t messages = 0;
  const Pair time = in_turns(
      kRounds,
      [&] {
        CaptureDecoder decoder;
        messages = 0;
        const auto take = [&](bool all) {
          while (const auto batch = decoder.take_batch(all))
            messages += static_cast<int64_t>(batch->messages.size());
        };
        for (size_t at = 0; at < text.size(); at += size_t{1} << 16) {
          decoder.decode(std::span{text}.subspan(at, std::min(size_t{1} << 16, text.size() - at)));
          take(false);
        }
        decoder.finish();
        take(true);
      },
      {});
  const double rate = static_cast<double>(text.size()) / time.ours_ms / 1e3;
  lines.push_back({fmt::format("decoding a recording, {} messages", messages),
                   fmt::format("{:.0f} MB/s", rate), "–", ">= 400 MB/s", verdict(rate >= 400)});
}

TimeRange hours(int from, int count) {
  const Timestamp begin = from_epoch_ns(1'704'067'200'000'000'000) + std::chrono::hours{from};
  return {.begin = begin, .end = begin + std::chrono::hours{count}};
}

void bench_book_at(const Store& store, const Instrument& instrument, PlainDuckDB& peer,
                   std::vector<Line>& lines) {
  std::mt19937_64 random{5};
  std::vector<double> ours;
  std::vector<double> theirs;
  for (int i = 0; i < 400; ++i) {
    const Timestamp at =
        hours(0, 24).begin + std::chrono::milliseconds{1'000 + random() % 86'000'000};
    double begin = now_ms();
    book_at(store, {.instrument = instrument, .at = at});
    ours.push_back(now_ms() - begin);
    if (i % 10 != 0) continue;
    begin = now_ms();
    peer.run(
        fmt::format("SELECT side, price, quantity FROM depth WHERE ts = (SELECT max(ts) FROM "
                    "depth WHERE ts <= make_timestamp_ns({}))",
                    to_epoch_ns(at)));
    theirs.push_back(now_ms() - begin);
  }
  std::ranges::sort(ours);
  const double p50 = ours[ours.size() / 2];
  lines.push_back({"book at t, p50 / p99 (plain: the snapshot of that second, 20 levels)",
                   fmt::format("{:.2f} / {:.2f} ms", p50, ours[ours.size() * 99 / 100]),
                   fmt::format("{:.2f} ms", median(theirs)), "<= 1 ms p50", verdict(p50 <= 1)});
}

void bench_heatmap(const Store& store, const Instrument& instrument, PlainDuckDB& peer,
                   std::vector<Line>& lines) {
  struct Case {
    const char* work;
    int count;
    double aim_ms;
    int rounds;
  };
  for (const Case& one : {Case{"liquidity heatmap of 2 h, 1 s × price, 20 levels", 2, 40, kRounds},
                          Case{"liquidity heatmap of a day, 1 s × price, 20 levels", 24, 200, 3}}) {
    const TimeRange range = hours(one.count == 24 ? 0 : 8, one.count);
    int64_t cells = 0;
    const Pair time = in_turns(
        one.rounds,
        [&] {
          cells = 0;
          for_each_liquidity(store,
                             {.of = {.instrument = instrument, .range = range}, .levels = 20},
                             [&](const LiquidityCell&) {
                               ++cells;
                               return KeepGoing::go_on;
                             });
        },
        [&] {
          peer.run(fmt::format(
              "SELECT time_bucket(INTERVAL 1 second, ts) AS t, side, price, avg(quantity), "
              "max(quantity) FROM depth WHERE ts >= make_timestamp_ns({}) AND ts < "
              "make_timestamp_ns({}) GROUP BY ALL ORDER BY ALL",
              to_epoch_ns(range.begin), to_epoch_ns(range.end)));
        });
    lines.push_back({fmt::format("{}, {} cells", one.work, cells),
                     fmt::format("{:.1f} ms", time.ours_ms), fmt::format("{:.1f} ms", time.peer_ms),
                     fmt::format("<= {:.0f} ms", one.aim_ms), verdict(time.ours_ms <= one.aim_ms)});
  }
}

void bench_asof(const Store& store, const Instrument& instrument, std::vector<Line>& lines) {
  int64_t trades = 0;
  const Pair time = in_turns(
      kRounds,
      [&] {
        trades = for_each_quoted_trade(store, {.instrument = instrument}, [](const QuotedTrade&) {
                   return KeepGoing::go_on;
                 }).rows;
      },
      {});
  lines.push_back({fmt::format("{} trades with their quotes", trades),
                   fmt::format("{:.1f} ms", time.ours_ms), "–", "<= 15 ms",
                   verdict(time.ours_ms <= 15)});
}

void bench_day(const fs::path& folder, const BookDay& day, std::vector<Line>& lines) {
  const fs::path deck = folder / "books.deck";
  const fs::path plain = folder / "books-plain.duckdb";
  fs::remove_all(deck);
  fs::remove(plain);
  Store store{deck, {.mode = OpenMode::create}};
  const std::vector<fs::path> paths{day.capture};
  const double begin = now_ms();
  const ImportSummary summary = import_files(store, paths, {});
  const double seconds = (now_ms() - begin) / 1e3;
  const StreamReport& stream = summary.files.at(0).streams.at(0);
  lines.push_back(
      {fmt::format("import of a recording, {} level updates, {} gaps", day.updates,
                   stream.counts.gaps),
       fmt::format("{:.2f} M updates/s", static_cast<double>(day.updates) / seconds / 1e6), "–",
       "–", "–"});
  const Instrument instrument = store.instruments().front();
  PlainDuckDB peer{plain};
  peer.run(
      fmt::format("CREATE TABLE depth AS SELECT make_timestamp_ns(ts * 1000000) AS ts, side, "
                  "price::DECIMAL(18,8) AS price, quantity::DECIMAL(18,8) AS quantity FROM "
                  "read_csv('{}')",
                  day.snapshots.string()));
  bench_book_at(store, instrument, peer, lines);
  bench_heatmap(store, instrument, peer, lines);
  bench_asof(store, instrument, lines);
}

// Of updates and keyframes alone.
void bench_bytes(const fs::path& folder, const BookDay& day, std::vector<Line>& lines) {
  const fs::path alone = folder / "updates-only.txt";
  {
    std::ifstream all{day.capture};
    std::ofstream only{alone};
    for (std::string line; std::getline(all, line);) {
      const bool is_of_book =
          line.find("depth") != std::string::npos || line.find("lastUpdateId") != std::string::npos;
      if (is_of_book) only << line << '\n';
    }
  }
  const fs::path deck = folder / "updates.deck";
  fs::remove_all(deck);
  const auto bytes = [&] {
    const Store store{deck, {.mode = OpenMode::create}};
    return static_cast<double>(store.stats().database_bytes);
  };
  const double empty = bytes();
  {
    Store store{deck, {.mode = OpenMode::write}};
    const std::vector<fs::path> paths{alone};
    import_files(store, paths, {.instrument_prefix = "binance-um"});
    store.optimize();
  }
  const double each = (bytes() - empty) / static_cast<double>(day.updates);
  lines.push_back({"bytes an update, keyframes included", fmt::format("{:.1f} B", each), "–",
                   "<= 12 B", verdict(each <= 12)});
}

}  // namespace

void bench_books(const fs::path& folder, const std::string& only, std::vector<Line>& lines) {
  const auto wanted = [&](std::string_view part) { return only.empty() || only == part; };
  if (wanted("memory")) bench_memory(lines);
  if (!wanted("decode") && !wanted("day")) return;
  const BookDay day = book_day(folder);
  if (wanted("decode")) bench_decode(day, lines);
  if (!wanted("day")) return;
  bench_bytes(folder, day, lines);
  bench_day(folder, day, lines);
}

}  // namespace tapedeck::bench
