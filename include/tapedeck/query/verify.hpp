// Verify: computes again from the trades and book updates what the store keeps, compares it with
// what is kept, with the venue's own klines, checksums and quotes and with the files that it came
// from, and names every difference.
#pragma once

#include "tapedeck/store/store.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace tapedeck {

// One difference. `expected` is what follows from the trades, coverage, or file; `found` is what is
// stored (of klines: what the venue says).
struct Finding {
  std::string instrument = {};  // "binance:BTCUSDT"; empty: of the store as a whole
  // "trades", "aggregates", "bars_1m", "klines:1m", "open_interest", "book:depth@100ms",
  // "coverage", "superseded", "loads", "schema"; of rows without an instrument the table's name
  std::string dataset = {};
  std::optional<Timestamp> time = {};
  std::string what = {};  // the column or thing: "close", "trade_id", "order"; several by ", "
  std::string expected = {};
  std::string found = {};
  std::string cause = {};  // empty where none is known
  bool operator==(const Finding&) const = default;
};

struct VerifyRequest {
  std::optional<Instrument> instrument = {};  // absent: all of them, and the store as a whole
  TimeRange range = {};                       // widened to whole minutes
  bool deep = false;                          // read the files that loads came from, as well
  bool fix = false;                           // compute wrong derived rows again
};

struct VerifyReport {
  int64_t trades = 0;            // read
  int64_t minutes = 0;           // compared with the kept bars
  int64_t klines = 0;            // of a venue, compared with bars of our own
  int64_t klines_unmatched = 0;  // without trades to compare with
  int64_t book_updates = 0;      // replayed
  int64_t book_keyframes = 0;    // compared with the updates in front of them
  int64_t book_checksums = 0;    // of a venue, computed again
  int64_t book_quotes = 0;       // of a venue, compared with the book of the same number
  int64_t loads = 0;
  int64_t files = 0;         // read and compared
  int64_t files_absent = 0;  // no longer where they were
  int64_t findings = 0;
  int64_t fixed = 0;  // derived rows computed again
  bool cancelled = false;
  double seconds = 0;
};

struct VerifyProgress {
  int64_t rows = 0;  // trades and book updates read so far
  int64_t rows_expected = 0;
  std::string at;  // the instrument or file at work
};

// Sees the store as it was at one moment, which is after the write that is going on; later writes
// do not wait. `stop` is looked at between slices of about half a million trades. `use` and
// `progress` are called on the calling thread. The trades are never changed, and neither are
// coverage and loads. Errors: read_only for `fix` on a store opened for reading.
VerifyReport verify(Store& store, const VerifyRequest& request,
                    const std::function<void(const Finding&)>& use,
                    const std::function<void(const VerifyProgress&)>& progress = {},
                    std::stop_token stop = {});

}  // namespace tapedeck
