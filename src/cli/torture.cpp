#include "cli/torture.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "cli/child.hpp"
#include "cli/torture_writer.hpp"
#include "tapedeck/query/tape.hpp"
#include "tapedeck/query/verify.hpp"
#include "tapedeck/store/store.hpp"
#include "tapedeck/tape/journal_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <unordered_map>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

// A store is used for so many rounds; then a new one is begun, so that checking it stays quick.
constexpr int64_t kRoundsPerStore = 50;
constexpr int64_t kImportedRows = 5'000;

enum class Ordeal { kill, power_cut, failed_call, full_disk };

struct Acknowledged {
  int64_t first = 0;
  int64_t last = 0;
};
using AcknowledgedBySymbol = std::map<std::string, std::vector<Acknowledged>>;

AcknowledgedBySymbol acknowledged_in(const std::string& output) {
  AcknowledgedBySymbol result;
  std::istringstream lines{output.substr(0, output.rfind('\n') + 1)};
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words{line};
    std::string word;
    std::string symbol;
    Acknowledged rows;
    if (words >> word >> symbol >> rows.first >> rows.last && word == "ack") {
      result[symbol].push_back(rows);
    }
  }
  return result;
}

void flip_bit(const fs::path& file, uint64_t bit) {
  std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
  const auto at = static_cast<std::streamoff>(bit / 8);
  stream.seekg(at);
  const int byte = stream.get();
  stream.seekp(at);
  stream.put(static_cast<char>(static_cast<unsigned>(byte) ^ (1U << (bit % 8))));
}

// Frames by their sequence, and whether anything is said to be damaged.
struct JournalContent {
  std::map<uint64_t, Frame> frames;
  bool damaged = false;
};

JournalContent read_journal(const fs::path& store) {
  JournalContent content;
  JournalReader reader{store};
  while (std::optional<JournalItem> item = reader.next()) {
    if (auto* frame = std::get_if<Frame>(&*item)) {
      content.frames.emplace(frame->sequence, std::move(*frame));
    } else {
      content.damaged = true;
    }
  }
  content.damaged = content.damaged || reader.torn_bytes() > 0;
  return content;
}

class Torture {
 public:
  Torture(const TortureOptions& options, const std::function<void(const std::string&)>& say)
      : options_{options}, say_{say}, random_{options.seed} {
    fs::create_directories(options.folder);
    import_ = options.folder / "torture.csv";
  }

  void round() {
    if (report_.rounds % kRoundsPerStore == 0) {
      store_ = options_.folder / "torture.deck";
      fs::remove_all(store_);
      next_id_ = 1;
      imported_ = 0;
    }
    const uint64_t seed = random_();
    ++report_.rounds;
    write_import();
    const AcknowledgedBySymbol acknowledged = acknowledged_in(let_write(seed));
    if (report_.rounds % 10 == 0) flip_store();
    if (!reopen_and_check(seed, acknowledged)) {  // the next rounds are of a new store
      report_.rounds += kRoundsPerStore - report_.rounds % kRoundsPerStore;
      return;
    }
    for (int64_t i = 0; i < options_.journal_flips; ++i)
      flip_journal();
  }

  const TortureReport& report() {
    std::ranges::sort(report_.reopen_ms);
    return report_;
  }

 private:
  Ordeal choose(uint64_t seed) {
    if (!options_.syncs) return Ordeal::power_cut;
    switch (seed % 10) {
      case 0: return Ordeal::failed_call;
      case 1: return Ordeal::full_disk;
      case 2:
      case 3:
      case 4: return Ordeal::kill;
      default: return Ordeal::power_cut;
    }
  }

  // Other rows in each round.
  void write_import() {
    std::ofstream file{import_};
    file << "time,trade_id,price,quantity,side\n";
    const int64_t first = 1 + report_.rounds * kImportedRows;
    for (int64_t id = first; id < first + kImportedRows; ++id) {
      const Trade trade = torture_trade(id);
      file << fmt::format("{},{},{},{},{}\n", to_epoch_ns(trade.ts_event), id,
                          to_text(Decimal{trade.price.raw(), kTortureScale.price_exp}),
                          to_text(Decimal{trade.quantity.raw(), kTortureScale.qty_exp}),
                          to_text(trade.side));
    }
  }

  std::string let_write(uint64_t seed) {
    const Ordeal ordeal = choose(seed);
    std::vector<std::string> arguments{"torture",
                                       "--writer",
                                       store_.string(),
                                       "--seed",
                                       std::to_string(seed >> 1),
                                       "--first-id",
                                       std::to_string(next_id_),
                                       "--import",
                                       import_.string()};
    const auto add = [&](const char* flag, uint64_t value) {
      arguments.emplace_back(flag);
      arguments.push_back(std::to_string(value));
    };
    constexpr uint64_t kBatches = 150;
    constexpr uint64_t kMostCalls = 400;
    if (ordeal != Ordeal::kill) add("--batches", kBatches);
    if (ordeal == Ordeal::power_cut) add("--cut-power", random_() % kMostCalls);
    if (ordeal == Ordeal::failed_call) add("--fail-call", random_() % kMostCalls);
    if (ordeal == Ordeal::full_disk) {
      add("--fail-call", random_() % kMostCalls);
      add("--fail-count", 2 + random_() % 30);
    }
    if (!options_.syncs) arguments.emplace_back("--no-sync");
    ++count_of(ordeal);
    Child child{arguments};
    if (ordeal == Ordeal::kill) {
      child.read_until("ack ");
      constexpr uint64_t kMostMilliseconds = 300;
      child.read_for(std::chrono::milliseconds{random_() % kMostMilliseconds});
      child.kill();
    }
    return child.read_to_end();
  }

