#include "feed/archive_name.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

using Words = std::vector<std::string_view>;

// Kinds of Binance's archive that Tapedeck knows and does not read.
constexpr std::array kUnsupportedKinds = {
    std::string_view{"indexPriceKlines"}, std::string_view{"markPriceKlines"},
    std::string_view{"fundingRate"},      std::string_view{"premiumIndexKlines"},
    std::string_view{"T_DEPTH"},          std::string_view{"liquidationSnapshot"},
    std::string_view{"S_DEPTH"},          std::string_view{"BVOLIndex"},
    std::string_view{"EOHSummary"},       std::string_view{"borrow"},
};

// The interval words of Binance's klines; a month is `1mo` in file names and `1M` in its API.
constexpr std::array kKlineIntervals = {
    std::string_view{"1s"},  std::string_view{"1m"},  std::string_view{"3m"},
    std::string_view{"5m"},  std::string_view{"15m"}, std::string_view{"30m"},
    std::string_view{"1h"},  std::string_view{"2h"},  std::string_view{"4h"},
    std::string_view{"6h"},  std::string_view{"8h"},  std::string_view{"12h"},
    std::string_view{"1d"},  std::string_view{"3d"},  std::string_view{"1w"},
    std::string_view{"1mo"}, std::string_view{"1M"},
};

bool is_unsupported(std::string_view word) {
  return std::ranges::find(kUnsupportedKinds, word) != kUnsupportedKinds.end();
}

bool is_kline_interval(std::string_view word) {
  return std::ranges::find(kKlineIntervals, word) != kKlineIntervals.end();
}

bool is_kind(std::string_view word) {
  return parse_archive_kind(word).has_value() || is_unsupported(word);
}

Words split(std::string_view text, char separator) {
  Words words;
  while (true) {
    const size_t end = text.find(separator);
    words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return words;
    }
    text.remove_prefix(end + 1);
  }
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Capitals, digits and `_`, as in `BTCUSDT_240927`; bytes of UTF-8 too: some coins are Chinese.
// Digits alone are a part of a date.
bool is_symbol(std::string_view word) {
  return !std::ranges::all_of(word, is_digit) && std::ranges::all_of(word, [](char c) {
    return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || (c & 0x80) != 0;
  });
}

// nullopt when `word` is not exactly `digits` digits.
std::optional<int> whole_number(std::string_view word, size_t digits) {
  if (word.size() != digits || !std::ranges::all_of(word, is_digit)) {
    return std::nullopt;
  }
  int value = 0;
  for (const char c : word) {
    value = value * 10 + (c - '0');
  }
  return value;
}

// The file name without its ending; nullopt for files that are no archive.
std::optional<std::string_view> stem(std::string_view file) {
  for (const std::string_view ending : {".csv.gz", ".csv", ".zip"}) {
    if (file.size() > ending.size() && file.ends_with(ending)) {
      return file.substr(0, file.size() - ending.size());
    }
  }
  return std::nullopt;
}

// `2024-08-08` or `2024-08` as the words from `first` on. An impossible date gives no period.
void read_period(const Words& words, size_t first, ArchiveName& name) {
  using std::chrono::day, std::chrono::month, std::chrono::months, std::chrono::year;
  const auto y = whole_number(words[first], 4);
  const auto m = first + 1 < words.size() ? whole_number(words[first + 1], 2) : std::nullopt;
  const auto d = first + 2 < words.size() ? whole_number(words[first + 2], 2) : std::nullopt;
  // 64-bit nanoseconds end in 2262.
  if (!y || !m || *y < 1970 || *y > 2261) {
    return;
  }
  const auto date =
      year{*y} / month{static_cast<unsigned>(*m)} / day{d ? static_cast<unsigned>(*d) : 1U};
  if (!date.ok()) {
    return;
  }
  name.daily = d.has_value();
  const auto end = d ? Date{date} + std::chrono::days{1} : Date{date + months{1}};
  name.period = TimeRange{.begin = Date{date}, .end = end};
}

// A kind that is known, handled or not. Takes the place of what was read before.
void read_kind(std::string_view word, ArchiveName& name) {
  name.kind = parse_archive_kind(word);
  name.unsupported_kind = name.kind ? std::string{} : std::string{word};
  name.interval.reset();
}

// Klines of an interval of the venue's. Takes the place of what was read before.
void read_interval(std::string_view word, ArchiveName& name) {
  name.kind.reset();
  name.unsupported_kind.clear();
  name.interval = BarInterval::parse(word);
  if (name.interval) {
    name.kind = ArchiveKind::klines;
  } else {
    name.unsupported_kind = "klines " + std::string{word};
  }
}

