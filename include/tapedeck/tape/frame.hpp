// Frame: one entry of the journal, as written. docs/journal.md has the bytes.
#pragma once

#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tapedeck {

// Numbers are part of the format and never change. Those without a payload yet are reserved.
enum class FrameKind : uint16_t {
  trades = 1,
  klines = 2,
  open_interest = 3,
  quotes = 4,
  book_messages = 5,
  depth_snapshots = 6,
  mark_prices = 7,
  funding_rates = 8,
  liquidations = 9,
  orders = 10,
  fills = 11,
  marks = 12,
  metrics = 13,
  logs = 14,
  events = 15,
  portfolio = 16,
  ledger = 17,       // entries of orders and fills that belong together
  instrument = 256,  // what the number of an instrument stands for
  deletion = 257,    // rows before a time were deleted
  upsert = 258,
  setting = 259,
  load = 260,  // a file was imported; its rows are in the file
  schema = 261,
  statement = 262,  // SQL that wrote
  refused = 263,    // an earlier frame was not applied and never will be
};
std::string_view to_text(FrameKind kind);  // "trades"; "unknown" for a number of a later version
std::optional<FrameKind> parse_frame_kind(std::string_view word);

struct Frame {
  uint64_t sequence = 0;  // one more than that of the frame before
  Timestamp ts_recv;      // when it was given to us
  FrameKind kind = FrameKind::trades;
  InstrumentId instrument{};  // 0 where it is of none
  uint32_t count = 0;         // rows
  std::vector<std::byte> payload;
  bool operator==(const Frame&) const = default;
};

}  // namespace tapedeck
