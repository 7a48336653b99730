#include "query/verify_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tapedeck {
namespace {

// A slice names so many rows; of a table full of nonsense nobody reads more.
constexpr int64_t kNamedRows = 100;

class SliceFold {
 public:
  SliceFold(const Instrument& instrument, const TapePiece& slice)
      : instrument_{instrument}, slice_{slice} {}

  // Says stop where a row lies behind a later one.
  KeepGoing add(const TradeView& trades) {
    if (slice_.ordered && !check_order(trades)) return KeepGoing::stop;
    check_values(trades);
    minutes_.add(trades);
    if (trades.has_ids) result_.ids.add(trades);
    result_.rows += static_cast<int64_t>(trades.rows());
    return KeepGoing::go_on;
  }

  VerifiedSlice finish() {
    if (bad_rows_ > kNamedRows) {
      add_finding(slice_.range.begin, "value", "", fmt::format("{} rows", bad_rows_ - kNamedRows),
                  "further rows like those above");
    }
    result_.minutes = minutes_.finish();
    return std::move(result_);
  }

  const Finding& disorder() const { return result_.findings.back(); }

 private:
  bool check_order(const TradeView& trades) {
    for (size_t row = 0; row < trades.rows(); ++row) {
      const int64_t ts = trades.ts_event[row];
      const int64_t id = trades.has_ids ? trades.trade_id[row] : INT64_MIN;
      if (ts < last_ts_ || (ts == last_ts_ && id < last_id_)) {
        add_finding(from_epoch_ns(ts), "order",
                    fmt::format("not before {}", to_iso(from_epoch_ns(last_ts_))),
                    trades.has_ids ? fmt::format("id {}", id) : "a row",
                    "rows of a load that is marked as ordered lie out of order");
        return false;
      }
      last_ts_ = ts;
      last_id_ = id;
    }
    return true;
  }

  void check_values(const TradeView& trades) {
    bool bad = false;
    for (size_t row = 0; row < trades.rows(); ++row) {
      bad |= trades.price[row] <= 0;
      bad |= trades.quantity[row] < 0;
      bad |= trades.side[row] > AggressorSide::sell;
    }
    if (!bad) return;
    const Scale scale = trades.scale;
    for (size_t row = 0; row < trades.rows(); ++row) {
      const Timestamp at = from_epoch_ns(trades.ts_event[row]);
      const std::string id =
          trades.has_ids ? fmt::format("id {}", trades.trade_id[row]) : std::string{};
      if (trades.price[row] <= 0) {
        add_bad(at, "price", "above 0", to_text(Decimal{trades.price[row], scale.price_exp}), id);
      }
      if (trades.quantity[row] < 0) {
        add_bad(at, "quantity", "0 or more", to_text(Decimal{trades.quantity[row], scale.qty_exp}),
                id);
      }
      if (trades.side[row] > AggressorSide::sell) {
        add_bad(at, "side", "0, 1 or 2", fmt::format("{}", static_cast<int>(trades.side[row])), id);
      }
    }
  }

  void add_bad(Timestamp at, std::string what, std::string expected, std::string found,
               std::string cause) {
    if (++bad_rows_ > kNamedRows) return;
    add_finding(at, std::move(what), std::move(expected), std::move(found), std::move(cause));
  }

  void add_finding(Timestamp at, std::string what, std::string expected, std::string found,
                   std::string cause) {
    result_.findings.push_back({.instrument = to_text(instrument_.name),
                                .dataset = dataset_of(slice_.grain),
                                .time = at,
                                .what = std::move(what),
                                .expected = std::move(expected),
                                .found = std::move(found),
                                .cause = std::move(cause)});
  }

  // Constant after construction
  const Instrument& instrument_;
  const TapePiece& slice_;

  VerifiedSlice result_;
  MinuteFold minutes_;
  int64_t last_ts_ = INT64_MIN;
  int64_t last_id_ = INT64_MIN;
  int64_t bad_rows_ = 0;
};

}  // namespace

VerifiedSlice verify_slice(Reader& reader, const Instrument& instrument, const TapePiece& slice) {
  SliceFold fold{instrument, slice};
  const auto add = [&](SliceFold& to) {
    return [&to](const TradeView& trades) { return to.add(trades); };
  };
  if (scan_piece(reader, instrument, slice, WithIds::yes, add(fold))) return fold.finish();
  TapePiece unordered = slice;
  unordered.ordered = false;
  SliceFold again{instrument, unordered};
  scan_piece(reader, instrument, unordered, WithIds::yes, add(again));
  VerifiedSlice result = again.finish();
  result.findings.push_back(fold.disorder());
  return result;
}

}  // namespace tapedeck
