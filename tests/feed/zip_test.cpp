#include "feed/zip.hpp"

#include "feed/shared_data.hpp"
#include "feed/zip_builder.hpp"
#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

const std::string kText = "1,5.0,2.5,1,1,1704067200000,true\n2,5.0,2.5,2,2,1704067200000,false\n";

// What reading all members says: their texts, or the refusal.
std::string outcome(const ByteVector& archive) {
  std::string texts;
  try {
    for (const ZipMember& member : zip_members(archive)) {
      texts += text_of(*open_zip_member(archive, member), 1 << 16);
    }
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::bad_input);
    return error.what();
  }
  return texts;
}

bool is_refused(const ByteVector& archive, std::string_view why) {
  const std::string said = outcome(archive);
  CAPTURE(said);
  return said.find(why) != std::string::npos;
}

}  // namespace

TEST_CASE("stored and deflated members are read, in windows of any length") {
  for (const uint16_t method : {uint16_t{0}, uint16_t{8}}) {
    const auto archive =
        ZipBuilder{}.add({.name = "a.csv", .content = kText, .method = method}).build();
    const auto members = zip_members(archive);
    REQUIRE(members.size() == 1);
    CHECK(members[0].name == "a.csv");
    CHECK(members[0].bytes == kText.size());
    for (const size_t window : {size_t{1}, size_t{7}, kText.size(), size_t{1} << 20}) {
      CHECK(text_of(*open_zip_member(archive, members[0]), window) == kText);
    }
  }
}

TEST_CASE("several members are read in the directory's order, folders left out") {
  const auto archive = ZipBuilder{}
                           .add({.name = "folder/", .content = "", .method = 0})
                           .add({.name = "folder/b.csv", .content = "b\n"})
                           .add({.name = "a.csv", .content = "a\n"})
                           .add({.name = "empty.csv", .content = ""})
                           .build();
  const auto members = zip_members(archive);
  REQUIRE(members.size() == 3);
  CHECK(members[0].name == "folder/b.csv");
  CHECK(members[2].name == "empty.csv");
  CHECK(outcome(archive) == "b\na\n");
}

TEST_CASE("zip64 numbers are read from the extra field and the zip64 end record") {
  ZipBuilder builder;
  builder.add({.name = "a.csv", .content = kText, .zip64 = true})
      .add({.name = "b.csv", .content = "b", .method = 0, .zip64 = true});
  CHECK(outcome(builder.build()) == kText + "b");
  CHECK(outcome(builder.build({.zip64 = true})) == kText + "b");
  CHECK(outcome(builder.build({.comment = "hello", .zip64 = true})) == kText + "b");
}

