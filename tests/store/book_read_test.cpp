#include "store/book_read.hpp"

#include "sql_rows.hpp"
#include "store/driven_books.hpp"
#include "thrown.hpp"

#include <random>

namespace tapedeck {
namespace {

using namespace test;

constexpr BookRules kCounted{.continuity = BookContinuity::consecutive};

DrivenMessage message(BookMessageKind kind, int64_t ms, int64_t sequence, std::string_view bids,
                      std::string_view asks) {
  return {.kind = kind,
          .ms = ms,
          .recv_ms = ms + 5,
          .sequence = sequence,
          .bids = levels(bids),
          .asks = levels(asks)};
}

DrivenMessage snapshot(int64_t ms, int64_t sequence) {
  return message(BookMessageKind::snapshot, ms, sequence, "100x1 99x2", "101x3");
}

DrivenMessage update(int64_t ms, int64_t sequence, std::string_view bids,
                     std::string_view asks = {}) {
  return message(BookMessageKind::update, ms, sequence, bids, asks);
}

// "100x1 99x2 | 101x3 #7"
std::string text_of(const StoredBook& stored) {
  std::string text;
  for (const BookSide side : {BookSide::bid, BookSide::ask}) {
    for (const BookLevel& level : stored.book.levels(side)) {
      text += to_text(Decimal{level.price.raw(), stored.book.scale().price_exp}) + "x" +
              to_text(Decimal{level.quantity.raw(), stored.book.scale().qty_exp}) + " ";
    }
    if (side == BookSide::bid) text += "| ";
  }
  return text + "#" + (stored.sequence ? std::to_string(*stored.sequence) : "-");
}

struct OneStream {
  Store store{":memory:"};
  Instrument btc = new_instrument(store);
  DrivenStream stream;

  explicit OneStream(BookRules rules = kCounted) : stream{btc.id, "deep", rules} {}

  void drive(const std::function<void()>& work) { test::drive(store, {&stream}, work); }
  // "none" where no book had begun.
  std::string at(int64_t ms, BookClock clock = BookClock::event) {
    const auto reader = store.core().borrow_reader();
    const BookIndex index = read_book_index(*reader, stream.row(*reader));
    const IndexedBook* const book = index.book_at(at_ms(ms), clock);
    if (book == nullptr) return "none";
    return text_of(read_book(*reader, index.stream, *book, {.at = at_ms(ms), .clock = clock}));
  }
  // At every millisecond from `begin` to `end` and on both clocks.
  void check_all(int64_t begin, int64_t end) {
    const auto reader = store.core().borrow_reader();
    const BookIndex index = read_book_index(*reader, stream.row(*reader));
    for (int64_t ms = begin; ms <= end; ++ms) {
      check_book(*reader, stream, index, at_ms(ms), BookClock::event);
      check_book(*reader, stream, index, at_ms(ms), BookClock::recv);
    }
  }
};

TEST_CASE("a book has every message up to the moment, that very moment included") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1));
    one.stream.apply(update(20, 2, "100x0 98x4", "101x2.5"));
    one.stream.apply(update(30, 3, "98x0"));
  });
  CHECK(one.at(9) == "none");
  CHECK(one.at(10) == "100x1 99x2 | 101x3 #1");
  CHECK(one.at(19) == "100x1 99x2 | 101x3 #1");
  CHECK(one.at(20) == "99x2 98x4 | 101x2.5 #2");
  CHECK(one.at(1'000'000) == "99x2 | 101x2.5 #3");
  CHECK(one.at(24, BookClock::recv) == "100x1 99x2 | 101x3 #1");
  CHECK(one.at(25, BookClock::recv) == "99x2 98x4 | 101x2.5 #2");
  CHECK(one.at(14, BookClock::recv) == "none");
}

TEST_CASE("an update whose time lies behind a later one's is not in the book before its time") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1));
    one.stream.apply(update(40, 2, "100x7"));
    one.stream.apply(update(20, 3, "99x7"));
    one.stream.apply(update(30, 4, "100x8"));
  });
  CHECK(one.at(20) == "100x1 99x7 | 101x3 #3");
  CHECK(one.at(39) == "100x8 99x7 | 101x3 #4");
  INFO("in the order in which they came");
  CHECK(one.at(40) == "100x8 99x7 | 101x3 #4");
  one.check_all(8, 52);
}

