#include "ingest/rejects.hpp"

#include "base/file.hpp"

#include <fmt/format.h>

#include <system_error>

namespace tapedeck {
namespace {

std::string csv_field(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

std::string shown(const Trade& trade, Scale scale) {
  return fmt::format("{} {} × {} {}", to_iso(trade.ts_event),
                     to_text(Decimal{trade.price.raw(), scale.price_exp}),
                     to_text(Decimal{trade.quantity.raw(), scale.qty_exp}), to_text(trade.side));
}

}  // namespace

std::filesystem::path write_rejects(const std::filesystem::path& store_folder,
                                    const std::filesystem::path& file, const std::string& sha256,
                                    const std::vector<DecodeError>& errors,
                                    const std::vector<TradeConflict>& conflicts) {
  if (store_folder.empty() || (errors.empty() && conflicts.empty())) return {};
  std::string text = "file,line,reason,text\n";
  const std::string path = csv_field(file.string());
  for (const DecodeError& error : errors) {
    text += fmt::format("{},{},{},{}\n", path, error.line, csv_field(error.reason),
                        csv_field(error.text));
  }
  for (const TradeConflict& conflict : conflicts) {
    text += fmt::format("{},,{},{}\n", path,
                        csv_field(fmt::format("id {} is stored with other content: {}",
                                              conflict.offered.trade_id.value_or(0),
                                              shown(conflict.stored, conflict.stored_scale))),
                        csv_field(shown(conflict.offered, conflict.offered_scale)));
  }
  const std::filesystem::path folder = store_folder / "rejects";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail_io("make the folder", folder, error.value());
  std::filesystem::path target =
      folder / fmt::format("{}-{}.csv", file.filename().string(), sha256.substr(0, 8));
  write_atomically(target, text);
  return target;
}

}  // namespace tapedeck
