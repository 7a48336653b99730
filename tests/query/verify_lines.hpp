// Findings of verify as lines, and what a venue would have published of the stored trades.
#pragma once

#include "sql_rows.hpp"
#include "tapedeck/query/bars.hpp"
#include "tapedeck/query/verify.hpp"
#include "tapedeck/store/writer.hpp"

#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

namespace tapedeck::test {

inline std::string shown(const Finding& finding) {
  return fmt::format("{} {} {}: {} / {}{}", finding.dataset,
                     finding.time ? to_epoch_ns(*finding.time) / 1'000'000 : -1, finding.what,
                     finding.expected, finding.found,
                     finding.cause.empty() ? "" : " (" + finding.cause + ")");
}

// A line a finding.
inline std::vector<std::string> findings(Store& store, const VerifyRequest& request = {}) {
  std::vector<std::string> lines;
  const VerifyReport report =
      verify(store, request, [&](const Finding& finding) { lines.push_back(shown(finding)); });
  CHECK(report.findings == static_cast<int64_t>(lines.size()));
  return lines;
}

using Lines = std::vector<std::string>;

inline void check_lines(const Lines& found, const Lines& expected) {
  CHECK(fmt::format("{}", fmt::join(found, "\n")) == fmt::format("{}", fmt::join(expected, "\n")));
}

inline void change(Store& store, const std::string& statement) {
  sql(store, statement, SqlAccess::write);
}

// The venue's klines of the stored trades, as it would have published them.
inline std::vector<Kline> klines_of(const Store& store, const Instrument& instrument,
                                    BarInterval interval) {
  std::vector<Kline> klines;
  const Scale scale = store.instrument(to_text(instrument.name)).scale;
  for_each_kline(store, {.instrument = store.instrument(to_text(instrument.name))}, interval,
                 [&](const BarAnswer& answer) {
                   const Bar& bar = answer.bar;
                   const auto price = [&](Price p) { return Decimal{p.raw(), scale.price_exp}; };
                   klines.push_back({.begin = bar.begin,
                                     .open = price(bar.open),
                                     .high = price(bar.high),
                                     .low = price(bar.low),
                                     .close = price(bar.close),
                                     .volume = {bar.volume, scale.qty_exp},
                                     .quote_volume = {},
                                     .buy_volume = Decimal{bar.buy_volume, scale.qty_exp},
                                     .buy_quote_volume = {},
                                     .trades = bar.trades});
                   return KeepGoing::go_on;
                 });
  return klines;
}

}  // namespace tapedeck::test