TEST_CASE("updates on the other side of a keyframe by time are found on both sides of it") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(299'990, 1));
    one.stream.apply(update(300'010, 2, "100x2"));  // a keyframe of both
    one.stream.apply(update(299'995, 3, "99x3"));   // before it by time
    one.stream.apply(update(600'005, 4, "98x4"));   // another keyframe
    one.stream.apply(update(300'005, 5, "97x5"));
    one.stream.apply(update(299'992, 6, "100x6"));
  });
  one.check_all(299'988, 300'016);
  one.check_all(600'000, 600'010);
  CHECK(one.at(299'996) == "100x6 99x3 | 101x3 #6");
}

TEST_CASE("a keyframe is not taken before the latest of our times in it") {
  OneStream one;
  const auto received = [](DrivenMessage sent, int64_t recv_ms) {
    sent.recv_ms = recv_ms;
    return sent;
  };
  one.drive([&] {
    one.stream.apply(received(snapshot(299'990, 1), 300'000));
    one.stream.apply(received(update(299'999, 2, "100x2"), 300'040));
    one.stream.apply(received(update(300'001, 3, "99x3"), 300'020));  // a keyframe
    one.stream.apply(received(update(300'002, 4, "98x4"), 300'010));
  });
  CHECK(one.at(300'030, BookClock::recv) == "100x1 99x3 98x4 | 101x3 #4");
  one.check_all(300'008, 300'042);
}

TEST_CASE("a loss ends one book, the next one begins anew") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(update(5, 1, "1x1"));
    one.stream.apply(snapshot(10, 1));
    one.stream.apply(update(20, 2, "100x2"));
    one.stream.lose("gone");
    one.stream.apply(update(25, 7, "100x9"));
    one.stream.apply(snapshot(30, 8));
    one.stream.apply(update(40, 9, "100x3"));
  });
  CHECK(one.at(29) == "100x2 99x2 | 101x3 #2");
  CHECK(one.at(30) == "100x1 99x2 | 101x3 #8");
  one.check_all(0, 50);
}

TEST_CASE("of recordings that overlap the one that goes on answers, not the one that began last") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1));
    one.stream.apply(update(100, 2, "100x2"));
  });
  test::drive(
      one.store, {&one.stream},
      [&] {
        one.stream.apply(message(BookMessageKind::snapshot, 50, 1, "50x1", "51x1"));
        one.stream.apply(update(60, 2, "50x2"));
      },
      false);
  CHECK(one.at(49) == "100x1 99x2 | 101x3 #1");
  CHECK(one.at(60) == "50x2 | 51x1 #2");
  CHECK(one.at(61) == "100x1 99x2 | 101x3 #1");
  CHECK(one.at(100) == "100x2 99x2 | 101x3 #2");
  CHECK(one.at(200) == "100x2 99x2 | 101x3 #2");
  one.check_all(48, 63);
  one.check_all(99, 101);
}

TEST_CASE("of books that began at one moment the later one counts") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1));
    one.stream.apply(message(BookMessageKind::snapshot, 10, 5, "50x1", "51x1"));
  });
  CHECK(one.at(10) == "50x1 | 51x1 #5");
}

TEST_CASE("a keyframe has the number and times of the last update, and so has a book from it") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1));
    one.stream.apply(update(300'000, 2, "100x2"));
    one.stream.apply(update(300'500, 3, "100x3"));
  });
  const auto reader = one.store.core().borrow_reader();
  const BookIndex index = read_book_index(*reader, one.stream.row(*reader));
  REQUIRE(index.books.size() == 1);
  REQUIRE(index.books[0].keyframes.size() == 2);
  const StoredBook stored =
      read_book(*reader, index.stream, index.books[0], {.at = at_ms(300'499)});
  CHECK(stored.sequence == 2);
  CHECK(to_iso(stored.ts_event) == "1970-01-01T00:05:00Z");
  REQUIRE(stored.ts_recv.has_value());
  CHECK(to_iso(*stored.ts_recv) == "1970-01-01T00:05:00.005Z");
  BookState last = read_last_book(*reader, index.stream, index.books[0].stretch);
  CHECK(last.ts_event == index.books[0].stretch.event_end);
  CHECK(text_of(StoredBook{.book = std::move(last.book), .sequence = last.sequence}) ==
        "100x3 99x2 | 101x3 #3");
}

TEST_CASE("updates without levels move the number at the end of a stretch, not its book") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1));
    one.stream.apply(update(20, 2, ""));
    one.stream.apply(update(30, 3, ""));
  });
  CHECK(one.at(40) == "100x1 99x2 | 101x3 #1");
  one.drive([&] { one.stream.apply(update(50, 4, "100x5")); });
  CHECK(one.stream.builder().trusted());
  CHECK(one.at(50) == "100x5 99x2 | 101x3 #4");
  CHECK(sql_line(one.store, "SELECT count(*), any_value(cause) FROM tape.books") == "1 NULL");
}

