#include "store/reject_rows.hpp"

#include "base/file_system.hpp"

#include <fmt/format.h>

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

}  // namespace

std::string to_csv(std::span<const RejectRow> rows) {
  std::string text;
  for (const RejectRow& row : rows) {
    text += fmt::format("{},{},{},{}\n", csv_field(row.file),
                        row.line ? std::to_string(*row.line) : std::string{}, csv_field(row.reason),
                        csv_field(row.text));
  }
  return text;
}

void append_rejects(const std::filesystem::path& store_folder, std::string_view name,
                    std::span<const RejectRow> rows) {
  if (store_folder.empty() || rows.empty()) return;
  const std::filesystem::path folder = store_folder / "rejects";
  disk().make_folder(folder);
  const auto file = disk().open_append(folder / name);
  std::string text{file->size() == 0 ? kRejectsHeader : std::string_view{}};
  text += to_csv(rows);
  file->append(std::as_bytes(std::span{text}));
}

}  // namespace tapedeck
