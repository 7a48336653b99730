// ledger.marks as rows: prices that positions were valued at.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/ledger_entry.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tapedeck {

struct MarkRow {
  Timestamp recorded_at;
  std::string source;
  PositionMark mark;
  int64_t entry = 0;
};

// From `begin` on, by rising time.
std::vector<PositionMark> marks_of(duck::Connection& connection, const InstrumentName& instrument,
                                   Timestamp begin);
std::optional<Timestamp> newest_mark(duck::Connection& connection,
                                     const InstrumentName& instrument);
void insert_marks(duck::Transaction& transaction, std::span<const MarkRow> rows);

}  // namespace tapedeck
