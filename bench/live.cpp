#include "live.hpp"

#include "plain_duckdb.hpp"
#include "tapedeck/tapedeck.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>

namespace tapedeck::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int64_t kBatchRows = 1'000;
// 2024-01-02T08:00:00Z; a row each 10 µs.
constexpr int64_t kFirstNs = 1'704'182'400'000'000'000;
constexpr int64_t kStepNs = 10'000;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto place = static_cast<size_t>(share * static_cast<double>(values.size() - 1));
  return values[place];
}

double resident_mb() {
  std::ifstream status{"/proc/self/status"};
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

class Producer {
 public:
  TradeBlock next(int64_t rows) {
    TradeBlock block;
    block.scale = {.price_exp = -2, .qty_exp = -5};
    block.reserve(static_cast<size_t>(rows));
    for (int64_t i = 0; i < rows; ++i) {
      price_ += static_cast<int64_t>(random_() % 21) - 10;
      block.push_back({.ts_event = from_epoch_ns(kFirstNs + id_ * kStepNs),
                       .trade_id = id_,
                       .price = Price{price_},
                       .quantity = Qty{1 + static_cast<int64_t>(random_() % 100'000)},
                       .side = random_() % 2 == 0 ? AggressorSide::buy : AggressorSide::sell});
      ++id_;
    }
    return block;
  }
  int64_t made() const { return id_; }

 private:
  std::mt19937_64 random_{7};
  int64_t id_ = 0;
  int64_t price_ = 4'300'000;
};

struct Deck {
  explicit Deck(const fs::path& path)
      : store{(fs::remove_all(path), path), {.mode = OpenMode::create}},
        btc{store.resolve_instrument({.venue = "binance", .symbol = "BTCUSDT"})},
        writer{store} {}
  Store store;
  Instrument btc;
  Writer writer;
  Producer producer;
};

// What the disk alone takes for the bytes of a batch.
double raw_sync_ms(int file, const std::string& bytes) {
  const Clock::time_point begin = Clock::now();
  if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      ::fdatasync(file) != 0) {
    throw std::runtime_error{"cannot write the file for comparison"};
  }
  return ms_since(begin);
}

void bench_waiting_producer(const fs::path& folder, std::vector<Line>& lines) {
  constexpr int kBatches = 2'000;
  Deck deck{folder / "live.deck"};
  fs::remove(folder / "live-plain.duckdb");
  PlainDuckDB peer{folder / "live-plain.duckdb"};
  peer.run(
      "CREATE TABLE live(ts TIMESTAMP_NS, id BIGINT, price DOUBLE, quantity DOUBLE, "
      "is_buyer_maker BOOLEAN)");
  const int raw = ::open((folder / "raw").c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0644);
  const std::string bytes(to_payload(TradeRows{.trades = Producer{}.next(kBatchRows)}).size(), 'x');
  std::vector<double> ack_ms;
  std::vector<double> raw_ms;
  double peer_ms = 0;
  for (int batch = 0; batch < kBatches; ++batch) {
    TradeBlock rows = deck.producer.next(kBatchRows);
    const Clock::time_point begin = Clock::now();
    deck.writer.append_live(deck.btc.id, std::move(rows)).get();
    ack_ms.push_back(ms_since(begin));
    raw_ms.push_back(raw_sync_ms(raw, bytes));
    if (batch % 10 > 0) continue;
    const Clock::time_point peer_begin = Clock::now();
    peer.run(
        fmt::format("INSERT INTO live SELECT make_timestamp_ns({0} + i * 10000), i, 43000 + i "
                    "% 7, 0.1, i % 2 = 0 FROM range({1}, {2}) t(i)",
                    kFirstNs, batch * kBatchRows, (batch + 1) * kBatchRows));
    peer_ms += ms_since(peer_begin);
  }
  ::close(raw);
  double total_ms = 0;
  for (const double ms : ack_ms)
    total_ms += ms;
  const double rate = kBatches * kBatchRows / total_ms / 1e3;
  const double p99 = percentile(ack_ms, 0.99);
  const double raw_p99 = percentile(raw_ms, 0.99);
  lines.push_back({"live, waiting for each batch of 1,000", fmt::format("{:.2f} M rows/s", rate),
                   fmt::format("{:.2f} M rows/s", kBatches / 10 * kBatchRows / peer_ms / 1e3),
                   ">= 2 M rows/s", rate >= 2 ? "yes" : "no"});
  lines.push_back({"its acknowledgement, p50 / p99",
                   fmt::format("{:.2f} / {:.2f} ms", percentile(ack_ms, 0.5), p99),
                   fmt::format("raw {:.2f} / {:.2f}", percentile(raw_ms, 0.5), raw_p99),
                   "p99 <= 2 x raw", p99 <= 2 * raw_p99 ? "yes" : "no"});
}

struct OneNumber : RowSink {
  int64_t value = -1;
  void begin(std::span<const Column>) override {}
  void row(std::span<const Cell> cells) override { value = std::get<int64_t>(cells[0]); }
  void end() override {}
};

void bench_visibility(const fs::path& folder, std::vector<Line>& lines) {
  Deck deck{folder / "visible.deck"};
  std::vector<double> window_ms;
  std::vector<double> sql_ms;
  TradeBlock last;
  deck.writer.append_live(deck.btc.id, deck.producer.next(kBatchRows)).get();
  last_trades(deck.store, deck.btc.id, 1, last);  // the first question of all asks the database
  for (int batch = 0; batch < 60; ++batch) {
    deck.writer.append_live(deck.btc.id, deck.producer.next(kBatchRows)).get();
    const Clock::time_point begin = Clock::now();
    const int64_t newest = deck.producer.made() - 1;
    do {
      last_trades(deck.store, deck.btc.id, 1, last);
    } while (last.trade_id.empty() || last.trade_id.back() != newest);
    window_ms.push_back(ms_since(begin));
    OneNumber seen;
    while (seen.value < newest) {
      run_sql(deck.store, "SELECT coalesce(max(id_end), -1) FROM tape.loads", SqlAccess::read,
              seen);
    }
    sql_ms.push_back(ms_since(begin));
  }
  const double sql_p99 = percentile(sql_ms, 0.99);
  const double window_p99 = percentile(window_ms, 0.99);
  lines.push_back({"acknowledged to visible in memory, p50 / p99",
                   fmt::format("{:.3f} / {:.3f} ms", percentile(window_ms, 0.5), window_p99), "–",
                   "<= 0.2 ms", window_p99 <= 0.2 ? "yes" : "no"});
  lines.push_back({"acknowledged to visible in SQL, p50 / p99",
                   fmt::format("{:.0f} / {:.0f} ms", percentile(sql_ms, 0.5), sql_p99), "–",
                   "<= 300 ms", sql_p99 <= 300 ? "yes" : "no"});
}

// Batches at fixed times, whatever the one before took.
class Recorder {
 public:
  Recorder(Deck& deck, int64_t rows_a_second, int seconds)
      : thread_{[this, &deck, rows_a_second, seconds] {
          const auto pause = std::chrono::nanoseconds{1'000'000'000 * kBatchRows / rows_a_second};
          const Clock::time_point begin = Clock::now();
          const int64_t batches = seconds * rows_a_second / kBatchRows;
          for (int64_t batch = 0; batch < batches; ++batch) {
            const Clock::time_point due = begin + batch * pause;
            std::this_thread::sleep_until(due);
            AppendOptions options;
            options.acknowledged = [this, due](const Acknowledgement&) {
              const std::scoped_lock lock{mutex_};
              ack_ms_.push_back(ms_since(due));
            };
            deck.writer.append_live(deck.btc.id, deck.producer.next(kBatchRows), options);
          }
          seconds_ = ms_since(begin) / 1e3;
          ended_ = true;
        }} {}
  bool ended() const { return ended_; }
  // After the end.
  std::vector<double> ack_ms() {
    thread_.join();
    return std::move(ack_ms_);
  }
  double seconds() const { return seconds_; }

 private:
  std::mutex mutex_;
  std::vector<double> ack_ms_;
  std::atomic<bool> ended_{false};
  double seconds_ = 0;
  std::jthread thread_;
};

// One of the questions that charts and strategies ask.
void ask(Deck& deck, int kind, TradeBlock& block) {
  if (kind < 6) return last_trades(deck.store, deck.btc.id, 1'000, block);
  const Timestamp newest = from_epoch_ns(kFirstNs + deck.producer.made() * kStepNs);
  TapeRequest request{.instrument = deck.btc};
  if (kind < 9) {
    request.range.begin = newest - std::chrono::hours{1};
    for_each_kline(deck.store, request, *BarInterval::parse("1m"),
                   [](const BarAnswer&) { return KeepGoing::go_on; });
  } else {
    request.range.begin = newest - std::chrono::milliseconds{100};
    read_trades(deck.store, request, block);
  }
}

void bench_many_readers(const fs::path& folder, int seconds, std::vector<Line>& lines) {
  constexpr int kReaders = 50;
  constexpr std::chrono::milliseconds kPause{100};  // of each: 500 a second of all
  Deck deck{folder / "readers.deck"};
  deck.writer.append_live(deck.btc.id, deck.producer.next(kBatchRows)).get();
  Recorder recorder{deck, 100'000, seconds};
  std::mutex mutex;
  std::vector<double> read_ms;
  std::atomic<int64_t> failed{0};
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < kReaders; ++i) {
      readers.emplace_back([&, i] {
        TradeBlock block;
        Clock::time_point due = Clock::now() + kPause * i / kReaders;
        std::vector<double> own_ms;
        for (int query = 0; !recorder.ended(); ++query, due += kPause) {
          std::this_thread::sleep_until(due);
          try {
            ask(deck, (query + i) % 10, block);
            own_ms.push_back(ms_since(due));
          } catch (const Error&) {
            ++failed;
          }
        }
        const std::scoped_lock lock{mutex};
        read_ms.insert(read_ms.end(), own_ms.begin(), own_ms.end());
      });
    }
  }
  std::vector<double> ack_ms = recorder.ack_ms();
  const double ack_p99 = percentile(ack_ms, 0.99);
  const double read_p99 = percentile(read_ms, 0.99);
  const double rate = static_cast<double>(ack_ms.size()) * kBatchRows / recorder.seconds();
  lines.push_back({fmt::format("{} s with 50 readers: rows recorded", seconds),
                   fmt::format("{:.0f} rows/s", rate), "–", ">= 100,000 rows/s",
                   rate > 99'000 ? "yes" : "no"});
  lines.push_back({"  acknowledgement, p50 / p99",
                   fmt::format("{:.2f} / {:.2f} ms", percentile(ack_ms, 0.5), ack_p99), "–",
                   "p99 <= 10 ms", ack_p99 <= 10 ? "yes" : "no"});
  lines.push_back({fmt::format("  {} queries, p50 / p99", read_ms.size()),
                   fmt::format("{:.2f} / {:.2f} ms", percentile(read_ms, 0.5), read_p99), "–",
                   "p99 <= 20 ms", read_p99 <= 20 ? "yes" : "no"});
  lines.push_back({"  queries that failed", std::to_string(failed.load()), "–", "0",
                   failed == 0 ? "yes" : "no"});
}

void bench_steady(const fs::path& folder, int seconds, std::vector<Line>& lines) {
  Deck deck{folder / "steady.deck"};
  deck.writer.append_live(deck.btc.id, deck.producer.next(kBatchRows)).get();
  Recorder recorder{deck, 50'000, seconds};
  const Clock::time_point begin = Clock::now();
  std::vector<double> last_ms;
  double early_mb = 0;
  double most_mb = 0;
  TradeBlock block;
  while (!recorder.ended()) {
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    const Clock::time_point asked = Clock::now();
    last_trades(deck.store, deck.btc.id, 1'000, block);
    last_ms.push_back(ms_since(asked));
    const double mb = resident_mb();
    most_mb = std::max(most_mb, mb);
    if (ms_since(begin) < 400.0 * seconds) early_mb = std::max(early_mb, mb);
  }
  recorder.ack_ms();
  const double p50 = percentile(last_ms, 0.5);
  const double p99 = percentile(last_ms, 0.99);
  lines.push_back({"last 1,000 trades of a recording, p50 / p99",
                   fmt::format("{:.3f} / {:.3f} ms", p50, p99), "–", "<= 0.1 / 1 ms",
                   p50 <= 0.1 && p99 <= 1 ? "yes" : "no"});
  lines.push_back({fmt::format("memory, 50,000 rows/s for {} s: first 2/5, most", seconds),
                   fmt::format("{:.0f}, {:.0f} MB", early_mb, most_mb), "–", "flat",
                   most_mb <= 1.1 * early_mb ? "yes" : "no"});
}

}  // namespace

void bench_live(const fs::path& folder, const std::string& only, int seconds,
                std::vector<Line>& lines) {
  const auto wanted = [&](std::string_view part) { return only.empty() || only == part; };
  if (wanted("waiting")) bench_waiting_producer(folder, lines);
  if (wanted("visible")) bench_visibility(folder, lines);
  if (wanted("readers")) bench_many_readers(folder, seconds, lines);
  if (wanted("steady")) bench_steady(folder, seconds, lines);
}

}  // namespace tapedeck::bench
