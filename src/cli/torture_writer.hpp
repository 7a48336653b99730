// The process that `tapedeck torture` kills: it records trades that anyone can compute again from
// their ids, and says on standard output which are acknowledged.
#pragma once

#include "tapedeck/market/trade.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace tapedeck {

constexpr std::array<const char*, 2> kTortureSymbols{"TORTUREAUSDT", "TORTUREBUSDT"};
constexpr Scale kTortureScale{.price_exp = -2, .qty_exp = -3};

// The trade with this id, the same in every process.
Trade torture_trade(int64_t id);

struct TortureWriterOptions {
  std::filesystem::path store;
  uint64_t seed = 0;
  int64_t first_id = 1;
  // Of the journal's file-system calls, counted from the first one.
  std::optional<int64_t> cut_power_at = {};  // kills itself then
  std::optional<int64_t> fail_call = {};     // with EIO or ENOSPC
  int64_t fail_count = 1;                    // so many calls in a row
  bool syncs = true;                         // false: as a build that forgot to sync
  std::optional<std::filesystem::path> import = {};
  int64_t most_batches = INT64_MAX;
};

// Writes `ack SYMBOL FIRST LAST` lines until the input ends or so many batches are given, then
// closes in order.
int run_torture_writer(const TortureWriterOptions& options);

}  // namespace tapedeck
