#include "store/book_load.hpp"

#include "sql_rows.hpp"
#include "store/driven_books.hpp"
#include "tapedeck/store/coverage.hpp"

#include <random>

namespace tapedeck {
namespace {

using namespace test;

constexpr BookRules kCounted{.continuity = BookContinuity::consecutive};
constexpr int64_t kGridMs = 300'000;

DrivenMessage snapshot(int64_t ms, int64_t sequence, std::string_view bids, std::string_view asks) {
  return {.kind = BookMessageKind::snapshot,
          .ms = ms,
          .recv_ms = ms + 5,
          .sequence = sequence,
          .bids = levels(bids),
          .asks = levels(asks)};
}

DrivenMessage update(int64_t ms, int64_t sequence, std::string_view bids,
                     std::string_view asks = {}) {
  DrivenMessage message = snapshot(ms, sequence, bids, asks);
  message.kind = BookMessageKind::update;
  return message;
}

struct OneStream {
  Store store{":memory:"};
  Instrument btc = new_instrument(store);
  DrivenStream stream;

  explicit OneStream(BookRules rules = kCounted) : stream{btc.id, "orderbook.50", rules} {}

  void drive(const std::function<void()>& work, bool may_resume = true) {
    test::drive(store, {&stream}, work, may_resume);
  }
  std::string sql(const std::string& text) { return sql_line(store, text); }
  // "[0, 10) recorded; [10, 20) gap cause" as stored, not folded.
  std::string coverage() {
    return sql(
        "SELECT epoch_ns(\"begin\") / 1e6, epoch_ns(\"end\") / 1e6, status, cause FROM "
        "tape.coverage WHERE dataset = 'book:orderbook.50' ORDER BY \"begin\", status DESC");
  }
};

const std::string kRows =
    "SELECT ordinal, book, epoch_ns(ts_event) // 1000000 AS ms, sequence, side, price, quantity, "
    "price_exp, qty_exp FROM tape.book_updates ORDER BY ordinal";

TEST_CASE("a snapshot is a keyframe, an update is rows; ordinals rise over both") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(1'000, 1, "100x1 99x2", "101x3"));
    one.stream.apply(update(1'010, 2, "100x0 98.5x4", "101x2.5"));
    one.stream.apply(update(1'020, 3, "", "102x1"));
  });
  CHECK(one.sql(kRows) ==
        "2 1 1010 2 0 1000 0 -1 -1; 3 1 1010 2 0 985 40 -1 -1; "
        "4 1 1010 2 1 1010 25 -1 -1; 5 1 1020 3 1 1020 10 -1 -1");
  CHECK(one.sql("SELECT ordinal, side, price, quantity, price_exp, qty_exp FROM "
                "tape.book_snapshots ORDER BY ALL") ==
        "1 0 99 2 0 0; 1 0 100 1 0 0; 1 1 101 3 0 0");
  CHECK(one.sql("SELECT ordinal, book, sequence, epoch_ns(ts_event) // 1000000, epoch_ns(ts_recv) "
                "// 1000000, levels FROM tape.book_keyframes") == "1 1 1 1000 1005 3");
  CHECK(one.sql("SELECT channel, depth, integrity, price_exp, qty_exp, ordinal, updates FROM "
                "tape.book_streams") == "orderbook.50 NULL sequence -1 -1 5 4");
  CHECK(one.sql("SELECT book, sequence, cause, epoch_ns(ts_event_end) // 1000000, "
                "epoch_ns(ts_recv_end) // 1000000, epoch_ns(tail_event) // 1000000 FROM "
                "tape.books") == "1 3 NULL 1020 1025 1010");
  CHECK(one.stream.load().rows() == 4);
  REQUIRE(one.stream.load().range().has_value());
  CHECK(to_epoch_ns(one.stream.load().range()->begin) == 1'000'000'000);
  CHECK(to_epoch_ns(one.stream.load().range()->end) == 1'020'000'001);
}

TEST_CASE("a keyframe is made at the first update at or behind each five minutes") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(kGridMs - 10, 1, "100x1", "101x3"));
    int64_t sequence = 1;
    for (const int64_t ms : {kGridMs - 1, kGridMs, kGridMs + 1, 2 * kGridMs - 1, 4 * kGridMs + 7,
                             4 * kGridMs - 1, 5 * kGridMs - 1, 5 * kGridMs})
      one.stream.apply(update(ms, ++sequence, "100x2"));
  });
  CHECK(one.sql("SELECT ordinal, book, sequence, epoch_ns(ts_event) // 1000000, "
                "epoch_ns(ts_event_min) // 1000000 FROM tape.book_keyframes ORDER BY ordinal") ==
        "1 1 1 299990 299990; 4 1 3 300000 299999; 8 1 6 1200007 300001; 12 1 9 1500000 1199999");
  CHECK(one.sql("SELECT tail_event, tail_recv FROM tape.books") == "NULL NULL");
}

TEST_CASE("what no book takes is kept without one, in its place") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(update(1, 5, "100x1"));
    one.stream.apply(snapshot(2, 9, "100x1", "101x3"));
    one.stream.lose("the line broke");
    one.stream.apply(update(4, 10, "100x2 99x1"));
    one.stream.apply(snapshot(6, 20, "100x1", "101x3"));
    one.stream.apply(update(7, 21, "100x3"));
  });
  CHECK(one.sql(kRows) ==
        "1 NULL 1 5 0 100 1 0 0; 3 NULL 4 10 0 100 2 0 0; "
        "4 NULL 4 10 0 99 1 0 0; 6 5 7 21 0 100 3 0 0");
  CHECK(one.sql("SELECT book, cause FROM tape.books ORDER BY book") == "2 the line broke; 5 NULL");
}