TEST_CASE("an empty book is a book, and so is one that becomes empty") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(message(BookMessageKind::snapshot, 10, 1, "", ""));
    one.stream.apply(update(20, 2, "1x1"));
    one.stream.apply(update(30, 3, "1x0"));
    one.stream.apply(update(300'000, 4, "1x0"));
    one.stream.apply(update(300'010, 5, "2x1"));
  });
  CHECK(one.at(10) == "| #1");
  CHECK(one.at(20) == "1x1 | #2");
  CHECK(one.at(300'000) == "| #4");
  CHECK(one.at(300'010) == "2x1 | #5");
}

TEST_CASE("a stream without our times has no book by our clock") {
  OneStream one;
  one.drive([&] {
    DrivenMessage first = snapshot(10, 1);
    first.recv_ms.reset();
    one.stream.apply(first);
    DrivenMessage second = update(20, 2, "100x2");
    second.recv_ms.reset();
    one.stream.apply(second);
  });
  CHECK(one.at(30, BookClock::recv) == "none");
  CHECK(one.at(30) == "100x2 99x2 | 101x3 #2");
}

TEST_CASE("rows of coarser digits than the stream's are read exactly") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1));
    one.stream.apply(update(20, 2, "100x5"));
    one.stream.apply(update(30, 3, "99.5x0.001"));
    one.stream.lose("gone");
    one.stream.apply(snapshot(40, 8));
    one.stream.apply(update(50, 9, "99.00000001x0.00000001"));
  });
  CHECK(one.at(25) == "100x5 99x2 | 101x3 #2");
  CHECK(one.at(30) == "100x5 99.5x0.001 99x2 | 101x3 #3");
  CHECK(one.at(50) == "100x1 99.00000001x0.00000001 99x2 | 101x3 #9");
  one.check_all(5, 60);
}

TEST_CASE("a book whose numbers do not fit the digits that the stream has by now is an error") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(message(BookMessageKind::snapshot, 10, 1, "100x9000000000000000", "101x3"));
    one.stream.lose("gone");
    one.stream.apply(snapshot(30, 5));
    one.stream.apply(update(40, 6, "99.5x0.000000000001"));
  });
  check_refused(ErrorCode::out_of_range, {"9000000000000000 does not fit 64 bits", "12 digits"},
                [&] { one.at(20); });
  CHECK(one.at(40) == "100x1 99.5x0.000000000001 99x2 | 101x3 #6");
}

TEST_CASE("rows that another program wrote anew in another order are refused, not misread") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1));
    one.stream.apply(update(20, 2, "100x2"));
    one.stream.apply(update(30, 3, "100x3"));
  });
  sql(one.store,
      "CREATE TEMP TABLE turned AS FROM tape.book_updates ORDER BY ordinal DESC; DELETE FROM "
      "tape.book_updates; INSERT INTO tape.book_updates FROM turned ORDER BY ordinal DESC",
      SqlAccess::write);
  check_refused(ErrorCode::corrupt, {"do not lie in the order", "import the recordings"},
                [&] { one.at(40); });
}

