#include "cli/torture_writer.hpp"

#include "base/failing_file_system.hpp"
#include "cli/interrupt.hpp"
#include "tapedeck/ingest/importer.hpp"
#include "tapedeck/query/bars.hpp"
#include "tapedeck/query/tape.hpp"
#include "tapedeck/store/writer.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <deque>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

void print_line(const std::string& line) {
  // One write a line: lines of two threads do not mix, and a kill leaves none half written.
  [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, line.data(), line.size());
}

bool input_ended() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return ::poll(&input, 1, 0) > 0;  // nothing is ever written to it: what comes is its end
}

class TortureWriter {
 public:
  explicit TortureWriter(const TortureWriterOptions& options)
      : options_{options},
        random_{options.seed},
        store_{options.store, {.mode = OpenMode::create}},
        writer_{store_},
        next_id_{options.first_id, options.first_id} {
    for (const char* symbol : kTortureSymbols)
      instruments_.push_back(store_.resolve_instrument({"binance", symbol}).id);
  }

  void run() {
    std::jthread queries{[this](const std::stop_token& stop) { run_queries(stop); }};
    std::jthread imports{[this] { run_import(); }};
    for (int64_t batch = 0; batch < options_.most_batches && !interrupted() && !input_ended();
         ++batch) {
      give_batch();
    }
    imports.join();
    queries.request_stop();
    queries.join();
    while (!waiting_.empty())
      settle_oldest();
    writer_.flush();
    writer_.close();
    print_line("closed\n");
  }

 private:
  void give_batch() {
    const size_t which = random_() % instruments_.size();
    constexpr std::array<int64_t, 5> kSizes{1, 7, 100, 1'000, 3'000};
    const int64_t rows = kSizes[random_() % kSizes.size()];
    int64_t& next = next_id_[which];
    int64_t first = next;
    // At times rows are given again that were given before, as a feed that reconnects does.
    if (random_() % 16 == 0 && next > options_.first_id + rows) first = next - rows;
    TradeBlock block;
    block.scale = kTortureScale;
    for (int64_t id = first; id < first + rows; ++id)
      block.push_back(torture_trade(id));
    next = std::max(next, first + rows);
    AppendOptions options;
    options.source = "torture";
    const std::string line =
        fmt::format("ack {} {} {}\n", kTortureSymbols[which], first, first + rows - 1);
    options.acknowledged = [line](const Acknowledgement&) { print_line(line); };
    waiting_.push_back(writer_.append_live(instruments_[which], std::move(block), options));
    const size_t in_flight = 1 + random_() % 8;
    while (waiting_.size() > in_flight)
      settle_oldest();
    if (random_() % 64 == 0) store_.optimize();
  }

  void settle_oldest() {
    try {
      waiting_.front().get();
    } catch (const Error&) {
      ++failed_;  // not acknowledged: whether it is stored does not matter
    }
    waiting_.pop_front();
  }

  void run_queries(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (const char* symbol : kTortureSymbols) {
        const std::optional<Instrument> instrument = store_.find_instrument({"binance", symbol});
        if (!instrument) continue;
        for_each_kline(store_, {.instrument = *instrument}, *BarInterval::parse("1m"),
                       [](const BarAnswer&) { return KeepGoing::go_on; });
      }
      std::this_thread::yield();
    }
  }

  void run_import() {
    if (!options_.import) return;
    ImportOptions options;
    options.table = TableFormat{};
    options.table->instrument = InstrumentName{"binance", "TORTURECUSDT"};
    try {
      import_files(store_, std::span{&*options_.import, 1}, options);
    } catch (const Error&) {
      ++failed_;  // whole or not at all: the parent looks
    }
  }

  // Constant after construction
  const TortureWriterOptions& options_;

  std::mt19937_64 random_;
  Store store_;
  Writer writer_;
  std::vector<InstrumentId> instruments_;
  std::array<int64_t, 2> next_id_;
  std::deque<std::future<Acknowledgement>> waiting_;
  std::atomic<int64_t> failed_{0};
};

}  // namespace

Trade torture_trade(int64_t id) {
  constexpr int64_t kBegin = 1'700'000'000'000'000'000;
  constexpr int64_t kStep = 3'000'000;
  const auto mixed = static_cast<uint64_t>(id) * 0x9E3779B97F4A7C15ULL;
  return {.ts_event = from_epoch_ns(kBegin + id * kStep),
          .trade_id = id,
          .price = Price{static_cast<int64_t>(10'000 + (mixed >> 40) % 1'000)},
          .quantity = Qty{static_cast<int64_t>(1 + (mixed >> 20) % 5'000)},
          .side = (mixed >> 63) != 0 ? AggressorSide::buy : AggressorSide::sell};
}

int run_torture_writer(const TortureWriterOptions& options) {
  FailingFileSystem files{options.seed};
  files.set_syncs(options.syncs);
  if (options.cut_power_at) {
    files.cut_power_at(*options.cut_power_at, [] { ::kill(::getpid(), SIGKILL); });
  }
  for (int64_t i = 0; options.fail_call && i < options.fail_count; ++i)
    files.fail_call(*options.fail_call + i, options.fail_count > 1 ? ENOSPC : EIO);
  const FileSystemInUse in_use{files};
  TortureWriter{options}.run();
  return 0;
}

}  // namespace tapedeck
