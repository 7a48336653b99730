// Scanning tape.trades: one stretch of one grain, in order.
#pragma once

#include "duck/database.hpp"
#include "tapedeck/base/keep_going.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/side.hpp"
#include "tapedeck/market/trade.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tapedeck {

// A stretch that one scan reads.
struct TapePiece {
  TimeRange range = {};
  Grain grain = Grain::trade;
  bool ordered = true;  // rows lie in order; else the scan sorts
  int64_t rows = 0;     // estimate
  // Rows that are not in the database, in order, at the instrument's scale: the piece is these.
  std::shared_ptr<const TradeBlock> held = {};
};

// Of the piece's range.
TradeView held_rows(const TapePiece& piece);

enum class WithIds { no, yes };

// The rows of one piece in order, at the instrument's scale. Views are valid until `use` returns.
// Returns false when `use` said stop.
bool scan_piece(duck::Connection& connection, const Instrument& instrument, const TapePiece& piece,
                WithIds with_ids, const std::function<KeepGoing(const TradeView&)>& use);

// The rows of the minutes whose begins, as epoch nanoseconds, are the keys of the temporary table
// `minutes`, sorted; the piece holds them all. Otherwise as scan_piece().
bool scan_minutes(duck::Connection& connection, const Instrument& instrument,
                  const TapePiece& piece, const std::string& minutes,
                  const std::function<KeepGoing(const TradeView&)>& use);

}  // namespace tapedeck
