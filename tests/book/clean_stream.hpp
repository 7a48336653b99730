// Streams of book messages as a venue sends them without a fault: made from a random walk, or
// recorded.
#pragma once

#include "book/map_book.hpp"
#include "feed/message_text.hpp"
#include "tapedeck/book/book_rules.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tapedeck::test {

// A change of one level with the number that the venue gave it.
struct NumberedChange {
  int64_t number;
  BookSide side;
  WireLevel level;
};

struct CleanStream {
  BookRules rules;
  std::vector<OwnedBookMessage> first;    // one, the book in front of all updates; none: no stream
  std::vector<OwnedBookMessage> updates;  // each follows the one before
  // What each update joins, where it is known: an image may be of the middle of one.
  std::vector<std::vector<NumberedChange>> changes;
};

inline bool has_images(const CleanStream& stream) {
  return stream.rules.continuity == BookContinuity::binance_spot ||
         stream.rules.continuity == BookContinuity::binance_futures;
}

inline WireNumber wire_number_of(int128 value) {
  int exponent = kMinExponent;
  for (; exponent < 0 && value % 10 == 0; ++exponent)
    value /= 10;
  return {.units = static_cast<int64_t>(value),
          .exponent = static_cast<int8_t>(exponent),
          .digits = static_cast<uint8_t>(-exponent)};
}

// The book as a venue sends it whole.
inline OwnedBookMessage whole_message(const MapBook& book, BookMessageKind kind, int64_t sequence,
                                      std::optional<Timestamp> ts_event = {}) {
  std::vector<WireLevel> bids;
  std::vector<WireLevel> asks;
  for (const auto& [price, quantity] : book.levels(BookSide::bid))
    bids.push_back({wire_number_of(price), wire_number_of(quantity)});
  std::ranges::reverse(bids);
  for (const auto& [price, quantity] : book.levels(BookSide::ask))
    asks.push_back({wire_number_of(price), wire_number_of(quantity)});
  return OwnedBookMessage{
      {.kind = kind, .ts_event = ts_event, .sequence = sequence, .bids = bids, .asks = asks},
      std::nullopt};
}

// Levels come and go around a price that wanders.
class RandomWalk {
 public:
  RandomWalk(BookContinuity continuity, uint64_t seed)
      : continuity_{continuity}, random_{seed}, number_{1'000'000 + static_cast<int64_t>(seed)} {}

  CleanStream stream(size_t updates) {
    CleanStream stream{.rules = {.continuity = continuity_}};
    for (int64_t offset = 1; offset < 30; ++offset) {
      set(BookSide::bid, mid_ - offset, some());
      set(BookSide::ask, mid_ + offset, some());
    }
    changes_.clear();
    const auto kind = has_images(stream) ? BookMessageKind::image : BookMessageKind::snapshot;
    stream.first.push_back(whole_message(book_, kind, number_, from_epoch_ns(number_ / 2)));
    for (size_t update = 0; update < updates; ++update) {
      const int64_t before = number_;
      if (continuity_ == BookContinuity::consecutive) ++number_;
      if (continuity_ == BookContinuity::linked) number_ += 1 + static_cast<int64_t>(random_() % 5);
      if (random_() % 4 == 0) move();
      for (uint64_t more = 1 + random_() % 4; more > 0; --more)
        change();
      stream.updates.push_back(message(before));
      stream.changes.push_back(std::exchange(changes_, {}));
    }
    return stream;
  }