  int64_t& count_of(Ordeal ordeal) {
    switch (ordeal) {
      case Ordeal::kill: return report_.kills;
      case Ordeal::power_cut: return report_.power_cuts;
      case Ordeal::failed_call: return report_.failed_calls;
      case Ordeal::full_disk: return report_.full_disks;
    }
    return report_.kills;
  }

  bool reopen_and_check(uint64_t seed, const AcknowledgedBySymbol& acknowledged) {
    try {
      const int64_t began = steady_ns();
      Store store{store_, {.mode = OpenMode::create}};
      report_.reopen_ms.push_back(static_cast<double>(steady_ns() - began) / 1e6);
      check_rows(seed, store, acknowledged);
      check_import(seed, store);
      if (report_.rounds % 10 == 0) verify_store(seed, store);
      return true;
    } catch (const Error& error) {
      ++report_.unopened;
      say_(fmt::format("round {} (seed {}): the store does not open: {}", report_.rounds, seed,
                       error.what()));
      return false;
    }
  }

  void check_rows(uint64_t seed, const Store& store, const AcknowledgedBySymbol& acknowledged) {
    int64_t highest = next_id_ - 1;
    for (const char* symbol : kTortureSymbols) {
      std::unordered_map<int64_t, int> stored;
      const std::optional<Instrument> instrument = store.find_instrument({"binance", symbol});
      if (instrument) {
        const TimeRange range{.begin = torture_trade(next_id_).ts_event, .end = TimeRange{}.end};
        for_each_trades(store, {.instrument = *instrument, .range = range},
                        [&](const TradeView& trades) {
                          for (size_t row = 0; row < trades.rows(); ++row)
                            check_row(trades, row, stored);
                          return KeepGoing::go_on;
                        });
      }
      for (const auto& [id, times] : stored) {
        report_.duplicated += times - 1;
        highest = std::max(highest, id);
      }
      report_.stored += std::ssize(stored);
      const int64_t lost = check_acknowledged(symbol, acknowledged, stored);
      if (lost > 0) {
        say_(fmt::format("round {} (seed {}): {} acknowledged rows of {} are lost", report_.rounds,
                         seed, lost, symbol));
      }
    }
    next_id_ = highest + 1;
  }

  void check_row(const TradeView& trades, size_t row, std::unordered_map<int64_t, int>& stored) {
    const Trade found = trades[row];
    const Trade expected = torture_trade(found.trade_id.value_or(0));
    const Scale scale = trades.scale;
    const auto same = [](int64_t a, int a_exp, int64_t b, int b_exp) {
      return Decimal{a, a_exp} == Decimal{b, b_exp};
    };
    const bool right =
        found.ts_event == expected.ts_event && found.side == expected.side &&
        same(found.price.raw(), scale.price_exp, expected.price.raw(), kTortureScale.price_exp) &&
        same(found.quantity.raw(), scale.qty_exp, expected.quantity.raw(), kTortureScale.qty_exp);
    if (!right) ++report_.wrong;
    ++stored[found.trade_id.value_or(0)];
  }

  // Returns how many are lost.
  int64_t check_acknowledged(const std::string& symbol, const AcknowledgedBySymbol& acknowledged,
                             const std::unordered_map<int64_t, int>& stored) {
    int64_t lost = 0;
    const auto found = acknowledged.find(symbol);
    if (found == acknowledged.end()) return 0;
    for (const Acknowledged& rows : found->second) {
      for (int64_t id = rows.first; id <= rows.last; ++id)
        lost += stored.contains(id) ? 0 : 1;
      report_.acknowledged += rows.last - rows.first + 1;
    }
    report_.lost += lost;
    return lost;
  }

  // An import is there whole or not at all, and stays.
  void check_import(uint64_t seed, const Store& store) {
    const std::optional<Instrument> instrument = store.find_instrument({"binance", "TORTURECUSDT"});
    if (!instrument) return;
    std::unordered_map<int64_t, int> stored;
    for_each_trades(store, {.instrument = *instrument}, [&](const TradeView& trades) {
      for (size_t row = 0; row < trades.rows(); ++row)
        check_row(trades, row, stored);
      return KeepGoing::go_on;
    });
    const int64_t rows = std::ssize(stored);
    if (rows != imported_ && rows != imported_ + kImportedRows) {
      ++report_.wrong;
      say_(fmt::format("round {} (seed {}): {} imported rows are there after {}", report_.rounds,
                       seed, rows, imported_));
    }
    imported_ = rows;
  }

