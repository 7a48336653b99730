#include "store/book_streams.hpp"

#include "sql_rows.hpp"
#include "store/core.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using namespace test;

template <typename Work>
void write(Store& store, Work work) {
  store.core().write([&](duck::Transaction& transaction) { work(transaction); });
}

TEST_CASE("streams and rows are numbered from one, and what is known of streams is kept") {
  Store store{":memory:"};
  CHECK(next_book_ordinal(*store.core().borrow_reader()) == 1);
  const Instrument btc = new_instrument(store);
  const Instrument eth = new_instrument(store, "ETHUSDT");
  write(store, [&](duck::Transaction& transaction) {
    BookStream deep{.instrument = btc.id, .channel = "depth@100ms"};
    CHECK(insert_book_stream(transaction, deep) == BookStreamId{1});
    CHECK(insert_book_stream(transaction, {.instrument = btc.id, .channel = "it's'; --"}) ==
          BookStreamId{2});
    CHECK(insert_book_stream(transaction, {.instrument = eth.id, .channel = "depth@100ms"}) ==
          BookStreamId{3});
    deep.id = BookStreamId{1};
    deep.depth = 400;
    deep.integrity = BookIntegrity::checksum;
    deep.scale = {.price_exp = -2, .qty_exp = -8};
    deep.ordinal = int64_t{1} << 40;
    deep.updates = 7;
    update_book_stream(transaction, deep);
  });
  const auto reader = store.core().borrow_reader();
  const std::vector<BookStream> streams = book_streams(*reader, btc.id);
  REQUIRE(streams.size() == 2);
  CHECK(streams[0].id == BookStreamId{1});
  CHECK(streams[0].instrument == btc.id);
  CHECK(streams[0].channel == "depth@100ms");
  CHECK(streams[0].depth == 400);
  CHECK(streams[0].integrity == BookIntegrity::checksum);
  CHECK((streams[0].scale == Scale{.price_exp = -2, .qty_exp = -8}));
  CHECK(streams[0].ordinal == int64_t{1} << 40);
  CHECK(streams[0].updates == 7);
  CHECK(streams[1].channel == "it's'; --");
  CHECK(streams[1].depth == 0);
  CHECK(streams[1].integrity == BookIntegrity::none);
  CHECK(sql_line(store, "SELECT depth FROM tape.book_streams WHERE stream_id = 2") == "NULL");
  CHECK(find_book_stream(*reader, eth.id, "depth@100ms")->id == BookStreamId{3});
  CHECK_FALSE(find_book_stream(*reader, eth.id, "depth"));
  CHECK(next_book_ordinal(*reader) == (int64_t{1} << 40) + 1);
}

TEST_CASE("a stretch takes the place of what was known of the same book, others stay") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const BookStreamId id{1};
  write(store, [&](duck::Transaction& transaction) {
    insert_book_stream(transaction, {.instrument = btc.id, .channel = "deep"});
    insert_book_stream(transaction, {.instrument = btc.id, .channel = "shallow"});
    put_book_stretch(transaction, id,
                     {.book = 9, .event_begin = at_ms(30), .event_end = at_ms(40)});
    put_book_stretch(transaction, id,
                     {.book = 5, .event_begin = at_ms(10), .event_end = at_ms(20)});
    put_book_stretch(transaction, BookStreamId{2},
                     {.book = 7, .event_begin = at_ms(1), .event_end = at_ms(2)});
    put_book_stretch(transaction, id,
                     {.book = 5,
                      .event_begin = at_ms(10),
                      .event_end = at_ms(25),
                      .recv_begin = at_ms(11),
                      .recv_end = at_ms(26),
                      .sequence = 77,
                      .cause = "lost",
                      .tail_event = at_ms(24),
                      .tail_recv = at_ms(23)});
  });
  const auto reader = store.core().borrow_reader();
  const std::vector<BookStretch> stretches = book_stretches(*reader, id);
  REQUIRE(stretches.size() == 2);
  CHECK(stretches[0].book == 5);
  CHECK(stretches[0].event_begin == at_ms(10));
  CHECK(stretches[0].event_end == at_ms(25));
  CHECK(stretches[0].recv_begin == at_ms(11));
  CHECK(stretches[0].recv_end == at_ms(26));
  CHECK(stretches[0].sequence == 77);
  CHECK(stretches[0].cause == "lost");
  CHECK(stretches[0].tail_event == at_ms(24));
  CHECK(stretches[0].tail_recv == at_ms(23));
  CHECK(stretches[1].book == 9);
  CHECK_FALSE(stretches[1].recv_begin);
  CHECK_FALSE(stretches[1].recv_end);
  CHECK_FALSE(stretches[1].sequence);
  CHECK_FALSE(stretches[1].cause);
  CHECK_FALSE(stretches[1].tail_event);
  CHECK_FALSE(stretches[1].tail_recv);
  CHECK(book_stretches(*reader, BookStreamId{2}).size() == 1);
  CHECK(book_stretches(*reader, BookStreamId{3}).empty());
}

TEST_CASE("the dataset of a stream is named after its channel") {
  CHECK(dataset_of_book("depth@100ms") == "book:depth@100ms");
}

}  // namespace
}  // namespace tapedeck
