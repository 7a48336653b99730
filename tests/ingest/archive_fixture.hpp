// Archives in the venue's tree, written by the test.
#pragma once

#include "base/file.hpp"
#include "feed/zip_builder.hpp"
#include "tapedeck/ingest/importer.hpp"
#include "temp_store.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck::test {

constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kJanuary1Ms = 1'704'067'200'000;  // 2024-01-01

// Lines of an aggTrades file: ids from `first_id`, one a second from 2024-01-`day` 00:00:00.
inline std::string agg_trades(int64_t first_id, int64_t rows, int day) {
  std::string text;
  for (int64_t i = 0; i < rows; ++i) {
    text += fmt::format("{},{}.5,0.25,{},{},{},{}\n", first_id + i, 100 + i % 9, 2 * (first_id + i),
                        2 * (first_id + i) + 1, kJanuary1Ms + (day - 1) * kDayMs + i * 1000,
                        i % 2 == 0 ? "true" : "false");
  }
  return text;
}

inline std::string zip_text(const std::string& member, std::string_view text) {
  ZipBuilder builder;
  const ByteVector bytes = builder.add({.name = member, .content = std::string{text}}).build();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::filesystem::path daily_path(const TempFolder& folder, int day,
                                        std::string_view kind = "aggTrades") {
  return folder /
         fmt::format("data/spot/daily/{}/BTCUSDT/BTCUSDT-{}-2024-01-{:02}.zip", kind, kind, day);
}

// A daily zip of BTCUSDT in the spot tree; returns its path.
inline std::filesystem::path write_daily(const TempFolder& folder, int day, std::string_view text,
                                         std::string_view kind = "aggTrades") {
  const std::filesystem::path path = daily_path(folder, day, kind);
  write_file(path, zip_text(path.stem().string() + ".csv", text));
  return path;
}

inline void write_checksum(const std::filesystem::path& path) {
  const std::string bytes = read_text(path);
  write_file(path.string() + ".CHECKSUM",
             sha256_hex(std::as_bytes(std::span{bytes})) + "  " + path.filename().string() + "\n");
}

inline ImportSummary import_paths(Store& store, const std::vector<std::filesystem::path>& paths,
                                  const ImportOptions& options = {}) {
  return import_files(store, paths, options);
}

}  // namespace tapedeck::test
