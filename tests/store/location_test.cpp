#include "store/location.hpp"

#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;
using test::check_refused;
using test::TempFolder;
using test::write_file;

TEST_CASE("a store in memory lies nowhere") {
  for (const OpenMode mode : {OpenMode::read, OpenMode::write, OpenMode::create}) {
    CHECK(locate_store(":memory:", mode).in_memory());
  }
}

TEST_CASE("creating makes the folder and its parents") {
  const TempFolder folder;
  const StoreLocation location = locate_store(folder / "a/b/btc.deck", OpenMode::create);
  CHECK(location.folder == folder / "a/b/btc.deck");
  CHECK(location.database == folder / "a/b/btc.deck/store.duckdb");
  CHECK(fs::is_directory(location.folder));
}

TEST_CASE("a path ending in .duckdb names the folder beside it") {
  const TempFolder folder;
  CHECK(locate_store(folder / "trading.duckdb", OpenMode::create).folder ==
        folder / "trading.deck");
}

TEST_CASE("a path without a store says how to make one") {
  const TempFolder folder;
  for (const OpenMode mode : {OpenMode::read, OpenMode::write}) {
    check_refused(ErrorCode::not_found, {"there is no store at '", "none.deck'", "tapedeck import"},
                  [&] { locate_store(folder / "none.deck", mode); });
  }
  CHECK_FALSE(fs::exists(folder / "none.deck"));
}

TEST_CASE("what is no store is not made into one") {
  const TempFolder folder;
  write_file(folder / "file", "text");
  write_file(folder / "photos/cat.jpg", "meow");
  fs::create_directories(folder / "empty");
  check_refused(ErrorCode::not_a_store, {"file' is a file; a store is a folder"},
                [&] { locate_store(folder / "file", OpenMode::create); });
  for (const OpenMode mode : {OpenMode::read, OpenMode::write, OpenMode::create}) {
    check_refused(ErrorCode::not_a_store, {"photos' is no store", "store.duckdb"},
                  [&] { locate_store(folder / "photos", mode); });
  }
  check_refused(ErrorCode::not_a_store, {"is no store"},
                [&] { locate_store(folder / "empty", OpenMode::read); });
}

TEST_CASE("a folder with nothing but a store's own files becomes one") {
  const TempFolder folder;
  write_file(folder / "btc.deck/tapedeck.toml", "");
  fs::create_directories(folder / "btc.deck/backups");
  CHECK(locate_store(folder / "btc.deck", OpenMode::create).folder == folder / "btc.deck");
}

TEST_CASE("a path through a file, and an empty path, are refused") {
  const TempFolder folder;
  write_file(folder / "file", "text");
  check_refused(ErrorCode::not_found, {"file/btc.deck"},
                [&] { locate_store(folder / "file/btc.deck", OpenMode::read); });
  check_refused(ErrorCode::invalid_argument, {"empty"}, [] { locate_store("", OpenMode::create); });
}

}  // namespace
}  // namespace tapedeck