// The tree that Binance publishes, wherever it begins: market, kind and symbol folders.
void read_folders(const Words& folders, ArchiveName& name) {
  for (size_t i = 0; i + 1 < folders.size(); ++i) {
    if (folders[i + 1] != "daily" && folders[i + 1] != "monthly") {
      continue;
    }
    if (folders[i] == "spot") {
      name.market = Market::spot;
    } else if (i > 0 && folders[i - 1] == "futures") {
      name.market = parse_market(folders[i]);
    }
  }
  const auto kind = std::find_if(folders.rbegin(), folders.rend(), is_kind);
  if (kind == folders.rend()) {
    return;
  }
  read_kind(*kind, name);
  if (kind == folders.rbegin() || !is_symbol(*std::prev(kind))) {
    return;
  }
  const auto symbol = std::prev(kind);
  name.symbol = *symbol;
  if (symbol != folders.rbegin() && name.kind == ArchiveKind::klines &&
      is_kline_interval(*std::prev(symbol))) {
    read_interval(*std::prev(symbol), name);
  }
}

// Renamed files often keep the kind somewhere: `um_premiumIndexKlines_excerpt`. One that is not
// read must not pass for one that is, as premiums would for prices.
void read_loose_kind(const Words& words, ArchiveName& name) {
  for (const std::string_view word : words) {
    const Words parts = split(word, '_');
    const auto found = std::ranges::find_if(parts, is_unsupported);
    if (found != parts.end()) return read_kind(*found, name);
  }
}

// [prefix-]SYMBOL[-KIND]-DATE[-part]; what the file says goes before what its folders say.
void read_file_name(std::string_view file, ArchiveName& name) {
  const Words words = split(file, '-');
  size_t next = 0;
  name.prefix = words.size() > 1 ? parse_market(words[0]) : std::nullopt;
  next += name.prefix ? 1U : 0U;
  if (words[next].starts_with("T_DEPTH_") || words[next].starts_with("S_DEPTH_")) {
    read_kind(words[next].substr(0, 7), name);
    return;
  }
  const bool has_symbol = is_symbol(words[next]) && next + 1 < words.size();
  const std::string_view symbol = has_symbol ? words[next] : std::string_view{};
  next += has_symbol ? 1U : 0U;
  const std::string_view word = words[next];
  if (is_kind(word)) {
    read_kind(word, name);
    ++next;
  } else if (is_kline_interval(word)) {
    // markPriceKlines and its like name their files as klines do; only the folder tells.
    const bool other_klines = !name.kind && name.unsupported_kind.ends_with("Klines");
    if (!other_klines) read_interval(word, name);
    ++next;
  }
  if (next < words.size()) {
    read_period(words, next, name);
  }
  if (!name.kind && name.unsupported_kind.empty()) read_loose_kind(words, name);
  if (has_symbol && (name.period || name.kind || !name.unsupported_kind.empty())) {
    name.symbol = symbol;
  }
}

}  // namespace

std::string_view to_text(Market market) {
  switch (market) {
    case Market::spot: return "spot";
    case Market::um: return "um";
    case Market::cm: return "cm";
  }
  return "spot";
}

std::optional<Market> parse_market(std::string_view word) {
  for (const Market market : {Market::spot, Market::um, Market::cm}) {
    if (word == to_text(market)) {
      return market;
    }
  }
  return std::nullopt;
}

std::string_view venue_of(Market market) {
  switch (market) {
    case Market::spot: return "binance";
    case Market::um: return "binance-um";
    case Market::cm: return "binance-cm";
  }
  return "binance";
}

std::string_view to_text(ArchiveKind kind) {
  switch (kind) {
    case ArchiveKind::agg_trades: return "aggTrades";
    case ArchiveKind::trades: return "trades";
    case ArchiveKind::klines: return "klines";
    case ArchiveKind::metrics: return "metrics";
    case ArchiveKind::book_ticker: return "bookTicker";
    case ArchiveKind::book_depth: return "bookDepth";
  }
  return "trades";
}

std::optional<ArchiveKind> parse_archive_kind(std::string_view word) {
  using enum ArchiveKind;
  for (const ArchiveKind kind : {agg_trades, trades, klines, metrics, book_ticker, book_depth}) {
    if (word == to_text(kind)) {
      return kind;
    }
  }
  return std::nullopt;
}

ArchiveName parse_archive_path(std::string_view path) {
  ArchiveName name;
  Words folders = split(path, '/');
  const std::string_view file = folders.back();
  folders.pop_back();
  read_folders(folders, name);
  if (const auto file_stem = stem(file)) {
    read_file_name(*file_stem, name);
  }
  return name;
}

}  // namespace tapedeck
