#include "store/loads.hpp"

#include <algorithm>

namespace tapedeck {

void insert_load(duck::Transaction& transaction, const Load& load) {
  transaction.connection()
      .prepare("INSERT INTO tape.loads SELECT coalesce(max(load_id), 0) + 1, ?, ?, ?, ?, ?, ?, ?, "
               "?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP) FROM "
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
      .run();
}

bool is_loaded(duck::Connection& connection, std::string_view sha256, InstrumentId instrument,
               std::string_view dataset) {
  duck::Statement select = connection.prepare(
      "SELECT count(*) FROM tape.loads WHERE sha256 = ? AND instrument_id = ? AND dataset = ?");
  duck::Result rows = select.bind(1, sha256)
                          .bind(2, static_cast<int64_t>(instrument))
                          .bind(3, dataset)
                          .run();
  rows.next_row();
  return rows.int64(0) > 0;
}

bool is_loaded(duck::Connection& connection, std::string_view sha256, std::string_view dataset) {
  duck::Statement select =
      connection.prepare("SELECT count(*) FROM tape.loads WHERE sha256 = ? AND dataset = ?");
  duck::Result rows = select.bind(1, sha256).bind(2, dataset).run();
  rows.next_row();
  return rows.int64(0) > 0;
}

std::vector<IdRange> stored_ids(duck::Connection& connection, InstrumentId instrument,
                                std::string_view dataset) {
  duck::Statement select = connection.prepare(
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
  duck::Statement select = connection.prepare(
      "SELECT count(*) FROM tape.loads WHERE instrument_id = ? AND dataset = ? AND rows > 0");
  duck::Result rows = select.bind(1, static_cast<int64_t>(instrument)).bind(2, dataset).run();
  rows.next_row();
  return rows.int64(0) > 0;
}

}  // namespace tapedeck