TEST_CASE("a comment may look like an end record") {
  const std::string fake{"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22};
  const auto archive =
      ZipBuilder{}.add({.name = "a.csv", .content = kText}).build({.comment = fake + "x"});
  CHECK(outcome(archive) == kText);
}

TEST_CASE("an archive without members has none") {
  CHECK(zip_members(ZipBuilder{}.build()).empty());
}

TEST_CASE("a directory that is not there or points outside is refused") {
  ZipBuilder builder;
  builder.add({.name = "a.csv", .content = kText});
  CHECK(is_refused({}, "too short"));
  CHECK(is_refused(bytes_of("PK"), "too short"));
  CHECK(is_refused(bytes_of(std::string(100, 'x')), "no end of central directory"));
  CHECK(is_refused(builder.build({.offset = 1'000'000}), "lies outside"));
  CHECK(is_refused(builder.build({.offset = 0xfffffffe}), "lies outside"));
  CHECK(is_refused(builder.build({.bytes = 1'000'000}), "lies outside"));
  CHECK(is_refused(builder.build({.offset = ~uint64_t{0}, .zip64 = true}), "lies outside"));
  CHECK(is_refused(builder.build({.bytes = ~uint64_t{0} - 10, .zip64 = true}), "lies outside"));
  CHECK(is_refused(builder.build({.entries = 2}), "fewer entries"));
  CHECK(is_refused(builder.build({.entries = ~uint64_t{0}, .zip64 = true}), "fewer entries"));
  CHECK(is_refused(builder.build({.bytes = 20}), "fewer entries"));
  CHECK(is_refused(builder.build({.bytes = 48}), "ends outside of the directory"));
  CHECK(is_refused(builder.build({.disk = 1}), "several disks"));
}

TEST_CASE("every cut of an archive is refused") {
  const auto archive = ZipBuilder{}.add({.name = "a.csv", .content = kText}).build({.zip64 = true});
  for (size_t bytes = 0; bytes < archive.size(); ++bytes) {
    CAPTURE(bytes);
    const std::span cut{archive.data(), bytes};
    CHECK_THROWS_AS(zip_members(cut), Error);
  }
}

TEST_CASE("a zip64 locator must point to its record") {
  const auto right = ZipBuilder{}.add({.name = "a.csv", .content = kText}).build({.zip64 = true});
  const size_t locator = right.size() - 22 - 20;
  for (const uint64_t target : {uint64_t{0}, uint64_t{locator}, ~uint64_t{0}, ~uint64_t{0} - 55}) {
    ByteVector wrong = right;
    for (size_t i = 0; i < 8; ++i) {
      wrong[locator + 8 + i] = static_cast<std::byte>(target >> 8 * i);
    }
    CHECK(is_refused(wrong, "zip64 locator"));
  }
}

TEST_CASE("a member that lies outside of the archive is refused") {
  const auto with = [](const MemberSpec& spec) { return ZipBuilder{}.add(spec).build(); };
  CHECK(is_refused(with({.name = "a", .content = kText, .header_offset = 5000}), "outside"));
  CHECK(is_refused(with({.name = "a", .content = kText, .header_offset = 1}), "no local header"));
  CHECK(is_refused(with({.name = "a", .content = kText, .compressed_bytes = 5000}), "outside"));
  CHECK(is_refused(
      with({.name = "a", .content = kText, .compressed_bytes = ~uint64_t{0}, .zip64 = true}),
      "outside"));
  CHECK(is_refused(
      with({.name = "a", .content = kText, .header_offset = ~uint64_t{0} - 5, .zip64 = true}),
      "outside"));
}

TEST_CASE("members that overlap are refused") {
  ZipBuilder builder;
  builder.add({.name = "a", .content = kText})
      .add({.name = "b", .content = kText, .header_offset = 0});
  CHECK(is_refused(builder.build(), "overlap"));
}

TEST_CASE("a member with a wrong CRC or length is refused at its end") {
  const auto with = [](const MemberSpec& spec) { return ZipBuilder{}.add(spec).build(); };
  for (const uint16_t method : {uint16_t{0}, uint16_t{8}}) {
    CAPTURE(method);
    CHECK(is_refused(with({.name = "a", .content = kText, .method = method, .crc32 = 1}),
                     "CRC of 'a' is wrong"));
    CHECK(is_refused(
        with({.name = "a", .content = kText, .method = method, .bytes = kText.size() + 1}),
        "of its"));
    CHECK(is_refused(
        with({.name = "a", .content = kText, .method = method, .bytes = kText.size() - 1}),
        "grows beyond"));
  }
}

TEST_CASE("a wrong CRC is told after the last byte, not before") {
  const auto archive = ZipBuilder{}.add({.name = "a", .content = kText, .crc32 = 1}).build();
  const auto stream = open_zip_member(archive, zip_members(archive)[0]);
  std::vector<char> buffer(kText.size());
  CHECK(stream->read(buffer) == kText.size());
  CHECK_THROWS_AS(stream->read(buffer), Error);
}

TEST_CASE("a truncated or damaged deflate stream is refused") {
  const size_t compressed = deflated(kText).size();
  const auto cut =
      ZipBuilder{}.add({.name = "a", .content = kText, .compressed_bytes = compressed - 1}).build();
  CHECK(is_refused(cut, "ends early"));
  const auto longer =
      ZipBuilder{}.add({.name = "a", .content = kText, .compressed_bytes = compressed + 1}).build();
  CHECK(is_refused(longer, "ends before its compressed bytes do"));
  ByteVector damaged = ZipBuilder{}.add({.name = "a", .content = kText}).build();
  damaged[31] = std::byte{0x07};  // a block of the reserved type
  CHECK(is_refused(damaged, "damaged"));
}

TEST_CASE("encrypted members and other methods are listed, and refused when opened") {
  const auto encrypted = ZipBuilder{}.add({.name = "a", .content = kText, .flags = 1}).build();
  CHECK(zip_members(encrypted)[0].encrypted);
  CHECK(is_refused(encrypted, "encrypted"));
  const auto lzma = ZipBuilder{}.add({.name = "a", .content = kText, .method = 14}).build();
  CHECK(zip_members(lzma)[0].method == 14);
  CHECK(is_refused(lzma, "compression method 14"));
}

TEST_CASE("a member beyond 200 times its compressed size is a bomb after 16 MiB") {
  const std::string zeros(size_t{20} << 20, '0');
  const ByteVector bomb = ZipBuilder{}.add({.name = "a", .content = zeros}).build();
  CHECK(is_refused(bomb, "grow beyond 200 times"));
  const std::string below(size_t{15} << 20, '0');
  CHECK(outcome(ZipBuilder{}.add({.name = "a", .content = below}).build()) == below);
}

TEST_CASE("plain bytes come out as they are") {
  const ByteVector bytes = bytes_of(kText);
  for (const size_t window : {size_t{1}, size_t{7}, size_t{1} << 20}) {
    CHECK(text_of(*open_plain(bytes), window) == kText);
  }
  CHECK(text_of(*open_plain({}), 16).empty());
}

TEST_CASE("recorded archives have the members and lines that unzip shows") {
  struct Row {
    std::string_view file;
    int64_t lines;
    size_t bytes;
  };
  const std::vector<Row> rows{
      {"XRPETH-aggTrades-2019-10-11", 5929, 444321},
      {"cm-ETHUSD_PERP-trades-2024-08-08", 1733, 89095},
      {"spot-BTCUSDT-trades-2024-08-08", 9757, 719889},
      {"spot-TRXUSDT-trades-2025-03-04-part1", 5000, 369600},
      {"um-ETHUSDT-trades-2024-07-18", 1641, 87841},
      {"um-ETHUSDT-bookTicker-2024-07-18", 9090, 855558},
      {"LTCUSDT-1m-2026-02", 40321, 3963149},
  };
  for (const Row& row : rows) {
    CAPTURE(row.file);
    const auto archive = shared_file("binance_csv/" + std::string{row.file} + ".zip");
    if (archive.empty()) return;
    const auto members = zip_members(archive);
    REQUIRE(members.size() == 1);
    CHECK(members[0].name == std::string{row.file} + ".csv");
    const auto text = text_of(*open_zip_member(archive, members[0]), 1 << 18);
    CHECK(text.size() == row.bytes);
    CHECK(std::ranges::count(text, '\n') == row.lines);
  }
}

}  // namespace tapedeck
