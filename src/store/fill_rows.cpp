#include "store/fill_rows.hpp"

#include "base/check.hpp"
#include "duck/row_reader.hpp"
#include "duck/row_writer.hpp"
#include "store/ledger_ids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::string_view kColumns =
    "fill_id, order_id, venue, symbol, strategy_id, side, quantity, price, executed_at, "
    "reported_at, commission, fees, fee_currency, currency, liquidity, exchange_trade_id, "
    "correlation_id, entry";
constexpr std::string_view kIsKey =
    "venue = ? AND symbol = ? AND strategy_id IS NOT DISTINCT FROM ?";
constexpr std::array<std::string_view, 3> kKinds{"fill", "amend", "bust"};

void put(duck::RowWriter& out, const FillRow& row) {
  const Fill& fill = row.fill;
  out.put(fill.fill_id).put(fill.order_id);
  out.put(fill.instrument.venue).put(fill.instrument.symbol).put(fill.strategy_id);
  out.put(to_text(fill.side)).put(fill.quantity).put(fill.price);
  out.put(fill.executed_at).put(fill.reported_at);
  out.put(fill.commission).put(fill.fees).put(fill.fee_currency).put(fill.currency);
  out.put(fill.liquidity ? std::optional{to_text(*fill.liquidity)} : std::nullopt);
  out.put(fill.exchange_trade_id).put(fill.correlation_id).put(row.entry);
  out.end_row();
}

FillRow take(duck::RowReader& in) {
  FillRow row;
  Fill& fill = row.fill;
  fill.fill_id = in.take_uuid();
  fill.order_id = in.take_uuid();
  fill.instrument.venue = in.take_text();
  fill.instrument.symbol = in.take_text();
  fill.strategy_id = in.find_text();
  fill.side = parse_order_side(in.take_text()).value();
  fill.quantity = in.take_amount();
  fill.price = in.take_amount();
  fill.executed_at = in.take_time();
  fill.reported_at = in.find_time();
  fill.commission = in.take_amount();
  fill.fees = in.take_amount();
  fill.fee_currency = in.find_text();
  fill.currency = in.find_text();
  if (const auto word = in.find_text()) fill.liquidity = parse_liquidity(*word);
  fill.exchange_trade_id = in.find_text();
  fill.correlation_id = in.take_uuid();
  row.entry = in.take_integer();
  return row;
}

std::vector<FillRow> rows_of(duck::Statement& statement) {
  std::vector<FillRow> rows;
  duck::Result result = statement.run();
  duck::RowReader in{result};
  while (in.next())
    rows.push_back(take(in));
  return rows;
}

void bind_key(duck::Statement& statement, const PositionKey& key, int first) {
  statement.bind(first, std::string_view{key.instrument.venue});
  statement.bind(first + 1, std::string_view{key.instrument.symbol});
  statement.bind(first + 2, key.strategy_id ? std::optional<std::string_view>{*key.strategy_id}
                                            : std::nullopt);
}

std::string_view literal_of(const std::string& kind) {
  const auto found = std::ranges::find(kKinds, kind);
  TAPEDECK_CHECK(found != kKinds.end(), "an entry of kind '{}'", kind);
  return *found;
}

std::vector<FillVersion> read_versions(duck::Connection& connection, const std::string& condition,
                                       std::string_view list) {
  std::vector<FillVersion> versions;
  duck::Result result =
      connection
          .prepare(fmt::format("SELECT recorded_at, kind, source, reason, {} FROM "
                               "ledger.fill_entries WHERE {} ORDER BY recorded_at, entry",
                               kColumns, condition))
          .bind(1, list)
          .run();
  duck::RowReader in{result};
  while (in.next()) {
    FillVersion& version = versions.emplace_back();
    version.recorded_at = in.take_time();
    version.kind = literal_of(in.take_text());
    version.source = in.take_text();
    version.reason = in.find_text();
    version.row = take(in);
  }
  return versions;
}

}  // namespace

std::vector<FillRow> read_fills(duck::Connection& connection, std::string_view condition,
                                const BindFills& bind) {
  duck::Statement& statement =
      connection.prepare(fmt::format("SELECT {} FROM ledger.fills {}", kColumns, condition));
  bind(statement);
  return rows_of(statement);
}

