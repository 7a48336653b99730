#include "feed/inflate.hpp"

#include "feed/zip_builder.hpp"
#include "tapedeck/base/error.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

std::string random_csv(size_t bytes) {
  std::mt19937_64 random{7};
  std::string text;
  while (text.size() < bytes) {
    text += std::to_string(random() % 1'000'000) + ",";
    if (random() % 5 == 0) text += '\n';
  }
  return text;
}

std::string inflated(Inflater& inflater, size_t window) {
  std::string text;
  std::vector<char> buffer(window);
  while (const size_t count = inflater.read(buffer)) {
    text.append(buffer.data(), count);
  }
  return text;
}

}  // namespace

TEST_CASE("deflate gives the same text whatever the window") {
  const std::string text = random_csv(300'000);
  const ByteVector compressed = deflated(text);
  for (const size_t window : {size_t{1}, size_t{333}, size_t{65'536}, size_t{1} << 20}) {
    CAPTURE(window);
    Inflater inflater{compressed};
    CHECK(inflated(inflater, window) == text);
    CHECK(inflater.consumed() == compressed.size());
  }
}

TEST_CASE("bytes behind the end of a stream are left alone") {
  for (const std::string& text : {std::string{}, std::string{"a"}, random_csv(1000)}) {
    ByteVector compressed = deflated(text);
    const size_t bytes = compressed.size();
    compressed.resize(bytes + 20, std::byte{0xff});
    Inflater inflater{compressed};
    CHECK(inflated(inflater, 4096) == text);
    CHECK(inflater.consumed() == bytes);
  }
}

TEST_CASE("an empty window takes nothing") {
  const ByteVector compressed = deflated("abc");
  Inflater inflater{compressed};
  CHECK(inflater.read({}) == 0);
  CHECK(inflated(inflater, 2) == "abc");
}

TEST_CASE("a stream that is damaged or ends early is refused") {
  const ByteVector compressed = deflated(random_csv(5000));
  for (const size_t bytes : {size_t{0}, size_t{1}, compressed.size() / 2, compressed.size() - 1}) {
    CAPTURE(bytes);
    Inflater inflater{std::span{compressed}.first(bytes)};
    CHECK_THROWS_AS(inflated(inflater, 4096), Error);
  }
  const ByteVector reserved{std::byte{0x07}, std::byte{0}, std::byte{0}};
  Inflater inflater{reserved};
  CHECK_THROWS_AS(inflated(inflater, 4096), Error);
}

TEST_CASE("a bomb is told by size and ratio together") {
  BombGuard small{1};
  small.count(size_t{16} << 20);
  CHECK(small.total() == size_t{16} << 20);
  CHECK_THROWS_AS(small.count(1), Error);
  BombGuard fair{size_t{1} << 20};
  CHECK_NOTHROW(fair.count(size_t{200} << 20));
  CHECK_THROWS_AS(fair.count(201), Error);
}

}  // namespace tapedeck