TEST_CASE("coverage is recorded from snapshot to loss, a gap from there to the next one") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1, "100x1", "101x3"));
    one.stream.apply(update(20, 2, "100x2"));
    one.stream.lose("the line broke");
    one.stream.apply(update(30, 7, "100x2"));
    one.stream.apply(snapshot(40, 9, "100x1", "101x3"));
    one.stream.apply(update(50, 10, "100x2"));
    one.stream.apply(snapshot(60, 15, "100x7", "101x3"));
    one.stream.lose("the line broke again");
  });
  CHECK(one.coverage() ==
        "10 20 recorded NULL; 20 40 gap the line broke; 40 50 recorded NULL; "
        "50 60 gap new snapshot; 60 60.000001 gap the line broke again");
  CHECK(coverage_line(one.store.coverage(one.btc.id, "book:orderbook.50")) ==
        "[10, 20) recorded; [20, 40) gap; [40, 50) recorded");
}

TEST_CASE("a snapshot at the very moment of the loss, or before it, does not hide the loss") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1, "100x1", "101x3"));
    one.stream.apply(update(20, 2, "100x2"));
    one.stream.lose("the line broke");
    one.stream.apply(snapshot(20, 9, "100x1", "101x3"));
    one.stream.apply(update(30, 10, "100x2"));
    one.stream.lose("it broke again");
    one.stream.apply(snapshot(25, 20, "100x1", "101x3"));
    one.stream.apply(update(40, 21, "100x2"));
  });
  CHECK(one.coverage() ==
        "10 20 recorded NULL; 20 20.000001 gap the line broke; 20.000001 30 recorded NULL; 30 "
        "30.000001 gap it broke again; 30.000001 40.000001 recorded NULL");
  const auto rows = one.store.coverage(one.btc.id, "book:orderbook.50");
  REQUIRE(rows.size() == 5);
  CHECK(rows[1].cause == "not stored, the line broke");
  CHECK(rows[3].cause == "not stored, it broke again");
}

TEST_CASE("a loss that no snapshot ends is a gap up to the last message") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1, "100x1", "101x3"));
    one.stream.apply(update(20, 2, "100x2"));
    one.stream.lose("the line broke");
    one.stream.apply(update(30, 7, "100x2"));
  });
  CHECK(one.coverage() == "10 20 recorded NULL; 20 30.000001 gap the line broke");
}

