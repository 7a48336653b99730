#include "base/file.hpp"

#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

TEST_CASE("a mapped file shows its bytes, an empty one none") {
  const TempFolder folder;
  write_file(folder / "a.txt", "tape");
  write_file(folder / "empty.txt", "");
  const MappedFile mapped{folder / "a.txt"};
  CHECK(mapped.bytes().size() == 4);
  CHECK(mapped.bytes()[0] == std::byte{'t'});
  CHECK(MappedFile{folder / "empty.txt"}.bytes().empty());
  CHECK(read_text(folder / "a.txt") == "tape");
}

TEST_CASE("giving pages back leaves the bytes readable") {
  const TempFolder folder;
  write_file(folder / "big.txt", std::string(100'000, 'x'));
  MappedFile mapped{folder / "big.txt"};
  mapped.release_before(60'000);
  mapped.release_before(10);
  CHECK(mapped.bytes()[0] == std::byte{'x'});
}

TEST_CASE("a file that is not there or is a folder is refused by name") {
  const TempFolder folder;
  check_refused(ErrorCode::not_found, {"cannot read", "nothing.txt", "No such file"},
                [&] { const MappedFile file{folder / "nothing.txt"}; });
  check_refused(ErrorCode::io, {"Is a directory"}, [&] { const MappedFile file{folder.path()}; });
}

TEST_CASE("an atomic write replaces the whole file and leaves nothing beside it") {
  const TempFolder folder;
  write_atomically(folder / "a.txt", "first");
  write_atomically(folder / "a.txt", "second");
  CHECK(read_text(folder / "a.txt") == "second");
  CHECK_FALSE(std::filesystem::exists(folder / "a.txt.new"));
  check_refused(ErrorCode::not_found, {"cannot write"},
                [&] { write_atomically(folder / "no/such/a.txt", "x"); });
}

TEST_CASE("a sha256 is the one of FIPS 180-4") {
  const std::string text = "abc";
  CHECK(sha256_hex(std::as_bytes(std::span{text})) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("free space is told for a folder and refused for none") {
  const TempFolder folder;
  CHECK(free_bytes(folder.path()) > 0);
  check_refused(ErrorCode::not_found, {"free space"},
                [&] { static_cast<void>(free_bytes(folder / "nothing")); });
}