std::vector<FillRow> fills_by_id(duck::Connection& connection, std::span<const Uuid> ids) {
  if (ids.empty()) return {};
  const std::string list = joined(ids);
  return read_fills(connection, "WHERE " + uuid_in("fill_id"),
                    [&](duck::Statement& s) { s.bind(1, std::string_view{list}); });
}

std::vector<FillRow> fills_of_orders(duck::Connection& connection,
                                     std::span<const Uuid> order_ids) {
  if (order_ids.empty()) return {};
  const std::string list = joined(order_ids);
  return read_fills(connection, "WHERE " + uuid_in("order_id"),
                    [&](duck::Statement& s) { s.bind(1, std::string_view{list}); });
}

std::vector<FillRow> fills_of_position(duck::Connection& connection, const PositionKey& key,
                                       Timestamp begin) {
  std::vector<FillRow> rows = read_fills(
      connection, fmt::format("WHERE {} AND executed_at >= ?", kIsKey), [&](duck::Statement& s) {
        bind_key(s, key, 1);
        s.bind(4, begin);
      });
  sort_in_time(rows);
  return rows;
}

std::optional<Fill> newest_fill(duck::Connection& connection, const PositionKey& key) {
  std::vector<FillRow> rows = read_fills(
      connection,
      fmt::format(
          "WHERE {0} AND executed_at = (SELECT max(executed_at) FROM ledger.fills WHERE {0})",
          kIsKey),
      [&](duck::Statement& s) {
        bind_key(s, key, 1);
        bind_key(s, key, 4);
      });
  if (rows.empty()) return std::nullopt;
  sort_in_time(rows);
  return std::move(rows.back().fill);
}

void sort_in_time(std::vector<FillRow>& rows) {
  std::ranges::sort(rows, [](const FillRow& a, const FillRow& b) {
    const auto order = compare_in_time(a.fill, b.fill);
    return order != 0 ? order < 0 : a.entry < b.entry;
  });
}

std::vector<FillVersion> versions_of_fills(duck::Connection& connection,
                                           std::span<const Uuid> fill_ids) {
  if (fill_ids.empty()) return {};
  return read_versions(connection, uuid_in("fill_id"), joined(fill_ids));
}

std::vector<FillVersion> versions_by_trade_id(duck::Connection& connection,
                                              std::span<const std::string> exchange_trade_ids) {
  if (exchange_trade_ids.empty()) return {};
  return read_versions(connection, text_in("exchange_trade_id"), joined(exchange_trade_ids));
}

std::vector<FillRow> fills_as_known_at(duck::Connection& connection, Timestamp at) {
  duck::Statement& statement = connection.prepare(fmt::format(
      "SELECT {} FROM (SELECT * REPLACE (arrival AS entry) FROM (SELECT *, min(entry) OVER "
      "(PARTITION BY fill_id) AS arrival FROM ledger.fill_entries WHERE recorded_at <= ? QUALIFY "
      "row_number() OVER (PARTITION BY fill_id ORDER BY entry DESC) = 1)) WHERE kind <> 'bust'",
      kColumns));
  std::vector<FillRow> rows = rows_of(statement.bind(1, at));
  sort_in_time(rows);
  return rows;
}

void insert_fills(duck::Transaction& transaction, std::span<const FillRow> rows) {
  if (rows.empty()) return;
  duck::RowWriter out{transaction, "ledger", "fills"};
  for (const FillRow& row : rows)
    put(out, row);
  out.close();
}

void delete_fills(duck::Transaction& transaction, std::span<const Uuid> ids) {
  if (ids.empty()) return;
  const std::string list = joined(ids);
  transaction.connection()
      .prepare("DELETE FROM ledger.fills WHERE " + uuid_in("fill_id"))
      .bind(1, std::string_view{list})
      .run();
}

void insert_fill_versions(duck::Transaction& transaction, std::span<const FillVersion> versions) {
  if (versions.empty()) return;
  duck::RowWriter out{transaction, "ledger", "fill_entries"};
  for (const FillVersion& version : versions) {
    out.put(version.recorded_at).put(version.kind).put(version.source).put(version.reason);
    put(out, version.row);
  }
  out.close();
}

}  // namespace tapedeck
