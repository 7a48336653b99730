// Zip: any bytes are read or refused with bad_input, alike in windows of any length; what is read
// has the length and CRC that the directory tells; what is packed comes out again.
#include "base/check.hpp"
#include "base/crc32.hpp"
#include "feed/zip.hpp"
#include "feed/zip_builder.hpp"
#include "input.hpp"
#include "tapedeck/base/error.hpp"

#include <string>

namespace tapedeck {
namespace {

struct Outcome {
  size_t members = 0;
  std::string text;
  bool refused = false;
};

Outcome read_all(std::span<const std::byte> archive, size_t window) {
  Outcome outcome;
  try {
    for (const ZipMember& member : zip_members(archive)) {
      ++outcome.members;
      const auto text = text_of(*open_zip_member(archive, member), window);
      TAPEDECK_CHECK(text.size() == member.bytes && crc32_of(0, text) == member.crc32,
                     "{} bytes of '{}'", text.size(), member.name);
      outcome.text += text;
    }
  } catch (const Error& error) {
    TAPEDECK_CHECK(error.code() == ErrorCode::bad_input, "{}", error.what());
    outcome.refused = true;
  }
  return outcome;
}

void check_round_trip(std::string_view text, unsigned options) {
  const uint16_t method = (options & 1) != 0 ? 8 : 0;
  ZipBuilder builder;
  builder
      .add({.name = "a", .content = std::string{text.substr(0, text.size() / 2)}, .method = method})
      .add({.name = "b",
            .content = std::string{text.substr(text.size() / 2)},
            .method = method,
            .zip64 = (options & 2) != 0});
  const Outcome outcome = read_all(builder.build({.zip64 = (options & 4) != 0}), 1000);
  TAPEDECK_CHECK(!outcome.refused && outcome.members == 2 && outcome.text == text, "{} bytes",
                 text.size());
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const unsigned options = input.option();
  if ((options & 0x80) != 0) {
    check_round_trip(input.text(), options);
    return 0;
  }
  const Outcome wide = read_all(input.bytes(), size_t{1} << 18);
  const Outcome narrow = read_all(input.bytes(), options + size_t{1});
  TAPEDECK_CHECK(
      wide.refused == narrow.refused && wide.members == narrow.members && wide.text == narrow.text,
      "{} and {} bytes", wide.text.size(), narrow.text.size());
  return 0;
}
