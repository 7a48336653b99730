#include "ingest/rejects.hpp"

#include "base/file.hpp"
#include "store/reject_rows.hpp"

#include <fmt/format.h>

#include <system_error>

namespace tapedeck {
std::filesystem::path write_rejects(const std::filesystem::path& store_folder,
                                    const std::filesystem::path& file, const std::string& sha256,
                                    const std::vector<DecodeError>& errors,
                                    const std::vector<TradeConflict>& conflicts) {
  if (store_folder.empty() || (errors.empty() && conflicts.empty())) return {};
  std::vector<RejectRow> rows;
  for (const DecodeError& error : errors) {
    rows.push_back(
        {.file = file.string(), .line = error.line, .reason = error.reason, .text = error.text});
  }
  for (const TradeConflict& conflict : conflicts) {
    rows.push_back(
        {.file = file.string(), .reason = reason_of(conflict), .text = offered_text(conflict)});
  }
  const std::filesystem::path folder = store_folder / "rejects";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail_io("make the folder", folder, error.value());
  std::filesystem::path target =
      folder / fmt::format("{}-{}.csv", file.filename().string(), sha256.substr(0, 8));
  write_atomically(target, std::string{kRejectsHeader} + to_csv(rows));
  return target;
}

}  // namespace tapedeck
