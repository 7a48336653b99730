// Streams of book messages driven into a store by hand, and what their books must be at any moment:
// everything that was told is applied again, one change at a time.
#pragma once

#include "store/book_load.hpp"
#include "store/book_read.hpp"
#include "store/core.hpp"
#include "tapedeck/market/wire_number.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck::test {

// "100.5x1 101x0"
inline std::vector<WireLevel> levels(std::string_view text) {
  std::vector<WireLevel> result;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const size_t cross = word.find('x');
    const auto price = parse_wire_number(word.substr(0, cross));
    const auto quantity = parse_wire_number(word.substr(cross + 1));
    REQUIRE((price && quantity));
    result.push_back({.price = *price, .quantity = *quantity});
  }
  return result;
}

struct DrivenMessage {
  BookMessageKind kind = BookMessageKind::update;
  std::optional<int64_t> ms = {};
  std::optional<int64_t> recv_ms = {};
  std::optional<int64_t> sequence = {};
  std::vector<WireLevel> bids = {};
  std::vector<WireLevel> asks = {};
  std::optional<uint32_t> checksum = {};
};

// The sides of a book in units of 10^-12.
struct BookLevels {
  std::map<int128, int128> bids;
  std::map<int128, int128> asks;
  bool operator==(const BookLevels&) const = default;

  void set(BookSide side, int128 price, int128 quantity) {
    auto& of = side == BookSide::bid ? bids : asks;
    if (quantity == 0) {
      of.erase(price);
    } else {
      of[price] = quantity;
    }
  }
};

inline int128 fixed(int64_t units, int exponent) {
  return int128{units} * power_of_ten(exponent + 12);
}

inline BookLevels levels_of(const OrderBook& book) {
  BookLevels levels;
  for (const BookSide side : {BookSide::bid, BookSide::ask}) {
    for (const BookLevel& level : book.levels(side)) {
      levels.set(side, fixed(level.price.raw(), book.scale().price_exp),
                 fixed(level.quantity.raw(), book.scale().qty_exp));
    }
  }
  return levels;
}

// Everything that was told of one stream.
class ToldBooks {
 public:
  struct Change {
    BookSide side;
    int128 price;
    int128 quantity;
  };
  struct Update {
    Timestamp ts_event;
    std::optional<Timestamp> ts_recv;
    std::optional<int64_t> sequence;
    std::vector<Change> changes;
  };
  struct Book {
    BookLevels levels;            // after its first message
    std::vector<Update> updates;  // the first one begins it
    std::string cause;            // of its loss
  };
  struct State {
    size_t book = 0;
    BookLevels levels;
    Timestamp ts_event;
    std::optional<Timestamp> ts_recv;
    std::optional<int64_t> sequence;
  };

  void add(const BookStep& step, const OrderBook& book) {
    const Timestamp ts_event =
        step.ts_event ? *step.ts_event : step.ts_recv.value_or(last_.value_or(Timestamp{}));
    last_ = ts_event;
    Update update{
        .ts_event = ts_event, .ts_recv = step.ts_recv, .sequence = step.sequence, .changes = {}};
    for (const BookChange& change : step.changes) {
      update.changes.push_back({change.side, fixed(change.price.raw(), step.scale.price_exp),
                                fixed(change.quantity.raw(), step.scale.qty_exp)});
    }
    rows_ += step.kind == BookStepKind::snapshot ? 0 : std::ssize(step.changes);
    if (step.kind == BookStepKind::unsynced) return;
    if (step.kind == BookStepKind::snapshot) {
      books_.push_back({.levels = levels_of(book), .updates = {}, .cause = {}});
    }
    books_.back().updates.push_back(std::move(update));
  }
  void lose(std::string_view cause) {
    if (!books_.empty() && books_.back().cause.empty()) books_.back().cause = std::string{cause};
  }
  // A new recording begins.
  void forget_time(bool resumed) {
    if (!resumed) last_.reset();
  }

  // A book that goes on until `t`, the one that began last; else the one that ended last. With all
  // of its messages that have that clock at or before `t`.
  std::optional<State> at(Timestamp t, BookClock clock) const {
    const auto time_of = [&](const Update& update) {
      return clock == BookClock::event ? std::optional{update.ts_event} : update.ts_recv;
    };
    std::optional<size_t> best;
    std::optional<size_t> ended;
    Timestamp last_end;
    for (size_t i = 0; i < books_.size(); ++i) {
      const auto begin = time_of(books_[i].updates.front());
      if (!begin || *begin > t) continue;
      Timestamp end = *begin;
      for (const Update& update : books_[i].updates)
        end = std::max(end, time_of(update).value_or(end));
      const bool goes_on = end > t || (end == t && books_[i].cause.empty());
      if (goes_on && (!best || *begin >= *time_of(books_[*best].updates.front()))) best = i;
      if (goes_on || (ended && end < last_end)) continue;
      ended = i;
      last_end = end;
    }
    if (!best) best = ended;
    if (!best) return std::nullopt;
    const Book& book = books_[*best];
    const Update& first = book.updates.front();
    State state{*best, book.levels, first.ts_event, first.ts_recv, first.sequence};
    for (size_t i = 1; i < book.updates.size(); ++i) {
      const Update& update = book.updates[i];
      if (!time_of(update) || *time_of(update) > t) continue;
      for (const Change& change : update.changes)
        state.levels.set(change.side, change.price, change.quantity);
      state.ts_event = std::max(state.ts_event, update.ts_event);
      if (state.ts_recv && update.ts_recv)
        state.ts_recv = std::max(*state.ts_recv, *update.ts_recv);
      state.sequence = update.sequence;
    }
    return state;
  }

