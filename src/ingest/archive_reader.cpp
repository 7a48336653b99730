#include "ingest/archive_reader.hpp"

#include "feed/binance_archive.hpp"
#include "feed/zip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

constexpr size_t kReadBytes = 1 << 20;        // a window that stays in the L2 cache
constexpr uint64_t kHeldBytes = 64ULL << 20;  // text up to this size is kept until its end
constexpr size_t kGivenRows = 50'000;         // klines a batch: about 20 MB

struct Member {
  std::string name;
  std::function<std::unique_ptr<ByteStream>()> open;
};

std::vector<Member> members_of(const ArchiveFile& file, const ArchiveSource& source) {
  const std::span<const std::byte> bytes = source.bytes.bytes();
  const std::string name = file.path.filename().string();
  if (name.ends_with(".gz")) return {{name, [bytes] { return open_gzip(bytes); }}};
  if (!name.ends_with(".zip")) return {{name, [bytes] { return open_plain(bytes); }}};
  std::vector<Member> result;
  for (const ZipMember& member : zip_members(bytes)) {
    if (!member.name.ends_with(".csv")) {
      throw Error{ErrorCode::bad_input,
                  fmt::format("'{}': its member '{}' is no CSV", file.path.string(), member.name)};
    }
    result.push_back({member.name, [bytes, member] { return open_zip_member(bytes, member); }});
  }
  if (result.empty()) {
    throw Error{ErrorCode::bad_input, fmt::format("'{}' is an empty zip", file.path.string())};
  }
  return result;
}

std::string line_message(const ArchiveFile& file, const std::string& member,
                         const DecodeError& error) {
  const std::string where = member == file.path.filename().string() ? "" : " of " + member;
  return fmt::format("'{}', line {}{}: {}", file.path.string(), error.line, where, error.reason);
}

// Counts refused lines and gives up on a file with too many.
class ErrorCount {
 public:
  ErrorCount(const ArchiveFile& file, int64_t most) : file_{file}, most_{most} {}

  void add(const std::string& member, std::vector<DecodeError> errors) {
    for (DecodeError& error : errors) {
      if (first_.empty()) first_ = line_message(file_, member, error);
      kept_.push_back(std::move(error));
    }
    if (static_cast<int64_t>(kept_.size()) <= most_) return;
    const std::string more =
        kept_.size() == 1 ? "" : fmt::format(" (the first of {} refused lines)", kept_.size());
    throw Error{ErrorCode::bad_input,
                fmt::format("{}{}; nothing of the file was loaded, --max-errors N loads the rest "
                            "of a file with up to N refused lines",
                            first_, more)};
  }

  std::vector<DecodeError> take() { return std::move(kept_); }

 private:
  const ArchiveFile& file_;
  int64_t most_;
  std::string first_;
  std::vector<DecodeError> kept_;
};

// Keeps the blocks of a short file until its end, so that all get the scale of the finest.
class HeldBlocks {
 public:
  explicit HeldBlocks(const std::function<void(ArchiveBatch&&)>& use) : use_{use} {}

  // Ids rise from one member to the next too.
  void check_ids(const std::string& member, const TradeBlock& block) {
    const int64_t first = block.trade_id.front();
    if (last_id_ && first <= *last_id_) {
      throw Error{ErrorCode::bad_input,
                  fmt::format("member '{}' holds id {}, not above id {} of the member before",
                              member, first, *last_id_)};
    }
    last_id_ = block.trade_id.back();
  }

  void add(std::vector<TradeBlock> blocks, uint64_t bytes_read) {
    for (TradeBlock& block : blocks)
      held_.push_back(std::move(block));
    if (bytes_read > kHeldBytes) release();
  }

  void release() {
    if (held_.empty()) return;
    Scale scale = held_.front().scale;
    for (const TradeBlock& block : held_)
      scale = finest(scale, block.scale);
    for (TradeBlock& block : held_) {
      // A value that does not fit at the finer scale keeps its block at its own.
      static_cast<void>(rescale(block, scale));
      use_(std::move(block));
    }
    held_.clear();
  }

 private:
  const std::function<void(ArchiveBatch&&)>& use_;
  std::vector<TradeBlock> held_;
  std::optional<int64_t> last_id_;
};

// One member on its way through a decoder.
struct Decoding {
  const Member& member;
  const std::stop_token& stop;
  ErrorCount& errors;

