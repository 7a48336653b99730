// Captures as files: which files are captures, which belong together, and their way into batches.
#pragma once

#include "feed/capture_decoder.hpp"
#include "ingest/decoding.hpp"
#include "ingest/source_file.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace tapedeck {

// Told by the first line, whatever the name; archives (`.zip`, `.csv`, `.csv.gz`, `.parquet`) are
// none. Throws what MappedFile throws.
bool is_capture(const std::filesystem::path& path);

// The REST answers beside `X.ws` or `X.ws.gz`: `X.http`, `X.http.gz`. They are one recording.
std::optional<std::filesystem::path> answers_beside(const std::filesystem::path& path);
// The other way round.
std::optional<std::filesystem::path> frames_beside(const std::filesystem::path& path);

struct CaptureSource {
  SourceFile frames;
  std::optional<SourceFile> answers;
  std::string sha256;  // of both
};
CaptureSource open_capture(const std::filesystem::path& path);

struct CaptureResult {
  std::vector<DecodeError> errors;  // the first of them
  int64_t refused = 0;
  int64_t unknown = 0;
  int64_t messages = 0;
};
// Hands the batches to `use` in the order of the recording. `venue` is that of connections whose
// venue nothing tells. Throws Error{bad_input, invalid_argument} naming the file,
// Error{unsupported} naming the URL, and Error{cancelled} when stopped.
CaptureResult read_capture(const std::filesystem::path& path, const CaptureSource& source,
                           const std::optional<std::string>& venue, std::stop_token stop,
                           const std::function<void(CaptureBatch&&)>& use);

}  // namespace tapedeck
