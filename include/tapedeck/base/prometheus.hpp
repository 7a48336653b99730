// Readings in Prometheus's text exposition format, version 0.0.4:
// https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include "tapedeck/base/counters.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace tapedeck {

inline constexpr std::string_view kPrometheusContentType = "text/plain; version=0.0.4";

// The bounds `le` of every histogram, with +Inf behind them. All are ends of a Histogram's buckets:
// the counts are exact.
inline constexpr std::array kPrometheusBounds{
    0.01,  0.025, 0.05, 0.1,   0.25, 0.5, 1.0,   2.5, 5.0, 10.0,  25.0, 50.0, 100.0,
    250.0, 500.0, 1e3,  2.5e3, 5e3,  1e4, 2.5e4, 5e4, 1e5, 2.5e5, 5e5,  1e6};

// [a-zA-Z_:][a-zA-Z0-9_:]*: each other character becomes `_`, so database.queries.total is
// database_queries_total; `_` is put before a first digit.
std::string prometheus_name(std::string_view name);
// The same without `:`.
std::string prometheus_label(std::string_view name);

// Readings of one registry, as CounterRegistry::readings() sorts them.
std::string to_prometheus(std::span<const CounterReading> readings);

}  // namespace tapedeck
