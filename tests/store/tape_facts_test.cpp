#include "store/tape_facts.hpp"

#include "store/core.hpp"
#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace tapedeck {
namespace {

using test::new_instrument;
using test::run_of;

constexpr int64_t kDay = 86'400'000;

TapeFacts facts_of(Store& store, const Instrument& instrument) {
  const auto reader = store.core().borrow_reader();
  const duck::Snapshot snapshot{*reader};
  return read_tape_facts(*reader, instrument.id);
}

// (grain, first day, number of days)
void set_aside(Store& store, const Instrument& instrument,
               const std::vector<std::array<int64_t, 3>>& days) {
  store.core().write([&](duck::Transaction& transaction) {
    for (const auto& [grain, day, count] : days) {
      transaction.connection()
          .prepare("INSERT INTO tape.superseded VALUES (?, ?, ?, ?)")
          .bind(1, static_cast<int64_t>(instrument.id))
          .bind(2, grain)
          .bind(3, test::at_ms(day * kDay))
          .bind(4, test::at_ms((day + count) * kDay))
          .run();
    }
  });
}

// Those that the core keeps, where it has them.
std::shared_ptr<const TapeFacts> kept_facts(Store& store, InstrumentId instrument) {
  StoreCore& core = store.core();
  const auto reader = core.borrow_reader();
  const uint64_t before = core.commits();
  const duck::Snapshot snapshot{*reader};
  const bool told = before % 2 == 0 && core.commits() == before;
  return core.tape_facts(*reader, instrument, told ? std::optional{before} : std::nullopt);
}

TEST_CASE("an instrument without trades has no facts") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const TapeFacts facts = facts_of(store, btc);
  CHECK(facts.loads.empty());
  CHECK(facts.set_aside.empty());
  CHECK(facts.trades.empty());
  CHECK(facts.aggregates.empty());
}

TEST_CASE("facts list the loads that have rows, of this instrument alone, in their order") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  const Instrument eth = new_instrument(store, "ETHUSDT");
  Writer writer{store};
  writer.append(btc.id, run_of(11, 5, 100));
  writer.append(eth.id, run_of(1, 7, 0));
  writer.append(btc.id, run_of(1, 3, 0), Grain::aggregate);
  writer.append(btc.id, run_of(11, 5, 100));  // the same again: no rows
  const TapeFacts facts = facts_of(store, btc);
  REQUIRE(facts.loads.size() == 2);
  CHECK(facts.loads[0].grain == Grain::trade);
  CHECK(facts.loads[0].rows == 5);
  CHECK(facts.loads[0].range.begin == test::at_ms(100));
  CHECK(facts.loads[0].range.end == test::at_ms(104) + std::chrono::nanoseconds{1});
  CHECK(facts.loads[1].grain == Grain::aggregate);
  CHECK(facts.loads[1].rows == 3);
  CHECK(facts.loads[0].load_id < facts.loads[1].load_id);
  CHECK(facts.covered(Grain::trade) == store.coverage(btc.id, "trades"));
  CHECK(facts.covered(Grain::aggregate) == store.coverage(btc.id, "aggregates"));
}

TEST_CASE("days of one grain that touch are set aside as one range") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  set_aside(store, btc, {{0, 5, 1}, {1, 2, 1}, {1, 1, 1}, {0, 4, 1}, {0, 7, 1}, {1, 3, 1}});
  std::string line;
  for (const SetAside& aside : facts_of(store, btc).set_aside) {
    line += fmt::format("{}:{}-{} ", static_cast<int>(aside.grain),
                        to_epoch_ns(aside.range.begin) / 1'000'000 / kDay,
                        to_epoch_ns(aside.range.end) / 1'000'000 / kDay);
  }
  CHECK(line == "1:1-4 0:4-6 0:7-8 ");
}

TEST_CASE("facts are kept from query to query, and read again after any write") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, run_of(1, 5, 0));
  const auto first = kept_facts(store, btc.id);
  CHECK(kept_facts(store, btc.id) == first);
  writer.append(btc.id, run_of(6, 5, 5));
  const auto second = kept_facts(store, btc.id);
  CHECK(second->loads.size() == 2);
  CHECK(first->loads.size() == 1);  // who holds them keeps them
}

TEST_CASE("facts are read again after steps of which the last failed") {
  Store store{":memory:"};
  const Instrument btc = new_instrument(store);
  Writer{store}.append(btc.id, run_of(1, 5, 0));
  CHECK(kept_facts(store, btc.id)->loads.size() == 1);
  CHECK_THROWS_AS(store.core().write_steps([](duck::Connection& connection) {
    connection.run("DELETE FROM tape.loads");
    connection.run("SELECT nothing");
  }),
                  Error);
  CHECK(kept_facts(store, btc.id)->loads.empty());
}

TEST_SUITE("threads") {
  TEST_CASE("threads: whoever asks after an append sees it, whoever else asks meanwhile") {
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    Writer writer{store};
    std::atomic<bool> done{false};
    {
      std::vector<std::jthread> askers;
      for (int i = 0; i < 3; ++i) {
        askers.emplace_back([&] {
          size_t seen = 0;
          while (!done) {
            const size_t loads = kept_facts(store, btc.id)->loads.size();
            CHECK(loads >= seen);
            seen = loads;
          }
        });
      }
      for (int64_t i = 0; i < 40; ++i) {
        writer.append(btc.id, run_of(1 + i, 1, i));
        CHECK(kept_facts(store, btc.id)->loads.size() == static_cast<size_t>(i + 1));
      }
      done = true;
    }
  }

  TEST_CASE("threads: facts are of one moment: loads and coverage tell the same") {
    Store store{":memory:"};
    const Instrument btc = new_instrument(store);
    Writer writer{store};
    std::atomic<bool> done{false};
    {
      std::vector<std::jthread> askers;
      for (int i = 0; i < 2; ++i) {
        askers.emplace_back([&] {
          while (!done) {
            const TapeFacts facts = facts_of(store, btc);
            CHECK(facts.loads.empty() == covered_ranges(facts.trades).empty());
          }
        });
      }
      for (int64_t i = 0; i < 40; ++i) {
        writer.append(btc.id, run_of(1 + i, 1, i));
        writer.delete_before(DataKind::trades, test::at_ms(i + 1), btc.id);
      }
      done = true;
    }
  }
}

}  // namespace
}  // namespace tapedeck
