#include "ingest/decoding.hpp"

#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

DecodeError refused_line(int64_t line) {
  return {.line = line, .reason = "price must be above 0, found '0'", .text = "0"};
}

}  // namespace

TEST_CASE("refused lines are kept up to a number, then the first one is the file's fault") {
  const std::filesystem::path path = "/data/x.zip";
  ErrorCount errors{path, 2};
  errors.add("a.csv", {refused_line(3), refused_line(5)});
  check_refused(ErrorCode::bad_input,
                {"'/data/x.zip', line 3 of a.csv: price must be above 0, found '0'",
                 "(the first of 3 refused lines)", "--max-errors N"},
                [&] { errors.add("b.csv", {refused_line(1)}); });
  ErrorCount rows{path, 0};
  check_refused(ErrorCode::bad_input, {"'/data/x.zip', row 7: price", "refused rows"},
                [&] { rows.add("x.zip", {refused_line(7)}, "row"); });
  ErrorCount kept{path, 1};
  kept.add("x.zip", {refused_line(7)});
  CHECK(kept.take().size() == 1);
}

TEST_CASE("what a file is refused for has its path in front, once") {
  const auto failing = [](ErrorCode code, const char* what) {
    return [=]() -> int { throw Error{code, what}; };
  };
  check_refused(ErrorCode::bad_input, {"'/x.csv': no header"},
                [&] { naming("/x.csv", failing(ErrorCode::bad_input, "no header")); });
  check_refused(ErrorCode::invalid_argument, {"'/x.csv': no field"},
                [&] { naming("/x.csv", failing(ErrorCode::invalid_argument, "no field")); });
  check_refused(ErrorCode::disk_full, {"full"},
                [&] { naming("/x.csv", failing(ErrorCode::disk_full, "full")); });
}
