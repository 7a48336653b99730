#include "cli/ledger_options.hpp"
#include "cli/print_rows.hpp"
#include "cli/say.hpp"
#include "tapedeck/telemetry/logs.hpp"
#include "tapedeck/telemetry/metric_import.hpp"
#include "tapedeck/telemetry/metrics.hpp"
#include "tapedeck/telemetry/telemetry.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::string_view kAggregations =
    "avg, sum, min, max, count, first, last, stddev, p50, p95, p99";
constexpr std::string_view kLevels = "debug, info, warning, error, critical";

void add_time_options(CLI::App& app, SelectionOptions& selection) {
  add_range_options(app, selection);
  app.add_option("--last", selection.last, "of the time back from now: 30m, 2h, 7d")
      ->type_name("TIME");
}

// key=value
std::pair<std::string, std::string> label_from(const std::string& text) {
  const size_t at = text.find('=');
  if (at != std::string::npos && at > 0) return {text.substr(0, at), text.substr(at + 1)};
  throw Error{ErrorCode::invalid_argument,
              fmt::format("--label '{}' is no label; write key=value, like venue=alpaca", text)};
}

double number_from(std::string_view option, const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc{} && behind == end) return value;
  throw Error{ErrorCode::invalid_argument, fmt::format("{} '{}' is no number", option, text)};
}

CellRow metric_row(const MetricRecord& record) {
  CellRow row;
  row.add(record.timestamp).add(record.series.name).add(to_text(record.series.type));
  row.add(record.value).add(record.series.symbol).add(to_json(record.series.labels));
  row.add(record.correlation_id);
  return row;
}

class MetricsCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    get_ = app.add_subcommand("get", "values, newest first");
    add_name(*get_);
    add_shared(*get_);
    aggregate_ = app.add_subcommand("aggregate", "one row an interval");
    add_name(*aggregate_);
    aggregate_->add_option("--interval", interval_, "1s, 1m, 1h … or minute, hour …")
        ->capture_default_str();
    aggregate_->add_option("--aggregation", aggregation_, fmt::format("{}", kAggregations))
        ->capture_default_str();
    add_shared(*aggregate_);
    current_ = app.add_subcommand("current", "the newest value of each series");
    current_->add_option("NAME", name_, "of this metric only")->type_name("");
    add_output_options(*current_, output_);
    add_store_options(*current_, store_);
    put_ = app.add_subcommand("put", "store one value");
    add_name(*put_);
    put_->add_option("VALUE", value_)->required()->type_name("");
    put_->add_option("--at", at_, "default: now")->type_name("TIME");
    add_store_options(*put_, store_);
    import_ = app.add_subcommand("import", "values of CSV or Parquet files; twice is once");
    import_->add_option("FILE", files_, "columns timestamp, metric_name, value, symbol, labels")
        ->required()
        ->type_name("");
    add_store_options(*import_, store_);
    app.require_subcommand(0, 1);
  }

  int run() override {
    if (put_->parsed()) return put();
    if (import_->parsed()) return import_files();
    if (current_->parsed()) {
      const Store store = open_store(store_, OpenMode::read);
      return print(current_metrics(store, find_text(name_)));
    }
    if (!get_->parsed() && !aggregate_->parsed()) {
      throw Error{ErrorCode::invalid_argument,
                  "metrics needs one of: get, aggregate, current, put, import"};
    }
    const MetricFilter filter{.name = name_,
                              .symbol = find_text(symbol_),
                              .labels = labels(),
                              .range = ledger_range(selection_, time_now())};
    if (aggregate_->parsed()) return aggregate(filter);
    const Store store = open_store(store_, OpenMode::read);
    return print(metrics(store, filter, output_.limit.value_or(kMetricLimit)));
  }

 private:
  void add_name(CLI::App& app) {
    app.add_option("NAME", name_, "of the metric")->required()->type_name("");
    app.add_option("--symbol", symbol_, "of this symbol")->type_name("SYMBOL");
    app.add_option("--label", labels_, "with this label; may be given again")
        ->type_name("KEY=VALUE");
  }
  void add_shared(CLI::App& app) {
    add_time_options(app, selection_);
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  MetricLabels labels() const {
    MetricLabels all;
    for (const std::string& text : labels_)
      all.insert(label_from(text));
    return all;
  }

  int print(const std::vector<MetricRecord>& records) const {
    static const std::array<Column, 7> columns{{{"time", CellType::time},
                                                {"metric"},
                                                {"type"},
                                                {"value", CellType::real},
                                                {"symbol"},
                                                {"labels"},
                                                {"correlation_id"}}};
    return print_rows(store_, output_, columns, records, metric_row);
  }

  int aggregate(const MetricFilter& filter) const {
    const BarInterval interval = interval_from("--interval", interval_);
    const Aggregation aggregation =
        word_from("--aggregation", aggregation_, kAggregations, parse_aggregation);
    const Store store = open_store(store_, OpenMode::read);
    const std::array<Column, 3> columns{{{"time", CellType::time},
                                         {std::string{to_text(aggregation)}, CellType::real},
                                         {"values", CellType::integer}}};
    return print_rows(store_, output_, columns,
                      aggregated_metrics(store, filter, interval, aggregation),
                      [](const AggregatedMetric& row) {
                        return std::move(CellRow{}.add(row.bucket).add(row.value).add(row.count));
                      });
  }

  int put() const {
    MetricRecord record{name_, number_from("VALUE", value_)};
    if (!symbol_.empty()) record.with_symbol(symbol_);
    for (const auto& [key, text] : labels())
      record.add_label(key, text);
    if (const auto at = find_time("--at", at_)) record.with_timestamp(*at);
    Store store = open_store(store_, OpenMode::create);
    Telemetry{store, {.source = "manual"}}.insert_metric(std::move(record)).get();
    return kExitOk;
  }

  int import_files() const {
    Store store = open_store(store_, OpenMode::create);
    int64_t rejects = 0;
    for (const std::string& file : files_) {
      const MetricImportResult result = import_metrics_file(store, file);
      rejects += result.rejects;
      if (store_.quiet) continue;
      say("{}: {} acknowledged{}\n", file, plural(result.rows, "value"),
          result.rejects == 0
              ? std::string{}
              : fmt::format(", {} refused: see '{}'", plural(result.rejects, "line"),
                            (store.path() / "rejects" / "metrics.csv").string()));
    }
    return rejects > 0 ? kExitFailure : kExitOk;
  }

  StoreChoice store_;
  OutputOptions output_;
  SelectionOptions selection_;
  std::vector<std::string> files_;
  std::string name_;
  std::string symbol_;
  std::vector<std::string> labels_;
  std::string interval_ = "1m";
  std::string aggregation_ = "avg";
  std::string value_;
  std::string at_;
  CLI::App* get_ = nullptr;
  CLI::App* aggregate_ = nullptr;
  CLI::App* current_ = nullptr;
  CLI::App* put_ = nullptr;
  CLI::App* import_ = nullptr;
};

