// Decoders for the CSV files of Binance's public archive. Pure: bytes in, records and refused lines
// out. One decoder reads one file; feed it the bytes in pieces of any length, then call finish().
//
//   aggTrades  agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker[,best_match]
//   trades     id,price,qty,quote_qty,time,is_buyer_maker[,best_match]      (cm: base_qty)
//   klines     open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore
//   metrics    create_time,symbol,sum_open_interest,sum_open_interest_value,4 ratios
//   bookTicker update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time
//   bookDepth  timestamp,percentage,depth,notional
//
// Header lines are optional, lines end with LF or CRLF, booleans are True/true/1, the last line may
// be blank. Times are milliseconds (13 digits) or microseconds (16), told once per file by the
// first row. Source: github.com/binance/binance-public-data, README as of 2024.
#pragma once

#include "feed/archive_name.hpp"
#include "feed/decode_error.hpp"
#include "feed/fields.hpp"
#include "feed/row_archive.hpp"
#include "tapedeck/market/derivatives.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/quote.hpp"
#include "tapedeck/market/trade.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// Rows must lie within the file's period, one day more on either side.
struct ArchiveContext {
  ArchiveKind kind = ArchiveKind::trades;
  std::optional<TimeRange> period = {};
  std::optional<BarInterval> interval = {};  // klines: rows must begin on it
  std::string symbol = {};                   // metrics: rows of another symbol are refused
  Scale scale = {};                          // exponents to begin with (the instrument's so far)
};

// aggTrades and trades. Ids must rise from line to line; price above 0, quantity 0 or more.
class TradeArchiveDecoder {
 public:
  // Blocks are handed out at this many rows: a DuckDB row group, so that one block fills one.
  static constexpr size_t kBlockRows = 122'880;

  explicit TradeArchiveDecoder(const ArchiveContext& context);
  ~TradeArchiveDecoder();

  void decode(std::span<const char> bytes);
  void finish();

  // Full blocks so far (all blocks after finish()), in file order, each of one scale: the finest
  // needed up to its last row. Empty when there is none yet.
  std::vector<TradeBlock> take_blocks();
  // Refused lines since the last call.
  std::vector<DecodeError> take_errors();
  int64_t refused() const;  // all refused lines
  int64_t lines() const;    // lines seen, header included

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// klines: begins must rise, low <= open, close <= high, prices above 0.
class KlineArchiveDecoder final : public RowArchiveDecoder<Kline> {
 public:
  explicit KlineArchiveDecoder(const ArchiveContext& context);

 private:
  Field<Kline> read_row(std::string_view line) override;
  Field<Timestamp> read_begin(std::string_view text);

  std::optional<BarInterval> interval_;
  FileClock clock_;
  std::optional<Timestamp> last_begin_;
};

// metrics: times are text `2025-08-01 00:05:00`, fields may be quoted or empty.
class MetricsArchiveDecoder final : public RowArchiveDecoder<OpenInterest> {
 public:
  explicit MetricsArchiveDecoder(const ArchiveContext& context);

  // The symbol of the first row, for files whose name does not tell.
  const std::string& symbol() const { return symbol_; }

 private:
  Field<OpenInterest> read_row(std::string_view line) override;

  std::string symbol_;
  FileClock clock_;
};

// bookTicker: the transaction time is that of a quote, its number the update_id.
class BookTickerArchiveDecoder final : public RowArchiveDecoder<Quote> {
 public:
  explicit BookTickerArchiveDecoder(const ArchiveContext& context);

 private:
  Field<Quote> read_row(std::string_view line) override;

  FileClock clock_;
};

// bookDepth: times are text, as those of metrics.
class BookDepthArchiveDecoder final : public RowArchiveDecoder<DepthBand> {
 public:
  explicit BookDepthArchiveDecoder(const ArchiveContext& context);

 private:
  Field<DepthBand> read_row(std::string_view line) override;

  FileClock clock_;
};

// Which kind a header line belongs to; nullopt for a line that is no known header.
std::optional<ArchiveKind> kind_of_header(std::string_view line);

}  // namespace tapedeck
