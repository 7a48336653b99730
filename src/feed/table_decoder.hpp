// TableDecoder: rows of texts, as CSV and Parquet files have them, into rows of one
// kind. Pure. One decoder reads one file, whose rows may be of several instruments.
#pragma once

#include "feed/fields.hpp"
#include "feed/table_fields.hpp"
#include "feed/trade_blocks.hpp"
#include "tapedeck/market/depth_snapshot.hpp"
#include "tapedeck/market/derivatives.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/quote.hpp"
#include "tapedeck/market/tick.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace tapedeck {

// Rows that belong together, in the order of the file.
struct TableSeries {
  InstrumentName instrument = {};
  Grain grain = Grain::trade;                // of trades
  std::optional<BarInterval> interval = {};  // of klines
  std::string source = {};                   // of klines and ticks
  std::variant<TradeBlock, std::vector<Kline>, std::vector<Quote>, std::vector<OpenInterest>,
               std::vector<DepthBand>, std::vector<Tick>, std::vector<DepthLevel>,
               std::vector<LevelRun>>
      content = {};

  size_t rows() const;
  // The earliest and the latest; nullopt when there is no row.
  std::optional<std::pair<Timestamp, Timestamp>> times() const;
};

// The times of klines and open interest that a file had so far, by series: each comes once, also
// where the file is a zip of several.
class SeenTimes {
 public:
  // Time → number of the row that had it.
  std::unordered_map<int64_t, int64_t>& of(const std::string& series) { return by_series_[series]; }
  // What comes next may have the times again: a bar that is still moving.
  void forget() {
    for (auto& series : by_series_)
      series.second.clear();
  }

 private:
  std::map<std::string, std::unordered_map<int64_t, int64_t>> by_series_;
};

class TableDecoder {
 public:
  // Series are handed out at this many rows.
  static constexpr size_t kTradeRows = 1 << 18;  // 9 MB
  static constexpr size_t kGivenRows = 50'000;

  // The exponents that an instrument has so far.
  using ScaleOf = std::function<Scale(const InstrumentName&)>;

  // `seen` outlives the decoder. Throws what TableColumns throws.
  TableDecoder(const TableFormat& format, const std::vector<std::string>& columns,
               ScaleOf scale_of = {}, SeenTimes* seen = nullptr);
  ~TableDecoder();
  TableDecoder(const TableDecoder&) = delete;
  TableDecoder& operator=(const TableDecoder&) = delete;

  const TableColumns& columns() const { return columns_; }

  // `values` of the columns, in order; what a row lacks is empty. `row` is its number in the file.
  Field<void> take_row(std::span<const std::string_view> values, int64_t row);

  // Series that are full; with finish() all that is there. Rows may follow.
  std::vector<TableSeries> take_full();
  std::vector<TableSeries> finish();

 private:
  struct OpenSeries;
  using ReadDecimal = Field<Decimal> (*)(std::string_view name, std::string_view text);

  std::string_view text_of(TableField field, std::span<const std::string_view> values) const;
  Field<Timestamp> read_time(std::string_view text, std::optional<TimeUnit>& unit_so_far);
  Field<Timestamp> read_epoch(std::string_view text, std::optional<TimeUnit>& unit_so_far);
  Field<Decimal> read_number(TableField field, std::span<const std::string_view> values,
                             ReadDecimal read) const;
  Field<Decimal> read_units(TableField field, std::span<const std::string_view> values,
                            ReadDecimal read, TableField exponent_field,
                            std::optional<int> exponent) const;
  Field<AggressorSide> read_side(std::span<const std::string_view> values) const;
  Field<OpenSeries*> find_series(std::span<const std::string_view> values, bool has_id);
  OpenSeries& open_series(TableSeries described, bool has_id);
  Field<TableSeries> describe(std::span<const std::string_view> values) const;
  Field<InstrumentName> read_instrument(std::span<const std::string_view> values) const;

  Field<void> take_trade(std::span<const std::string_view> values);
  Field<void> take_kline(std::span<const std::string_view> values, int64_t row);
  Field<void> take_quote(std::span<const std::string_view> values);
  Field<void> take_open_interest(std::span<const std::string_view> values, int64_t row);
  Field<void> take_tick(std::span<const std::string_view> values);
  Field<void> take_level(std::span<const std::string_view> values);
  Field<void> take_run(std::span<const std::string_view> values);
  Field<BookSide> read_book_side(std::span<const std::string_view> values) const;
  Field<WireLevel> read_level(std::span<const std::string_view> values) const;
  Field<void> read_interval(std::span<const std::string_view> values, TableSeries& series) const;
  Field<void> read_optional(std::span<const std::string_view> values, TableField field,
                            std::optional<Decimal>& value) const;
  Field<void> read_optional(std::span<const std::string_view> values, TableField field,
                            std::optional<int64_t>& value) const;
  Field<void> read_optional(std::span<const std::string_view> values, TableField field,
                            std::optional<Timestamp>& value);
  void hand_out(OpenSeries& series, std::vector<TableSeries>& out);

  // Constant after construction
  TableFormat format_;
  TableColumns columns_;
  ScaleOf scale_of_;

  SeenTimes own_seen_;
  SeenTimes* seen_;
  std::optional<TimeUnit> unit_;  // of epoch times
  std::optional<TimeUnit> recv_unit_;
  std::deque<OpenSeries> series_;
  std::unordered_map<std::string, OpenSeries*> by_key_;
  std::string key_;  // of the row before
  std::string next_key_;
  OpenSeries* current_ = nullptr;
};

}  // namespace tapedeck
