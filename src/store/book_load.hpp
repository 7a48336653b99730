// BookLoad: the one way of books into the store. It listens to a BookBuilder and writes the rows of
// one stream: updates, keyframes, stretches, coverage. A recording may take several transactions.
#pragma once

#include "duck/appender.hpp"
#include "store/book_streams.hpp"
#include "tapedeck/book/book_builder.hpp"
#include "tapedeck/store/coverage.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// A keyframe is made at the first update at or after each multiple of this in event time.
inline constexpr std::chrono::nanoseconds kKeyframeGrid = std::chrono::minutes{5};

// The tables of books, open for all streams of one transaction.
class BookTables {
 public:
  // `transaction` must outlive it.
  explicit BookTables(duck::Transaction& transaction);

  duck::Transaction& transaction() { return transaction_; }
  void close();

 private:
  friend class BookLoad;

  duck::Transaction& transaction_;
  int64_t next_ordinal_;
  duck::Appender updates_;
  duck::Appender levels_;
  duck::Appender keyframes_;
  duck::Appender checksums_;
  duck::RowChunk update_rows_;
  duck::RowChunk level_rows_;
  duck::RowChunk keyframe_rows_;
  duck::RowChunk checksum_rows_;
};

// What one recording of a stream has stored already.
struct BookPast {
  bool had_book = false;
  std::optional<TimeRange> range = {};      // of event times
  Timestamp lost_until = Timestamp::min();  // behind the last instant of what was lost last
};

enum class Recording { goes_on, ends };

class BookLoad final : public BookListener {
 public:
  // `stream` is as stored. With `resumed` the builder goes on from the end of that stretch.
  explicit BookLoad(BookStream stream, std::optional<BookStretch> resumed = {},
                    const BookPast& past = {});

  // Everything up to store() goes there; `tables` must live until then.
  void begin(BookTables& tables);
  void on_step(const BookStep& step, const OrderBook& book) override;
  void on_lost(std::string_view cause) override;

  // Writes what waits, the stretches and coverage. `source` goes into coverage. While the recording
  // goes on the last instant is not covered: more of it may come.
  void store(const BookBuilder& builder, const std::string& source, Recording recording);

  const BookStream& stream() const { return stream_; }
  // Of the last stretch, and 0 where none has begun; once stored.
  int64_t last_book() const { return last_book_; }
  // Since begin()
  int64_t rows() const { return rows_; }
  std::optional<TimeRange> range() const { return range_; }  // of event times

 private:
  // Rows wait so long that those of one stream lie together.
  static constexpr size_t kBlockRows = 122'880;
  // Of keyframes without rows between them: 12 MB
  static constexpr size_t kWaitingLevels = 4 * kBlockRows;
  static constexpr size_t kNoBook = SIZE_MAX;

  struct Rows {
    std::vector<size_t> book;  // index of stretches_, or kNoBook
    std::vector<int64_t> ts_event, ts_recv, sequence, price, quantity;
    std::vector<uint8_t> side;
    std::vector<bool> has_recv, has_sequence;
    std::vector<Scale> scale;
    size_t size() const { return ts_event.size(); }
  };
  struct Level {
    BookSide side;
    int64_t price;
    int64_t quantity;
  };
  // Of the book after the first `rows` rows of the block.
  struct Keyframe {
    size_t rows;
    size_t book;
    std::optional<int64_t> sequence;
    Scale scale;
    Timestamp ts_event;
    std::optional<Timestamp> ts_recv;
    Timestamp ts_event_min;
    std::optional<Timestamp> ts_recv_min;
    std::vector<Level> levels;
  };

  // Of the book after the first `places` rows and keyframes of the block.
  struct Digest {
    size_t places = 0;
    BookDigest digest = {};
  };

  Timestamp time_of(const BookStep& step) const;
  void begin_book(const BookStep& step, Timestamp ts_event, const OrderBook& book);
  void add_rows(const BookStep& step, Timestamp ts_event);
  void note_update(const BookStep& step, Timestamp ts_event);
  void add_keyframe(const BookStep& step, Timestamp ts_event, const OrderBook& book);
  void flush();
  void flush_updates(int64_t first_ordinal);
  void flush_keyframe(const Keyframe& keyframe, int64_t ordinal);
  void flush_checksums(int64_t first_ordinal);
  void store_coverage(const std::string& source, Recording recording);

  BookTables* tables_ = nullptr;
  BookStream stream_;
  BookPast past_;
  std::optional<Timestamp> resumed_at_;  // end of the stretch that is resumed
  std::vector<BookStretch> stretches_;   // the last one is open while the book can be trusted
  bool open_;
  std::string covered_by_;  // source of the row that covers the open stretch so far
  int64_t last_book_ = 0;
  Rows block_;
  std::vector<Keyframe> keyframes_;  // of the block
  size_t waiting_levels_ = 0;        // of them
  std::vector<Digest> digests_;      // of the block
  int64_t rows_ = 0;
  int64_t grid_ = INT64_MIN;  // of the last keyframe
  std::optional<Timestamp> last_event_;
  std::optional<TimeRange> range_;
};

}  // namespace tapedeck
