#include "store/live_window.hpp"

#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::at_ms;
using test::run_of;

const InstrumentId kBtc{1};
const LiveWindow::Key kTrades{kBtc, Grain::trade};

std::shared_ptr<const FrameContent> trades(int64_t first_id, int64_t rows) {
  return std::make_shared<const FrameContent>(
      TradeRows{.source = "websocket", .trades = run_of(first_id, rows, first_id)});
}

TradeRing ring_of(int64_t rows) {
  return {run_of(1, rows, 1), TimeRange{}.begin, {}};
}

TEST_CASE("frames are pending from their acknowledgement to their end, in the journal's order") {
  LiveWindow window{{}};
  window.add_acknowledged(4, kBtc, trades(1, 10));
  window.add_acknowledged(5, kBtc, trades(11, 10));
  window.add_acknowledged(6, InstrumentId{2}, trades(1, 1));
  REQUIRE(window.pending(kBtc, Grain::trade).size() == 2);
  CHECK(window.pending(kBtc, Grain::trade)[0].sequence == 4);
  CHECK(window.pending(kBtc, Grain::aggregate).empty());
  CHECK(window.stats().pending_trades == 21);
  window.remove_acknowledged(5, kBtc);
  window.remove_acknowledged(4, kBtc);
  CHECK(window.pending(kBtc, Grain::trade).empty());
}

TEST_CASE("a recording's commit adds to the ring; frames that it applied are pending no more") {
  LiveWindow window{{}};
  window.fill(window.version(), kTrades, ring_of(10));
  window.add_acknowledged(7, kBtc, trades(11, 5));
  window.add_acknowledged(8, kBtc, trades(16, 5));
  window.begin_write();
  const std::vector<StoredTrades> stored{
      {.instrument = kBtc, .grain = Grain::trade, .scale = {}, .trades = run_of(11, 5, 11)}};
  window.add_stored(7, &stored);
  window.end_write();
  const auto recent = window.recent(kBtc);
  REQUIRE(recent.has_value());
  CHECK(recent->stored.rows() == 15);
  REQUIRE(recent->pending.size() == 1);
  CHECK(recent->pending[0].sequence == 8);
}

TEST_CASE("a write that is not known empties it") {
  LiveWindow window{{}};
  window.fill(window.version(), kTrades, ring_of(10));
  CHECK(window.recent(kBtc).has_value());
  window.begin_write();
  window.end_write();
  CHECK_FALSE(window.recent(kBtc).has_value());
}

TEST_CASE("what a reader found is kept only when nothing was written meanwhile") {
  LiveWindow window{{}};
  const uint64_t before = window.version();
  window.begin_write();
  window.fill(window.version(), kTrades, ring_of(10));
  CHECK_FALSE(window.recent(kBtc).has_value());
  window.end_write();
  window.fill(before, kTrades, ring_of(10));
  CHECK_FALSE(window.recent(kBtc).has_value());
  window.fill(window.version(), kTrades, ring_of(10));
  CHECK(window.recent(kBtc).has_value());
}

OpenBar bar_of(int64_t trades) {
  OpenBar open;
  open.bar.trades = trades;
  return open;
}

void commit(LiveWindow& window, uint64_t sequence, std::optional<OpenBar> open_bar) {
  window.begin_write();
  window.expect_stored();
  const std::vector<StoredTrades> stored{{.instrument = kBtc,
                                          .grain = Grain::trade,
                                          .scale = {},
                                          .trades = run_of(static_cast<int64_t>(sequence), 1, 0),
                                          .open_bar = std::move(open_bar)}};
  window.add_stored(sequence, &stored);
  window.end_write();
}

TEST_CASE("the open bar is that of the frames asked for, until it is not known who wrote") {
  LiveWindow window{{}};
  const auto trades_in = [&](uint64_t sequence) {
    const auto open = window.open_bar(kTrades, sequence);
    return open ? open->bar.trades : -1;
  };
  commit(window, 5, bar_of(50));
  commit(window, 9, bar_of(90));
  CHECK(trades_in(4) == -1);
  CHECK(trades_in(5) == 50);
  CHECK(trades_in(8) == 50);
  CHECK(trades_in(9) == 90);
  CHECK(trades_in(10) == -1);
  CHECK(window.unknown_writes() == 0);
  window.begin_write();
  CHECK(trades_in(9) == -1);
  window.expect_stored();
  CHECK(trades_in(9) == 90);
  window.keep_stored();
  window.end_write();
  CHECK(trades_in(9) == 90);
  commit(window, 12, std::nullopt);
  CHECK(trades_in(9) == 90);
  CHECK(trades_in(12) == -1);
  window.begin_write();
  window.end_write();
  CHECK(trades_in(9) == -1);
  CHECK(window.unknown_writes() == 1);
}