TEST_CASE("messages without any snapshot are unverifiable, and so is a stream without numbers") {
  OneStream one;
  DrivenStream unnumbered{one.btc.id, "plain", {}};
  test::drive(one.store, {&one.stream, &unnumbered}, [&] {
    one.stream.apply(update(10, 2, "100x2"));
    one.stream.apply(update(30, 3, "100x2"));
    unnumbered.apply(snapshot(10, 1, "100x1", "101x3"));
    unnumbered.apply(update(20, 2, "100x2"));
  });
  CHECK(one.coverage() == "10 30.000001 unverifiable no snapshot");
  CHECK(one.sql("SELECT count(*) FROM tape.books WHERE stream_id = 1") == "0");
  CHECK(coverage_line(one.store.coverage(one.btc.id, "book:plain")) == "[10, 20) unverifiable");
  CHECK(one.sql("SELECT integrity FROM tape.book_streams ORDER BY stream_id") == "sequence; none");
}

TEST_CASE(
    "a book that goes on in the next transaction is one book, its keyframes stay on the grid") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1, "100x1", "101x3"));
    one.stream.apply(update(20, 2, "100x2"));
  });
  one.drive([&] {
    one.stream.apply(update(15, 2, "100x9"));  // known already
    one.stream.apply(update(25, 3, "100x3"));
    one.stream.apply(update(kGridMs + 1, 4, "100x4"));
  });
  CHECK(one.sql("SELECT book, sequence, cause, epoch_ns(ts_event_end) // 1000000 FROM "
                "tape.books") == "1 4 NULL 300001");
  CHECK(one.sql("SELECT ordinal, epoch_ns(ts_event_min) // 1000000 FROM tape.book_keyframes ORDER "
                "BY ordinal") == "1 10; 5 20");
  CHECK(one.sql(kRows) == "2 1 20 2 0 100 2 0 0; 3 1 25 3 0 100 3 0 0; 4 1 300001 4 0 100 4 0 0");
  CHECK(one.coverage() == "10 20.000001 recorded NULL; 20 300001.000001 recorded NULL");
  CHECK(one.sql("SELECT ordinal, updates FROM tape.book_streams") == "5 3");
}

TEST_CASE("a hole between two recordings is told of the book that ends at it") {
  OneStream one;
  one.drive([&] {
    one.stream.apply(snapshot(10, 1, "100x1", "101x3"));
    one.stream.apply(update(20, 2, "100x2"));
  });
  one.drive([&] {
    one.stream.apply(update(50, 8, "100x3"));
    one.stream.apply(update(60, 9, "100x4"));
  });
  CHECK(one.sql("SELECT book, cause FROM tape.books") == "1 sequence: 3 expected, 8 came");
  CHECK(one.coverage() ==
        "10 20.000001 recorded NULL; "
        "20 60.000001 gap sequence: 3 expected, 8 came");
  CHECK(one.sql("SELECT count(*) FROM tape.book_updates WHERE book IS NULL") == "2");
  INFO("a third recording has nothing to go on from");
  one.drive([&] { one.stream.apply(update(70, 10, "100x5")); });
  CHECK(one.sql("SELECT count(*) FROM tape.books") == "1");
  CHECK(one.sql("SELECT count(*) FROM tape.book_updates WHERE book IS NULL") == "3");
}

TEST_CASE("a message without the venue's time is of our time, else of the message before") {
  OneStream one;
  one.drive([&] {
    DrivenMessage first = snapshot(10, 1, "100x1", "101x3");
    first.ms.reset();
    first.recv_ms = 12;
    one.stream.apply(first);
    DrivenMessage second = update(0, 2, "100x2");
    second.ms.reset();
    second.recv_ms.reset();
    one.stream.apply(second);
    one.stream.apply(update(20, 3, "100x3"));
  });
  CHECK(one.sql("SELECT epoch_ns(ts_event) // 1000000 AS e, epoch_ns(ts_recv) // 1000000 FROM "
                "tape.book_updates ORDER BY ordinal") == "12 NULL; 20 25");
  CHECK(one.sql("SELECT epoch_ns(ts_event_begin) // 1000000, epoch_ns(ts_recv_begin) // 1000000 "
                "FROM tape.books") == "12 12");
}

