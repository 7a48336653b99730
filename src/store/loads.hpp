// tape.loads: where rows came from and in which order they lie. Rows of one load lie together, in
// the order of load_id; a scan that follows the loads needs no sort.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/instrument.hpp"
#include "tapedeck/market/side.hpp"
#include "tapedeck/market/time.hpp"
#include "tapedeck/store/coverage.hpp"

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
  std::optional<std::string> read_as = {};  // of a table file: how its columns were read
};

// What the file says of itself, beyond its rows.
struct LoadFacts {
  std::string source = {};
  std::optional<std::string> path = {};
  std::optional<std::string> sha256 = {};
  std::optional<int64_t> bytes = {};
  int64_t rejects = 0;
  int64_t duplicates = 0;  // left out on the way: equal to another row of the file
  int64_t conflicts = 0;   // likewise: another row of the file has the same id
  std::optional<bool> checksum_matched = {};
  std::optional<std::string> read_as = {};
  // The file is all that the venue has of this range: coverage reaches to its edges.
  std::optional<TimeRange> whole_period = {};
  CoverageStatus status = CoverageStatus::recorded;
  // Of a recording without ids: nothing was missed since the rows before.
  bool goes_on = false;
  bool late = false;  // rows of a recording that lie before its end
};

// Adds what the file says to what was found of its rows.
void describe(Load& load, const LoadFacts& facts);

// Stores it under the next id.
void insert_load(duck::Transaction& transaction, const Load& load);

// Where a stream of rows that goes on may extend the load before it, so that a recording does not
// make a load of each batch: it is the stream's own, of the same UTC day, and no later load lies
// behind its end.
struct LoadEnd {
  int64_t load_id = 0;
  Timestamp ts_end;  // its latest row
  std::optional<int64_t> id_end = {};
};
struct StreamRef {
  InstrumentId instrument{};
  std::string dataset = {};
  std::string source = {};
  bool has_ids = true;  // rows with and without never share a load: nothing orders them
};
std::optional<LoadEnd> find_stream_end(duck::Connection& connection, const StreamRef& stream,
                                       Date day);
// Of the instrument and dataset, whatever it came from.
std::optional<Timestamp> newest_row(duck::Connection& connection, const StreamRef& stream);
// Rows that came late lie in loads of their own, one an hour.
std::optional<LoadEnd> find_late_load(duck::Connection& connection, const Load& late);
void extend_load(duck::Transaction& transaction, int64_t load_id, const Load& by);

// A file's bytes were loaded before: for this instrument and dataset, or for any; a table read in
// this way.
bool is_loaded(duck::Connection& connection, std::string_view sha256,
               std::optional<InstrumentId> instrument, std::optional<std::string_view> dataset,
               std::optional<std::string_view> read_as = {});

struct IdRange {
  int64_t begin = 0;
  int64_t end = 0;  // inclusive
};
// Ids between which rows of the dataset are stored: rising, not touching.
std::vector<IdRange> stored_ids(duck::Connection& connection, InstrumentId instrument,
                                std::string_view dataset);
bool has_rows(duck::Connection& connection, InstrumentId instrument, std::string_view dataset);

}  // namespace tapedeck
