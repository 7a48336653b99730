// A disk without room: an import is refused before it begins to store, what is stored stays whole.
#include "book/book_story.hpp"
#include "ingest/archive_fixture.hpp"
#include "ledger/ledger_fixture.hpp"
#include "tapedeck/query/book.hpp"
#include "tapedeck/telemetry/metrics.hpp"
#include "tapedeck/telemetry/telemetry.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <sys/mount.h>

namespace tapedeck {
namespace {

using test::check_refused;
using test::TempFolder;

// A file system of its own; empty() where the system does not allow one.
class SmallDisk {
 public:
  explicit SmallDisk(const char* options) {
    mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, options) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  const TempFolder& folder() const { return folder_; }
  void remount(const char* options) {
    REQUIRE(::mount("tmpfs", folder_.path().c_str(), "tmpfs", MS_REMOUNT, options) == 0);
  }

 private:
  TempFolder folder_;
  bool mounted_ = false;
};

TEST_CASE("an import onto a full disk is refused, and goes on when there is room again") {
  SmallDisk disk{"size=80m"};
  if (!disk.mounted()) {
    MESSAGE("skipped: this system does not let the test mount a small disk");
    return;
  }
  const TempFolder archives;
  const auto first = test::write_daily(archives, 1, test::agg_trades(1, 1000, 1));
  const auto second = test::write_daily(archives, 2, test::agg_trades(1001, 1000, 2));
  Store store(disk.folder() / "btc.deck", {.mode = OpenMode::create});
  CHECK(test::import_paths(store, {first}).rows == 1000);

  test::write_file(disk.folder() / "ballast", std::string(30 << 20, 'x'));
  check_refused(ErrorCode::disk_full, {second.string(), "btc.deck", "MB free"},
                [&] { test::import_paths(store, {second}); });
  CHECK(store.stats().trades == 1000);
  CHECK(test::stored_trades(store, store.instrument("BTCUSDT")).size() == 1000);

  std::filesystem::remove(disk.folder() / "ballast");
  CHECK(test::import_paths(store, {second}).rows == 1000);
  CHECK(store.stats().trades == 2000);
}

TEST_CASE("an append that meets a full disk stores nothing; a reopened store is whole") {
  SmallDisk disk{"size=24m"};
  if (!disk.mounted()) {
    MESSAGE("skipped: this system does not let the test mount a small disk");
    return;
  }
  const std::filesystem::path deck = disk.folder() / "btc.deck";
  int64_t stored = 0;
  {
    Store store(deck, {.mode = OpenMode::create});
    const Instrument btc = test::new_instrument(store);
    Writer writer{store};
    bool full = false;
    for (int64_t batch = 0; batch < 200 && !full; ++batch) {
      // Random numbers, so that they do not compress away.
      TradeBlock block = test::run_of(1 + batch * 50'000, 50'000, batch * 50'000);
      for (size_t row = 0; row < block.rows(); ++row) {
        block.price[row] = 1 + static_cast<int64_t>((row * 2'654'435'761U) % 1'000'000'007U) *
                                   (batch + 3) % 999'999'937;
        block.quantity[row] = block.price[row] * 7919 % 999'983;
      }
      try {
        stored += writer.append(btc.id, block).rows;
      } catch (const Error& error) {
        CAPTURE(error.what());
        full = true;
        CHECK(to_text(error.code()) == "disk_full");
      }
    }
    CHECK(full);
  }
  disk.remount("size=200m");
  Store store(deck, {.mode = OpenMode::write});
  CHECK(store.stats().trades == stored);
  CHECK(stored % 50'000 == 0);
  const Instrument btc = store.instrument("BTCUSDT");
  CHECK(Writer{store}.append(btc.id, test::run_of(1 + stored, 1000, stored)).rows == 1000);
}

TEST_CASE("messages of a book that a full disk refuses are a hole that the book knows of") {
  SmallDisk disk{"size=80m"};
  if (!disk.mounted()) {
    MESSAGE("skipped: this system does not let the test mount a small disk");
    return;
  }
  Store store(disk.folder() / "btc.deck", {.mode = OpenMode::create});
  const InstrumentId btc =
      store.resolve_instrument({.venue = "coinbase", .symbol = "BTC-USD"}, NewVenue::refuse).id;
  Writer writer{store};
  const auto append = [&](BookMessageKind kind, int64_t ms, std::string_view bid) {
    BookMessages batch{.channel = "level2"};
    batch.messages.push_back(test::message_of({.kind = kind, .ms = ms, .bids = bid}));
    writer.append_live(btc, std::move(batch)).get();
  };
  append(BookMessageKind::snapshot, 10, "100 1");
  writer.flush();
  const auto free = std::filesystem::space(disk.folder().path()).available;
  test::write_file(disk.folder() / "ballast", std::string(free - (1 << 20), 'x'));
  check_refused(ErrorCode::disk_full, {"btc.deck", "only 1 MB"},
                [&] { append(BookMessageKind::update, 20, "100 2"); });
  std::filesystem::remove(disk.folder() / "ballast");
  append(BookMessageKind::update, 30, "99 3");
  const BookAnswer answer = book_at(store, {.instrument = store.instrument("BTC-USD")});
  CHECK(answer.book.size(BookSide::bid) == 1);
  CHECK(answer.distrust.ends_with("messages were refused: disk_full"));
}

TEST_CASE("an order that a full disk refuses is not there, and may be given again") {
  SmallDisk disk{"size=80m"};
  if (!disk.mounted()) {
    MESSAGE("skipped: this system does not let the test mount a small disk");
    return;
  }
  Store store(disk.folder() / "btc.deck", {.mode = OpenMode::create});
  Ledger ledger{store};
  Telemetry telemetry{store};
  const Order first = ledger.create_order(test::order_of(OrderSide::buy, "10", "first"));
  ledger.settle();
  const auto free = std::filesystem::space(disk.folder().path()).available;
  test::write_file(disk.folder() / "ballast", std::string(free - (1 << 20), 'x'));
  const NewOrder second = test::order_of(OrderSide::buy, "10", "second");
  check_refused(ErrorCode::disk_full, {"btc.deck"}, [&] { ledger.create_order(second); });
  check_refused(ErrorCode::disk_full, {"btc.deck"},
                [&] { ledger.record_fill(test::fill_of(first, "10", "1", 1, "7")); });
  check_refused(ErrorCode::disk_full, {"btc.deck"}, [&] {
    telemetry.insert_metric({"x", 1}).get();
  });
  CHECK_FALSE(find_order_by_client_id(store, "second"));
  CHECK(find_order(store, first.order_id)->filled_quantity == Amount{});
  CHECK(current_metrics(store).empty());
  std::filesystem::remove(disk.folder() / "ballast");
  ledger.create_order(second);
  ledger.record_fill(test::fill_of(first, "10", "1", 1, "7"));
  CHECK(orders(store).size() == 2);
  CHECK(find_order(store, first.order_id)->status == OrderStatus::filled);
}

TEST_CASE("a store on a disk that is mounted read-only is read, and not written") {
  SmallDisk disk{"size=24m"};
  if (!disk.mounted()) {
    MESSAGE("skipped: this system does not let the test mount a small disk");
    return;
  }
  const std::filesystem::path deck = disk.folder() / "btc.deck";
  {
    Store store(deck, {.mode = OpenMode::create});
    const Instrument btc = test::new_instrument(store);
    Writer{store}.append(btc.id, test::four_trades());
  }
  REQUIRE(::mount("tmpfs", disk.folder().path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY,
                  "size=24m") == 0);
  {
    const Store store(deck, {.mode = OpenMode::read});
    CHECK(count_trades(store, store.instrument("BTCUSDT").id) == 4);
  }
  check_refused(ErrorCode::read_only, {"btc.deck"},
                [&] { const Store store(deck, {.mode = OpenMode::write}); });
  check_refused(ErrorCode::read_only, {"new.deck"},
                [&] { const Store store(disk.folder() / "new.deck", {.mode = OpenMode::create}); });
}

}  // namespace
}  // namespace tapedeck
