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
  duck::Result rows = connection.run("DESCRIBE SELECT * FROM " + from);
  while (rows.next_row())
    there.push_back(rows.text(0));
  std::string list;
  for (size_t i = 0; i < kColumns.size(); ++i) {
    const bool found = std::ranges::find(there, kColumns[i]) != there.end();
    if (!found && i < kRequired) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("'{}' has no column '{}'; the columns are {}", path.string(),
                              kColumns[i], fmt::join(there, ", "))};
    }
    list += list.empty() ? "" : ", ";
    list += found ? fmt::format("CAST({} AS VARCHAR)", duck::quoted_name(kColumns[i])) : "NULL";
  }
  return list;
}

[[noreturn]] void refuse(std::string_view column, std::string_view text, std::string_view what) {
  throw Error{ErrorCode::invalid_argument, fmt::format("{} '{}' is no {}", column, text, what)};
}

// Error{invalid_argument} with the reason.
MetricRecord to_record(const Fields& fields) {
  const auto& [time, name, value, type, symbol, labels] = fields;
  const auto at = parse_timestamp(time.value_or(""));
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
    append_rejects(store_.core().location().folder, kRejects, rejects_);
    return result_;
  }

 private:
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
  return MetricImport{store, path, options}.run();
}

}  // namespace tapedeck