TEST_CASE("nothing at all leaves a stream without rows, and a failed transaction leaves nothing") {
  OneStream one;
  one.drive([] {});
  CHECK(one.sql("SELECT ordinal, updates FROM tape.book_streams") == "0 0");
  CHECK(one.sql("SELECT count(*) FROM tape.coverage") == "0");
  struct Stop {};
  CHECK_THROWS_AS(one.drive([&] {
    one.stream.apply(snapshot(10, 1, "100x1", "101x3"));
    throw Stop{};
  }),
                  Stop);
  CHECK(one.sql("SELECT count(*) FROM tape.book_keyframes") == "0");
  CHECK(one.sql("SELECT count(*) FROM tape.books") == "0");
}

TEST_CASE("streams that are written at once share no ordinal, and each one's rise") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const Instrument eth = new_instrument(store, "ETHUSDT");
  DrivenStream deep{btc.id, "deep", kCounted};
  DrivenStream shallow{btc.id, "shallow", kCounted};
  DrivenStream other{eth.id, "deep", kCounted};
  const std::vector<DrivenStream*> streams{&deep, &shallow, &other};
  std::mt19937 random{7};
  // More than a block of the first one, so that blocks of all three alternate.
  for (int transaction = 0; transaction < 2; ++transaction) {
    drive(store, streams, [&] {
      if (transaction == 0) {
        for (DrivenStream* const stream : streams)
          stream->apply(snapshot(0, 1, "1x1", "9000x1"));
      }
      for (int64_t i = 0; i < 140; ++i) {
        for (DrivenStream* const stream : streams) {
          DrivenMessage message = update(i * 1'000, *stream->builder().sequence() + 1, "2x2");
          const size_t rows = stream == &deep ? 900 : 20;
          for (size_t row = 0; row < rows; ++row) {
            message.bids.push_back({.price = {.units = 1 + static_cast<int64_t>(random() % 4'000)},
                                    .quantity = {.units = static_cast<int64_t>(random() % 3)}});
          }
          stream->apply(message);
        }
      }
    });
  }
  CHECK(deep.told().rows() == 280 * 901);
  CHECK(
      sql_line(store,
               "SELECT count(*), count(DISTINCT ordinal) FROM (SELECT ordinal FROM "
               "tape.book_updates UNION ALL SELECT ordinal FROM tape.book_keyframes)") ==
      fmt::format("{0} {0}", deep.told().rows() + shallow.told().rows() + other.told().rows() + 3));
  CHECK(sql_line(store,
                 "SELECT count(*) FROM (SELECT ordinal, lag(ordinal) OVER (PARTITION BY "
                 "stream_id ORDER BY rowid) AS before FROM tape.book_updates) WHERE ordinal "
                 "<= before") == "0");
  CHECK(sql_line(store,
                 "SELECT count(DISTINCT s.stream_id) FROM tape.book_streams s WHERE ordinal "
                 "= (SELECT max(ordinal) FROM tape.book_updates u WHERE u.stream_id = "
                 "s.stream_id) AND updates = (SELECT count(*) FROM tape.book_updates u "
                 "WHERE u.stream_id = s.stream_id)") == "3");
  const auto reader = store.core().borrow_reader();
  for (DrivenStream* const stream : streams) {
    const BookIndex index = read_book_index(*reader, stream->row(*reader));
    for (const int64_t ms : {int64_t{0}, int64_t{70'500}, int64_t{139'000}, int64_t{400'000}})
      check_book(*reader, *stream, index, at_ms(ms), BookClock::event);
  }
}

}  // namespace
}  // namespace tapedeck
