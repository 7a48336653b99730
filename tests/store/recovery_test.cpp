#include "store/recovery.hpp"

#include "child_process.hpp"
#include "sql_rows.hpp"
#include "store/applier.hpp"
#include "store/core.hpp"
#include "tape/journal_fixture.hpp"
#include "tapedeck/query/verify.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::new_instrument;
using test::run_of;
using test::stored_trades;
using test::TempStore;

// Frames that are in the journal and not in the database, as a kill leaves them.
void write_frames(const std::filesystem::path& store, const std::string& store_id,
                  JournalPosition applied, const std::vector<FrameContent>& contents) {
  Journal journal{store, store_id, applied, {}};
  std::vector<FrameDraft> drafts;
  for (const FrameContent& content : contents) {
    drafts.push_back({.ts_recv = test::at_ms(1),
                      .kind = kind_of(content),
                      .instrument = InstrumentId{1},
                      .count = rows_of(content),
                      .payload = to_payload(content)});
  }
  journal.write(drafts, test::at_ms(1));
}

FrameContent trades(int64_t first_id, int64_t rows) {
  return TradeRows{.source = "websocket", .trades = run_of(first_id, rows, first_id - 1)};
}

struct Killed {
  TempStore store;
  Instrument btc;
  std::string store_id;
  JournalPosition applied;

  Killed() {
    btc = new_instrument(*store);
    Writer{*store}.append(btc.id, run_of(1, 10, 0));
    store_id = store->core().store_id();
    applied = applied_position(*store->core().borrow_reader());
    store.close();
  }
};

TEST_CASE("what waits in the journal is applied once when the store is opened") {
  Killed killed;
  write_frames(killed.store.path(), killed.store_id, killed.applied,
               {trades(11, 10), trades(21, 5), SettingChange{.key = "k", .json = "1"}});
  for (const OpenMode mode : {OpenMode::read, OpenMode::write, OpenMode::read}) {
    killed.store.reopen(mode);
    CHECK(stored_trades(*killed.store, killed.btc).size() == 25);
    CHECK(killed.store->find_setting("k") == "1");
    CHECK(applied_position(*killed.store->core().borrow_reader()).sequence ==
          killed.applied.sequence + 3);
    CHECK_FALSE(needs_recovery(killed.store->core()));
  }
  int64_t findings = 0;
  verify(*killed.store, {}, [&](const Finding&) { ++findings; });
  CHECK(findings == 0);
}

TEST_CASE("a frame whose commit was taken for a failure is not applied again") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  Applier applier{store->core()};
  const auto frame = [&](uint64_t sequence, int64_t first_id) {
    return PendingFrame{.position = {.sequence = sequence, .segment = 1, .offset = sequence},
                        .ts_recv = test::at_ms(1),
                        .instrument = btc.id,
                        .content = std::make_shared<const FrameContent>(trades(first_id, 5))};
  };
  std::vector frames{frame(1, 1), frame(2, 6)};
  applier.apply(frames);
  frames.push_back(frame(3, 11));
  applier.apply(frames);
  applier.apply(frames);
  CHECK(stored_trades(*store, btc).size() == 15);
  CHECK(test::sql_line(*store, "SELECT sum(duplicates) FROM tape.loads") == "0");
}

TEST_CASE("a frame that was refused is not applied") {
  Killed killed;
  const uint64_t refused = killed.applied.sequence + 1;
  write_frames(killed.store.path(), killed.store_id, killed.applied,
               {trades(11, 10), trades(21, 5), Refusal{.sequence = refused, .reason = "full"}});
  killed.store.reopen(OpenMode::write);
  CHECK(stored_trades(*killed.store, killed.btc).size() == 15);
}

TEST_CASE("a frame that cannot be applied is a reject; the others are applied") {
  Killed killed;
  TradeRows too_large{.source = "websocket", .trades = run_of(11, 1, 11)};
  too_large.trades.scale = {.price_exp = -12, .qty_exp = 0};
  too_large.trades.price[0] = INT64_MAX;
  write_frames(killed.store.path(), killed.store_id, killed.applied,
               {KlineRows{.interval = test::interval("1m"),
                          .source = "venue",
                          .klines = {{.begin = test::at_ms(0),
                                      .open = {1, 0},
                                      .high = {1, 0},
                                      .low = {1, 0},
                                      .close = {1, 0},
                                      .volume = {int128{1} << 126, 0},
                                      .quote_volume = std::nullopt,
                                      .buy_volume = std::nullopt,
                                      .buy_quote_volume = std::nullopt,
                                      .trades = std::nullopt}}},
                trades(11, 5)});
  killed.store.reopen(OpenMode::write);
  CHECK(stored_trades(*killed.store, killed.btc).size() == 15);
  const std::string rejects = read_text(killed.store.path() / "rejects/live.csv");
  CHECK(rejects.find("volume") != std::string::npos);
  CHECK(rejects.find("journal frame") != std::string::npos);
  killed.store.reopen(OpenMode::read);
  CHECK(stored_trades(*killed.store, killed.btc).size() == 15);
}

TEST_CASE("a damaged frame is a gap with its cause; what follows is applied") {
  Killed killed;
  write_frames(killed.store.path(), killed.store_id, killed.applied,
               {trades(11, 10), trades(21, 10), trades(31, 10)});
  const auto segment = journal_segments(killed.store.path()).back();
  // Into the second of the three equal frames.
  const uint64_t frame = (segment.bytes - kSegmentHeaderBytes) / 3;
  test::flip_bit(segment.path, (kSegmentHeaderBytes + frame + frame / 2) * 8);
  killed.store.reopen(OpenMode::write);
  CHECK(stored_trades(*killed.store, killed.btc).size() == 30);
  const auto coverage = killed.store->coverage(killed.btc.id, "trades");
  REQUIRE(coverage.size() == 3);
  CHECK(coverage[1].status == CoverageStatus::gap);
  CHECK(coverage[1].id_begin == 21);
  CHECK(coverage[1].cause.find("10 ids missing, journal frames") == 0);
  CHECK(coverage[1].cause.find("damaged") != std::string::npos);
}

