#include "cli/completeness.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tapedeck {
namespace {

TapeAnswer answer_with_gaps(int gaps) {
  const Timestamp t = *parse_timestamp("2024-08-08");
  TapeAnswer answer{.scale = {}, .grains = {Grain::aggregate}, .coverage = {}, .rows = 1234};
  answer.coverage.range = {.begin = t, .end = t + std::chrono::hours{24}};
  for (int i = 0; i < gaps; ++i) {
    const Timestamp begin = t + std::chrono::hours{i};
    answer.coverage.gaps.push_back(
        {.range = {.begin = begin, .end = begin + std::chrono::minutes{30}},
         .status = CoverageStatus::gap});
  }
  return answer;
}

TEST_CASE("an answer of the venue's own rows says so") {
  TapeAnswer answer;
  answer.given = "klines:1m";
  answer.rows = 1;
  CHECK(completeness_text(answer, {}) == "complete, from the venue's klines:1m, 1 row read\n");
  CHECK(completeness_json(answer, {}).ends_with("\"grains\":[],\"given\":\"klines:1m\""));
}

}  // namespace

TEST_CASE("a complete answer says so, and where it is from") {
  CHECK(completeness_text(answer_with_gaps(0), {}) ==
        "complete, from aggregates, 1,234 rows read\n");
}

TEST_CASE("gaps are named, ten of them at most") {
  CHECK(completeness_text(answer_with_gaps(1), {}) ==
        "incomplete: 1 gap, from aggregates, 1,234 rows read\n"
        "  2024-08-08T00:00:00Z – 2024-08-08T00:30:00Z not stored\n");
  const std::string many = completeness_text(answer_with_gaps(12), {});
  CHECK(many.ends_with("  … 2 more gaps\n"));
  CHECK(std::count(many.begin(), many.end(), '\n') == 12);
}

TEST_CASE("a gap says why") {
  TapeAnswer answer = answer_with_gaps(2);
  answer.coverage.gaps[0].cause = "disconnect";
  answer.coverage.gaps[1].status = CoverageStatus::deleted;
  const std::string text = completeness_text(answer, {});
  CHECK(text.find("not stored (disconnect)") != std::string::npos);
  CHECK(text.find("01:30:00Z deleted") != std::string::npos);
}

TEST_CASE("the same as members of a JSON object") {
  CHECK(completeness_json(answer_with_gaps(1), {}) ==
        "\"coverage\":{\"complete\":false,\"range\":[\"2024-08-08T00:00:00Z\","
        "\"2024-08-09T00:00:00Z\"],\"gaps\":[{\"begin\":\"2024-08-08T00:00:00Z\",\"end\":"
        "\"2024-08-08T00:30:00Z\",\"status\":\"gap\",\"cause\":null}]},\"grains\":[\"aggregates\"],"
        "\"given\":null");
}

TEST_CASE("an open range has null for its edges") {
  CHECK(completeness_json({}, {}) ==
        "\"coverage\":{\"complete\":true,\"range\":[null,null],\"gaps\":[]},\"grains\":[],"
        "\"given\":null");
}

}  // namespace tapedeck
