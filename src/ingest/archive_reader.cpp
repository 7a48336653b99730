#include "ingest/archive_reader.hpp"

#include "feed/binance_archive.hpp"
#include "ingest/decoding.hpp"

#include <fmt/format.h>

#include <utility>

namespace tapedeck {
namespace {

constexpr uint64_t kHeldBytes = 64ULL << 20;  // text up to this size is kept until its end
constexpr size_t kGivenRows = 50'000;         // klines a batch: about 20 MB

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

}  // namespace

ReadResult read_archive(const ArchiveFile& file, const SourceFile& source,
                        const ReadOptions& options,
                        const std::function<void(ArchiveBatch&&)>& use) {
  ReadResult result;
  result.symbol = file.instrument.symbol;
  ErrorCount errors{file.path, options.max_errors};
  HeldBlocks held{use};
  ArchiveContext context{.kind = file.kind,
                         .period = file.period,
                         .interval = file.interval,
                         .symbol = file.instrument.symbol,
                         .scale = options.scale};
  const std::vector<FileMember> members =
      naming(file.path, [&] { return members_of(file.path, source.bytes.bytes()); });
  for (const FileMember& member : members) {
    naming(file.path, [&] {
      const Decoding decoding{.member = member, .stop = options.stop, .errors = errors};
      if (file.kind == ArchiveKind::klines) {
        KlineArchiveDecoder decoder{context};
        result.rows += read_given(decoding, decoder, use);
      } else if (file.kind == ArchiveKind::metrics) {
        MetricsArchiveDecoder decoder{context};
        result.rows += read_given(decoding, decoder, use);
        if (result.symbol.empty()) result.symbol = decoder.symbol();
      } else if (file.kind == ArchiveKind::book_ticker) {
        BookTickerArchiveDecoder decoder{context};
        result.rows += read_given(decoding, decoder, use);
      } else if (file.kind == ArchiveKind::book_depth) {
        BookDepthArchiveDecoder decoder{context};
        result.rows += read_given(decoding, decoder, use);
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
