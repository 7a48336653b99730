// Gzip: any bytes are read or refused with bad_input, alike in windows of any length; what is
// packed comes out again.
#include "base/check.hpp"
#include "feed/zip.hpp"
#include "feed/zip_builder.hpp"
#include "input.hpp"
#include "tapedeck/base/error.hpp"

#include <optional>
#include <string>

namespace tapedeck {
namespace {

std::optional<std::string> read_all(std::span<const std::byte> file, size_t window) {
  try {
    return text_of(*open_gzip(file), window);
  } catch (const Error& error) {
    TAPEDECK_CHECK(error.code() == ErrorCode::bad_input, "{}", error.what());
    return std::nullopt;
  }
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const unsigned options = input.option();
  if ((options & 0x80) != 0) {
    ByteVector file = gzipped(input.text());
    append(file, gzipped("end"));
    const auto text = read_all(file, options);
    TAPEDECK_CHECK(text == std::string{input.text()} + "end", "{} bytes", size);
    return 0;
  }
  const auto wide = read_all(input.bytes(), size_t{1} << 18);
  TAPEDECK_CHECK(wide == read_all(input.bytes(), options + size_t{1}), "{} bytes", size);
  return 0;
}
