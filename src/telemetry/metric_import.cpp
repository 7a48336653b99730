#include "tapedeck/telemetry/metric_import.hpp"

#include "duck/database.hpp"
#include "duck/quoted.hpp"
#include "store/core.hpp"
#include "store/reject_rows.hpp"
#include "tapedeck/telemetry/telemetry.hpp"
#include "telemetry/record_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <future>
#include <optional>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::string_view kRejects = "metrics.csv";
constexpr size_t kBatchRows = 10'000;
constexpr std::array<std::string_view, 6> kColumns{"timestamp",   "metric_name", "value",
                                                   "metric_type", "symbol",      "labels"};
constexpr size_t kRequired = 3;

using Fields = std::array<std::optional<std::string>, kColumns.size()>;

std::string reading(const std::filesystem::path& path) {
  const std::string name = duck::quoted_text(path.string());
  if (path.extension() == ".parquet") return fmt::format("read_parquet({})", name);
  return fmt::format("read_csv({}, header = true, all_varchar = true, store_rejects = true)", name);
}

// One expression for each of kColumns.
std::string selection(duck::Connection& connection, const std::string& from,
                      const std::filesystem::path& path) {
  std::vector<std::string> there;
  std::vector<std::string> types;
  duck::Result rows = connection.run("DESCRIBE SELECT * FROM " + from);
  while (rows.next_row()) {
    there.emplace_back(rows.text(0));
    types.emplace_back(rows.text(1));
  }
  std::string list;
  for (size_t i = 0; i < kColumns.size(); ++i) {
    const auto at = std::ranges::find(there, kColumns[i]);
    if (at == there.end() && i < kRequired) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("'{}' has no column '{}'; the columns are {}", path.string(),
                              kColumns[i], fmt::join(there, ", "))};
    }
    list += list.empty() ? "" : ", ";
    if (at == there.end()) {
      list += "NULL";
      continue;
    }
    const std::string name = duck::quoted_name(kColumns[i]);
    const bool has_zone = types[static_cast<size_t>(at - there.begin())].ends_with("TIME ZONE");
    list += fmt::format("CAST({} AS VARCHAR)",
                        has_zone ? fmt::format("CAST({} AS TIMESTAMP)", name) : name);
  }
  return list;
}

// Of ISO texts also those that end with an offset: +01:00, -0530, +00.
std::optional<Timestamp> parse_time(std::string_view text) {
  constexpr size_t kDate = 10;
  const size_t sign = text.find_last_of("+-");
  if (sign == std::string_view::npos || sign < kDate) return parse_timestamp(text);
  std::string digits;
  for (const char c : text.substr(sign + 1)) {
    if (c != ':') digits += c;
  }
  if (digits.size() == 2) digits += "00";
  int clock = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), clock);
  const bool good = error == std::errc{} && end == digits.data() + digits.size() &&
                    digits.size() == 4 && clock / 100 < 24 && clock % 100 < 60;
  const auto local = parse_timestamp(text.substr(0, sign));
  if (!good || !local) return std::nullopt;
  const std::chrono::minutes offset{clock / 100 * 60 + clock % 100};
  return text[sign] == '+' ? *local - offset : *local + offset;
}

[[noreturn]] void refuse(std::string_view column, std::string_view text, std::string_view what) {
  throw Error{ErrorCode::invalid_argument, fmt::format("{} '{}' is no {}", column, text, what)};
}

// Error{invalid_argument} with the reason.
MetricRecord to_record(const Fields& fields) {
  const auto& [time, name, value, type, symbol, labels] = fields;
  const auto at = parse_time(time.value_or(""));
  if (!at) refuse("timestamp", time.value_or(""), "time");
  double number = 0;
  const std::string text = value.value_or("");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) refuse("value", text, "number");
  MetricRecord record{name.value_or(""), number};
  record.with_timestamp(*at);
  if (type) {
    const auto known = parse_metric_type(*type);
    if (!known) refuse("metric_type", *type, "counter, gauge or histogram");
    record.with_type(*known);
  }
  if (symbol && !symbol->empty()) record.with_symbol(*symbol);
  if (labels && !labels->empty()) record.series.labels = parse_labels(*labels);
  check(record);
  return record;
}

class MetricImport {
 public:
  MetricImport(Store& store, const std::filesystem::path& path, const MetricImportOptions& options)
      : store_{store},
        path_{path},
        telemetry_{store, {.source = options.source, .duplicates = options.duplicates}} {}

  MetricImportResult run() {
    try {
      read();
    } catch (...) {  // what was stored before stays, and so do its refusals
      keep_rejects();
      throw;
    }
    keep_rejects();
    return result_;
  }

 private:
  void read() {
    duck::Connection connection = store_.core().connect();
    const std::string from = reading(path_);
    const std::string columns = selection(connection, from, path_);
    duck::Statement statement =
        connection.prepare_once(fmt::format("SELECT {} FROM {}", columns, from));
    duck::Result rows = statement.stream();
    int64_t line = path_.extension() == ".parquet" ? 0 : 1;
    while (rows.next_row())
      take(rows, ++line);
    send();
    telemetry_.flush();
    take_unreadable(connection);
  }

  void keep_rejects() { append_rejects(store_.core().location().folder, kRejects, rejects_); }

  void take(const duck::Result& rows, int64_t line) {
    Fields fields;
    for (size_t i = 0; i < fields.size(); ++i) {
      if (!rows.is_null(i)) fields[i] = rows.text(i);
    }
    try {
      batch_.push_back(to_record(fields));
    } catch (const Error& error) {
      std::string text;
      for (const auto& field : fields)
        text += (text.empty() ? "" : ",") + field.value_or("");
      reject(line, error.what(), std::move(text));
    }
    if (batch_.size() == kBatchRows) send();
  }

  void send() {
    if (batch_.empty()) return;
    const auto count = static_cast<int64_t>(batch_.size());
    telemetry_.insert_metrics(std::exchange(batch_, {})).get();
    result_.rows += count;
  }

  // Lines that are no CSV.
  void take_unreadable(duck::Connection& connection) {
    if (path_.extension() == ".parquet") return;
    duck::Result rows = connection.run(
        "SELECT DISTINCT line, error_message, csv_line FROM reject_errors ORDER BY 1");
    while (rows.next_row())
      reject(rows.int64(0), rows.text(1), rows.is_null(2) ? "" : rows.text(2));
  }

  void reject(int64_t line, std::string reason, std::string text) {
    ++result_.rejects;
    rejects_.push_back({.file = path_.string(),
                        .line = line,
                        .reason = std::move(reason),
                        .text = std::move(text)});
  }

  // Constant after construction
  Store& store_;
  const std::filesystem::path path_;

  Telemetry telemetry_;
  std::vector<MetricRecord> batch_;
  std::vector<RejectRow> rejects_;
  MetricImportResult result_;
};

}  // namespace

MetricImportResult import_metrics_file(Store& store, const std::filesystem::path& path,
                                       const MetricImportOptions& options) {
  if (!std::filesystem::is_regular_file(path)) {
    throw Error{ErrorCode::not_found, fmt::format("there is no file '{}'", path.string())};
  }
  if (path.string().find_first_of("*?[") != std::string::npos) {
    throw Error{
        ErrorCode::invalid_argument,
        fmt::format("'{}' would mean several files; give it a name without * ? [", path.string())};
  }
  return MetricImport{store, path, options}.run();
}

}  // namespace tapedeck
