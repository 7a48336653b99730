// BookBuilder: messages of one stream in, a book out that is right or says that it is not. It
// buffers, waits for a snapshot, bridges to it, watches the venue's numbers and checksums, and asks
// for a new snapshot after a loss. Usable alone: no store.
#pragma once

#include "tapedeck/book/book_rules.hpp"
#include "tapedeck/book/order_book.hpp"
#include "tapedeck/market/book_message.hpp"
#include "tapedeck/market/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

struct BookChange {
  BookSide side = BookSide::bid;
  Price price = {};   // in units of the book's scale, as are quantities
  Qty quantity = {};  // that stands there now; 0: the level is gone
  constexpr bool operator==(const BookChange&) const = default;
};

enum class BookStepKind : uint8_t {
  update,    // changes of a book that can be trusted
  snapshot,  // the book is new and can be trusted from here on; changes are those of the message
  unsynced,  // an update without a place: no book takes it
};

// What the venue says of the book after a message; it was right.
struct BookDigest {
  uint32_t checksum = 0;
  uint8_t price_digits = 0;  // behind the point, as the stream writes them
  uint8_t qty_digits = 0;
};

// What one message did. Borrowed until the listener returns.
struct BookStep {
  BookStepKind kind = BookStepKind::update;
  std::optional<Timestamp> ts_event = {};
  std::optional<Timestamp> ts_recv = {};
  std::optional<int64_t> sequence = {};
  Scale scale = {};
  std::span<const BookChange> changes = {};
  std::optional<BookDigest> digest = {};
};

// Called by the builder, on its thread, in the order in which the book changed.
class BookListener {
 public:
  virtual ~BookListener() = default;
  // `book` is as it stands after the step; of an unsynced one it means nothing.
  virtual void on_step(const BookStep& step, const OrderBook& book) = 0;
  // From here on, and back to the last update, the book is not to be trusted; the next snapshot
  // step ends it.
  virtual void on_lost(std::string_view cause) = 0;
};

struct BookCounts {
  int64_t messages = 0;
  int64_t levels = 0;      // in them
  int64_t stale = 0;       // messages whose content the book had already
  int64_t unsynced = 0;    // messages that no book took
  int64_t pushed_out = 0;  // levels deleted by the rule of depth
  int64_t gaps = 0;
  int64_t resyncs = 0;
  int64_t crossed = 0;
  int64_t checksums_passed = 0;
  int64_t checksums_failed = 0;
};

// A book that a builder may go on from.
struct BookState {
  OrderBook book{Scale{}};
  std::optional<int64_t> sequence = {};    // of the last message in it
  std::optional<Timestamp> ts_event = {};  // likewise
  // Behind the point, as the stream wrote them so far: checksums are over the text.
  uint8_t price_digits = 0;
  uint8_t qty_digits = 0;
};

// One stream: venue, symbol, channel. One thread at a time.
class BookBuilder {
 public:
  // Updates that come in front of one which is missing wait so long for it.
  static constexpr size_t kReordered = 16;
  // Levels of updates that wait for an image, and these updates.
  static constexpr size_t kHeldLevels = 1'000'000;

  // `listener` must outlive the builder. `scale` is the coarsest that the book counts in.
  BookBuilder(const BookRules& rules, BookListener& listener, Scale scale = {});

  // Throws nothing on account of a message: what does not fit is told to the listener.
  void apply(const BookMessage& message, std::optional<Timestamp> ts_recv = {});
  // Something is missing: the numbers of its connection have a hole.
  void lose(std::string_view cause);
  // Something may be missing: the connection was closed. Lost unless the stream's own numbers show
  // what is.
  void interrupt(std::string_view cause);
  // Goes on from a book that was right, as another recording left it.
  void resume(BookState state);
  // No more messages: what waits is told.
  void finish();

  // True while book() is what the venue shows, as far as its rules can tell.
  bool trusted() const { return state_ == State::synced; }
  const OrderBook& book() const { return book_; }
  std::optional<int64_t> sequence() const { return sequence_; }
  const BookCounts& counts() const { return counts_; }
  const BookRules& rules() const { return rules_; }
  // Of what the stream showed so far.
  BookIntegrity integrity() const;

  // A message that waits, for an image or for one in front of it. A builder that is resumed and
  // given them in this order waits for the same.
  struct Waiting {
    uint64_t number;  // rises with each one that begins to wait
    const OwnedBookMessage* message;
  };
  std::vector<Waiting> waiting() const;

 private:
  enum class State : uint8_t { waiting, synced, doubtful, lost };
  enum class Relation : uint8_t { follows, stale, ahead };
  struct Held : OwnedBookMessage {
    uint64_t number;
    Held(const BookMessage& from, std::optional<Timestamp> received, uint64_t count)
        : OwnedBookMessage{from, received}, number{count} {}
  };

  void take_update(const BookMessage& message, std::optional<Timestamp> ts_recv);
  void wait_for_book(const BookMessage& message, std::optional<Timestamp> ts_recv);
  void take_snapshot(const BookMessage& message, std::optional<Timestamp> ts_recv);
  void take_image(const BookMessage& message, std::optional<Timestamp> ts_recv);
  void apply_whole(const BookMessage& message, std::optional<Timestamp> ts_recv);
  void apply_update(const BookMessage& message, std::optional<Timestamp> ts_recv);
  Relation relation_of(const BookMessage& message) const;
  std::string doubt_of(const BookMessage& ahead) const;
  bool continues(const BookMessage& snapshot);
  void continue_with(const BookMessage& snapshot, std::optional<Timestamp> ts_recv);
  bool is_late(const BookMessage& message) const;
  bool bridges(const BookMessage& update) const;
  void try_bridge(size_t from);

  bool fit_scale(const BookMessage& message);
  bool apply_levels(const BookMessage& message);
  void apply_changes();
  void push_out(BookSide side);
  bool begin_book(const BookMessage& snapshot);
  bool note_changes_to(const BookMessage& snapshot);
  bool is_right(const BookMessage& message);

  void hold(const BookMessage& message, std::optional<Timestamp> ts_recv);
  Held take_held(size_t index);
  void drain();
  void give_up_stale();
  void give_up_held(size_t left);
  void give_up_missing();
  void begin_again();
  bool trusted_so_far() const { return state_ == State::synced || state_ == State::doubtful; }
  void declare_lost(std::string_view cause);
  void tell(BookStepKind kind, const BookMessage& message, std::optional<Timestamp> ts_recv);
  void tell_unsynced(const BookMessage& message, std::optional<Timestamp> ts_recv);

  // Constant after construction
  BookRules rules_;
  BookListener& listener_;

  State state_ = State::waiting;
  OrderBook book_;
  std::optional<int64_t> sequence_;  // of the last message that the book took
  std::deque<Held> held_;
  size_t held_levels_ = 0;
  uint64_t held_number_ = 0;           // of the last that began to wait
  std::optional<Held> image_;          // that waits for the update which bridges to it
  std::optional<Timestamp> event_at_;  // the same
  std::string doubt_;                  // why the book is in doubt
  bool sequences_seen_ = false;
  std::vector<BookChange> changes_;
  uint8_t price_digits_ = 0;  // behind the point, as the stream writes them
  uint8_t qty_digits_ = 0;
  BookCounts counts_;
};

}  // namespace tapedeck
