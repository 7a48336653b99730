// What the payload of a frame says. docs/journal.md has the bytes.
#pragma once

#include "tapedeck/market/bar.hpp"
#include "tapedeck/market/book_message.hpp"
#include "tapedeck/market/data_kind.hpp"
#include "tapedeck/market/kline.hpp"
#include "tapedeck/market/ledger_entry.hpp"
#include "tapedeck/market/log_record.hpp"
#include "tapedeck/market/metric.hpp"
#include "tapedeck/market/portfolio.hpp"
#include "tapedeck/market/quote.hpp"
#include "tapedeck/market/side.hpp"
#include "tapedeck/market/trade.hpp"
#include "tapedeck/tape/frame.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tapedeck {

struct TradeRows {
  Grain grain = Grain::trade;
  std::string source = {};  // "websocket", "rest", "backfill", "manual", "backtest", …
  // A load of its own, as one call of a caller that waited for it; else a part of a stream.
  bool own_load = false;
  TradeBlock trades = {};
};

struct KlineRows {
  BarInterval interval;
  std::string source = {};
  std::vector<Kline> klines = {};
};

struct OpenInterestRows {
  std::string source = {};
  std::vector<OpenInterest> rows = {};
};

struct QuoteRows {
  std::string source = {};
  std::vector<Quote> quotes = {};
};

struct BookRows {
  std::string source = {};
  BookMessages book = {};
};

// Entries of the ledger. The frame's ts_recv is when they were recorded.
struct OrderRows {
  std::string source = {};
  std::vector<OrderEntry> entries = {};
};

struct FillRows {
  std::string source = {};
  std::vector<FillEntry> entries = {};
};

// Of orders and fills, in the order in which they happened: all of them count, or none.
struct LedgerRows {
  std::string source = {};
  std::vector<LedgerEntry> entries = {};
};

struct MarkRows {
  std::string source = {};
  std::vector<PositionMark> entries = {};
};

struct PortfolioRows {
  std::string source = {};
  std::vector<PortfolioSnapshot> entries = {};
};

struct MetricRows {
  std::string source = {};
  EqualMetrics duplicates = EqualMetrics::keep;
  std::vector<MetricSeries> series = {};  // of these rows, each once
  std::vector<uint32_t> series_of = {};   // a row each: its place in `series`
  std::vector<int64_t> timestamps = {};   // a row each: ns since the epoch
  std::vector<double> values = {};
  std::vector<std::pair<uint32_t, Quantiles>> quantiles = {};  // of the rows that have them
  std::vector<std::pair<uint32_t, Uuid>> correlation_ids = {};
};

struct LogRows {
  std::string source = {};
  std::vector<LogRecord> rows = {};
};

struct EventRows {
  std::string source = {};
  std::vector<SystemEvent> rows = {};
};

// What the frame's instrument number stands for.
struct InstrumentRow {
  InstrumentName name = {};
};

struct Deletion {
  DataKind kind = DataKind::trades;
  Timestamp cutoff;
  bool every_instrument = false;  // else the frame's
};

struct SettingChange {
  std::string key = {};
  std::optional<std::string> json = {};  // nullopt: deleted
};

struct LoadNote {
  std::string path = {};  // absolute
  std::string sha256 = {};
  std::string instrument = {};  // "binance:BTCUSDT"; empty for a table of several
  std::string dataset = {};
  std::string read_as = {};  // of a table: how its columns were read; empty for an archive
  int64_t rows = 0;
};

struct StatementNote {
  std::string sql = {};
};

struct Refusal {
  uint64_t sequence = 0;  // of the frame that was not applied
  std::string reason = {};
};

using FrameContent =
    std::variant<TradeRows, KlineRows, OpenInterestRows, QuoteRows, BookRows, OrderRows, FillRows,
                 MarkRows, PortfolioRows, LedgerRows, MetricRows, LogRows, EventRows, InstrumentRow,
                 Deletion, SettingChange, LoadNote, StatementNote, Refusal>;

FrameKind kind_of(const FrameContent& content);
uint32_t rows_of(const FrameContent& content);

std::vector<std::byte> to_payload(const FrameContent& content);
// The reason when the bytes are not what the kind promises, or the kind has no payload yet.
tl::expected<FrameContent, std::string> read_payload(const Frame& frame);

}  // namespace tapedeck