  const std::vector<Book>& books() const { return books_; }
  int64_t rows() const { return rows_; }

 private:
  std::vector<Book> books_;
  std::optional<Timestamp> last_;
  int64_t rows_ = 0;
};

// One stream over several transactions, opened as the importer of captures does.
class DrivenStream final : public BookListener {
 public:
  DrivenStream(InstrumentId instrument, std::string channel, BookRules rules)
      : instrument_{instrument}, channel_{std::move(channel)}, rules_{rules} {}

  void open(BookTables& tables, bool may_resume = true) {
    duck::Connection& connection = tables.transaction().connection();
    std::optional<BookStream> stream = find_book_stream(connection, instrument_, channel_);
    if (!stream) {
      stream = BookStream{.instrument = instrument_, .channel = channel_};
      stream->id = insert_book_stream(tables.transaction(), *stream);
    }
    std::optional<BookStretch> resumed;
    for (BookStretch& stretch : book_stretches(connection, stream->id))
      if (may_resume && !stretch.cause) resumed = std::move(stretch);
    load_ = std::make_unique<BookLoad>(*stream, resumed);
    load_->begin(tables);
    builder_ = std::make_unique<BookBuilder>(rules_, *this, stream->scale);
    told_.forget_time(resumed.has_value());
    if (!resumed) return;
    builder_->resume(read_last_book(connection, *stream, *resumed));
  }
  void apply(const DrivenMessage& message) {
    const auto time = [](std::optional<int64_t> ms) {
      return ms ? std::optional{at_ms(*ms)} : std::nullopt;
    };
    builder_->apply({.kind = message.kind,
                     .channel = channel_,
                     .ts_event = time(message.ms),
                     .sequence = message.sequence,
                     .checksum = message.checksum,
                     .bids = message.bids,
                     .asks = message.asks},
                    time(message.recv_ms));
  }
  void lose(std::string_view cause) { builder_->lose(cause); }
  void finish() {
    builder_->finish();
    load_->store(*builder_, "test", Recording::ends);
  }

  void on_step(const BookStep& step, const OrderBook& book) override {
    told_.add(step, book);
    load_->on_step(step, book);
  }
  void on_lost(std::string_view cause) override {
    told_.lose(cause);
    load_->on_lost(cause);
  }

  const ToldBooks& told() const { return told_; }
  const BookLoad& load() const { return *load_; }
  const BookBuilder& builder() const { return *builder_; }
  BookStream row(duck::Connection& connection) const {
    const auto found = find_book_stream(connection, instrument_, channel_);
    REQUIRE(found.has_value());
    return *found;
  }

 private:
  InstrumentId instrument_;
  std::string channel_;
  BookRules rules_;
  ToldBooks told_;
  std::unique_ptr<BookLoad> load_;
  std::unique_ptr<BookBuilder> builder_;
};

// One transaction of all of them.
inline void drive(Store& store, const std::vector<DrivenStream*>& streams,
                  const std::function<void()>& work, bool may_resume = true) {
  store.core().write([&](duck::Transaction& transaction) {
    BookTables tables{transaction};
    for (DrivenStream* const stream : streams)
      stream->open(tables, may_resume);
    work();
    for (DrivenStream* const stream : streams)
      stream->finish();
    tables.close();
  });
}

// The stored book at `t` is what was told up to then.
inline void check_book(duck::Connection& connection, const DrivenStream& stream,
                       const BookIndex& index, Timestamp t, BookClock clock) {
  CAPTURE(to_iso(t));
  CAPTURE(to_text(clock));
  const auto expected = stream.told().at(t, clock);
  const IndexedBook* const book = index.book_at(t, clock);
  REQUIRE((book != nullptr) == expected.has_value());
  if (book == nullptr) return;
  CHECK(static_cast<size_t>(book - index.books.data()) == expected->book);
  const StoredBook stored = read_book(connection, index.stream, *book, {.at = t, .clock = clock});
  CHECK((levels_of(stored.book) == expected->levels));
  CHECK(to_iso(stored.ts_event) == to_iso(expected->ts_event));
  CHECK(stored.ts_recv == expected->ts_recv);
  CHECK(stored.sequence == expected->sequence);
}

}  // namespace tapedeck::test
