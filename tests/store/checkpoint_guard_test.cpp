#include "store/checkpoint_guard.hpp"

#include "store/core.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kHeaderBytes = 12'288;
constexpr uint64_t kBlockBytes = 262'144;

// A store as a process leaves it that is killed within a checkpoint.
class KilledStore {
 public:
  KilledStore() {
    test::TempStore store;
    Writer{*store}.append(test::new_instrument(*store).id, test::run_of(1, 1'000, 0));
    store->core().checkpoint();
    store->core().write_steps([&](duck::Connection& connection) {
      duck::Result blocks =
          connection.run("SELECT block_id FROM pragma_metadata_info() WHERE free_blocks > 0");
      while (blocks.next_row())
        blocks_.push_back(static_cast<uint64_t>(blocks.int64(0)));
      fs::copy(store.path(), path(), fs::copy_options::recursive);
    });
    REQUIRE(fs::exists(guard()));
    REQUIRE_FALSE(fs::exists(store.path() / "store.duckdb.guard"));
    REQUIRE_FALSE(blocks_.empty());
  }

  fs::path path() const { return folder_ / "killed.deck"; }
  fs::path guard() const { return path() / "store.duckdb.guard"; }
  // Bytes that DuckDB did not write.
  void tear(uint64_t offset, size_t bytes) const {
    std::fstream file{path() / "store.duckdb", std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(offset));
    file << std::string(bytes, '\x5a');
  }
  void tear_blocks() const {
    for (const uint64_t block : blocks_)
      tear(kHeaderBytes + block * kBlockBytes + 1'000, 5'000);
  }
  size_t rows() const {
    const Store store{path(), {.mode = OpenMode::read}};
    return test::stored_trades(store, store.instrument("BTCUSDT")).size();
  }

 private:
  test::TempFolder folder_;
  std::vector<uint64_t> blocks_;
};

TEST_CASE("blocks that a killed checkpoint has torn are put back") {
  const KilledStore store;
  store.tear_blocks();
  CHECK(store.rows() == 1'000);
  CHECK_FALSE(fs::exists(store.guard()));
  CHECK(store.rows() == 1'000);
}

TEST_CASE("without the guard such a store does not open") {
  const KilledStore store;
  store.tear_blocks();
  fs::remove(store.guard());
  test::check_refused(ErrorCode::corrupt, {"is damaged", "tapedeck salvage"},
                      [&] { store.rows(); });
}

TEST_CASE("a torn header is put back, with the blocks that belong to it") {
  const KilledStore store;
  store.tear_blocks();
  store.tear(4'096, 4'096);
  CHECK(store.rows() == 1'000);
  CHECK_FALSE(fs::exists(store.guard()));
}

TEST_CASE("the guard of a checkpoint that ended is not used") {
  const KilledStore store;
  const std::string guard = read_text(store.guard());
  {
    Store opened{store.path(), {.mode = OpenMode::write}};
    Writer{opened}.append(opened.instrument("BTCUSDT").id, test::run_of(1'001, 10, 5'000));
    opened.core().checkpoint();
  }
  test::write_file(store.guard(), guard);
  CHECK(store.rows() == 1'010);
  CHECK_FALSE(fs::exists(store.guard()));
}

TEST_CASE("the beginning of a guard tells that the checkpoint had not begun") {
  const KilledStore store;
  const std::string guard = read_text(store.guard());
  for (const size_t bytes : {size_t{0}, size_t{11}, guard.size() / 2, guard.size() - 1}) {
    test::write_file(store.guard(), guard.substr(0, bytes));
    CHECK(store.rows() == 1'000);
    CHECK_FALSE(fs::exists(store.guard()));
  }
}

TEST_CASE("a store checkpoints by itself when its WAL has the size for it") {
  test::TempFolder folder;
  Store store{folder / "s.deck", {.mode = OpenMode::create, .checkpoint_threshold_bytes = 100'000}};
  Writer writer{store};
  const InstrumentId btc = test::new_instrument(store).id;
  const fs::path wal = folder / "s.deck/store.duckdb.wal";
  for (int64_t batch = 0; batch < 20; ++batch) {
    writer.append(btc, test::run_of(1 + batch * 1'000, 1'000, batch * 1'000));
    CHECK((!fs::exists(wal) || fs::file_size(wal) < 200'000));
  }
  CHECK(store.stats().database_bytes > 0);
}

}  // namespace
}  // namespace tapedeck
