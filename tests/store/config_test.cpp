#include "store/config.hpp"

#include "environment.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <thread>

namespace tapedeck {
namespace {

using test::check_refused;
using test::EnvironmentVariable;
using test::TempFolder;

constexpr uint64_t kMiB = 1ULL << 20;
constexpr uint64_t kGiB = 1ULL << 30;

StoreConfig config_of(const std::string& toml, const StoreOptions& options = {}) {
  const TempFolder folder;
  test::write_file(folder / "tapedeck.toml", toml);
  return load_config(folder.path(), options);
}

TEST_CASE("sizes are powers of 1000, or of 1024 with an i") {
  const std::pair<const char*, uint64_t> sizes[]{{"4096", 4096},
                                                 {"0", 0},
                                                 {"7B", 7},
                                                 {"50GB", 50'000'000'000},
                                                 {"128 MB", 128'000'000},
                                                 {"1GiB", kGiB},
                                                 {"2mib", 2 * kMiB},
                                                 {"3 KiB", 3072},
                                                 {"9kb", 9000},
                                                 {"2TB", 2'000'000'000'000},
                                                 {"1TiB", 1ULL << 40}};
  for (const auto& [text, bytes] : sizes) {
    CAPTURE(text);
    CHECK(parse_size(text) == bytes);
  }
}

TEST_CASE("what is no size is refused with an example") {
  for (const char* text :
       {"", "GB", "1.5GB", "-1", "10 apples", "99999999999999999999", "99999999999TiB"}) {
    CAPTURE(text);
    check_refused(ErrorCode::config, {"is no size", "512MB"}, [&] { parse_size(text); });
  }
}

TEST_CASE("a store without settings has the defaults") {
  const TempFolder folder;
  const StoreConfig config = load_config(folder.path(), {});
  CHECK(config.threads == 1);
  CHECK(config.memory_limit_bytes > 0);
  CHECK(config.memory_limit_bytes <= 2 * kGiB);
  CHECK(config.temp_directory == (folder / "tmp").string());
  CHECK(config.max_temp_directory_bytes == 50 * kGiB);
  CHECK(config.checkpoint_threshold_bytes == 128 * kMiB);
  CHECK(load_config({}, {}).temp_directory.empty());
  CHECK(config.observe.metrics == true);
  CHECK(config.observe.tracing == true);
  CHECK(config.observe.slow_query == std::chrono::milliseconds{1'000});
  CHECK(config.observe.slow_query_plans == false);
  CHECK(config.default_trades == DefaultTrades::market);
}

TEST_CASE("tapedeck.toml sets every key") {
  const StoreConfig config = config_of(R"([performance]
memory_limit_mb = 300
num_threads = 1
temp_directory = "/fast/tmp"
max_temp_directory_size = "5GB"
checkpoint_threshold = "64MiB"
enable_profiling = true
[observability]
enable_metrics = false
enable_tracing = false
slow_query_threshold_ms = 250
[compat]
default_trades = "fills"
)");
  CHECK(config.memory_limit_bytes == 300 * kMiB);
  CHECK(config.threads == 1);
  CHECK(config.temp_directory == "/fast/tmp");
  CHECK(config.max_temp_directory_bytes == 5'000'000'000);
  CHECK(config.checkpoint_threshold_bytes == 64 * kMiB);
  CHECK(config.observe.slow_query_plans == true);
  CHECK(config.observe.metrics == false);
  CHECK(config.observe.tracing == false);
  CHECK(config.observe.slow_query == std::chrono::milliseconds{250});
  CHECK(config.default_trades == DefaultTrades::fills);
  CHECK(config_of("[observability]\nslow_query_threshold_ms = \"never\"\n").observe.slow_query ==
        ObserveOptions::kNever);
  CHECK(config_of("[performance]\ncheckpoint_threshold = 4096\n").checkpoint_threshold_bytes ==
        4096);
  CHECK(config_of("").threads == 1);
}

TEST_CASE("a mistake in tapedeck.toml names the line, the key and what was probably meant") {
  const struct {
    const char* toml;
    std::initializer_list<std::string_view> words;
  } mistakes[]{
      {"[performance]\nmemory_limit_gb = 2\n",
       {"tapedeck.toml:2", "unknown key 'memory_limit_gb'", "did you mean 'memory_limit_mb'?"}},
      {"\n\n[perfomance]\nnum_threads = 2\n",
       {"tapedeck.toml:3", "unknown key 'perfomance'", "did you mean 'performance'?"}},
      {"num_threads = 2\n", {"tapedeck.toml:1", "unknown key 'num_threads'"}},
      {"[performance]\nzzzzzzzz = 2\n", {"unknown key 'zzzzzzzz'"}},
      {"[performance]\n\nnum_threads = true\n", {"tapedeck.toml:3", "num_threads", "must be"}},
      {"[performance]\nnum_threads = 0\n", {"tapedeck.toml:2", "num_threads", "above 0"}},
      {"[performance]\nnum_threads = -1\n", {"num_threads", "above 0", "'-1'"}},
      {"[performance]\nmemory_limit_mb = \"lots\"\n", {"memory_limit_mb", "above 0", "'lots'"}},
      {"[performance]\ntemp_directory = 5\n", {"tapedeck.toml:2", "temp_directory", "text"}},
      {"[performance]\nmax_temp_directory_size = \"5 apples\"\n",
       {"tapedeck.toml:2", "max_temp_directory_size", "is no size"}},
      {"[observability]\nenable_metrics = \"yes\"\n",
       {"tapedeck.toml:2", "enable_metrics", "must be true or false, found 'yes'"}},
      {"[observability]\nslow_query_threshold_ms = 0\n", {"slow_query_threshold_ms", "above 0"}},
      {"[compat]\ndefault_trades = \"mine\"\n",
       {"default_trades", "must be \"market\" or \"fills\", found 'mine'"}},
      {"[compat]\nenable_metrics = true\n", {"tapedeck.toml:2", "unknown key 'enable_metrics'"}},
      {"compat = 1\n", {"tapedeck.toml:1", "unknown key 'compat'"}},
      {"[performance\n", {"tapedeck.toml:1"}}};
  for (const auto& mistake : mistakes) {
    CAPTURE(mistake.toml);
    check_refused(ErrorCode::config, mistake.words, [&] { config_of(mistake.toml); });
  }
}

TEST_CASE("the environment goes before the file, options before both") {
  const std::string toml = "[performance]\nmemory_limit_mb = 300\ncheckpoint_threshold = \"1MB\"\n";
  const EnvironmentVariable memory{"TAPEDECK_MEMORY_LIMIT_MB", "200"};
  const EnvironmentVariable metrics{"TAPEDECK_ENABLE_METRICS", "false"};
  const EnvironmentVariable tracing{"TAPEDECK_ENABLE_TRACING", "0"};
  const EnvironmentVariable trades{"TAPEDECK_DEFAULT_TRADES", "fills"};
  CHECK(config_of(toml).observe.metrics == false);
  CHECK(config_of(toml).observe.tracing == false);
  CHECK(config_of(toml).default_trades == DefaultTrades::fills);
  CHECK(config_of(toml).memory_limit_bytes == 200 * kMiB);
  CHECK(config_of(toml).checkpoint_threshold_bytes == 1'000'000);
  const StoreConfig given = config_of(toml, {.memory_limit_bytes = 100 * kMiB,
                                             .threads = 1,
                                             .temp_directory = "here",
                                             .max_temp_directory_bytes = 1,
                                             .checkpoint_threshold_bytes = 2,
                                             .observe = {.tracing = true},
                                             .default_trades = DefaultTrades::market});
  CHECK(given.memory_limit_bytes == 100 * kMiB);
  CHECK(given.temp_directory == "here");
  CHECK(given.max_temp_directory_bytes == 1);
  CHECK(given.checkpoint_threshold_bytes == 2);
  CHECK(given.observe.metrics == false);
  CHECK(given.observe.tracing == true);
  CHECK(given.default_trades == DefaultTrades::market);
}

TEST_CASE("the older name of the memory limit counts when the newer one is absent") {
  const EnvironmentVariable older{"DATABASE_MEMORY_LIMIT_MB", "150"};
  CHECK(config_of("").memory_limit_bytes == 150 * kMiB);
  const EnvironmentVariable newer{"TAPEDECK_MEMORY_LIMIT_MB", "250"};
  CHECK(config_of("").memory_limit_bytes == 250 * kMiB);
}

TEST_CASE("a wrong environment variable is named") {
  const EnvironmentVariable threads{"TAPEDECK_NUM_THREADS", "many"};
  check_refused(ErrorCode::config, {"environment variable TAPEDECK_NUM_THREADS", "'many'"},
                [] { load_config({}, {}); });
}

TEST_CASE("limits beyond the machine are cut to it") {
  const StoreConfig huge = load_config({}, {.memory_limit_bytes = 1ULL << 60, .threads = 5000});
  CHECK(huge.memory_limit_bytes < 1ULL << 60);
  CHECK(huge.memory_limit_bytes > 0);
  CHECK(huge.threads == static_cast<int>(std::thread::hardware_concurrency()));
  // 2^54 MB does not fit 64 bits of bytes
  CHECK(config_of("[performance]\nmemory_limit_mb = 18014398509481984\n").memory_limit_bytes ==
        huge.memory_limit_bytes);
}

TEST_CASE("DuckDB is told the limits in bytes") {
  const auto told = to_duckdb_settings({.memory_limit_bytes = 7,
                                        .threads = 3,
                                        .temp_directory = "tmp",
                                        .max_temp_directory_bytes = 8,
                                        .checkpoint_threshold_bytes = 9});
  const std::map<std::string, std::string> settings{told.begin(), told.end()};
  CHECK(settings.at("memory_limit") == "7B");
  CHECK(settings.at("threads") == "3");
  CHECK(settings.at("temp_directory") == "tmp");
  CHECK(settings.at("max_temp_directory_size") == "8B");
  CHECK(settings.at("checkpoint_threshold") == "1000TB");  // the store's own is guarded
  CHECK(settings.at("storage_compatibility_version") == "v1.0.0");
  CHECK(to_duckdb_settings({}).size() == 5);
}

}  // namespace
}  // namespace tapedeck
