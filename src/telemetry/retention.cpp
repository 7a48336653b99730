#include "tapedeck/telemetry/retention.hpp"

#include "base/file.hpp"
#include "duck/quoted.hpp"
#include "duck/transaction.hpp"
#include "market/words.hpp"
#include "store/core.hpp"
#include "store/live_series.hpp"
#include "store/live_tape.hpp"
#include "store/observed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

constexpr int64_t kHour = 3'600'000'000'000;  // in nanoseconds
constexpr std::chrono::seconds kPatience{60};

// Everything acknowledged is in the tables. Error{timeout} when the database does not take it.
void settle(StoreCore& core) {
  if (core.mode() == OpenMode::read) return;  // write() refuses
  LiveTape& tape = core.live_tape();
  tape.apply_until(tape.stats().sequence, kPatience);
}

Timestamp hour_of(Timestamp at) {
  return from_epoch_ns(to_epoch_ns(at) / kHour * kHour);
}

std::string before(std::string_view column, Timestamp end) {
  return fmt::format("\"{}\" < make_timestamp_ns({})", column, to_epoch_ns(end));
}

int64_t delete_from(duck::Connection& connection, std::string_view table,
                    const std::string& condition) {
  return connection.run(fmt::format("DELETE FROM telemetry.{} WHERE {}", table, condition))
      .rows_changed();
}

int64_t roll_up(duck::Connection& connection, std::string_view interval, int64_t width,
                const std::string& condition) {
  return connection
      .run(fmt::format(
          "INSERT INTO telemetry.rollups SELECT series_id, '{0}', make_timestamp_ns(epoch_ns("
          "\"timestamp\") // {1} * {1}), count(*), sum(value), min(value), max(value), "
          "arg_min(value, \"timestamp\"), arg_max(value, \"timestamp\"), sum(value * value), "
          "quantile_disc(coalesce(p50, value), 0.5), quantile_disc(coalesce(p95, value), 0.95), "
          "quantile_disc(coalesce(p99, value), 0.99), count(p50) > 0 FROM telemetry.metrics WHERE "
          "{2} GROUP BY ALL",
          interval, width, condition))
      .rows_changed();
}

void expire_metrics(duck::Connection& connection, Timestamp end, RetentionResult& result) {
  const std::string condition = before("timestamp", hour_of(end));
  result.buckets_rolled_up = roll_up(connection, "1m", kHour / 60, condition) +
                             roll_up(connection, "1h", kHour, condition);
  result.metrics_deleted = delete_from(connection, "metrics", condition);
}