TEST_CASE("a commit of the other grain, or of a finer scale, empties the instrument's ring") {
  for (const auto& [grain, scale] :
       {std::pair{Grain::aggregate, Scale{}}, std::pair{Grain::trade, Scale{-1, 0}}}) {
    LiveWindow window{{}};
    window.fill(window.version(), kTrades, ring_of(10));
    window.begin_write();
    const std::vector<StoredTrades> stored{
        {.instrument = kBtc, .grain = grain, .scale = scale, .trades = run_of(11, 5, 11)}};
    window.add_stored(7, &stored);
    window.end_write();
    CHECK_FALSE(window.recent(kBtc).has_value());
  }
}

TEST_CASE("rings are cut by time, by rows and by bytes") {
  WindowOptions options;
  options.trades_time = std::chrono::minutes{1};
  LiveWindow by_time{options};
  by_time.fill(0, kTrades, ring_of(200'000));  // 200 s
  CHECK(by_time.recent(kBtc)->stored.rows() < 60'000 + 2 * 8'192);
  options = {};
  options.bytes = 1'000'000;
  LiveWindow by_bytes{options};
  for (uint32_t id = 1; id <= 5; ++id)
    by_bytes.fill(0, {InstrumentId{id}, Grain::trade}, ring_of(20'000));
  CHECK(by_bytes.stats().bytes <= 1'000'000);
  CHECK(by_bytes.stats().instruments >= 1);
}

TEST_CASE("a ring holds two minutes unless more is asked for, and an hour at most") {
  constexpr int64_t kChunk = 8'192;  // rings are cut by whole chunks
  TradeBlock a_trade_a_second;
  for (int64_t second = 0; second < 40'000; ++second) {
    a_trade_a_second.push_back({.ts_event = at_ms(second * 1'000),
                                .trade_id = second,
                                .price = Price{1},
                                .quantity = Qty{1}});
  }
  const TradeRing ring{a_trade_a_second, TimeRange{}.begin, {}};
  CHECK(WindowOptions{}.trades_time == std::chrono::minutes{2});
  for (const auto& [asked, kept_seconds] :
       {std::pair{2, 120}, std::pair{60, 3'600}, std::pair{600, 3'600}}) {
    WindowOptions options;
    options.trades_time = std::chrono::minutes{asked};
    LiveWindow window{options};
    window.fill(0, kTrades, ring);
    const auto rows = static_cast<int64_t>(window.recent(kBtc)->stored.rows());
    CHECK(rows >= kept_seconds);
    CHECK(rows < kept_seconds + 2 * kChunk);
  }
}

TEST_CASE("the newest quote is known once the database was asked; a deletion forgets it") {
  LiveWindow window{{}};
  const auto quote = [](int64_t ms) {
    return Quote{.ts_event = at_ms(ms),
                 .bid_price = {1, 0},
                 .bid_quantity = {1, 0},
                 .ask_price = {2, 0},
                 .ask_quantity = {1, 0}};
  };
  const auto frame =
      std::make_shared<const FrameContent>(QuoteRows{.source = "websocket", .quotes = {quote(5)}});
  window.add_acknowledged(3, kBtc, frame);
  CHECK_FALSE(window.last_quote(kBtc).has_value());
  CHECK(window.fill(window.version(), kBtc, std::optional{quote(9)})->ts_event == at_ms(9));
  CHECK(window.last_quote(kBtc)->ts_event == at_ms(9));
  window.begin_write();
  window.add_stored(3, nullptr);
  CHECK_FALSE(window.last_quote(kBtc).has_value());
  window.end_write();
  CHECK_FALSE(window.last_quote(kBtc).has_value());
  CHECK_FALSE(window.fill(window.version(), kBtc, std::optional<Quote>{}).has_value());
}

TEST_CASE("a quote that was refused is forgotten") {
  LiveWindow window{{}};
  const auto frame =
      std::make_shared<const FrameContent>(QuoteRows{.source = "websocket",
                                                     .quotes = {{.ts_event = at_ms(5),
                                                                 .bid_price = {1, 0},
                                                                 .bid_quantity = {1, 0},
                                                                 .ask_price = {2, 0},
                                                                 .ask_quantity = {1, 0}}}});
  window.add_acknowledged(3, kBtc, frame);
  window.remove_acknowledged(3, kBtc);
  CHECK_FALSE(window.fill(window.version(), kBtc, std::optional<Quote>{}).has_value());
}

TEST_CASE("a commit that did more than record leaves no ring that lacks what it applied") {
  LiveWindow window{{}};
  window.fill(window.version(), kTrades, ring_of(10));
  window.add_acknowledged(7, kBtc, trades(11, 5));
  window.begin_write();
  window.add_stored(8, nullptr);
  CHECK_FALSE(window.recent(kBtc).has_value());
  window.end_write();
}

}  // namespace
}  // namespace tapedeck
