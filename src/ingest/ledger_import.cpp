#include "tapedeck/ingest/ledger_import.hpp"

#include "feed/report_decoder.hpp"
#include "ingest/decoding.hpp"
#include "ingest/fill_mapping.hpp"
#include "ingest/ledger_reports.hpp"
#include "ingest/rejects.hpp"
#include "market/words.hpp"
#include "store/core.hpp"
#include "store/live_ledger.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace tapedeck {
namespace {

constexpr size_t kBatchRows = 10'000;
constexpr size_t kHeadBytes = 64 * 1024;  // that a format is told by

constexpr std::array<Word<LedgerFormat>, 4> kFormats{{{"auto", LedgerFormat::automatic},
                                                      {"binance", LedgerFormat::binance},
                                                      {"alpaca", LedgerFormat::alpaca},
                                                      {"csv", LedgerFormat::csv}}};

std::string head_of(const FileMember& member) {
  const std::unique_ptr<ByteStream> stream = member.open();
  std::string head(kHeadBytes, '\0');
  size_t bytes = 0;
  while (bytes < head.size()) {
    const size_t more = stream->read(std::span{head}.subspan(bytes));
    if (more == 0) break;
    bytes += more;
  }
  head.resize(bytes);
  return head;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_json(std::string_view head) {
  const size_t first = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string_view::npos && (head[first] == '{' || head[first] == '[');
}

bool is_binance_table(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\n'));
  return has(line, "Date(UTC)") && has(line, "Pair") && has(line, "Executed");
}

LedgerFormat format_of(std::string_view head, const LedgerImportOptions& options) {
  if (options.format != LedgerFormat::automatic) return options.format;
  if (options.mapping) return LedgerFormat::csv;
  if (!is_json(head)) return is_binance_table(head) ? LedgerFormat::binance : LedgerFormat::csv;
  for (const std::string_view word :
       {"\"activity_type\"", "\"time_in_force\"", "\"trade_updates\""}) {
    if (has(head, word)) return LedgerFormat::alpaca;
  }
  if (has(head, "\"e\"") || has(head, "\"stream\"")) return LedgerFormat::binance;
  throw Error{ErrorCode::bad_input,
              "JSON of no known origin; say --format binance or --format alpaca"};
}

std::unique_ptr<ReportDecoder> csv_decoder(FillFormat format, const LedgerImportOptions& options) {
  if (options.venue) format.venue = options.venue;
  if (!format.venue) {
    throw Error{
        ErrorCode::invalid_argument,
        "it does not say at which venue the fills were made; pass --venue, or name it in the "
        "mapping file"};
  }
  return make_fill_csv(std::move(format));
}

std::unique_ptr<ReportDecoder> decoder_for(std::string_view head,
                                           const LedgerImportOptions& options) {
  switch (format_of(head, options)) {
    case LedgerFormat::binance:
      if (!is_json(head)) return csv_decoder(binance_trade_history(), options);
      return make_binance_reports(options.venue);
    case LedgerFormat::alpaca: return make_alpaca_reports(options.venue.value_or("alpaca"));
    default: break;
  }
  return csv_decoder(options.mapping ? read_fill_mapping(*options.mapping) : FillFormat{}, options);
}

// Exports that begin with the newest rows are turned over, so that rows of one day keep their
// order.
void sort_in_time(std::vector<ReportRow>& rows) {
  const auto time_of = [](const ReportRow& row) { return row.report.at; };
  if (!rows.empty() && time_of(rows.front()) > time_of(rows.back())) std::ranges::reverse(rows);
  std::ranges::stable_sort(rows, {}, time_of);
}

void check_options(const Store& store, const LedgerImportOptions& options) {
  if (store.core().mode() == OpenMode::read) {
    throw Error{ErrorCode::read_only,
                fmt::format("the store '{}' was opened for reading only", store.path().string())};
  }
  if (options.venue && !parse_instrument_name(*options.venue + ":X")) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("'{}' is no venue: it is a word of small letters, digits and dashes",
                            *options.venue)};
  }
  const bool is_table =
      options.format == LedgerFormat::automatic || options.format == LedgerFormat::csv;
  if (options.mapping && !is_table) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("a mapping file is for CSV; {} needs none", to_text(options.format))};
  }
}

}  // namespace

std::string_view to_text(LedgerFormat format) {
  return word_of(kFormats, format);
}

std::optional<LedgerFormat> parse_ledger_format(std::string_view word) {
  return find_by_word(kFormats, word);
}

LedgerImportResult import_ledger_file(Store& store, const std::filesystem::path& path,
                                      const LedgerImportOptions& options) {
  check_options(store, options);
  const SourceFile source = open_source(path);
  ErrorCount errors{path, std::numeric_limits<int64_t>::max()};
  std::vector<ReportRow> rows;
  int64_t skipped = 0;
  naming(path, [&] {
    for (const FileMember& member : members_of(path, source.bytes.bytes())) {
      const std::unique_ptr<ReportDecoder> decoder = decoder_for(head_of(member), options);
      const std::stop_token never;
      Decoding{.member = member, .stop = never, .errors = errors}.run(*decoder, [&](size_t) {
        for (ReportRow& row : decoder->take_rows())
          rows.push_back(std::move(row));
      });
      skipped += decoder->skipped();
    }
  });
  std::vector<DecodeError> refused = errors.take();
  const auto refused_lines = static_cast<int64_t>(refused.size());

  sort_in_time(rows);
  LedgerReports reports{store};
  const std::span<const ReportRow> all{rows};
  for (size_t from = 0; from < all.size(); from += kBatchRows)
    reports.take(all.subspan(from, std::min(kBatchRows, all.size() - from)));
  store.core().live_ledger().settle();

  LedgerImportResult result = reports.result();
  result.skipped += skipped;
  result.rejects += refused_lines;
  for (DecodeError& error : reports.take_errors())
    refused.push_back(std::move(error));
  std::ranges::stable_sort(refused, {}, &DecodeError::line);
  write_rejects(store.path(), path, source.sha256, refused, {});
  return result;
}

}  // namespace tapedeck
