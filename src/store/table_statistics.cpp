#include "duck/database.hpp"
#include "duck/quoted.hpp"
#include "duck/transaction.hpp"
#include "store/core.hpp"
#include "tapedeck/store/schema.hpp"
#include "tapedeck/store/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace tapedeck {
namespace {

// What a row's time is, whichever of them comes first.
constexpr std::array<std::string_view, 8> kTimes{"ts_event",      "begin",       "timestamp",
                                                 "snapshot_time", "executed_at", "bucket",
                                                 "recorded_at",   "created_at"};

std::string time_of(const TableShape& shape) {
  for (const std::string_view name : kTimes) {
    const auto column = std::ranges::find(shape.columns, name, &TableColumn::name);
    if (column != shape.columns.end() && column->type.starts_with("TIMESTAMP")) {
      return fmt::format("CAST({} AS TIMESTAMP_NS)", duck::quoted_name(name));
    }
  }
  return "CAST(NULL AS TIMESTAMP_NS)";
}

// Of "schema.table".
std::string quoted_table(std::string_view name) {
  const size_t point = name.find('.');
  return fmt::format("{}.{}", duck::quoted_name(name.substr(0, point)),
                     duck::quoted_name(name.substr(point + 1)));
}

uint64_t bytes_of(duck::Connection& connection, const std::string& table) {
  duck::Result rows = connection.run(fmt::format(
      "WITH blocks AS (SELECT unnest(list_append(additional_block_ids, block_id)) AS block FROM "
      "pragma_storage_info({}) WHERE persistent) SELECT count(DISTINCT block) FILTER (WHERE "
      "block >= 0) * (SELECT any_value(block_size) FROM pragma_database_size() WHERE "
      "database_name = current_database()) FROM blocks",
      duck::quoted_text(table)));
  rows.next_row();
  return static_cast<uint64_t>(rows.int64(0));
}

TableStats stats_of(duck::Connection& connection, const TableShape& shape) {
  TableStats stats{.table = shape.name};
  const std::string time = time_of(shape);
  const std::string table = quoted_table(shape.name);
  duck::Result rows =
      connection.run(fmt::format("SELECT count(*), min({0}), max({0}) FROM {1}", time, table));
  rows.next_row();
  stats.rows = rows.int64(0);
  if (!rows.is_null(1)) {
    stats.oldest = rows.timestamp(1);
    stats.newest = rows.timestamp(2);
  }
  // Names with a quote cannot be said to the pragma.
  const bool can_be_asked = shape.name.find('"') == std::string::npos;
  stats.bytes = can_be_asked ? bytes_of(connection, table) : 0;
  return stats;
}

}  // namespace

std::vector<TableStats> Store::table_statistics() const {
  std::vector<TableStats> all;
  const std::vector<TableShape> shapes = table_shapes(*this);
  const auto reader = core_->borrow_reader();
  const duck::Snapshot snapshot{*reader};
  for (const TableShape& shape : shapes) {
    if (!shape.is_view) all.push_back(stats_of(*reader, shape));
  }
  std::ranges::stable_sort(all, [](const TableStats& a, const TableStats& b) {
    return std::pair{a.bytes, a.rows} > std::pair{b.bytes, b.rows};
  });
  return all;
}

}  // namespace tapedeck
