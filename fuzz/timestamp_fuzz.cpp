// Times: what is parsed prints and parses as the same instant, and so does every instant there is.
#include "base/check.hpp"
#include "input.hpp"
#include "tapedeck/market/time.hpp"

#include <cstring>
#include <string>

namespace tapedeck {
namespace {

void check_round_trip(Timestamp t) {
  const std::string printed = to_iso(t);
  TAPEDECK_CHECK(parse_timestamp(printed) == t, "{}", printed);
  const std::string day = to_iso_date(day_of(t));
  TAPEDECK_CHECK(printed.starts_with(day) && parse_date(day) == day_of(t), "{} {}", printed, day);
}

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  const FuzzInput input{data, size};
  if (const auto t = parse_timestamp(input.text())) check_round_trip(*t);
  if (const auto day = parse_date(input.text())) {
    TAPEDECK_CHECK(to_iso_date(*day) == input.text(), "{}", input.text());
  }
  if (size >= sizeof(int64_t)) {
    int64_t ns = 0;
    std::memcpy(&ns, data, sizeof ns);
    check_round_trip(from_epoch_ns(ns));
  }
  return 0;
}
