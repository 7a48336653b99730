// Captures written by the test, and what the store makes of them.
#pragma once

#include "feed/zip_builder.hpp"
#include "ingest/archive_fixture.hpp"
#include "sql_rows.hpp"
#include "tapedeck/query/book.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck::test {

constexpr int64_t kCaptureMs = 1'700'000'000'000;  // 2023-11-14T22:13:20Z

// "1700000000005 MESSAGE", received 5 ms behind the moment `ms` behind 2023-11-14T22:13:20.
inline std::string stamped(int64_t ms, std::string_view message) {
  return fmt::format("{} {}\n", kCaptureMs + ms + 5, message);
}

// "100x1 99x2" as [["100","1"],["99","2"]]
inline std::string json_levels(std::string_view text) {
  std::string json = "[";
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const size_t cross = word.find('x');
    json += fmt::format("{}[\"{}\",\"{}\"]", json.size() > 1 ? "," : "", word.substr(0, cross),
                        word.substr(cross + 1));
  }
  return json + "]";
}

// An update of Binance spot's book, of the numbers [first, last].
inline std::string spot_depth(int64_t ms, int64_t first, int64_t last, std::string_view bids,
                              std::string_view asks = {}, std::string_view symbol = "BTCUSDT") {
  return stamped(
      ms, fmt::format(R"({{"stream":"x@depth@100ms","data":{{"e":"depthUpdate",)"
                      R"("E":{},"s":"{}","U":{},"u":{},"b":{},"a":{}}}}})",
                      kCaptureMs + ms, symbol, first, last, json_levels(bids), json_levels(asks)));
}

inline std::string spot_image(int64_t ms, int64_t last, std::string_view bids,
                              std::string_view asks) {
  return stamped(ms, fmt::format(R"({{"lastUpdateId":{},"bids":{},"asks":{}}})", last,
                                 json_levels(bids), json_levels(asks)));
}

// A trade on Binance spot.
inline std::string spot_trade(int64_t ms, int64_t id, std::string_view price = "100.5") {
  return stamped(ms, fmt::format(R"({{"e":"trade","E":{0},"s":"BTCUSDT","t":{1},"p":"{2}",)"
                                 R"("q":"2","T":{0},"m":true,"M":true}})",
                                 kCaptureMs + ms, id, price));
}

inline std::filesystem::path write_capture(const TempFolder& folder, std::string_view name,
                                           std::string_view text) {
  const std::filesystem::path path = folder / name;
  if (!name.ends_with(".gz")) {
    write_file(path, text);
    return path;
  }
  const ByteVector bytes = gzipped(text);
  write_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return path;
}

// The report of one capture.
inline FileReport import_capture(Store& store, const std::filesystem::path& path,
                                 const std::optional<std::string>& venue = {}) {
  ImportOptions options;
  options.instrument_prefix = venue;
  return import_paths(store, {path}, options).files.at(0);
}

// "100x1 99x2 | 101x3 #7": the book at `ms`, and why it is not to be trusted.
inline std::string book_text(const Store& store, std::string_view instrument,
                             std::optional<int64_t> ms = {}, BookClock clock = BookClock::event,
                             std::string_view stream = {}) {
  BookRequest request{.instrument = store.instrument(instrument), .clock = clock};
  if (ms) request.at = at_ms(kCaptureMs + *ms);
  request.stream = std::string{stream};
  const BookAnswer answer = book_at(store, request);
  std::string text;
  for (const BookSide side : {BookSide::bid, BookSide::ask}) {
    for (const BookLevel& level : answer.book.levels(side)) {
      text += to_text(Decimal{level.price.raw(), answer.book.scale().price_exp}) + "x" +
              to_text(Decimal{level.quantity.raw(), answer.book.scale().qty_exp}) + " ";
    }
    if (side == BookSide::bid) text += "| ";
  }
  text += "#" + (answer.sequence ? std::to_string(*answer.sequence) : "-");
  return answer.distrust.empty() ? text : text + " " + answer.distrust;
}

// "[10, 20) recorded; [20, 40) gap the line broke", ms behind 2023-11-14T22:13:20, not folded.
inline std::string coverage_text(Store& store, std::string_view dataset) {
  return sql_line(
      store, fmt::format("SELECT concat('[', (epoch_ns(\"begin\") - {0}) // 1000000, ', ', "
                         "(epoch_ns(\"end\") - {0}) // 1000000, ') ', status, ' ' || cause) FROM "
                         "tape.coverage WHERE dataset = '{1}' ORDER BY \"begin\", \"end\", rowid",
                         kCaptureMs * 1'000'000, dataset));
}

}  // namespace tapedeck::test
