#include "book_day.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>

namespace tapedeck::bench {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kBeginMs = 1'704'067'200'000;  // 2024-01-01
constexpr int kMessages = 864'000;
constexpr int64_t kMiddle = 600'000;  // in tenths
constexpr int kLevels = 850;          // a side
constexpr int kPeerLevels = 20;

using Side = std::map<int64_t, int64_t>;  // price in tenths → quantity in thousandths

class Walk {
 public:
  Walk(std::FILE* capture, std::FILE* snapshots) : capture_{capture}, snapshots_{snapshots} {
    for (int i = 1; i <= kLevels; ++i) {
      bids_[kMiddle - i] = number(1, 5'000);
      asks_[kMiddle + i] = number(1, 5'000);
    }
  }

  int64_t run() {
    for (int i = 0; i < kMessages; ++i) {
      const int64_t ms = kBeginMs + i * int64_t{100};
      depth(ms);
      if (i == 3) image(ms);
      if (number(0, 863) < 100) trade(ms + 7);
      if (i % 10 == 9) snapshot(ms);
    }
    return updates_;
  }

 private:
  int64_t number(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>{low, high}(random_);
  }
  static std::string price(int64_t tenths) {
    return fmt::format("{}.{}", tenths / 10, tenths % 10);
  }
  static std::string quantity(int64_t units) {
    return fmt::format("{}.{:03}", units / 1'000, units % 1'000);
  }
  static void append(std::string& list, int64_t at, int64_t units) {
    if (!list.empty()) list += ',';
    list += fmt::format(R"(["{}","{}"])", price(at), quantity(units));
  }
  void line(int64_t ms, const std::string& text) {
    fmt::print(capture_, "{} {}\n", ms * 1'000'000 + 3'000'000, text);
  }

  // Most changes are near the touch; the best level goes now and then, and the other side follows.
  void change(bool bid, std::string& list) {
    Side& own = bid ? bids_ : asks_;
    Side& other = bid ? asks_ : bids_;
    const int64_t sign = bid ? 1 : -1;
    const int64_t best = bid ? own.rbegin()->first : own.begin()->first;
    const int64_t opposite = bid ? other.begin()->first : other.rbegin()->first;
    const int64_t kind = number(0, 99);
    int64_t at =
        best - sign * std::min<int64_t>(std::geometric_distribution<int>{0.05}(random_), kLevels);
    int64_t units = number(0, 9) < 3 ? 0 : number(1, 5'000);
    if (kind == 0 && own.size() > 100) {
      at = best;
      units = 0;
    } else if (kind == 1 && (opposite - best) * sign > 1) {
      at = best + sign;
      units = number(1, 5'000);
    }
    if (units == 0 && own.size() <= 100) units = 1;
    if (units == 0) {
      own.erase(at);
    } else {
      own[at] = units;
    }
    append(list, at, units);
    ++updates_;
  }

  void depth(int64_t ms) {
    std::string bids;
    std::string asks;
    for (int64_t i = number(1, 6); i > 0; --i) {
      const bool bid = number(0, 1) == 0;
      change(bid, bid ? bids : asks);
    }
    const int64_t begin = last_ + number(1, 50);
    const int64_t end = begin + number(1, 300);
    line(
        ms,
        fmt::format(
            R"({{"stream":"btcusdt@depth@100ms","data":{{"e":"depthUpdate","E":{0},"T":{0},"s":"BTCUSDT","U":{1},"u":{2},"pu":{3},"b":[{4}],"a":[{5}]}}}})",
            ms, begin, end, last_, bids, asks));
    last_ = end;
    ticker(ms);
  }

  void ticker(int64_t ms) {
    const std::array best{bids_.rbegin()->first, bids_.rbegin()->second, asks_.begin()->first,
                          asks_.begin()->second};
    if (best == best_) return;
    best_ = best;
    line(
        ms,
        fmt::format(
            R"({{"stream":"btcusdt@bookTicker","data":{{"e":"bookTicker","u":{1},"s":"BTCUSDT","b":"{2}","B":"{3}","a":"{4}","A":"{5}","T":{0},"E":{0}}}}})",
            ms, last_, price(best[0]), quantity(best[1]), price(best[2]), quantity(best[3])));
  }

  void image(int64_t ms) {
    std::string bids;
    std::string asks;
    for (auto level = bids_.rbegin(); level != bids_.rend(); ++level)
      append(bids, level->first, level->second);
    for (const auto& [at, units] : asks_)
      append(asks, at, units);
    line(ms, fmt::format(R"({{"lastUpdateId":{},"E":{},"T":{},"bids":[{}],"asks":[{}]}})", last_,
                         ms, ms, bids, asks));
  }

  void trade(int64_t ms) {
    const bool buy = number(0, 1) == 0;
    line(
        ms,
        fmt::format(
            R"({{"stream":"btcusdt@trade","data":{{"e":"trade","E":{0},"T":{0},"s":"BTCUSDT","t":{1},"p":"{2}","q":"{3}","X":"MARKET","m":{4}}}}})",
            ms, ++trade_, price(buy ? asks_.begin()->first : bids_.rbegin()->first),
            quantity(number(1, 2'000)), buy ? "false" : "true"));
  }

  void snapshot(int64_t ms) {
    const auto row = [&](const char* side, int64_t at, int64_t units) {
      fmt::print(snapshots_, "{},{},{},{}\n", ms, side, price(at), quantity(units));
    };
    int count = 0;
    for (auto level = bids_.rbegin(); level != bids_.rend() && count < kPeerLevels;
         ++level, ++count)
      row("bid", level->first, level->second);
    count = 0;
    for (auto level = asks_.begin(); level != asks_.end() && count < kPeerLevels; ++level, ++count)
      row("ask", level->first, level->second);
  }

  std::FILE* capture_;
  std::FILE* snapshots_;
  std::mt19937_64 random_{7};
  Side bids_;
  Side asks_;
  std::array<int64_t, 4> best_{};
  int64_t last_ = 1'000'000;
  int64_t trade_ = 0;
  int64_t updates_ = 0;
};

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

}  // namespace

BookDay book_day(const fs::path& folder) {
  BookDay day{.capture = folder / "btcusdt_book_day.txt", .snapshots = folder / "snapshots.csv"};
  const fs::path count = folder / "book_day.updates";
  if (std::ifstream done{count}; done >> day.updates) return day;
  fs::create_directories(folder);
  {
    const File capture{std::fopen(day.capture.c_str(), "w")};
    const File snapshots{std::fopen(day.snapshots.c_str(), "w")};
    if (!capture || !snapshots) throw std::runtime_error{"cannot write below " + folder.string()};
    fmt::print(snapshots.get(), "ts,side,price,quantity\n");
    day.updates = Walk{capture.get(), snapshots.get()}.run();
  }
  std::ofstream{count} << day.updates << '\n';
  return day;
}

}  // namespace tapedeck::bench