  // `after_piece` gets the bytes read since the last call; 0 at the end.
  template <typename Decoder, typename AfterPiece>
  void run(Decoder& decoder, AfterPiece after_piece) const {
    const std::unique_ptr<ByteStream> stream = member.open();
    std::vector<char> window(kReadBytes);
    for (;;) {
      if (stop.stop_requested()) throw Error{ErrorCode::cancelled, "the import was stopped"};
      const size_t bytes = stream->read(window);
      if (bytes > 0) decoder.decode({window.data(), bytes});
      if (bytes == 0) decoder.finish();
      errors.add(member.name, decoder.take_errors());
      after_piece(bytes);
      if (bytes == 0) return;
    }
  }
};

template <typename Decoder>
int64_t read_given(const Decoding& decoding, Decoder& decoder,
                   const std::function<void(ArchiveBatch&&)>& use) {
  decltype(decoder.take_rows()) held;
  int64_t rows = 0;
  decoding.run(decoder, [&](size_t bytes) {
    for (auto& row : decoder.take_rows())
      held.push_back(std::move(row));
    if (held.size() >= kGivenRows || (bytes == 0 && !held.empty())) {
      rows += static_cast<int64_t>(held.size());
      use(std::exchange(held, {}));
    }
  });
  return rows;
}

int64_t read_trades(const Decoding& decoding, TradeArchiveDecoder& decoder, HeldBlocks& held) {
  int64_t rows = 0;
  uint64_t bytes_read = 0;
  decoding.run(decoder, [&](size_t bytes) {
    bytes_read += bytes;
    std::vector<TradeBlock> blocks = decoder.take_blocks();
    std::erase_if(blocks, [](const TradeBlock& block) { return block.rows() == 0; });
    for (const TradeBlock& block : blocks) {
      rows += static_cast<int64_t>(block.rows());
      held.check_ids(decoding.member.name, block);
    }
    held.add(std::move(blocks), bytes_read);
  });
  return rows;
}

// What a container or decoder refuses, with the file's path in front.
template <typename Work>
auto naming(const ArchiveFile& file, Work work) {
  try {
    return work();
  } catch (const Error& error) {
    const std::string path = fmt::format("'{}'", file.path.string());
    const std::string_view what = error.what();
    if (error.code() != ErrorCode::bad_input || what.starts_with(path)) throw;
    throw Error{ErrorCode::bad_input, fmt::format("{}: {}", path, what)};
  }
}

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

ArchiveSource open_archive(const ArchiveFile& file) {
  ArchiveSource source{.bytes = MappedFile{file.path}, .sha256 = {}, .checksum_matched = {}};
  if (source.bytes.bytes().empty()) {
    throw Error{ErrorCode::bad_input, fmt::format("'{}' is empty", file.path.string())};
  }
  source.sha256 = sha256_hex(source.bytes.bytes());
  if (const std::optional<std::string> expected = checksum_beside(file.path)) {
    if (*expected != source.sha256) {
      throw Error{ErrorCode::checksum_mismatch,
                  fmt::format("'{}' has sha256 {}, but the .CHECKSUM beside it says {}; download "
                              "the file again",
                              file.path.string(), source.sha256, *expected)};
    }
    source.checksum_matched = true;
  }
  return source;
}

ArchiveReadResult read_archive(ArchiveFile& file, ArchiveSource& source,
                               const ArchiveReadOptions& options,
                               const std::function<void(ArchiveBatch&&)>& use) {
  ArchiveReadResult result;
  result.symbol = file.instrument.symbol;
  ErrorCount errors{file, options.max_errors};
  HeldBlocks held{use};
  ArchiveContext context{.kind = file.kind,
                         .period = file.period,
                         .interval = file.interval,
                         .symbol = file.instrument.symbol,
                         .scale = options.scale};
  const std::vector<Member> members = naming(file, [&] { return members_of(file, source); });
  for (const Member& member : members) {
    naming(file, [&] {
      const Decoding decoding{.member = member, .stop = options.stop, .errors = errors};
      if (file.kind == ArchiveKind::klines) {
        KlineArchiveDecoder decoder{context};
        result.rows += read_given(decoding, decoder, use);
      } else if (file.kind == ArchiveKind::metrics) {
        MetricsArchiveDecoder decoder{context};
        result.rows += read_given(decoding, decoder, use);
        if (result.symbol.empty()) result.symbol = decoder.symbol();
      } else {
        TradeArchiveDecoder decoder{context};
        result.rows += read_trades(decoding, decoder, held);
      }
    });
  }
  held.release();
  result.errors = errors.take();
  return result;
}

}  // namespace tapedeck