// What venues and lines do wrong, at random: times that go back on both clocks, missing numbers,
// losses, new snapshots, finer digits, recordings that end and go on.
struct Chaos {
  std::mt19937 random;
  int64_t now_ms = 1'000;
  int64_t sequence = 0;

  int64_t below(int64_t count) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(count));
  }

  std::vector<WireLevel> random_levels(BookSide side) {
    std::vector<WireLevel> result;
    for (int64_t i = below(4); i >= 0; --i) {
      const bool fine = below(50) == 0;
      const int64_t price = (side == BookSide::bid ? 100 : 300) + below(100);
      result.push_back(
          {.price = {.units = fine ? price * 10 + 5 : price,
                     .exponent = static_cast<int8_t>(fine ? -1 : 0)},
           .quantity = {.units = below(5), .exponent = static_cast<int8_t>(fine ? -2 : 0)}});
    }
    return result;
  }
  DrivenMessage next(bool first) {
    now_ms += below(20) == 0 ? below(200'000) : below(30);
    if (below(15) == 0) now_ms -= below(2'000);
    const int64_t behind = below(60) == 0 ? below(400'000) : 0;
    DrivenMessage message{
        .kind = first || below(80) == 0 ? BookMessageKind::snapshot : BookMessageKind::update,
        .ms = std::max<int64_t>(0, now_ms - behind),
        .recv_ms = now_ms + 5 + below(8) - below(300) / 290 * below(100'000),
        .sequence = sequence += below(150) == 0 ? 1 + below(30) : 1,
        .bids = random_levels(BookSide::bid),
        .asks = random_levels(BookSide::ask)};
    message.recv_ms = std::max<int64_t>(0, *message.recv_ms);
    return message;
  }
};

TEST_CASE("books of several streams at random moments are what a replay of everything gives") {
  for (const unsigned seed : {1U, 2U}) {
    CAPTURE(seed);
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    DrivenStream counted{btc.id, "counted", kCounted};
    DrivenStream plain{btc.id, "plain", {}};
    DrivenStream whole{btc.id, "whole", {.whole = true}};
    DrivenStream shallow{
        btc.id, "shallow", {.continuity = BookContinuity::consecutive, .depth = 5}};
    std::vector<std::pair<DrivenStream*, Chaos>> all;
    std::vector<DrivenStream*> streams;
    for (DrivenStream* const stream : {&counted, &plain, &whole, &shallow}) {
      all.push_back(
          {stream, Chaos{.random = std::mt19937{seed * 10 + static_cast<unsigned>(all.size())}}});
      streams.push_back(stream);
    }
    std::mt19937 random{seed};
    for (int transaction = 0; transaction < 4; ++transaction) {
      drive(store, streams, [&] {
        for (int i = 0; i < 1'000; ++i) {
          auto& [stream, chaos] = all[random() % all.size()];
          if (random() % 400 == 0) stream->lose("at random");
          stream->apply(chaos.next(transaction == 0 && stream->told().books().empty()));
        }
      });
    }
    const auto reader = store.core().borrow_reader();
    for (const auto& [stream, chaos] : all) {
      const BookIndex index = read_book_index(*reader, stream->row(*reader));
      CHECK(index.books.size() == stream->told().books().size());
      std::vector<int64_t> moments;
      for (int i = 0; i < 25; ++i)
        moments.push_back(
            static_cast<int64_t>(random() % static_cast<uint64_t>(chaos.now_ms + 1'000)));
      for (size_t i = 0; i < index.books.size(); i += 10) {
        const int64_t begin = to_epoch_ns(index.books[i].stretch.event_begin) / 1'000'000;
        moments.insert(moments.end(), {begin - 1, begin});
      }
      for (const int64_t ms : moments) {
        check_book(*reader, *stream, index, at_ms(ms), BookClock::event);
        check_book(*reader, *stream, index, at_ms(ms), BookClock::recv);
      }
      for (size_t i = 0; i < index.books.size(); ++i) {
        const std::string& cause = stream->told().books()[i].cause;
        CHECK(index.books[i].stretch.cause.value_or("") == cause);
      }
    }
  }
}

}  // namespace
}  // namespace tapedeck
