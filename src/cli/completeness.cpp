#include "cli/completeness.hpp"

#include "base/json_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace tapedeck {
namespace {

constexpr size_t kNamedGaps = 10;
constexpr std::string_view kNotStored = "not stored";

bool is_open(Timestamp t) {
  return t == Timestamp::min() || t == Timestamp::max();
}

std::string edge_text(Timestamp t, TimeStyle style) {
  if (t == Timestamp::min()) return "the beginning";
  if (t == Timestamp::max()) return "the end";
  std::string text;
  append_time(text, t, style);
  return text;
}

std::string gap_text(const CoverageRow& gap, TimeStyle style) {
  std::string why{gap.status == CoverageStatus::deleted ? "deleted" : kNotStored};
  if (!gap.cause.empty() && gap.cause != why) why += fmt::format(" ({})", gap.cause);
  if (gap.range.begin == gap.range.end) {
    return fmt::format("  {} some rows {}\n", edge_text(gap.range.begin, style), why);
  }
  return fmt::format("  {} – {} {}\n", edge_text(gap.range.begin, style),
                     edge_text(gap.range.end, style), why);
}

void append_edge(std::string& out, Timestamp t, TimeStyle style) {
  append_json(out, is_open(t) ? Cell{} : Cell{t}, style);
}

}  // namespace

std::string completeness_text(const TapeAnswer& answer, TimeStyle style) {
  const std::vector<CoverageRow>& gaps = answer.coverage.gaps;
  std::string text = answer.coverage.complete()
                         ? "complete"
                         : fmt::format("incomplete: {} gap{}", grouped(std::ssize(gaps)),
                                       gaps.size() == 1 ? "" : "s");
  if (!answer.grains.empty()) {
    std::vector<std::string> grains;
    for (const Grain grain : answer.grains)
      grains.push_back(dataset_of(grain));
    text +=
        fmt::format(", from {}, {} read", fmt::join(grains, " and "), plural(answer.rows, "row"));
  }
  if (!answer.given.empty()) {
    text += fmt::format(", from the venue's {}, {} read", answer.given, plural(answer.rows, "row"));
  }
  text += '\n';
  for (size_t i = 0; i < std::min(gaps.size(), kNamedGaps); ++i)
    text += gap_text(gaps[i], style);
  if (gaps.size() > kNamedGaps) {
    text +=
        fmt::format("  … {} more gaps\n", grouped(static_cast<int64_t>(gaps.size() - kNamedGaps)));
  }
  return text;
}

std::string completeness_json(const TapeAnswer& answer, TimeStyle style) {
  const Coverage& coverage = answer.coverage;
  std::string out = "\"coverage\":{\"complete\":";
  out += coverage.complete() ? "true" : "false";
  out += ",\"range\":[";
  append_edge(out, coverage.range.begin, style);
  out += ',';
  append_edge(out, coverage.range.end, style);
  out += "],\"gaps\":[";
  for (size_t i = 0; i < coverage.gaps.size(); ++i) {
    const CoverageRow& gap = coverage.gaps[i];
    out += i > 0 ? ",{\"begin\":" : "{\"begin\":";
    append_edge(out, gap.range.begin, style);
    out += ",\"end\":";
    append_edge(out, gap.range.end, style);
    out += ",\"status\":";
    append_json_text(out, to_text(gap.status));
    out += ",\"cause\":";
    append_json(out, gap.cause.empty() ? Cell{} : Cell{std::string_view{gap.cause}}, style);
    out += '}';
  }
  out += "]},\"grains\":[";
  for (size_t i = 0; i < answer.grains.size(); ++i) {
    if (i > 0) out += ',';
    append_json_text(out, dataset_of(answer.grains[i]));
  }
  out += "],\"given\":";
  append_json(out, answer.given.empty() ? Cell{} : Cell{std::string_view{answer.given}}, style);
  return out;
}

}  // namespace tapedeck