TEST_CASE("a journal of another store is refused when the store is opened") {
  Killed killed;
  const test::TempFolder other;
  write_frames(other.path(), "11111111-1111-1111-1111-111111111111", {}, {trades(11, 10)});
  const auto from = journal_segments(other.path()).front().path;
  const auto to = segment_path(killed.store.path() / "tape", test::at_ms(1), 9);
  std::filesystem::create_directories(to.parent_path());
  std::filesystem::copy_file(from, to);
  test::check_refused(ErrorCode::conflict, {"another store", "tape"},
                      [&] { killed.store.reopen(OpenMode::write); });
}

// A recording of its own process that is killed once everything is acknowledged.
void record_and_kill(const std::filesystem::path& path, InstrumentId id, int64_t first_id,
                     int64_t rows) {
  test::ChildProcess child{[&](const test::ChildProcess::Tell& tell) {
    Store recorded{path, {.mode = OpenMode::write}};
    Writer{recorded}.append_live(id, run_of(first_id, rows, first_id)).get();
    tell();
    ::pause();
  }};
  REQUIRE(child.wait_for_word());
  child.kill();
}

TEST_CASE("the journal is removed, or its newest segment, or a part of it: what comes is kept") {
  for (const std::string what : {"all", "newest", "shorter"}) {
    CAPTURE(what);
    Killed killed;
    const std::filesystem::path path = killed.store.path();
    const JournalSegment last = journal_segments(path).back();
    if (what == "all") std::filesystem::remove_all(path / "tape");
    if (what == "newest") std::filesystem::remove(last.path);
    if (what == "shorter") std::filesystem::resize_file(last.path, last.bytes - 20);
    record_and_kill(path, killed.btc.id, 11, 50);
    record_and_kill(path, killed.btc.id, 61, 50);
    killed.store.reopen(OpenMode::read);
    CHECK(stored_trades(*killed.store, killed.btc).size() == 110);
  }
}

TEST_CASE("an instrument that the journal has and the database has not is made again") {
  Killed killed;
  Journal journal{killed.store.path(), killed.store_id, killed.applied, {}};
  const FrameContent name = InstrumentRow{.name = {.venue = "binance", .symbol = "ETHUSDT"}};
  const FrameContent rows = trades(1, 5);
  std::vector<FrameDraft> drafts;
  for (const FrameContent* content : {&name, &rows}) {
    drafts.push_back({.ts_recv = test::at_ms(1),
                      .kind = kind_of(*content),
                      .instrument = InstrumentId{7},
                      .count = rows_of(*content),
                      .payload = to_payload(*content)});
  }
  journal.write(drafts, test::at_ms(1));
  killed.store.reopen(OpenMode::write);
  const Instrument eth = killed.store->instrument("ETHUSDT");
  CHECK(eth.id == InstrumentId{7});
  CHECK(stored_trades(*killed.store, eth).size() == 5);
}

TEST_CASE("a number that means another instrument in the journal stops the opening") {
  Killed killed;
  write_frames(killed.store.path(), killed.store_id, killed.applied,
               {InstrumentRow{.name = {.venue = "binance", .symbol = "ETHUSDT"}}, trades(1, 5)});
  test::check_refused(ErrorCode::conflict, {"instrument 1 is binance:ETHUSDT", "binance:BTCUSDT"},
                      [&] { killed.store.reopen(OpenMode::write); });
}

TEST_CASE("a file in tape/ that is no segment is told once, and then left alone") {
  Killed killed;
  const auto junk = segment_path(killed.store.path() / "tape", test::at_ms(1), 99);
  std::filesystem::create_directories(junk.parent_path());
  test::write_file(junk, std::string(1'000, 'j'));
  killed.store.reopen(OpenMode::read);
  CHECK_FALSE(needs_recovery(killed.store->core()));
  Writer{*(killed.store.reopen(OpenMode::write), &*killed.store)}.append_live(killed.btc.id,
                                                                              run_of(11, 5, 11));
  killed.store.reopen(OpenMode::read);
  CHECK(stored_trades(*killed.store, killed.btc).size() == 15);
}

TEST_CASE("a killed recording: every acknowledged row is there once, and its bars too") {
  TempStore store;
  const Instrument btc = new_instrument(*store);
  store.close();
  constexpr int64_t kRows = 5'000;
  {
    test::ChildProcess child{[&](const test::ChildProcess::Tell& tell) {
      Store recorded{store.path(), {.mode = OpenMode::write}};
      Writer writer{recorded};
      for (int64_t id = 1; id <= kRows; id += 100)
        writer.append_live(btc.id, run_of(id, 100, id * 20)).get();
      tell();
      ::pause();
    }};
    REQUIRE(child.wait_for_word());
    child.kill();
  }
  store.reopen(OpenMode::read);
  CHECK(stored_trades(*store, btc).size() == kRows);
  int64_t findings = 0;
  verify(*store, {}, [&](const Finding&) { ++findings; });
  CHECK(findings == 0);
  CHECK(test::sql_line(*store, "SELECT count(*) FROM tape.open_minutes") == "0");
}

}  // namespace
}  // namespace tapedeck
