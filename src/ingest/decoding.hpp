// What readers of files share: the bytes of a member through a decoder, and the refused lines.
#pragma once

#include "feed/decode_error.hpp"
#include "ingest/source_file.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/market/decimal.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

struct ReadOptions {
  Scale scale = {};  // the instrument's so far
  int64_t max_errors = 0;
  std::stop_token stop = {};
};

struct ReadResult {
  std::vector<DecodeError> errors;  // at most max_errors
  int64_t rows = 0;
  std::string symbol;  // of metrics files: what the rows say
};

// Counts refused lines and gives up on a file with too many.
class ErrorCount {
 public:
  // `path` must outlive it.
  ErrorCount(const std::filesystem::path& path, int64_t most) : path_{path}, most_{most} {}

  // `unit` is "line" or "row". Throws Error{bad_input} naming the first one.
  void add(std::string_view member, std::vector<DecodeError> errors,
           std::string_view unit = "line");
  std::vector<DecodeError> take() { return std::move(kept_); }

 private:
  const std::filesystem::path& path_;
  int64_t most_;
  std::string first_;
  std::vector<DecodeError> kept_;
};

[[noreturn]] void throw_stopped();

// One member on its way through a decoder.
struct Decoding {
  static constexpr size_t kReadBytes = 1 << 20;  // a window that stays in the L2 cache

  const FileMember& member;
  const std::stop_token& stop;
  ErrorCount& errors;

  // `after_piece` gets the bytes read since the last call; 0 at the end.
  template <typename Decoder, typename AfterPiece>
  void run(Decoder& decoder, AfterPiece after_piece) const {
    const std::unique_ptr<ByteStream> stream = member.open();
    std::vector<char> window(kReadBytes);
    for (;;) {
      if (stop.stop_requested()) throw_stopped();
      const size_t bytes = stream->read(window);
      if (bytes > 0) decoder.decode({window.data(), bytes});
      if (bytes == 0) decoder.finish();
      errors.add(member.name, decoder.take_errors());
      after_piece(bytes);
      if (bytes == 0) return;
    }
  }
};

// What a container or decoder refuses, with the file's path in front.
template <typename Work>
auto naming(const std::filesystem::path& file, Work work) {
  try {
    return work();
  } catch (const Error& error) {
    const std::string path = fmt::format("'{}'", file.string());
    const std::string_view what = error.what();
    const bool of_file =
        error.code() == ErrorCode::bad_input || error.code() == ErrorCode::invalid_argument;
    if (!of_file || what.starts_with(path)) throw;
    throw Error{error.code(), fmt::format("{}: {}", path, what)};
  }
}

}  // namespace tapedeck
