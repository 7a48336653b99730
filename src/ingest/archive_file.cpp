#include "ingest/archive_file.hpp"

#include "base/file.hpp"
#include "base/suggest.hpp"
#include "feed/binance_archive.hpp"
#include "feed/zip.hpp"
#include "ingest/capture_file.hpp"
#include "ingest/source_file.hpp"
#include "tapedeck/store/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

bool is_data(const fs::path& path, bool tables) {
  const std::string name = path.filename().string();
  if (tables && is_parquet(path)) return true;
  if (name.ends_with(".zip") || name.ends_with(".csv") || name.ends_with(".csv.gz")) return true;
  return !tables && is_capture(path);
}

// The first line of a file, for a name that does not tell the kind.
std::string first_line(const fs::path& path) {
  if (is_parquet(path)) return {};
  const MappedFile file{path};
  std::unique_ptr<ByteStream> stream;
  const std::string name = path.filename().string();
  if (name.ends_with(".zip")) {
    const std::vector<ZipMember> members = zip_members(file.bytes());
    if (members.empty()) return {};
    stream = open_zip_member(file.bytes(), members.front());
  } else {
    stream = name.ends_with(".gz") ? open_gzip(file.bytes()) : open_plain(file.bytes());
  }
  std::string text(4096, '\0');
  text.resize(stream->read(text));
  text.resize(std::min(text.size(), text.find_first_of("\r\n")));
  return text;
}

Market market_of(const ArchiveName& name, const fs::path& path, const ImportOptions& options) {
  std::optional<Market> market = name.market;
  if (options.market) {
    const std::optional<Market> given = parse_market(*options.market);
    if (!given) {
      const std::vector<std::string> known{"spot", "um", "cm"};
      const std::optional<std::string> meant = nearest(*options.market, known);
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("'{}' is no market{}; one of spot, um, cm", *options.market,
                              meant ? fmt::format(", did you mean '{}'?", *meant) : "")};
    }
    if (market && *market != *given) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("'{}' lies in the tree of market {}, but --market says {}",
                              path.string(), to_text(*market), to_text(*given))};
    }
    market = given;
  }
  if (!market) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("'{}': which market it is of is told by neither its folders nor you; "
                            "pass --market spot, um or cm",
                            path.string())};
  }
  if (name.prefix && *name.prefix != *market) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("'{}' is named for market {}, but is to be loaded as {}", path.string(),
                            to_text(*name.prefix), to_text(*market))};
  }
  return *market;
}

ArchiveKind kind_of(const ArchiveName& name, const fs::path& path, const ImportOptions& options) {
  if (options.kind) {
    const std::optional<ArchiveKind> given = parse_archive_kind(*options.kind);
    if (!given) {
      throw Error{ErrorCode::invalid_argument,
                  fmt::format("'{}' is no kind of file that can be loaded; one of aggTrades, "
                              "trades, klines, metrics, bookTicker, bookDepth",
                              *options.kind)};
    }
    return *given;
  }
  if (!name.unsupported_kind.empty()) {
    throw Error{ErrorCode::unsupported, fmt::format("'{}': {} files are not yet supported",
                                                    path.string(), name.unsupported_kind)};
  }
  if (name.kind) return *name.kind;
  if (const std::optional<ArchiveKind> told = kind_of_header(first_line(path))) return *told;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("'{}': neither its name nor its first line tells what it holds; pass "
                          "--kind aggTrades, trades, klines, metrics, bookTicker or bookDepth; for "
                          "files of any other "
                          "layout --table trades, klines, quotes or open_interest",
                          path.string())};
}

BarInterval interval_of(const ArchiveName& name, const fs::path& path,
                        const ImportOptions& options) {
  if (options.interval) {
    if (const auto given = BarInterval::parse(*options.interval)) return *given;
    throw Error{ErrorCode::invalid_argument,
                fmt::format("'{}' is no interval; for example 1m, 1h, 1d", *options.interval)};
  }
  if (name.interval) return *name.interval;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("'{}': its name does not tell the interval of its klines; pass "
                          "--interval, for example 1m",
                          path.string())};
}

std::string dataset_name(ArchiveKind kind, std::optional<BarInterval> interval) {
  switch (kind) {
    case ArchiveKind::agg_trades: return dataset_of(Grain::aggregate);
    case ArchiveKind::trades: return dataset_of(Grain::trade);
    case ArchiveKind::klines: return dataset_of_klines(*interval);
    case ArchiveKind::metrics: return std::string{kOpenInterestDataset};
    case ArchiveKind::book_ticker: return std::string{kQuotesDataset};
    case ArchiveKind::book_depth: return std::string{kDepthBandsDataset};
  }
  return {};
}

}  // namespace

std::vector<fs::path> find_files(std::span<const fs::path> paths, bool tables) {
  std::vector<fs::path> found;
  std::set<fs::path> seen;
  auto add = [&](const fs::path& path) {
    if (seen.insert(path.lexically_normal()).second) found.push_back(path);
  };
  for (const fs::path& path : paths) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
      fail_io("import", path, error ? error.value() : ENOENT);
    }
    if (!fs::is_directory(status)) {
      add(path);
      continue;
    }
    std::vector<fs::path> below;
    for (auto entry =
             fs::recursive_directory_iterator{path, fs::directory_options::skip_permission_denied,
                                              error};
         !error && entry != fs::recursive_directory_iterator{}; entry.increment(error)) {
      if (entry->is_regular_file() && is_data(entry->path(), tables))
        below.push_back(entry->path());
    }
    if (error) fail_io("read the folder", path, error.value());
    std::ranges::sort(below);
    for (const fs::path& one : below)
      add(one);
  }
  return found;
}

ArchiveFile classify(const fs::path& path, const ImportOptions& options) {
  const ArchiveName name = parse_archive_path(fs::absolute(path).lexically_normal().string());
  ArchiveFile file{.path = path,
                   .kind = kind_of(name, path, options),
                   .instrument = {},
                   .interval = std::nullopt,
                   .period = name.period,
                   .whole_period = path.filename().string().find("-part") == std::string::npos,
                   .dataset = {}};
  const Market market = market_of(name, path, options);
  file.instrument.venue = std::string{venue_of(market)};
  file.instrument.symbol = options.symbol.value_or(name.symbol);
  if (file.kind == ArchiveKind::klines) file.interval = interval_of(name, path, options);
  if (file.instrument.symbol.empty() && file.kind != ArchiveKind::metrics) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("'{}': its name does not tell the symbol; pass --symbol, for example "
                            "BTCUSDT",
                            path.string())};
  }
  file.dataset = dataset_name(file.kind, file.interval);
  return file;
}

}  // namespace tapedeck
