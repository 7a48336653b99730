#include "ingest/source_file.hpp"

#include "archive_fixture.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

std::vector<std::string> member_names(const std::filesystem::path& path) {
  const SourceFile source = open_source(path);
  std::vector<std::string> names;
  for (const FileMember& member : members_of(path, source.bytes.bytes()))
    names.push_back(member.name);
  return names;
}

}  // namespace

TEST_CASE("a file is known by its sha256, compared with the CHECKSUM beside it") {
  const TempFolder folder;
  const auto path = folder / "t.csv";
  write_file(path, "abc");
  CHECK(open_source(path).sha256 ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK_FALSE(open_source(path).checksum_matched.has_value());
  write_checksum(path);
  CHECK(open_source(path).checksum_matched == true);
  write_file(path, "abd");
  check_refused(ErrorCode::checksum_mismatch, {"t.csv", "download the file again"},
                [&] { open_source(path); });
  write_file(path, "");
  check_refused(ErrorCode::bad_input, {"t.csv' is empty"}, [&] { open_source(path); });
}

TEST_CASE("a zip has its CSV members, any other file is its own") {
  const TempFolder folder;
  write_file(folder / "t.csv", "abc");
  CHECK(member_names(folder / "t.csv") == std::vector<std::string>{"t.csv"});
  write_file(folder / "t.zip", zip_text("a.csv", "abc"));
  CHECK(member_names(folder / "t.zip") == std::vector<std::string>{"a.csv"});
  write_file(folder / "u.zip", zip_text("readme.txt", "abc"));
  check_refused(ErrorCode::bad_input, {"its member 'readme.txt' is no CSV"},
                [&] { member_names(folder / "u.zip"); });
}
