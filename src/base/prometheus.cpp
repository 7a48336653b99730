#include "tapedeck/base/prometheus.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <cmath>

namespace tapedeck {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string spelled(std::string_view name, std::string_view also) {
  std::string out;
  if (name.empty() || is_digit(name[0])) out += '_';
  for (const char c : name) {
    out += is_letter(c) || is_digit(c) || also.find(c) != std::string_view::npos ? c : '_';
  }
  return out;
}

// As Go's strconv.ParseFloat reads it, which the format refers to.
std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

void append_label_value(std::string& out, std::string_view value) {
  for (size_t at = 0; at < value.size();) {
    const size_t bytes = utf8_character_bytes(value.substr(at));
    switch (value[at]) {
      case '\\': out += "\\\\"; break;
      case '"': out += "\\\""; break;
      case '\n': out += "\\n"; break;
      default: out += bytes == 0 ? kReplacementCharacter : value.substr(at, bytes);
    }
    at += bytes == 0 ? 1 : bytes;
  }
}

// `operation="insert",status="success"`; nothing for none.
std::string label_text(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += prometheus_label(name);
    out += "=\"";
    append_label_value(out, value);
    out += '"';
  }
  return out;
}

void append_sample(std::string& out, std::string_view name, std::string_view labels,
                   std::string_view value) {
  out += name;
  if (!labels.empty()) {
    out += '{';
    out += labels;
    out += '}';
  }
  out += ' ';
  out += value;
  out += '\n';
}

void append_histogram(std::string& out, const std::string& name, const std::string& labels,
                      const HistogramReading& reading) {
  const std::string bucket = name + "_bucket";
  const std::string before_bound = labels.empty() ? "le=\"" : labels + ",le=\"";
  for (const double bound : kPrometheusBounds) {
    append_sample(out, bucket, before_bound + number(bound) + '"',
                  fmt::to_string(reading.count_at_most(bound)));
  }
  append_sample(out, bucket, before_bound + "+Inf\"", fmt::to_string(reading.count));
  append_sample(out, name + "_sum", labels, number(reading.sum));
  append_sample(out, name + "_count", labels, fmt::to_string(reading.count));
}

}  // namespace

std::string prometheus_name(std::string_view name) {
  return spelled(name, ":");
}
std::string prometheus_label(std::string_view name) {
  return spelled(name, "");
}

std::string to_prometheus(std::span<const CounterReading> readings) {
  std::string out;
  std::string last;
  for (const CounterReading& reading : readings) {
    const std::string name = prometheus_name(reading.name);
    if (name != last) out += fmt::format("# TYPE {} {}\n", name, to_text(reading.kind()));
    last = name;
    const std::string labels = label_text(reading.labels);
    if (const auto* histogram = std::get_if<HistogramReading>(&reading.value)) {
      append_histogram(out, name, labels, *histogram);
    } else if (const auto* gauge = std::get_if<double>(&reading.value)) {
      append_sample(out, name, labels, number(*gauge));
    } else {
      append_sample(out, name, labels, fmt::to_string(std::get<int64_t>(reading.value)));
    }
  }
  return out;
}

}  // namespace tapedeck
