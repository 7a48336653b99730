#include "query/verify_books.hpp"

#include "book/checksum.hpp"
#include "ingest/capture_fixture.hpp"
#include "query/verify_lines.hpp"
#include "store/driven_books.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace tapedeck {
namespace {

using namespace test;

constexpr BookRules kCounted{.continuity = BookContinuity::consecutive};

DrivenMessage message(BookMessageKind kind, int64_t ms, int64_t sequence, std::string_view bids,
                      std::string_view asks = {}) {
  return {.kind = kind,
          .ms = ms,
          .recv_ms = ms + 5,
          .sequence = sequence,
          .bids = levels(bids),
          .asks = levels(asks)};
}

// A book over 17 minutes with a keyframe every five: 100 updates, one each 10 s.
struct LongBook {
  Store store{":memory:"};
  Instrument btc = new_instrument(store);

  LongBook() {
    DrivenStream stream{btc.id, "deep", kCounted};
    drive(store, {&stream}, [&] {
      stream.apply(message(BookMessageKind::snapshot, 1'000, 1, "100x1 99x2", "200x1 201x2"));
      for (int64_t i = 0; i < 100; ++i) {
        stream.apply(message(BookMessageKind::update, 1'000 + i * 10'000, i + 2,
                             fmt::format("{}x{}", 100 + i % 7, i % 3),
                             fmt::format("{}x{}", 200 + i % 5, i % 4)));
      }
    });
  }
  Lines found(TimeRange range = {}) { return findings(store, {.range = range}); }
  VerifyReport report(TimeRange range = {}) {
    return verify(store, {.range = range}, [](const Finding&) {});
  }
};

bool names(const Lines& lines, std::string_view words) {
  return std::ranges::any_of(
      lines, [&](const std::string& line) { return line.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("a book that is as it was stored has no findings, and what was read is counted") {
  LongBook book;
  check_lines(book.found(), Lines{});
  const VerifyReport whole = book.report();
  CHECK(whole.book_updates == 200);
  CHECK(whole.book_keyframes == 3);
  const VerifyReport part = book.report(range_ms(310'000, 320'000));
  CHECK(part.book_updates < 100);
  CHECK(part.book_keyframes == 1);
}

TEST_CASE("an update that was changed, lost or added does not lead to the next keyframe") {
  for (const std::string_view statement :
       {"UPDATE tape.book_updates SET quantity = quantity + 1 WHERE sequence = 30 AND side = 0",
        "DELETE FROM tape.book_updates WHERE sequence BETWEEN 26 AND 31",
        "UPDATE tape.book_updates SET price = 5 WHERE sequence = 29 AND side = 0"}) {
    LongBook book;
    change(book.store, std::string{statement});
    const Lines lines = book.found();
    CAPTURE(statement);
    CAPTURE(fmt::format("{}", fmt::join(lines, "\n")));
    CHECK(names(lines, "book:deep 301000 levels: bid"));
    CHECK(names(lines, "the updates do not lead to the next keyframe"));
    CHECK(names(lines, "the recordings wrote another number") == statement.starts_with("DELETE"));
  }
}

TEST_CASE("a keyframe that was changed is found once: the next interval begins with it") {
  LongBook book;
  change(book.store,
         "UPDATE tape.book_snapshots SET quantity = 77 WHERE price = 99 AND ordinal = (SELECT "
         "max(ordinal) FROM tape.book_keyframes)");
  check_lines(book.found(),
              Lines{"book:deep 901000 levels: bid 99 2 / bid 99 77 (the updates do not lead to the "
                    "next keyframe: rows were changed or removed)"});
}

TEST_CASE("a book that stands crossed, rows out of order, and an end that is not the last row's") {
  LongBook book;
  change(
      book.store,
      "UPDATE tape.book_updates SET price = 999, quantity = 1 WHERE sequence = 101 AND side = 0");
  CHECK(names(book.found(), "book:deep 991000 best: bid below ask / 999 1, 20"));
  LongBook shuffled;
  change(shuffled.store, "CREATE TABLE turned AS FROM tape.book_updates ORDER BY ordinal DESC");
  change(shuffled.store, "DELETE FROM tape.book_updates");
  change(shuffled.store, "INSERT INTO tape.book_updates FROM turned");
  CHECK(names(shuffled.found(), "ordinal: rising / not rising"));
  LongBook ended;
  change(ended.store, "UPDATE tape.books SET ts_event_end = ts_event_end + INTERVAL 1 SECOND");
  check_lines(ended.found(),
              Lines{"book:deep 1000 ts_event_end: 1970-01-01T00:16:31Z / 1970-01-01T00:16:32Z "
                    "(tape.books and tape.book_updates differ)"});
}

TEST_CASE("rows of no book, and of no stream") {
  LongBook book;
  change(book.store, "UPDATE tape.book_updates SET book = 12345 WHERE sequence = 100");
  CHECK(names(book.found(), "book: a row of tape.books / none for 2 rows (no book takes them)"));
  change(book.store, "UPDATE tape.book_checksums SET stream_id = 9");
  change(book.store, "INSERT INTO tape.book_snapshots VALUES (9, 1, 0, 1, 1, 0, 0)");
  CHECK(names(book.found(),
              "book_snapshots -1 stream_id: a book stream / 9 (1 rows) (tape.book_streams does not "
              "have it)"));
}

TEST_CASE("the venue's quotes are compared with the book of their number") {
  const TempFolder folder;
  Store store{":memory:"};
  const auto quote = [](int64_t ms, int64_t number, std::string_view bid, std::string_view ask) {
    return stamped(ms, fmt::format(R"({{"u":{},"s":"BTCUSDT","b":"{}","B":"1","a":"{}","A":"2"}})",
                                   number, bid, ask));
  };
  import_capture(
      store,
      write_capture(folder, "a.txt",
                    spot_image(1, 9, "99x1 98x1", "101x2") + spot_depth(2, 10, 12, "100x1") +
                        quote(2, 12, "100", "101.0") + spot_depth(3, 13, 15, "100x0") +
                        quote(3, 14, "100", "101") + quote(3, 15, "99.5", "101")),
      "binance");
  const VerifyReport report = verify(store, {}, [](const Finding&) {});
  CHECK(report.book_quotes == 2);
  check_lines(findings(store),
              Lines{fmt::format("book:depth@100ms {} best: 99.5 1, 101 2 / 99 1, 101 2 (the "
                                "venue's quote 15 says otherwise)",
                                kCaptureMs + 3)});
}

TEST_CASE("the venue's checksums are stored, and computed again") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  DrivenStream stream{btc.id, "books", {.checksum = BookChecksum::okx}};
  OrderBook book;
  const auto send = [&](BookMessageKind kind, int64_t ms, int64_t bid, int64_t quantity) {
    book.set(BookSide::bid, Price{bid}, Qty{quantity});
    DrivenMessage one = message(kind, ms, ms, fmt::format("{}x{}", bid, quantity));
    one.checksum = okx_checksum(book);
    stream.apply(one);
  };
  drive(store, {&stream}, [&] {
    send(BookMessageKind::snapshot, 1, 100, 5);
    for (int64_t i = 0; i < 9; ++i)
      send(BookMessageKind::update, 2 + i, 90 + i % 4, 1 + i);
  });
  const auto verified = [&](Lines& lines) {
    const auto reader = store.core().borrow_reader();
    const BookIndex index = read_book_index(*reader, stream.row(*reader));
    Instrument okx = btc;
    okx.name.venue = "okx";
    CheckedBooks checked;
    const UseFinding use = [&](const Finding& finding) { lines.push_back(shown(finding)); };
    BookCheck{*reader, okx, index, use, checked}.run({}, [] { return true; });
    return checked;
  };
  Lines none;
  CHECK(verified(none).checksums == 10);
  check_lines(none, Lines{});
  change(store, "UPDATE tape.book_updates SET quantity = 77 WHERE sequence = 9");
  Lines lines;
  CHECK(verified(lines).checksums == 10);
  CHECK(lines.size() == 2);  // of that message and of the next
  CHECK(names(lines, "book:books 9 checksum: "));
  CHECK(names(lines, "the book is not the venue's"));
  change(store, "UPDATE tape.book_updates SET quantity = 8 WHERE sequence = 9");
  Lines mended;
  verified(mended);
  check_lines(mended, Lines{});
  change(store, "DELETE FROM tape.book_updates WHERE sequence = 10");  // the last one
  CHECK(verified(mended).checksums == 10);
  CHECK(names(mended, "checksum: "));
}

}  // namespace tapedeck
