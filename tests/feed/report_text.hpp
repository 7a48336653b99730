// Execution reports as text, to compare in one line.
#pragma once

#include "feed/report_decoder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <vector>

namespace tapedeck::test {

inline std::string shown(const ReportedFill& fill) {
  std::string text = fmt::format("fill {}@{}", to_text(fill.quantity), to_text(fill.price));
  if (fill.scope == FillScope::so_far) text += " so far";
  if (fill.scope == FillScope::all) text += " in all";
  if (fill.currency) text += " in " + *fill.currency;
  if (fill.commission != Amount{}) text += " commission " + to_text(fill.commission);
  if (fill.fees != Amount{}) text += " fees " + to_text(fill.fees);
  if (fill.fee_currency) text += " of " + *fill.fee_currency;
  if (fill.liquidity) text += fmt::format(" {}", to_text(*fill.liquidity));
  if (fill.exchange_trade_id) text += " #" + *fill.exchange_trade_id;
  return text;
}

// "2024-01-01T00:00:00Z binance:BTCUSDT buy order 7 (mine) limit 2@100 gtc submitted; fill 1@99 #5"
inline std::string shown(const ExecutionReport& report) {
  std::string text =
      fmt::format("{} {} {}", to_iso(report.at), to_text(report.instrument), to_text(report.side));
  if (report.strategy_id) text += fmt::format(" for {}", *report.strategy_id);
  if (report.venue_order_id) text += fmt::format(" order {}", *report.venue_order_id);
  if (report.client_order_id) text += fmt::format(" ({})", *report.client_order_id);
  if (report.quantity) {
    text += fmt::format(" {} {}", to_text(report.type), to_text(*report.quantity));
    if (report.price) text += "@" + to_text(*report.price);
    if (report.stop_price) text += " stop " + to_text(*report.stop_price);
    if (report.venue_type) text += " " + *report.venue_type;
    if (report.time_in_force) text += fmt::format(" {}", to_text(*report.time_in_force));
    if (report.amended) text += " amended";
    text += fmt::format(" {}", to_text(report.status));
    if (report.message) text += fmt::format(" '{}'", *report.message);
  }
  if (report.fill) text += "; " + shown(*report.fill);
  return text;
}

struct DecodedReports {
  std::vector<ReportRow> rows;
  std::vector<std::string> reports;
  std::vector<std::string> errors;  // "2: reason"
  int64_t skipped = 0;
};

// The same whether it comes whole or in pieces.
inline DecodedReports decoded_reports(ReportDecoder& decoder, std::string_view text,
                                      size_t piece = 7) {
  for (size_t at = 0; at < text.size(); at += piece)
    decoder.decode(text.substr(at, piece));
  decoder.finish();
  DecodedReports result;
  result.rows = decoder.take_rows();
  for (const ReportRow& row : result.rows)
    result.reports.push_back(shown(row.report));
  for (const DecodeError& error : decoder.take_errors())
    result.errors.push_back(fmt::format("{}: {}", error.line, error.reason));
  result.skipped = decoder.skipped();
  return result;
}

}  // namespace tapedeck::test
