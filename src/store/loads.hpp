// tape.loads: where rows came from and in which order they lie. Rows of one load lie together, in
// the order of load_id; a scan that follows the loads needs no sort.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/side.hpp"
#include "tapedeck/market/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

struct Load {
  InstrumentId instrument{};
  std::string dataset = {};
  std::string source = {};               // "archive", "api", "fetch"
  std::optional<std::string> path = {};  // as given, of a file
  std::optional<std::string> sha256 = {};
  std::optional<int64_t> bytes = {};
  int64_t rows = 0;  // stored by it
  int64_t duplicates = 0;
  int64_t conflicts = 0;
  int64_t rejects = 0;
  std::optional<int64_t> id_begin = {};  // of the stored rows
  std::optional<int64_t> id_end = {};
  std::optional<Timestamp> ts_begin = {};  // earliest and latest stored row, both inclusive
  std::optional<Timestamp> ts_end = {};
  bool ordered = true;  // stored rows rise by (ts_event, trade_id)
  std::optional<bool> checksum_matched = {};
};

// Stores it under the next id.
void insert_load(duck::Transaction& transaction, const Load& load);

// A file's bytes were loaded for this instrument and dataset before.
bool is_loaded(duck::Connection& connection, std::string_view sha256, InstrumentId instrument,
               std::string_view dataset);

// The same for a file whose rows, not its name, tell the instrument.
bool is_loaded(duck::Connection& connection, std::string_view sha256, std::string_view dataset);

// The rows before `cutoff` are deleted: loads end to count them, and their files may come again.
void forget_rows_before(duck::Transaction& transaction, InstrumentId instrument, Grain grain,
                        Timestamp cutoff);

struct IdRange {
  int64_t begin = 0;
  int64_t end = 0;  // inclusive
};
// Ids between which rows of the dataset are stored: rising, not touching.
std::vector<IdRange> stored_ids(duck::Connection& connection, InstrumentId instrument,
                                std::string_view dataset);
bool has_rows(duck::Connection& connection, InstrumentId instrument, std::string_view dataset);

}  // namespace tapedeck
