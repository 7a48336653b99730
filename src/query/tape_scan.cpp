#include "query/tape_scan.hpp"

#include <fmt/format.h>

#include <string>

namespace tapedeck {
namespace {

enum Column : size_t { kTsEvent, kPrice, kQuantity, kSide, kTradeId };

// The casts keep the comparison in the column's own type: a BIGINT parameter would cast the column,
// and the scan would neither prune nor filter early (measured: 17 ms instead of 8 for 1.1 M rows).
std::string select_of(WithIds with_ids, bool with_scale, bool sorted) {
  return fmt::format(
      "SELECT ts_event, price, quantity, side{}{} FROM tape.trades WHERE instrument_id = CAST(? AS "
      "INTEGER) AND grain = CAST(? AS UTINYINT) AND ts_event >= ? AND ts_event < ?{}",
      with_ids == WithIds::yes ? ", trade_id" : "", with_scale ? ", price_exp, qty_exp" : "",
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

TradeView part_of(const TradeView& view, size_t from, size_t to, bool has_ids) {
  const size_t rows = to - from;
  return {.scale = view.scale,
          .has_ids = has_ids,
          .ts_event = view.ts_event.subspan(from, rows),
          .trade_id = has_ids ? view.trade_id.subspan(from, rows) : std::span<const int64_t>{},
          .price = view.price.subspan(from, rows),
          .quantity = view.quantity.subspan(from, rows),
          .side = view.side.subspan(from, rows)};
}

// Rows with and without ids come in separate views.
KeepGoing use_by_ids(const duck::Result& rows, const TradeView& view,
                     const std::function<KeepGoing(const TradeView&)>& use) {
  size_t from = 0;
  while (from < view.rows()) {
    const bool has_id = !rows.is_null_at(kTradeId, from);
    size_t to = from + 1;
    while (to < view.rows() && rows.is_null_at(kTradeId, to) != has_id)
      ++to;
    if (use(part_of(view, from, to, has_id)) == KeepGoing::stop) return KeepGoing::stop;
    from = to;
  }
  return KeepGoing::go_on;
}

}  // namespace

size_t scan_threads() {
  return std::max(1U, std::thread::hardware_concurrency());
}

bool scan_slice(Reader& reader, const Instrument& instrument, const TapePiece& slice,
                WithIds with_ids, const std::function<KeepGoing(const TradeView&)>& use) {
  const bool ids = with_ids == WithIds::yes;
  duck::Statement& statement =
      reader.prepare(select_of(with_ids, instrument.mixed_scale, !slice.ordered));
  duck::Result rows = statement.bind(1, static_cast<int64_t>(instrument.id))
                          .bind(2, static_cast<int64_t>(slice.grain))
                          .bind(3, slice.range.begin)
                          .bind(4, slice.range.end)
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

}  // namespace tapedeck
