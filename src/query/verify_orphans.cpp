#include "query/verify_orphans.hpp"

#include <fmt/format.h>

#include <array>
#include <span>

namespace tapedeck {
namespace {

constexpr std::array kOfInstruments{"trades",       "bars_1m",       "bars",        "quotes",
                                    "ticks",        "open_interest", "mark_prices", "funding_rates",
                                    "liquidations", "depth_bands",   "coverage",    "loads",
                                    "superseded",   "book_streams"};
constexpr std::array kOfBookStreams{"books", "book_updates", "book_keyframes", "book_snapshots",
                                    "book_checksums"};

// What the rows of some tables name.
struct Parent {
  const char* table;
  const char* id;
  const char* expected;
};

void check(duck::Connection& reader, std::span<const char* const> tables, const Parent& parent,
           const UseFinding& use) {
  for (const char* const table : tables) {
    duck::Result rows = reader.run(fmt::format(
        "SELECT {0}, count(*) FROM tape.{1} WHERE {0} NOT IN (SELECT {0} FROM tape.{2}) "
        "GROUP BY ALL ORDER BY ALL",
        parent.id, table, parent.table));
    while (rows.next_row()) {
      use({.dataset = table,
           .what = parent.id,
           .expected = parent.expected,
           .found = fmt::format("{} ({} rows)", rows.int64(0), rows.int64(1)),
           .cause = fmt::format("tape.{} does not have it", parent.table)});
    }
  }
}

}  // namespace

void check_orphans(duck::Connection& reader, const UseFinding& use) {
  check(reader, kOfInstruments, {"instruments", "instrument_id", "an instrument"}, use);
  check(reader, kOfBookStreams, {"book_streams", "stream_id", "a book stream"}, use);
}

}  // namespace tapedeck
