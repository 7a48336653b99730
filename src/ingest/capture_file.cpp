#include "ingest/capture_file.hpp"

#include "feed/depth_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

// The first line may be a snapshot; its begin is enough.
constexpr size_t kFrontBytes = 4096;
constexpr size_t kWindowBytes = size_t{64} << 10;

std::optional<fs::path> beside(const fs::path& path, std::string_view from, std::string_view to) {
  const std::string name = path.filename().string();
  for (const std::string_view packed : {"", ".gz"}) {
    const std::string ending = fmt::format("{}{}", from, packed);
    if (name.size() <= ending.size() || !name.ends_with(ending)) continue;
    const std::string stem = name.substr(0, name.size() - ending.size());
    for (const std::string_view other : {"", ".gz"}) {
      const fs::path found = path.parent_path() / fmt::format("{}{}{}", stem, to, other);
      std::error_code error;
      if (fs::is_regular_file(found, error)) return found;
    }
  }
  return std::nullopt;
}

// A recorder that was killed leaves a file that ends early: what is there counts.
size_t read_some(ByteStream& stream, std::span<char> window, std::optional<DecodeError>& torn) {
  if (torn) return 0;
  try {
    return stream.read(window);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_input) throw;
    torn = DecodeError{
        .line = 0, .reason = fmt::format("{}: what follows is lost", error.what()), .text = {}};
    return 0;
  }
}

std::string all_of(const fs::path& path, const SourceFile& file, std::optional<DecodeError>& torn) {
  std::string text;
  std::vector<char> window(kWindowBytes);
  for (const FileMember& member : members_of(path, file.bytes.bytes())) {
    const std::unique_ptr<ByteStream> stream = member.open();
    while (const size_t bytes = read_some(*stream, window, torn))
      text.append(window.data(), bytes);
  }
  return text;
}

// The front of a file, of its first member; empty when it cannot be unpacked.
std::string front_of(const fs::path& path) {
  const MappedFile file{path};
  std::string front(kFrontBytes, '\0');
  try {
    const std::vector<FileMember> members = members_of(path, file.bytes());
    front.resize(members.empty() ? 0 : members.front().open()->read(front));
  } catch (const Error& damaged) {
    if (damaged.code() != ErrorCode::bad_input) throw;
    return {};
  }
  return front;
}

bool has_bytes(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && fs::file_size(path, error) > 0;
}

bool is_depth_archive(const fs::path& path) {
  const bool is_named = path.filename().string().find("DEPTH") != std::string::npos;
  return is_named && has_bytes(path) && looks_like_depth_archive(front_of(path));
}

}  // namespace

bool is_capture(const fs::path& path) {
  const std::string name = path.filename().string();
  if (is_depth_archive(path)) return true;
  for (const std::string_view other : {".zip", ".csv", ".csv.gz", ".parquet", ".CHECKSUM"})
    if (name.ends_with(other)) return false;
  return has_bytes(path) && looks_like_capture(front_of(path));
}

std::optional<fs::path> answers_beside(const fs::path& path) {
  return is_depth_archive(path) ? beside(path, "update.csv", "snap.csv")
                                : beside(path, ".ws", ".http");
}

std::optional<fs::path> frames_beside(const fs::path& path) {
  return is_depth_archive(path) ? beside(path, "snap.csv", "update.csv")
                                : beside(path, ".http", ".ws");
}

CaptureSource open_capture(const fs::path& path) {
  CaptureSource source{.frames = open_source(path), .answers = {}, .sha256 = {}};
  source.sha256 = source.frames.sha256;
  if (const std::optional<fs::path> answers = answers_beside(path)) {
    source.answers = open_source(*answers);
    const std::string both = source.frames.sha256 + source.answers->sha256;
    source.sha256 = sha256_hex(std::as_bytes(std::span{both}));
  }
  return source;
}

namespace {

template <typename Decoder>
CaptureResult read_with(Decoder decoder, const fs::path& path, const CaptureSource& source,
                        const std::stop_token& stop,
                        const std::function<void(CaptureBatch&&)>& use) {
  CaptureResult result;
  std::optional<DecodeError> torn_answers;
  if (source.answers) {
    decoder.add_side(all_of(*answers_beside(path), *source.answers, torn_answers));
  }
  const auto hand_out = [&](bool all) {
    while (std::optional<CaptureBatch> batch = decoder.take_batch(all)) {
      result.messages += static_cast<int64_t>(batch->messages.size());
      use(std::move(*batch));
    }
  };
  std::optional<DecodeError> torn;
  for (const FileMember& member : members_of(path, source.frames.bytes.bytes())) {
    const std::unique_ptr<ByteStream> stream = member.open();
    std::vector<char> window(kWindowBytes);
    while (const size_t bytes = read_some(*stream, window, torn)) {
      if (stop.stop_requested()) throw_stopped();
      decoder.decode(std::span{window}.first(bytes));
      hand_out(false);
    }
  }
  decoder.finish();
  hand_out(true);
  result.errors = decoder.take_errors();
  result.refused = decoder.refused();
  if (torn) torn->line = decoder.lines();
  for (std::optional<DecodeError>* const early : {&torn, &torn_answers}) {
    if (!*early) continue;
    result.errors.push_back(std::move(**early));
    ++result.refused;
  }
  result.unknown = decoder.unknown();
  return result;
}

}  // namespace

CaptureResult read_capture(const fs::path& path, const CaptureSource& source,
                           const std::optional<std::string>& venue, std::stop_token stop,
                           const std::function<void(CaptureBatch&&)>& use) {
  return naming(path, [&] {
    if (is_depth_archive(path)) {
      return read_with(DepthArchiveDecoder{venue}, path, source, stop, use);
    }
    return read_with(CaptureDecoder{venue}, path, source, stop, use);
  });
}

}  // namespace tapedeck
