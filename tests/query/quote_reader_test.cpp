#include "query/quote_reader.hpp"

#include "store/core.hpp"
#include "store/quote_rows.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::at_ms;

Quote quote(int64_t ms, int64_t recv_ms, std::optional<int64_t> sequence = {}) {
  return {.ts_event = at_ms(ms),
          .bid_price = {99, 0},
          .bid_quantity = {1, -1},
          .ask_price = {1005, -1},
          .ask_quantity = {2, 0},
          .ts_recv = at_ms(recv_ms),
          .sequence = sequence};
}

struct Quoted {
  Store store{":memory:"};
  Instrument btc = test::new_instrument(store);

  explicit Quoted(const std::vector<Quote>& quotes) {
    store.core().write(
        [&](duck::Transaction& transaction) { insert_quotes(transaction, btc.id, quotes); });
  }
  std::string sequences(BookClock clock, TimeRange range = {}) const {
    const auto reader = store.core().borrow_reader();
    std::string text;
    QuoteCursor quotes{*reader, btc.id, range, clock};
    while (const Quote* const row = quotes.next()) {
      text += row->sequence ? std::to_string(*row->sequence) : "-";
      text += " ";
      CHECK(to_text(row->ask_price) == "100.5");
    }
    return text;
  }
};

TEST_CASE("quotes come in the order of the clock that is asked for, of equal times by number") {
  const Quoted quoted{{quote(10, 50, 3), quote(10, 20, 2), quote(5, 40, 1)}};
  CHECK(quoted.sequences(BookClock::event) == "1 2 3 ");
  CHECK(quoted.sequences(BookClock::recv) == "2 1 3 ");
  CHECK(quoted.sequences(BookClock::recv, test::range_ms(20, 41)) == "2 1 ");
  CHECK(quoted.sequences(BookClock::event, test::range_ms(6, 100)) == "2 3 ");
}

TEST_CASE("quotes that carry no time of the venue's are told from those that do") {
  const Quoted without{{quote(10, 10), quote(20, 20)}};
  const Quoted with{{quote(10, 10), quote(20, 21)}};
  const Quoted none{{}};
  for (const auto& [quoted, lack] :
       {std::pair{&without, true}, std::pair{&with, false}, std::pair{&none, false}}) {
    const auto reader = quoted->store.core().borrow_reader();
    CHECK(quotes_lack_event_times(*reader, quoted->btc.id, {}) == lack);
  }
}

TEST_CASE("trades without receive times cannot be put in the order of ours") {
  Store store{":memory:"};
  const Instrument btc = test::new_instrument(store);
  Writer{store}.append(btc.id, test::run_of(1, 3, 0));
  const auto reader = store.core().borrow_reader();
  const auto count = [&](BookClock clock) {
    int rows = 0;
    read_timed_trades(*reader, {.instrument = btc, .clock = clock}, [&](QuotedTrade&) {
      ++rows;
      return KeepGoing::go_on;
    });
    return rows;
  };
  CHECK(count(BookClock::event) == 3);
  CHECK(times_of(*reader, {.instrument = btc}).end == test::at_ms(2) + std::chrono::nanoseconds{1});
  CHECK(times_of(*reader, {.instrument = btc, .clock = BookClock::recv}).empty());
  CHECK_THROWS_WITH_AS(count(BookClock::recv),
                       "trades of binance:BTCUSDT have no receive times: they can be joined by the "
                       "venue's clock only",
                       Error);
  CHECK(trade_coverage(*reader, btc.id, {}).complete());
}

}  // namespace
}  // namespace tapedeck
