#include "store/config.hpp"

#include "base/log.hpp"
#include "base/suggest.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <thread>
#include <utility>

namespace tapedeck {
namespace {

constexpr uint64_t kGiB = 1ULL << 30;

uint64_t ram_bytes() {
  return static_cast<uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<uint64_t>(::sysconf(_SC_PAGE_SIZE));
}

int64_t parse_positive(std::string_view text, const std::string& where) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value <= 0) {
    throw Error{ErrorCode::config,
                fmt::format("{} must be a number above 0, found '{}'", where, text)};
  }
  return value;
}

bool parse_flag(std::string_view text, const std::string& where) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  throw Error{ErrorCode::config, fmt::format("{} must be true or false, found '{}'", where, text)};
}

std::chrono::milliseconds parse_threshold(const std::string& text, const std::string& where) {
  if (text == "never") return ObserveOptions::kNever;
  constexpr int64_t kMostMs = 1'000'000'000'000;
  return std::chrono::milliseconds{std::min(parse_positive(text, where), kMostMs)};
}

DefaultTrades parse_default_trades(std::string_view text, const std::string& where) {
  if (text == "market") return DefaultTrades::market;
  if (text == "fills") return DefaultTrades::fills;
  throw Error{ErrorCode::config,
              fmt::format("{} must be \"market\" or \"fills\", found '{}'", where, text)};
}

struct Key {
  std::string section;
  std::function<void(StoreConfig&, const std::string& value, const std::string& where)> apply;
};

Key flag(std::string section, std::optional<bool> ObserveOptions::*member) {
  return {std::move(section),
          [member](StoreConfig& config, const std::string& value, const std::string& where) {
            config.observe.*member = parse_flag(value, where);
          }};
}

// The one list of keys: the name, the section it stands in, and what it sets.
const std::map<std::string, Key>& keys() {
  static const std::map<std::string, Key> table{
      {"memory_limit_mb",
       {"performance",
        [](StoreConfig& config, const std::string& value, const std::string& where) {
          constexpr int64_t kMostMiB = 1LL << 40;  // cut to the machine below
          config.memory_limit_bytes =
              static_cast<uint64_t>(std::min(parse_positive(value, where), kMostMiB)) << 20;
        }}},
      {"num_threads",
       {"performance",
        [](StoreConfig& config, const std::string& value, const std::string& where) {
          config.threads = static_cast<int>(std::min<int64_t>(parse_positive(value, where), 1024));
        }}},
      {"temp_directory",
       {"performance", [](StoreConfig& config, const std::string& value,
                          const std::string&) { config.temp_directory = value; }}},
      {"max_temp_directory_size",
       {"performance",
        [](StoreConfig& config, const std::string& value, const std::string&) {
          config.max_temp_directory_bytes = parse_size(value);
        }}},
      {"checkpoint_threshold",
       {"performance",
        [](StoreConfig& config, const std::string& value, const std::string&) {
          config.checkpoint_threshold_bytes = parse_size(value);
        }}},
      {"enable_profiling", flag("performance", &ObserveOptions::slow_query_plans)},
      {"enable_metrics", flag("observability", &ObserveOptions::metrics)},
      {"enable_tracing", flag("observability", &ObserveOptions::tracing)},
      {"slow_query_threshold_ms",
       {"observability",
        [](StoreConfig& config, const std::string& value, const std::string& where) {
          config.observe.slow_query = parse_threshold(value, where);
        }}},
      {"default_trades",
       {"compat",
        [](StoreConfig& config, const std::string& value, const std::string& where) {
          config.default_trades = parse_default_trades(value, where);
        }}},
  };
  return table;
}

void apply(StoreConfig& config, const std::string& key, const std::string& value,
           const std::string& where) {
  try {
    keys().at(key).apply(config, value, where);
  } catch (const Error& error) {
    throw Error{ErrorCode::config, fmt::format("{}: {}", where, error.what())};
  }
}

[[noreturn]] void fail_unknown(const std::string& where, const std::string& key,
                               std::span<const std::string> known) {
  const std::optional<std::string> meant = nearest(key, known);
  throw Error{ErrorCode::config,
              fmt::format("{}: unknown key '{}'{}", where, key,
                          meant ? fmt::format("; did you mean '{}'?", *meant) : std::string{})};
}

const std::array<std::string, 3> kSections{"performance", "observability", "compat"};

std::vector<std::string> names_in(std::string_view section) {
  std::vector<std::string> names;
  for (const auto& [name, key] : keys()) {
    if (key.section == section) names.push_back(name);
  }
  return names;
}

std::string line_of(const std::filesystem::path& file, const toml::node& at) {
  return fmt::format("{}:{}", file.string(), at.source().begin.line);
}

void apply_value(StoreConfig& config, const std::string& name, const toml::node& value,
                 const std::string& where) {
  const auto number = value.value_exact<int64_t>();
  const auto truth = value.value_exact<bool>();
  if ((number || truth) && name == "temp_directory") {
    throw Error{ErrorCode::config, where + " must be a text: the path of a folder"};
  }
  if (number) return apply(config, name, std::to_string(*number), where);
  if (truth) return apply(config, name, *truth ? "true" : "false", where);
  if (const auto text = value.value_exact<std::string>()) return apply(config, name, *text, where);
  throw Error{ErrorCode::config, where + " must be a number, a text, true or false"};
}