// Words of log levels, this one and worse.
std::string words_from(LogLevel level) {
  std::vector<std::string> words;
  for (const LogLevel one :
       {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error, LogLevel::critical}) {
    if (one >= level) words.push_back(fmt::format("'{}'", to_text(one)));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

std::optional<std::filesystem::path> archive_of(const Store& store,
                                                const TelemetryRetention& retention) {
  if (retention.log_archive) return retention.log_archive;
  if (store.core().location().in_memory()) return std::nullopt;
  return store.path() / "archive" / "logs";
}

// The folder and those above it, so that they survive a power cut.
void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return;
  const std::filesystem::path above = std::filesystem::absolute(folder).parent_path();
  if (above != folder) make_folder(above);
  std::filesystem::create_directory(folder, error);
  if (error) fail_io("make the folder", folder, error.value());
  sync_folder(above);
}

void archive_logs(duck::Connection& connection, const std::filesystem::path& folder,
                  const std::string& condition, RetentionResult& result) {
  duck::Result rows = connection.run(fmt::format(
      "SELECT count(*), min(\"timestamp\"), max(\"timestamp\") FROM telemetry.logs WHERE {}",
      condition));
  rows.next_row();
  result.logs_archived = rows.int64(0);
  if (result.logs_archived == 0) return;
  make_folder(folder);
  // Never the name of another one: what stands in that is nowhere else.
  const std::filesystem::path target =
      folder / fmt::format("logs_{}_{}_{}.parquet", to_iso_date(day_of(rows.timestamp(1))),
                           to_iso_date(day_of(rows.timestamp(2))), to_text(random_uuid()));
  UnfinishedFile file{target};
  connection.run(
      fmt::format("COPY (SELECT * FROM telemetry.logs WHERE {} ORDER BY log_id) TO {} (FORMAT "
                  "parquet, COMPRESSION zstd)",
                  condition, duck::quoted_text(file.path().string())));
  file.finish();
  result.log_file = target;
}

void expire_logs(duck::Connection& connection, const std::optional<std::filesystem::path>& archive,
                 LogLevel archived, Timestamp end, RetentionResult& result) {
  const std::string old = before("timestamp", end);
  const std::string words = words_from(archived);
  if (archive) {
    archive_logs(connection, *archive, fmt::format("{} AND level IN ({})", old, words), result);
  }
  result.logs_deleted = delete_from(
      connection, "logs", archive ? old : fmt::format("{} AND level NOT IN ({})", old, words));
}

constexpr std::array<Word<std::string_view>, 12> kTables{
    {{"metrics", "metrics"},
     {"telemetry.metrics", "metrics"},
     {"system_metrics", "metrics"},
     {"trading_metrics", "metrics"},
     {"metrics_rollup", "rollups"},
     {"telemetry.rollups", "rollups"},
     {"application_logs", "logs"},
     {"telemetry.logs", "logs"},
     {"system_events", "events"},
     {"telemetry.events", "events"},
     {"performance_history", "performance"},
     {"telemetry.performance", "performance"}}};

}  // namespace

TelemetryRetention usual_retention(Timestamp now) {
  using std::chrono::days;
  return {.metrics_before = now - days{7},
          .rollups_before = now - days{90},
          .logs_before = now - days{7},
          .events_before = now - days{365},
          .performance_before = now - days{365}};
}

RetentionResult apply_retention(Store& store, const TelemetryRetention& retention) {
  return observed(store.core().observer(), "apply_retention", {}, [&]() -> RetentionResult {
    RetentionResult result;
    StoreCore& core = store.core();
    settle(core);
    core.write([&](duck::Transaction& transaction) {
      duck::Connection& connection = transaction.connection();
      if (retention.metrics_before) expire_metrics(connection, *retention.metrics_before, result);
      if (retention.rollups_before) {
        result.rollups_deleted =
            delete_from(connection, "rollups", before("bucket", *retention.rollups_before));
      }
      if (retention.logs_before) {
        expire_logs(connection, archive_of(store, retention), retention.archived_logs,
                    *retention.logs_before, result);
      }
      if (retention.events_before) {
        result.events_deleted =
            delete_from(connection, "events", before("timestamp", *retention.events_before));
      }
      if (retention.performance_before) {
        result.performance_deleted = delete_from(
            connection, "performance", before("timestamp", *retention.performance_before));
      }
    });
    if (retention.metrics_before) {
      core.live_series().forget_before(hour_of(*retention.metrics_before));
    }
    return result;
  });
}

int64_t delete_old_records(Store& store, std::string_view table, Timestamp cutoff) {
  const std::optional<std::string_view> stored = find_by_word(kTables, table);
  if (!stored) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("delete_old_records() does not delete from '{}', only from metrics, "
                            "metrics_rollup, application_logs, system_events and "
                            "performance_history; the ledger is never shortened, and market data "
                            "goes by Writer::delete_before()",
                            table)};
  }
  StoreCore& core = store.core();
  settle(core);
  int64_t deleted = 0;
  core.write([&](duck::Transaction& transaction) {
    deleted = delete_from(transaction.connection(), *stored,
                          before(*stored == "rollups" ? "bucket" : "timestamp", cutoff));
  });
  if (*stored == "metrics") core.live_series().forget_before(cutoff);
  return deleted;
}

}  // namespace tapedeck
