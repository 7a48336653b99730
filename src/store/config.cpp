#include "store/config.hpp"

#include "base/log.hpp"
#include "base/suggest.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <map>
#include <thread>

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

using Apply = std::function<void(StoreConfig&, const std::string& value, const std::string& where)>;

// The one list of keys: the name in [performance], and what it sets.
const std::map<std::string, Apply>& keys() {
  static const std::map<std::string, Apply> table{
      {"memory_limit_mb",
       [](StoreConfig& config, const std::string& value, const std::string& where) {
         constexpr int64_t kMostMiB = 1LL << 40;  // cut to the machine below
         config.memory_limit_bytes =
             static_cast<uint64_t>(std::min(parse_positive(value, where), kMostMiB)) << 20;
       }},
      {"num_threads",
       [](StoreConfig& config, const std::string& value, const std::string& where) {
         config.threads = static_cast<int>(std::min<int64_t>(parse_positive(value, where), 1024));
       }},
      {"temp_directory", [](StoreConfig& config, const std::string& value,
                            const std::string&) { config.temp_directory = value; }},
      {"max_temp_directory_size",
       [](StoreConfig& config, const std::string& value, const std::string&) {
         config.max_temp_directory_bytes = parse_size(value);
       }},
      {"checkpoint_threshold",
       [](StoreConfig& config, const std::string& value, const std::string&) {
         config.checkpoint_threshold_bytes = parse_size(value);
       }},
  };
  return table;
}

void apply(StoreConfig& config, const std::string& key, const std::string& value,
           const std::string& where) {
  try {
    keys().at(key)(config, value, where);
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

void apply_file(StoreConfig& config, const std::filesystem::path& file) {
  toml::table table;
  try {
    table = toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    throw Error{ErrorCode::config, fmt::format("{}:{}: {}", file.string(),
                                               error.source().begin.line, error.description())};
  }
  std::vector<std::string> known;
  for (const auto& entry : keys())
    known.push_back(entry.first);
  for (const auto& [section, node] : table) {
    const auto section_name = std::string{section.str()};
    const auto line_of = [&](const toml::node& at) {
      return fmt::format("{}:{}", file.string(), at.source().begin.line);
    };
    if (section_name != "performance" || !node.is_table()) {
      fail_unknown(line_of(node), section_name, std::array{std::string{"performance"}});
    }
    for (const auto& [key, value] : *node.as_table()) {
      const auto name = std::string{key.str()};
      const std::string where = fmt::format("{}: {}", line_of(value), name);
      if (!keys().contains(name)) fail_unknown(line_of(value), name, known);
      const auto number = value.value_exact<int64_t>();
      if (number && name == "temp_directory") {
        throw Error{ErrorCode::config, where + " must be a text: the path of a folder"};
      }
      if (number) {
        apply(config, name, std::to_string(*number), where);
      } else if (const auto text = value.value_exact<std::string>()) {
        apply(config, name, *text, where);
      } else {
        throw Error{ErrorCode::config, where + " must be a number or a text"};
      }
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
                     .checkpoint_threshold_bytes = 128ULL << 20};
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
