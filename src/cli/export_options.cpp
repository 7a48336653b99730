#include "cli/export_options.hpp"

#include "cli/cells.hpp"
#include "cli/say.hpp"
#include "cli/selection.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace tapedeck {
namespace {

constexpr std::array<std::string_view, 4> kFormats{"csv", "ndjson", "parquet", "duckdb"};

ExportFormat format_from(const ExportFlags& flags) {
  if (!flags.format.empty()) {
    return static_cast<ExportFormat>(index_of_word("--format", flags.format, kFormats));
  }
  const std::string extension = std::filesystem::path{flags.output}.extension().string();
  for (size_t i = 0; i < kFormats.size(); ++i) {
    if (extension == fmt::format(".{}", kFormats[i])) return static_cast<ExportFormat>(i);
  }
  throw Error{ErrorCode::invalid_argument,
              fmt::format("the name '{}' does not say which format; add --format csv, ndjson, "
                          "parquet or duckdb",
                          flags.output)};
}

}  // namespace

void add_export_options(CLI::App& app, ExportFlags& flags) {
  app.add_option("-o,--output", flags.output, "the file to write")->type_name("FILE");
  app.add_option("-f,--format", flags.format,
                 "csv, ndjson, parquet or duckdb; else what the file's name says")
      ->type_name("FORMAT");
  app.add_flag("--decimals", flags.decimals,
               "prices and quantities of trades as decimals, where Parquet and DuckDB files have "
               "integers and exponents");
  app.add_flag("--force", flags.force, "replace the file");
}

ExportRequest parse_export_flags(const ExportFlags& flags) {
  if (flags.output.empty() || flags.output == "-") {
    throw Error{ErrorCode::invalid_argument,
                "an export needs a file: --output FILE; for standard output use: tapedeck sql"};
  }
  return {.path = flags.output,
          .format = format_from(flags),
          .existing = flags.force ? Existing::replace : Existing::refuse,
          .decimals = flags.decimals};
}

void say_exported(int64_t rows, const ExportRequest& request) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(request.path, error);
  say("{} in '{}', {} bytes\n", plural(rows, "row"), request.path.string(),
      grouped(static_cast<int64_t>(error ? 0 : bytes)));
}

}  // namespace tapedeck
