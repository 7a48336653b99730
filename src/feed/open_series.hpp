// What a TableDecoder gathers of one series until it hands it out.
#pragma once

#include "feed/table_decoder.hpp"

#include <fmt/format.h>

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tapedeck {

template <typename Value>
auto refused(Field<Value>& field) {
  return tl::make_unexpected(std::move(field.error()));
}

inline std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

struct TableDecoder::OpenSeries {
  TableSeries label;
  bool has_ids = true;
  TradeBlocks blocks;
  std::vector<Kline> klines;
  std::vector<Quote> quotes;
  std::vector<OpenInterest> open_interest;
  std::vector<Tick> ticks;
  std::vector<DepthLevel> levels;
  std::vector<LevelRun> runs;
  std::unordered_map<int64_t, int64_t>& row_of_time;  // of klines and open interest

  OpenSeries(TableSeries described, bool with_ids, Scale scale,
             std::unordered_map<int64_t, int64_t>& rows)
      : label{std::move(described)},
        has_ids{with_ids},
        blocks{scale, kTradeRows},
        row_of_time{rows} {}

  // A time is there once.
  Field<void> note_time(Timestamp t, int64_t row) {
    const auto [first, is_new] = row_of_time.try_emplace(to_epoch_ns(t), row);
    if (is_new) return {};
    return tl::make_unexpected(
        fmt::format("time {} is that of row {} too", to_iso(t), first->second));
  }
};

}  // namespace tapedeck
