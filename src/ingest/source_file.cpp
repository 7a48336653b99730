#include "ingest/source_file.hpp"

#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <system_error>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

// `<sha256>  <file>` as the venue writes it; only the sum counts, files are renamed.
std::optional<std::string> checksum_beside(const fs::path& path) {
  const fs::path beside = path.string() + ".CHECKSUM";
  std::error_code error;
  if (!fs::exists(beside, error)) return std::nullopt;
  std::string text = read_text(beside);
  text.resize(std::min(text.size(), text.find_first_of(" \t\r\n")));
  const bool is_hex = text.size() == 64 && std::ranges::all_of(text, [](unsigned char c) {
                        return std::isxdigit(c) != 0;
                      });
  if (!is_hex) {
    throw Error{ErrorCode::bad_input, fmt::format("'{}' holds no sha256", beside.string())};
  }
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

SourceFile open_source(const fs::path& path) {
  SourceFile source{.bytes = MappedFile{path}, .sha256 = {}, .checksum_matched = {}};
  if (source.bytes.bytes().empty()) {
    throw Error{ErrorCode::bad_input, fmt::format("'{}' is empty", path.string())};
  }
  source.sha256 = sha256_hex(source.bytes.bytes());
  if (const std::optional<std::string> expected = checksum_beside(path)) {
    if (*expected != source.sha256) {
      throw Error{ErrorCode::checksum_mismatch,
                  fmt::format("'{}' has sha256 {}, but the .CHECKSUM beside it says {}; download "
                              "the file again",
                              path.string(), source.sha256, *expected)};
    }
    source.checksum_matched = true;
  }
  return source;
}

bool is_parquet(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return std::tolower(c); });
  return extension == ".parquet";
}

std::vector<FileMember> members_of(const fs::path& path, std::span<const std::byte> bytes) {
  const std::string name = path.filename().string();
  if (name.ends_with(".gz")) return {{name, [bytes] { return open_gzip(bytes); }}};
  if (!name.ends_with(".zip")) return {{name, [bytes] { return open_plain(bytes); }}};
  std::vector<FileMember> result;
  for (const ZipMember& member : zip_members(bytes)) {
    if (member.name.starts_with("__MACOSX/")) continue;  // what macOS knows of its own files
    if (!member.name.ends_with(".csv")) {
      throw Error{ErrorCode::bad_input,
                  fmt::format("'{}': its member '{}' is no CSV", path.string(), member.name)};
    }
    result.push_back({member.name, [bytes, member] { return open_zip_member(bytes, member); }});
  }
  if (result.empty()) {
    throw Error{ErrorCode::bad_input, fmt::format("'{}' is an empty zip", path.string())};
  }
  return result;
}

}  // namespace tapedeck
