// A store with one stream of random books, some of them lost, and what stood in them when.
#pragma once

#include "store/driven_books.hpp"

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace tapedeck::test {

// A stretch of time in which nothing changed; states without extent are left out.
struct StandingBook {
  int64_t begin = 0;
  int64_t end = 0;
  BookLevels levels;
};

class RandomBooks {
 public:
  // Prices have one digit, quantities two; times are now and then equal, or go back.
  RandomBooks(Store& store, unsigned seed, int messages)
      : stream_{new_instrument(store).id, "depth@100ms", {}}, random_{seed} {
    drive(store, {&stream_}, [&] {
      snapshot();
      for (int i = 0; i < messages; ++i) {
        ms_ += number(0, 3) == 0 ? number(-2, 0) : number(0, 900);
        if (number(0, 60) == 0) {
          stream_.lose("the connection was lost");
          ms_ += number(0, 3'000);
          snapshot();
        } else {
          stream_.apply({.ms = ms_,
                         .recv_ms = ms_ + 5,
                         .sequence = i,
                         .bids = some(BookSide::bid),
                         .asks = some(BookSide::ask)});
        }
      }
    });
  }

  // In the order of time. A message that came after another changed the book after it.
  std::vector<StandingBook> states() const {
    std::vector<StandingBook> result;
    int64_t free_from = INT64_MIN;  // a book that overlaps the one before counts from its end on
    for (const ToldBooks::Book& book : stream_.told().books()) {
      BookLevels levels = book.levels;
      int64_t now = to_epoch_ns(book.updates.front().ts_event);
      int64_t latest = now;
      for (const ToldBooks::Update& update : book.updates)
        latest = std::max(latest, to_epoch_ns(update.ts_event));
      const int64_t end = latest + (book.cause.empty() ? 1 : 0);
      for (size_t i = 1; i < book.updates.size(); ++i) {
        if (book.updates[i].changes.empty()) continue;  // leaves no row
        const int64_t at = std::max(now, to_epoch_ns(book.updates[i].ts_event));
        add(result, {std::max(now, free_from), std::min(at, end), levels});
        now = std::min(at, end);
        for (const ToldBooks::Change& change : book.updates[i].changes)
          levels.set(change.side, change.price, change.quantity);
      }
      add(result, {std::max(now, free_from), end, levels});
      free_from = std::max(free_from, end);
    }
    return result;
  }

  const DrivenStream& stream() const { return stream_; }
  int64_t last_ms() const { return ms_; }

 private:
  static void add(std::vector<StandingBook>& states, StandingBook state) {
    if (state.begin < state.end) states.push_back(std::move(state));
  }
  int64_t number(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>{low, high}(random_);
  }
  static std::string tenths(int64_t value) {
    return std::to_string(value / 10) + "." + std::to_string(value % 10);
  }

  // Bids stay below 1000, asks above.
  std::vector<WireLevel> some(BookSide side) {
    std::string text;
    for (int64_t i = number(0, 3); i > 0; --i) {
      const int64_t away = number(1, number(0, 20) == 0 ? 9'000 : 40);
      const int64_t price = side == BookSide::bid ? 10'000 - away : 10'000 + away;
      if (!text.empty()) text += ' ';
      text += tenths(price) + "x" + (number(0, 2) == 0 ? "0" : tenths(number(1, 99)));
    }
    return levels(text);
  }

  void snapshot() {
    stream_.apply({.kind = BookMessageKind::snapshot,
                   .ms = ms_,
                   .recv_ms = ms_ + 5,
                   .bids = levels("999.9x1.5 999.0x2 500x7"),
                   .asks = levels("1000.1x1 1002x3.25")});
  }

  DrivenStream stream_;
  std::mt19937 random_;
  int64_t ms_ = 1'000'000;
};

}  // namespace tapedeck::test