  void verify_store(uint64_t seed, Store& store) {
    verify(store, {}, [&](const Finding& finding) {
      // Batches that failed leave holes in the ids, and those are known.
      ++report_.findings;
      say_(fmt::format("round {} (seed {}): verify: {} {} {}: expected {}, found {}; {}",
                       report_.rounds, seed, finding.instrument, finding.dataset, finding.what,
                       finding.expected, finding.found, finding.cause));
    });
  }

  void flip_journal() {
    const std::vector<JournalSegment> segments = journal_segments(store_);
    if (segments.empty()) return;
    const JournalSegment& segment = segments[random_() % segments.size()];
    if (segment.bytes == 0) return;
    const JournalContent before = read_journal(store_);
    const uint64_t bit = random_() % (segment.bytes * 8);
    flip_bit(segment.path, bit);
    const JournalContent after = read_journal(store_);
    flip_bit(segment.path, bit);
    ++report_.journal_flips;
    bool served = true;  // every frame that is handed out is as it was, and at most one is missing
    for (const auto& [sequence, frame] : after.frames) {
      const auto found = before.frames.find(sequence);
      served = served && found != before.frames.end() && found->second == frame;
    }
    served = served && after.frames.size() + 1 >= before.frames.size();
    if (served && after.damaged && !before.damaged) {
      ++report_.journal_flips_detected;
    } else if (served && (after.frames.size() == before.frames.size() || before.damaged)) {
      ++report_.journal_flips_harmless;
    } else {
      say_(fmt::format("bit {} of '{}' flipped and nobody noticed", bit, segment.path.string()));
    }
  }

  // As the round left the store, so with its WAL. What the database has lost, its journal has.
  void flip_store() {
    const fs::path copy = options_.folder / "flipped.deck";
    std::optional<int64_t> before;
    for (int64_t flip = 0; flip < options_.store_flips; ++flip) {
      if (!before) {
        copy_store(copy);
        before = digest_of(copy);
        if (!before) return;  // the round's own check says why
      }
      copy_store(copy);
      const fs::path wal = copy / "store.duckdb.wal";
      const bool in_wal = flip % 2 == 1 && fs::exists(wal) && fs::file_size(wal) > 0;
      const fs::path file = in_wal ? wal : copy / "store.duckdb";
      const uint64_t bit = random_() % (fs::file_size(file) * 8);
      flip_bit(file, bit);
      ++report_.store_flips;
      const std::optional<int64_t> after = digest_of(copy);
      if (!after) {
        ++report_.store_flips_detected;
      } else if (after == before) {
        ++report_.store_flips_harmless;
      } else {
        say_(fmt::format("bit {} of {} flipped and nobody noticed", bit, file.filename().string()));
      }
    }
    fs::remove_all(copy);
  }

  void copy_store(const fs::path& to) const {
    fs::remove_all(to);
    fs::copy(store_, to, fs::copy_options::recursive);
  }

  // Of all rows; nullopt when something says that the store is damaged.
  static std::optional<int64_t> digest_of(const fs::path& folder) {
    try {
      Store store{folder, {.mode = OpenMode::write}};
      int64_t digest = 0;
      for (const Instrument& instrument : store.instruments())
        digest += digest_of(store, instrument);
      bool found = false;
      verify(store, {}, [&](const Finding&) { found = true; });
      return found ? std::nullopt : std::optional{digest};
    } catch (const Error&) {  // it was noticed
      return std::nullopt;
    }
  }

  static int64_t digest_of(const Store& store, const Instrument& instrument) {
    int64_t digest = 0;
    for_each_trades(store, {.instrument = instrument}, [&](const TradeView& trades) {
      for (size_t row = 0; row < trades.rows(); ++row) {
        const auto mixed = static_cast<uint64_t>(trades.trade_id[row] * 31 +
                                                 trades.price[row] * 17 + trades.quantity[row]) *
                           0x9E3779B97F4A7C15ULL;
        digest += static_cast<int64_t>(mixed >> 8);
      }
      return KeepGoing::go_on;
    });
    return digest;
  }

  // Constant after construction
  const TortureOptions& options_;
  const std::function<void(const std::string&)>& say_;
  fs::path import_;

  std::mt19937_64 random_;
  fs::path store_;
  int64_t next_id_ = 1;
  int64_t imported_ = 0;  // rows, in the store now
  TortureReport report_;
};

}  // namespace

double TortureReport::reopen_percentile(double share) const {
  if (reopen_ms.empty()) return 0;
  const double last = static_cast<double>(reopen_ms.size() - 1);
  return reopen_ms[static_cast<size_t>(std::lround(share * last))];
}

TortureReport torture(const TortureOptions& options,
                      const std::function<void(const std::string&)>& say,
                      const std::function<bool(const TortureReport&)>& progress) {
  Torture run{options, say};
  while (run.report().rounds < options.rounds) {
    run.round();
    if (!progress(run.report())) break;
  }
  return run.report();
}

}  // namespace tapedeck