// What both commands below ask by. As typed; empty where not given.
struct LogOptions {
  StoreChoice store;
  OutputOptions output;
  SelectionOptions selection;
  std::string level;
  std::string component;
  std::string correlation_id;
  std::string text;
};

void add_log_options(CLI::App& app, LogOptions& options) {
  app.add_option("TEXT,--text", options.text, "in the message, in either case")->type_name("");
  app.add_option("--level", options.level, fmt::format("at least: {}", kLevels))
      ->type_name("LEVEL");
  app.add_option("--component", options.component)->type_name("NAME");
  app.add_option("--correlation-id", options.correlation_id, "under this id")->type_name("UUID");
  add_time_options(app, options.selection);
  add_output_options(app, options.output);
  add_store_options(app, options.store);
}

template <typename Filter>
void read_options(Filter& filter, const LogOptions& options) {
  if (!options.level.empty()) {
    filter.at_least = word_from("--level", options.level, kLevels, parse_log_level);
  }
  filter.component = find_text(options.component);
  filter.correlation_id = find_uuid("--correlation-id", options.correlation_id);
  filter.text = find_text(options.text);
  filter.range = ledger_range(options.selection, time_now());
  filter.limit = options.output.limit.value_or(kLogLimit);
}

class LogsCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("--service", service_)->type_name("NAME");
    add_log_options(app, options_);
  }

  int run() override {
    LogFilter filter{.service = find_text(service_)};
    read_options(filter, options_);
    const Store store = open_store(options_.store, OpenMode::read);
    static const std::array<Column, 8> columns{{{"time", CellType::time},
                                                {"level"},
                                                {"service"},
                                                {"component"},
                                                {"message"},
                                                {"event"},
                                                {"fields"},
                                                {"correlation_id"}}};
    return print_rows(options_.store, options_.output, columns, logs(store, filter),
                      [](const LogRecord& record) {
                        CellRow row;
                        row.add(record.timestamp).add(to_text(record.level)).add(record.service);
                        row.add(record.component).add(record.message).add(record.event);
                        row.add(record.fields).add(record.correlation_id);
                        return row;
                      });
  }

 private:
  LogOptions options_;
  std::string service_;
};

class EventsCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("--type", type_)->type_name("WORD");
    add_log_options(app, options_);
  }

  int run() override {
    EventFilter filter{.type = find_text(type_)};
    read_options(filter, options_);
    const Store store = open_store(options_.store, OpenMode::read);
    static const std::array<Column, 7> columns{{{"time", CellType::time},
                                                {"severity"},
                                                {"type"},
                                                {"component"},
                                                {"message"},
                                                {"details"},
                                                {"correlation_id"}}};
    return print_rows(options_.store, options_.output, columns, events(store, filter),
                      [](const SystemEvent& event) {
                        CellRow row;
                        row.add(event.timestamp).add(to_text(event.severity)).add(event.type);
                        row.add(event.component).add(event.message).add(event.details);
                        row.add(event.correlation_id);
                        return row;
                      });
  }

 private:
  LogOptions options_;
  std::string type_;
};

}  // namespace

std::unique_ptr<Command> make_metrics_command() {
  return std::make_unique<MetricsCommand>();
}

std::unique_ptr<Command> make_logs_command() {
  return std::make_unique<LogsCommand>();
}

std::unique_ptr<Command> make_events_command() {
  return std::make_unique<EventsCommand>();
}

}  // namespace tapedeck
