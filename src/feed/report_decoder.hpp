// ReportDecoder: histories of one's own trading, as venues and brokers give them out, into
// execution reports. Pure; feed it the bytes in pieces of any length.
#pragma once

#include "feed/decode_error.hpp"
#include "feed/fill_format.hpp"
#include "tapedeck/market/execution_report.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck {

struct ReportRow {
  int64_t line = 0;  // 1-based, where it begins
  std::string text;  // cut like that of a DecodeError
  ExecutionReport report;
};

class ReportDecoder {
 public:
  virtual ~ReportDecoder() = default;

  // Throws Error{bad_input} for a table whose header line is not found.
  virtual void decode(std::span<const char> bytes) = 0;
  virtual void finish() = 0;

  // Since the last call.
  std::vector<ReportRow> take_rows() { return std::exchange(rows_, {}); }
  virtual std::vector<DecodeError> take_errors() = 0;
  // What tells of something else than one's own orders and fills.
  int64_t skipped() const { return skipped_; }

 protected:
  void add(int64_t line, std::string_view text, ExecutionReport report) {
    rows_.push_back({.line = line,
                     .text = std::string{text.substr(0, kMaxTextBytes)},
                     .report = std::move(report)});
  }
  void skip() { ++skipped_; }

  static constexpr size_t kMaxTextBytes = 512;

 private:
  std::vector<ReportRow> rows_;
  int64_t skipped_ = 0;
};

// Events of Binance's user data streams, spot (executionReport) and USD-margined futures
// (ORDER_TRADE_UPDATE): JSON objects one after another or in arrays, bare or as {"stream","data"}.
// Source: developers.binance.com, "User Data Streams", 2025. `venue`: absent, as the event tells:
// binance, binance-um.
std::unique_ptr<ReportDecoder> make_binance_reports(std::optional<std::string> venue = {});
// Alpaca's trade_updates, orders of its REST interface and account activities of type FILL.
// Source: docs.alpaca.markets, "Websocket Streaming", "Orders" and "Account Activities", 2025.
std::unique_ptr<ReportDecoder> make_alpaca_reports(std::string venue = "alpaca");
// Fills as lines of CSV. `format` has a venue.
std::unique_ptr<ReportDecoder> make_fill_csv(FillFormat format);

}  // namespace tapedeck