void apply_file(StoreConfig& config, const std::filesystem::path& file) {
  toml::table table;
  try {
    table = toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    throw Error{ErrorCode::config, fmt::format("{}:{}: {}", file.string(),
                                               error.source().begin.line, error.description())};
  }
  for (const auto& [section, node] : table) {
    const auto section_name = std::string{section.str()};
    const std::vector<std::string> known = names_in(section_name);
    if (known.empty() || !node.is_table()) {
      fail_unknown(line_of(file, node), section_name, kSections);
    }
    for (const auto& [key, value] : *node.as_table()) {
      const auto name = std::string{key.str()};
      if (std::ranges::find(known, name) == known.end()) {
        fail_unknown(line_of(file, value), name, known);
      }
      apply_value(config, name, value, fmt::format("{}: {}", line_of(file, value), name));
    }
  }
}

void apply_environment(StoreConfig& config) {
  for (const auto& entry : keys()) {
    std::string name = "TAPEDECK_" + entry.first;
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
    const char* value = std::getenv(name.c_str());
    if (value == nullptr && entry.first == "memory_limit_mb") {
      name = "DATABASE_MEMORY_LIMIT_MB";
      value = std::getenv(name.c_str());
    }
    if (value != nullptr) apply(config, entry.first, value, "environment variable " + name);
  }
}

void cap_to_machine(StoreConfig& config) {
  const uint64_t most = ram_bytes() / 10 * 6;
  if (config.memory_limit_bytes > most) {
    log::warn("memory limit of {} MB cut to {} MB: 60 % of this machine's memory",
              config.memory_limit_bytes >> 20, most >> 20);
    config.memory_limit_bytes = most;
  }
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (config.threads > cores) {
    log::warn("{} threads cut to {}: this machine has no more cores", config.threads, cores);
    config.threads = cores;
  }
}

}  // namespace

uint64_t parse_size(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string unit;
  for (const char* at = end; at != text.data() + text.size(); ++at) {
    if (*at != ' ') unit += static_cast<char>(std::toupper(static_cast<unsigned char>(*at)));
  }
  static const std::map<std::string, uint64_t> units{{"", 1},
                                                     {"B", 1},
                                                     {"KB", 1000},
                                                     {"MB", 1000'000},
                                                     {"GB", 1000'000'000},
                                                     {"TB", 1000'000'000'000},
                                                     {"KIB", 1ULL << 10},
                                                     {"MIB", 1ULL << 20},
                                                     {"GIB", 1ULL << 30},
                                                     {"TIB", 1ULL << 40}};
  const auto found = units.find(unit);
  uint64_t bytes = 0;
  if (error != std::errc{} || found == units.end() ||
      __builtin_mul_overflow(number, found == units.end() ? 0 : found->second, &bytes)) {
    throw Error{ErrorCode::config,
                fmt::format("'{}' is no size; write for example 512MB or 2GiB", text)};
  }
  return bytes;
}

StoreConfig load_config(const std::filesystem::path& folder, const StoreOptions& options) {
  StoreConfig config{.memory_limit_bytes = std::min(ram_bytes() / 4, 2 * kGiB),
                     .threads = 1,
                     .temp_directory = folder.empty() ? "" : (folder / "tmp").string(),
                     .max_temp_directory_bytes = 50 * kGiB,
                     .checkpoint_threshold_bytes = 128ULL << 20,
                     .observe = {.metrics = true,
                                 .tracing = true,
                                 .slow_query = std::chrono::seconds{1},
                                 .slow_query_plans = false},
                     .default_trades = DefaultTrades::market};
  if (!folder.empty() && std::filesystem::exists(folder / "tapedeck.toml")) {
    apply_file(config, folder / "tapedeck.toml");
  }
  apply_environment(config);
  if (options.memory_limit_bytes) config.memory_limit_bytes = *options.memory_limit_bytes;
  if (options.threads) config.threads = *options.threads;
  if (options.temp_directory) config.temp_directory = *options.temp_directory;
  if (options.max_temp_directory_bytes) {
    config.max_temp_directory_bytes = *options.max_temp_directory_bytes;
  }
  if (options.checkpoint_threshold_bytes) {
    config.checkpoint_threshold_bytes = *options.checkpoint_threshold_bytes;
  }
  const ObserveOptions& observe = options.observe;
  if (observe.metrics) config.observe.metrics = observe.metrics;
  if (observe.tracing) config.observe.tracing = observe.tracing;
  if (observe.slow_query) config.observe.slow_query = observe.slow_query;
  if (observe.slow_query_plans) config.observe.slow_query_plans = observe.slow_query_plans;
  config.observe.spans = observe.spans;
  if (options.default_trades) config.default_trades = *options.default_trades;
  cap_to_machine(config);
  return config;
}

std::vector<std::pair<std::string, std::string>> to_duckdb_settings(const StoreConfig& config) {
  std::vector<std::pair<std::string, std::string>> settings{
      {"memory_limit", fmt::format("{}B", config.memory_limit_bytes)},
      {"threads", std::to_string(config.threads)},
      {"max_temp_directory_size", fmt::format("{}B", config.max_temp_directory_bytes)},
      // The store checkpoints by itself: see CheckpointGuard.
      {"checkpoint_threshold", "1000TB"},
      // For new stores. From v1.1.0 on, DuckDB 1.5.5 writes keys in a form that loses those a
      // session did not touch: the next insert fails and takes the database with it.
      {"storage_compatibility_version", "v1.0.0"}};
  if (!config.temp_directory.empty()) {
    settings.emplace_back("temp_directory", config.temp_directory);
  }
  return settings;
}

}  // namespace tapedeck
