#include "feed/shared_data.hpp"
#include "feed/zip.hpp"
#include "feed/zip_builder.hpp"
#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace tapedeck {
namespace {

const std::string kText = "id,price\n1,5.0\n2,5.5\n";

std::string outcome(const ByteVector& file) {
  try {
    return text_of(*open_gzip(file), 1 << 16);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::bad_input);
    return error.what();
  }
}

bool is_refused(const ByteVector& file, std::string_view why) {
  const std::string said = outcome(file);
  CAPTURE(said);
  return said.find(why) != std::string::npos;
}

// A member with flags and the optional fields they announce.
ByteVector with_fields(uint8_t flags, std::string_view fields) {
  ByteVector file = gzipped(kText);
  file[3] = std::byte{flags};
  const ByteVector inserted = bytes_of(fields);
  file.insert(file.begin() + 10, inserted.begin(), inserted.end());
  return file;
}

}  // namespace

TEST_CASE("a gzip file is read in windows of any length") {
  const ByteVector file = gzipped(kText);
  for (const size_t window : {size_t{1}, size_t{3}, kText.size(), size_t{1} << 20}) {
    CHECK(text_of(*open_gzip(file), window) == kText);
  }
  CHECK(outcome(gzipped("")).empty());
}

TEST_CASE("members are joined, padding zeros are not a member") {
  ByteVector file = gzipped("a");
  append(file, gzipped(""));
  append(file, gzipped("bc"));
  CHECK(outcome(file) == "abc");
  append(file, ByteVector(512));
  CHECK(outcome(file) == "abc");
}

TEST_CASE("the optional fields of a header are stepped over") {
  CHECK(outcome(with_fields(0x04, std::string_view{"\x03\0abc", 5})) == kText);
  CHECK(outcome(with_fields(0x08, std::string_view{"name\0", 5})) == kText);
  CHECK(outcome(with_fields(0x10, std::string_view{"comment\0", 8})) == kText);
  CHECK(outcome(with_fields(0x02, "cc")) == kText);
  CHECK(outcome(with_fields(0x1e, std::string_view{"\x01\0an\0c\0hh", 9})) == kText);
}

TEST_CASE("what is no gzip file is refused") {
  CHECK(is_refused({}, "no gzip member"));
  CHECK(is_refused(bytes_of("id,price\n1,5.0\n"), "no gzip member"));
  ByteVector method = gzipped(kText);
  method[2] = std::byte{9};
  CHECK(is_refused(method, "method"));
  ByteVector trailing = gzipped(kText);
  append(trailing, bytes_of("garbage after the member"));
  CHECK(is_refused(trailing, "no gzip member"));
}

TEST_CASE("every cut of a gzip file is refused") {
  ByteVector file = with_fields(0x1e, std::string_view{"\x01\0an\0c\0hh", 9});
  for (size_t bytes = 0; bytes < file.size(); ++bytes) {
    CAPTURE(bytes);
    const ByteVector cut{file.begin(), file.begin() + static_cast<ptrdiff_t>(bytes)};
    CHECK_THROWS_AS(text_of(*open_gzip(cut), 1 << 16), Error);
  }
}

TEST_CASE("a wrong CRC or length is refused") {
  ByteVector crc = gzipped(kText);
  crc[crc.size() - 8] ^= std::byte{1};
  CHECK(is_refused(crc, "CRC"));
  ByteVector length = gzipped(kText);
  length[length.size() - 1] ^= std::byte{1};
  CHECK(is_refused(length, "length"));
}

TEST_CASE("a gzip file beyond 200 times its size is a bomb after 16 MiB") {
  CHECK(is_refused(gzipped(std::string(size_t{20} << 20, '0')), "grow beyond 200 times"));
}

TEST_CASE("a recorded gzip file is read whole") {
  const auto file = shared_file("recorder_csv/trade_stream_spot_trxusdt_20250304_positive.csv.gz");
  if (file.empty()) return;
  const std::string text = outcome(file);
  CHECK(text.starts_with("TimestampOfReceive,Stream,"));
  CHECK(std::ranges::count(text, '\n') > 1000);
}

}  // namespace tapedeck
