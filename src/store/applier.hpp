// Applier: frames of the journal into the database, each exactly once: what they say and how far
// the journal is applied are committed together.
#pragma once

#include "store/ledger_batch.hpp"
#include "store/live_books.hpp"
#include "store/live_minutes.hpp"
#include "store/metric_rows.hpp"
#include "store/reject_rows.hpp"
#include "store/trade_batch.hpp"
#include "tapedeck/tape/journal_reader.hpp"
#include "tapedeck/tape/payload.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace tapedeck {

class StoreCore;

// A frame that waits, with its content unpacked.
struct PendingFrame {
  JournalPosition position;  // behind it
  Timestamp ts_recv;
  InstrumentId instrument{};
  std::shared_ptr<const FrameContent> content;
};

struct AppliedFrame {
  int64_t rows = 0;  // stored, changed or deleted
  int64_t duplicates = 0;
  int64_t conflicts = 0;
};

JournalPosition applied_position(duck::Connection& connection);
void set_applied_position(duck::Transaction& transaction, const JournalPosition& position);

// Whether the first rows of a stream without ids follow the last ones that are stored.
enum class Session { fresh, continued };

class Applier {
 public:
  explicit Applier(StoreCore& core, Session session = Session::fresh)
      : core_{core}, session_{session} {}

  // All of them, or none and it throws. Results are those of frames that make a load of their own
  // or change few rows; rows of a recording are counted with the first frame of their stream.
  std::vector<AppliedFrame> apply(std::span<const PendingFrame> frames);
  // Only notes that the frame is dealt with.
  void pass_over(const PendingFrame& frame);
  // The end of a session: the open minutes of every recording become bars, what waits for its place
  // in a book becomes rows.
  void end_recordings();
  // Something may be missing since the frames before: streams without ids do not go on from there.
  void begin_session(const std::string& cause);
  // Into rejects/live.csv; logged where that fails.
  void keep_rejects(const std::vector<RejectRow>& rows) const;

 private:
  class Batch;
  friend class Batch;
  using StreamKey = std::pair<InstrumentId, Grain>;
  using StreamId = std::tuple<StreamKey, std::string, bool>;  // with its source; has it ids?

  void forget();
  LiveMinutes& live_minutes(duck::Connection& connection, StreamKey key);
  void keep_conflicts(const std::vector<TradeConflict>& conflicts) const;

  // Constant after construction
  StoreCore& core_;
  Session session_;

  std::map<StreamKey, LiveMinutes> minutes_;
  LiveBooks books_;
  LivePositions positions_;
  SeriesNumbers series_;
  uint64_t unknown_writes_ = 0;  // of the window, up to which minutes_ knows what is stored
  std::set<StreamId> went_on_;   // in this session
};

}  // namespace tapedeck
