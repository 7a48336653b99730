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

std::optional<LoadEnd> find_stream_end(duck::Connection& connection, const StreamRef& stream,
                                       Date day) {
  duck::Result rows =
      connection
          .prepare(
              "SELECT l.load_id, l.ts_end, l.id_end FROM tape.loads l WHERE l.instrument_id = $1 "
              "AND l.dataset = $2 AND l.source = $3 AND l.path IS NULL AND l.ordered "
              "AND l.ts_begin >= $4 AND l.ts_begin < $5 AND (l.id_end IS NOT NULL) = $6 AND NOT "
              "EXISTS (FROM tape.loads k WHERE "
              "k.instrument_id = $1 AND k.dataset = $2 AND k.load_id > l.load_id AND k.ts_end > "
              "l.ts_end) ORDER BY l.load_id DESC LIMIT 1")
          .bind(1, static_cast<int64_t>(stream.instrument))
          .bind(2, std::string_view{stream.dataset})
          .bind(3, std::string_view{stream.source})
          .bind(4, Timestamp{day})
          .bind(5, Timestamp{day + std::chrono::days{1}})
          .bind(6, stream.has_ids)
          .run();
  if (!rows.next_row()) return std::nullopt;
  return LoadEnd{
      .load_id = rows.int64(0), .ts_end = rows.timestamp(1), .id_end = rows.find_int64(2)};
}

std::optional<Timestamp> newest_row(duck::Connection& connection, const StreamRef& stream) {
  duck::Result rows =
      connection
          .prepare("SELECT max(ts_end) FROM tape.loads WHERE instrument_id = ? AND dataset = ?")
          .bind(1, static_cast<int64_t>(stream.instrument))
          .bind(2, std::string_view{stream.dataset})
          .run();
  rows.next_row();
  return rows.is_null(0) ? std::nullopt : std::optional{rows.timestamp(0)};
}

std::optional<LoadEnd> find_late_load(duck::Connection& connection, const Load& late) {
  static const BarInterval hour = *BarInterval::parse("1h");
  if (!late.ts_begin || !late.ts_end) return std::nullopt;
  const Timestamp begin = hour.begin_of(*late.ts_begin);
  if (*late.ts_end >= hour.next(begin)) return std::nullopt;
  duck::Result rows =
      connection
          .prepare(
              "SELECT load_id, ts_end, id_end FROM tape.loads WHERE instrument_id = ? AND dataset "
              "= ? AND source = ? AND path IS NULL AND NOT ordered AND rows > 0 AND ts_begin >= ? "
              "AND ts_end < ? AND (id_end IS NOT NULL) = ? ORDER BY load_id DESC LIMIT 1")
          .bind(1, static_cast<int64_t>(late.instrument))
          .bind(2, std::string_view{late.dataset})
          .bind(3, std::string_view{late.source})
          .bind(4, begin)
          .bind(5, hour.next(begin))
          .bind(6, late.id_begin.has_value())
          .run();
  if (!rows.next_row()) return std::nullopt;
  return LoadEnd{
      .load_id = rows.int64(0), .ts_end = rows.timestamp(1), .id_end = rows.find_int64(2)};
}

void extend_load(duck::Transaction& transaction, int64_t load_id, const Load& by) {
  transaction.connection()
      .prepare(
          "UPDATE tape.loads SET rows = rows + $1, duplicates = duplicates + $2, conflicts = "
          "conflicts + $3, id_begin = least(id_begin, $4), id_end = greatest(id_end, $5), ts_begin "
          "= least(ts_begin, $6), ts_end = greatest(ts_end, $7) WHERE load_id = $8")
      .bind(1, by.rows)
      .bind(2, by.duplicates)
      .bind(3, by.conflicts)
      .bind(4, by.id_begin)
      .bind(5, by.id_end)
      .bind(6, by.ts_begin)
      .bind(7, by.ts_end)
      .bind(8, load_id)
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
