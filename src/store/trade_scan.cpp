#include "store/trade_scan.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace tapedeck {
namespace {

enum Column : size_t { kTsEvent, kPrice, kQuantity, kSide, kTradeId };

// The casts keep the comparison in the column's own type: a BIGINT parameter would cast the column,
// and the scan would neither prune nor filter early (measured: 17 ms instead of 8 for 1.1 M rows).
std::string select_of(WithIds with_ids, bool with_scale, std::string_view also, bool sorted) {
  return fmt::format(
      "SELECT ts_event, price, quantity, side{}{} FROM tape.trades WHERE instrument_id = CAST(? AS "
      "INTEGER) AND grain = CAST(? AS UTINYINT) AND ts_event >= ? AND ts_event < ?{}{}",
      with_ids == WithIds::yes ? ", trade_id" : "", with_scale ? ", price_exp, qty_exp" : "", also,
      sorted ? " ORDER BY ts_event, trade_id NULLS FIRST, rowid" : "");
}

// Brings the rows of a chunk to one scale.
class Rescaler {
 public:
  explicit Rescaler(const Instrument& instrument) : instrument_{instrument} {}

  void apply(TradeView& view, std::span<const int8_t> price_exps,
             std::span<const int8_t> qty_exps) {
    prices_.resize(view.rows());
    quantities_.resize(view.rows());
    for (size_t row = 0; row < view.rows(); ++row) {
      prices_[row] = rescaled(view.price[row], price_exps[row], instrument_.scale.price_exp);
      quantities_[row] = rescaled(view.quantity[row], qty_exps[row], instrument_.scale.qty_exp);
    }
    view.price = prices_;
    view.quantity = quantities_;
  }

 private:
  int64_t rescaled(int64_t units, int from, int to) const {
    if (from == to) return units;
    const auto result = rescale(units, from, to);
    if (!result) {
      throw Error{ErrorCode::out_of_range,
                  fmt::format("{} of {} does not fit 64 bits at the instrument's finest unit 1e{}",
                              to_text(Decimal{units, from}), to_text(instrument_.name), to)};
    }
    return *result;
  }

  const Instrument& instrument_;
  std::vector<int64_t> prices_;
  std::vector<int64_t> quantities_;
};

// Rows with and without ids come in separate views.
KeepGoing use_by_ids(const duck::Result& rows, const TradeView& view,
                     const std::function<KeepGoing(const TradeView&)>& use) {
  size_t from = 0;
  while (from < view.rows()) {
    const bool has_id = !rows.is_null_at(kTradeId, from);
    size_t to = from + 1;
    while (to < view.rows() && rows.is_null_at(kTradeId, to) != has_id)
      ++to;
    TradeView part = view.part(from, to);
    part.has_ids = has_id;
    if (!has_id) part.trade_id = {};
    if (use(part) == KeepGoing::stop) return KeepGoing::stop;
    from = to;
  }
  return KeepGoing::go_on;
}

struct Query {
  std::string sql;
  WithIds with_ids;
};

bool scan(duck::Connection& connection, const Query& query, const Instrument& instrument,
          const TapePiece& piece, const std::function<KeepGoing(const TradeView&)>& use) {
  const bool ids = query.with_ids == WithIds::yes;
  duck::Statement& statement = connection.prepare(query.sql);
  duck::Result rows = statement.bind(1, static_cast<int64_t>(instrument.id))
                          .bind(2, static_cast<int64_t>(piece.grain))
                          .bind(3, piece.range.begin)
                          .bind(4, piece.range.end)
                          .stream();
  Rescaler rescaler{instrument};
  while (rows.next_chunk()) {
    TradeView view{.scale = instrument.scale,
                   .has_ids = ids,
                   .ts_event = rows.column<int64_t>(kTsEvent),
                   .trade_id = ids ? rows.column<int64_t>(kTradeId) : std::span<const int64_t>{},
                   .price = rows.column<int64_t>(kPrice),
                   .quantity = rows.column<int64_t>(kQuantity),
                   .side = rows.column<AggressorSide>(kSide)};
    if (instrument.mixed_scale) {
      const size_t first = ids ? kTradeId + 1 : kTradeId;
      rescaler.apply(view, rows.column<int8_t>(first), rows.column<int8_t>(first + 1));
    }
    const bool some_null = ids && rows.validity(kTradeId) != nullptr;
    const KeepGoing next = some_null ? use_by_ids(rows, view, use) : use(view);
    if (next == KeepGoing::stop) return false;
  }
  return true;
}

}  // namespace

TradeView held_rows(const TapePiece& piece) {
  const TradeView rows = piece.held->view();
  const auto at = [&](Timestamp time) {
    return static_cast<size_t>(std::ranges::lower_bound(rows.ts_event, to_epoch_ns(time)) -
                               rows.ts_event.begin());
  };
  return rows.part(at(piece.range.begin), at(piece.range.end));
}

bool scan_piece(duck::Connection& connection, const Instrument& instrument, const TapePiece& piece,
                WithIds with_ids, const std::function<KeepGoing(const TradeView&)>& use) {
  if (piece.held) {
    const TradeView rows = held_rows(piece);
    return rows.rows() == 0 || use(rows) == KeepGoing::go_on;
  }
  const Query query{select_of(with_ids, instrument.mixed_scale, "", !piece.ordered), with_ids};
  return scan(connection, query, instrument, piece, use);
}

bool scan_minutes(duck::Connection& connection, const Instrument& instrument,
                  const TapePiece& piece, const std::string& minutes,
                  const std::function<KeepGoing(const TradeView&)>& use) {
  // A minute before 1970 begins below, not above.
  const std::string of_minutes = fmt::format(
      " AND epoch_ns(ts_event) - ((epoch_ns(ts_event) % 60000000000) + 60000000000) % 60000000000 "
      "IN (SELECT key FROM {})",
      minutes);
  const Query query{select_of(WithIds::yes, instrument.mixed_scale, of_minutes, true),
                    WithIds::yes};
  return scan(connection, query, instrument, piece, use);
}

}  // namespace tapedeck
