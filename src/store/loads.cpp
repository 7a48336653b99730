#include "store/loads.hpp"

#include "base/clock.hpp"
#include "tapedeck/store/coverage.hpp"

#include <algorithm>

namespace tapedeck {

void describe(Load& load, const LoadFacts& facts) {
  load.source = facts.source;
  load.path = facts.path;
  load.sha256 = facts.sha256;
  load.bytes = facts.bytes;
  load.rejects = facts.rejects;
  load.duplicates += facts.duplicates;
  load.conflicts += facts.conflicts;
  load.checksum_matched = facts.checksum_matched;
  load.read_as = facts.read_as;
}

void insert_load(duck::Transaction& transaction, const Load& load) {
  transaction.connection()
      .prepare(
          "INSERT INTO tape.loads SELECT coalesce(max(load_id), 0) + 1, ?, ?, ?, ?, ?, ?, ?, "
          "?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS TIMESTAMP), ? FROM "
          "tape.loads")
      .bind(1, static_cast<int64_t>(load.instrument))
      .bind(2, std::string_view{load.dataset})
      .bind(3, std::string_view{load.source})
      .bind(4, load.path ? std::optional<std::string_view>{*load.path} : std::nullopt)
      .bind(5, load.sha256 ? std::optional<std::string_view>{*load.sha256} : std::nullopt)
      .bind(6, load.bytes)
      .bind(7, load.rows)
      .bind(8, load.duplicates)
      .bind(9, load.conflicts)
      .bind(10, load.rejects)
      .bind(11, load.id_begin)
      .bind(12, load.id_end)
      .bind(13, load.ts_begin)
      .bind(14, load.ts_end)
      .bind(15, load.ordered)
      .bind(16, load.checksum_matched)
      .bind(17, from_epoch_ns(now_epoch_ns()))
      .bind(18, load.read_as ? std::optional<std::string_view>{*load.read_as} : std::nullopt)
      .run();
}

bool is_loaded(duck::Connection& connection, std::string_view sha256,
               std::optional<InstrumentId> instrument, std::optional<std::string_view> dataset,
               std::optional<std::string_view> read_as) {
  duck::Result rows =
      connection
          .prepare(
              "SELECT count(*) FROM tape.loads WHERE sha256 = $1 AND instrument_id = "
              "coalesce($2, instrument_id) AND dataset = coalesce($3, dataset) AND ($4 IS NULL OR "
              "read_as = $4)")
          .bind(1, sha256)
          .bind(2, instrument ? std::optional{static_cast<int64_t>(*instrument)} : std::nullopt)
          .bind(3, dataset)
          .bind(4, read_as)
          .run();
  rows.next_row();
  return rows.int64(0) > 0;
}

std::vector<IdRange> stored_ids(duck::Connection& connection, InstrumentId instrument,
                                std::string_view dataset) {
  duck::Statement& select = connection.prepare(
      "SELECT id_begin, id_end FROM tape.loads WHERE instrument_id = ? AND dataset = ? AND rows > "
      "0 AND id_begin IS NOT NULL ORDER BY id_begin");
  duck::Result rows = select.bind(1, static_cast<int64_t>(instrument)).bind(2, dataset).run();
  std::vector<IdRange> result;
  while (rows.next_row()) {
    const IdRange next{.begin = rows.int64(0), .end = rows.int64(1)};
    if (!result.empty() && next.begin <= result.back().end + 1) {
      result.back().end = std::max(result.back().end, next.end);
    } else {
      result.push_back(next);
    }
  }
  return result;
}

bool has_rows(duck::Connection& connection, InstrumentId instrument, std::string_view dataset) {
  duck::Statement& select = connection.prepare(
      "SELECT count(*) FROM tape.loads WHERE instrument_id = ? AND dataset = ? AND rows > 0");
  duck::Result rows = select.bind(1, static_cast<int64_t>(instrument)).bind(2, dataset).run();
  rows.next_row();
  return rows.int64(0) > 0;
}

}  // namespace tapedeck