 private:
  int64_t some() { return 1 + static_cast<int64_t>(random_() % 1'000'000); }
  void set(BookSide side, int64_t price, int64_t quantity) {
    if (continuity_ == BookContinuity::binance_spot) ++number_;
    // Futures share their numbers with other symbols.
    if (continuity_ == BookContinuity::binance_futures) {
      number_ += 1 + static_cast<int64_t>(random_() % 5);
    }
    const WireLevel level{.price = {.units = price, .exponent = -2, .digits = 2},
                          .quantity = {.units = quantity, .exponent = -3, .digits = 3}};
    book_.set(side, level);
    changes_.push_back({.number = number_, .side = side, .level = level});
  }
  void change() {
    const auto side = random_() % 2 == 0 ? BookSide::bid : BookSide::ask;
    const int64_t offset = 1 + static_cast<int64_t>(random_() % 30);
    const int64_t price = mid_ + (side == BookSide::bid ? -offset : offset);
    set(side, price, random_() % 3 == 0 ? 0 : some());
  }
  void move() {
    mid_ += static_cast<int64_t>(random_() % 7) - 3;
    for (int64_t price = mid_; price < mid_ + 4; ++price)
      set(BookSide::bid, price, 0);
    for (int64_t price = mid_; price > mid_ - 4; --price)
      set(BookSide::ask, price, 0);
  }
  // Of each level the last quantity.
  OwnedBookMessage message(int64_t before) const {
    std::map<std::pair<BookSide, int64_t>, WireLevel> last;
    for (const NumberedChange& change : changes_)
      last.insert_or_assign({change.side, change.level.price.units}, change.level);
    std::vector<WireLevel> bids;
    std::vector<WireLevel> asks;
    for (const auto& [key, level] : last)
      (key.first == BookSide::bid ? bids : asks).push_back(level);
    return OwnedBookMessage{{.ts_event = from_epoch_ns(number_ / 2),
                             .sequence_begin = changes_.front().number,
                             .sequence = number_,
                             .sequence_previous = before,
                             .bids = bids,
                             .asks = asks},
                            std::nullopt};
  }

  BookContinuity continuity_;
  std::mt19937_64 random_;
  int64_t number_;
  int64_t mid_ = 5'000;
  MapBook book_;
  std::vector<NumberedChange> changes_;
};

using RecordedBooks = std::map<std::string, std::vector<OwnedBookMessage>, std::less<>>;

// The messages of a recording by their symbol, images without one among those of all; none when the
// file is not there.
inline RecordedBooks recorded_books(std::string_view file,
                                    std::unique_ptr<MessageDecoder> decoder) {
  RecordedBooks books;
  TestDecoder test_decoder{std::move(decoder)};
  for_each_frame(file, [&](std::string_view frame) {
    // Most frames are of other channels.
    const auto has = [&](std::string_view word) {
      return frame.find(word) != std::string_view::npos;
    };
    if (!has("ook") && !has("epth") && !has("lastUpdateId")) return;
    if (has("bookTicker")) return;
    for (const FeedRecord& record : test_decoder.decode(frame).records) {
      if (const auto* book = std::get_if<BookMessage>(&record)) {
        books[std::string{book->symbol}].emplace_back(*book, std::nullopt);
      }
    }
  });
  const auto images = books.find("");
  if (images == books.end()) return books;
  for (auto& [symbol, messages] : books) {
    if (symbol.empty()) continue;
    messages.insert(messages.begin(), std::make_move_iterator(images->second.begin()),
                    std::make_move_iterator(images->second.end()));
    break;  // recordings of Binance are of one symbol
  }
  books.erase("");
  return books;
}

// From the first book of a recording on, at most so many updates; none when it is not there.
inline CleanStream recorded_stream(const BookRules& rules, RecordedBooks books,
                                   std::string_view symbol, size_t most) {
  CleanStream stream{.rules = rules};
  const auto found = books.find(symbol);
  if (found == books.end()) return stream;
  std::vector<OwnedBookMessage>& messages = found->second;
  const auto first = std::ranges::find_if(messages, [](const OwnedBookMessage& each) {
    return each.message.kind != BookMessageKind::update;
  });
  REQUIRE(first != messages.end());
  const int64_t number = *first->message.sequence;
  stream.first.push_back(std::move(*first));
  for (OwnedBookMessage& each : messages) {
    if (each.message.kind != BookMessageKind::update || stream.updates.size() == most) continue;
    if (*each.message.sequence > number) stream.updates.push_back(std::move(each));
  }
  return stream;
}

}  // namespace tapedeck::test
