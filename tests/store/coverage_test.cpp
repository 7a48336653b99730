#include "tapedeck/store/coverage.hpp"

#include "trade_rows.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace tapedeck {
namespace {

using test::coverage_line;
using test::interval;
using test::range_ms;
using enum CoverageStatus;

struct Known {
  int64_t begin, end;
  std::optional<int64_t> id_begin = {}, id_end = {};
  CoverageStatus status = recorded;
  std::string cause = {};
};

std::vector<CoverageRow> rows_of(const std::vector<Known>& known) {
  std::vector<CoverageRow> rows;
  for (const Known& one : known) {
    rows.push_back({.dataset = "trades",
                    .range = range_ms(one.begin, one.end),
                    .id_begin = one.id_begin,
                    .id_end = one.id_end,
                    .status = one.status,
                    .cause = one.cause,
                    .source = "api"});
  }
  return rows;
}

std::string ranges_line(const std::vector<TimeRange>& ranges) {
  std::string line;
  for (const TimeRange& range : ranges) {
    line += fmt::format("[{}, {}) ", to_epoch_ns(range.begin) / 1'000'000,
                        to_epoch_ns(range.end) / 1'000'000);
  }
  return line;
}

TEST_CASE("where ids begin is not known behind a deletion, whatever follows") {
  const TimeRange first{.begin = from_epoch_ns(10), .end = from_epoch_ns(20)};
  const TimeRange second{.begin = from_epoch_ns(20), .end = from_epoch_ns(30)};
  const std::vector<CoverageRow> rows =
      folded({{.dataset = "trades", .range = first, .id_end = 7},
              {.dataset = "trades", .range = second, .id_begin = 8, .id_end = 9}});
  REQUIRE(rows.size() == 1);
  CHECK_FALSE(rows[0].id_begin.has_value());
  CHECK(rows[0].id_end == 9);
}

TEST_CASE("rows that continue one another are joined, others have a gap between them") {
  const struct {
    const char* what;
    std::vector<Known> rows;
    const char* expected;
  } cases[]{
      {"nothing", {}, ""},
      {"one", {{0, 10, 1, 5}}, "[0, 10) recorded 1-5"},
      {"adjacent ids, time between them", {{0, 10, 1, 5}, {20, 30, 6, 9}}, "[0, 30) recorded 1-9"},
      {"given out of order", {{20, 30, 6, 9}, {0, 10, 1, 5}}, "[0, 30) recorded 1-9"},
      {"a hole in the ids",
       {{0, 10, 1, 5}, {20, 30, 7, 9}},
       "[0, 10) recorded 1-5; [10, 20) gap 6-6; [20, 30) recorded 7-9"},
      {"a hole in the ids within one instant",
       {{0, 10, 1, 5}, {10, 30, 8, 9}},
       "[0, 10) recorded 1-5; [10, 10) gap 6-7; [10, 30) recorded 8-9"},
      {"overlap by id", {{0, 20, 1, 9}, {10, 30, 5, 14}}, "[0, 30) recorded 1-14"},
      {"one inside the other", {{0, 30, 1, 14}, {10, 20, 5, 9}}, "[0, 30) recorded 1-14"},
      {"a file between two files",
       {{0, 10, 1, 5}, {20, 30, 11, 15}, {10, 20, 6, 10}},
       "[0, 30) recorded 1-15"},
      {"no ids, touching", {{0, 10}, {10, 30}}, "[0, 30) recorded"},
      {"no ids, overlapping", {{0, 15}, {10, 30}}, "[0, 30) recorded"},
      {"no ids, apart", {{0, 10}, {20, 30}}, "[0, 10) recorded; [10, 20) gap; [20, 30) recorded"},
      {"ids on one side, touching", {{0, 10, 1, 5}, {10, 30}}, "[0, 30) recorded 1-5"},
      {"a written gap is dropped when it was filled",
       {{0, 10, 1, 5}, {10, 20, {}, {}, gap, "venue down"}, {10, 30, 6, 9}},
       "[0, 30) recorded 1-9"},
      {"an empty day before one with rows holds rows together",
       {{0, 10, {}, {}, verified_empty}, {10, 20, 1, 5}},
       "[0, 20) recorded 1-5"},
      {"two empty days",
       {{0, 10, {}, {}, verified_empty}, {10, 20, {}, {}, verified_empty}},
       "[0, 20) verified_empty"},
      {"deleted, then recorded",
       {{0, 10, {}, {}, deleted}, {10, 30, 6, 9}},
       "[0, 10) deleted; [10, 30) recorded 6-9"},
      {"deleted rows that were stored again are deleted no more",
       {{0, 30, {}, {}, deleted}, {10, 20, 6, 9}, {30, 40, 20, 29}},
       "[0, 10) deleted; [10, 20) recorded 6-9; [20, 30) deleted; [30, 40) recorded 20-29"},
      {"deleted and wholly stored again",
       {{0, 10, {}, {}, deleted}, {0, 30, 1, 9}},
       "[0, 30) recorded 1-9"}};
  for (const auto& one : cases) {
    CAPTURE(one.what);
    CHECK(coverage_line(folded(rows_of(one.rows))) == one.expected);
  }
}

TEST_CASE("a gap says how many ids are missing, and why when that was written down") {
  const auto gap_of = [](const std::vector<Known>& rows) { return folded(rows_of(rows))[1].cause; };
  CHECK(gap_of({{0, 10, 1, 5}, {20, 30, 7, 9}}) == "1 id missing");
  CHECK(gap_of({{0, 10, 1, 5}, {20, 30, 10, 12}}) == "4 ids missing");
  CHECK(gap_of({{0, 10}, {20, 30}}) == "not stored");
  CHECK(gap_of({{0, 10, 1, 5}, {10, 20, {}, {}, gap, "2 refused lines"}, {20, 30, 8, 9}}) ==
        "2 ids missing, 2 refused lines");
}

TEST_CASE("joined rows name their source, or that there were several") {
  std::vector<CoverageRow> rows = rows_of({{0, 10, 1, 5}, {10, 20, 6, 9}});
  CHECK(folded(rows)[0].source == "api");
  rows[1].source = "archive";
  CHECK(folded(rows)[0].source == "several");
}

TEST_CASE("a range has gaps where nothing is known, edges included") {
  const std::vector<CoverageRow> known =
      folded(rows_of({{100, 200, 1, 5}, {300, 400, 9, 12}, {400, 500, 14, 20}}));
  const TimeRange open;
  const struct {
    const char* what;
    TimeRange range;
    const char* gaps;
  } cases[]{{"inside", range_ms(120, 180), ""},
            {"exactly", range_ms(100, 200), ""},
            {"the whole", range_ms(100, 500), "[200, 300) gap 6-8; [400, 400) gap 13-13"},
            {"before", range_ms(50, 150), "[50, 100) gap"},
            {"after", range_ms(450, 600), "[500, 600) gap"},
            {"far off", range_ms(700, 800), "[700, 800) gap"},
            {"far before", range_ms(0, 10), "[0, 10) gap"},
            {"around", range_ms(0, 600),
             "[0, 100) gap; [200, 300) gap 6-8; [400, 400) gap 13-13; [500, 600) gap"},
            {"part of a gap", range_ms(220, 350), "[220, 300) gap 6-8"},
            {"up to the gap without extent", range_ms(350, 400), ""},
            {"from the gap without extent", range_ms(400, 450), "[400, 400) gap 13-13"},
            {"open", open, "[200, 300) gap 6-8; [400, 400) gap 13-13"},
            {"open begin", {open.begin, test::at_ms(150)}, ""},
            {"open end", {test::at_ms(450), open.end}, ""}};
  for (const auto& one : cases) {
    CAPTURE(one.what);
    const Coverage answer = coverage_within(known, one.range);
    CHECK(coverage_line(answer.gaps) == one.gaps);
    CHECK(answer.complete() == answer.gaps.empty());
    CHECK(covers(known, one.range) == answer.complete());
  }
}

TEST_CASE("an open range is cut to what is known") {
  const std::vector<CoverageRow> known = folded(rows_of({{100, 200}}));
  CHECK(coverage_within(known, {}).range == range_ms(100, 200));
  CHECK(coverage_within(known, {test::at_ms(150), TimeRange{}.end}).range == range_ms(150, 200));
}

TEST_CASE("nothing known covers nothing") {
  CHECK(coverage_line(coverage_within({}, range_ms(0, 10)).gaps) == "[0, 10) gap");
  CHECK_FALSE(covers({}, range_ms(0, 10)));
  CHECK(covered_ranges({}).empty());
}

TEST_CASE("deleted rows are a gap with their own status") {
  const auto known = folded(rows_of({{0, 10, {}, {}, deleted}, {10, 30, 6, 9}}));
  CHECK(coverage_line(coverage_within(known, range_ms(5, 20)).gaps) == "[5, 10) deleted");
}

TEST_CASE("stretches without a hole end at every gap, one without extent too") {
  const struct {
    std::vector<Known> rows;
    const char* expected;
  } cases[]{{{{0, 10}}, "[0, 10) "},
            {{{0, 10}, {20, 30}}, "[0, 10) [20, 30) "},
            {{{0, 10, 1, 5}, {10, 30, 8, 9}}, "[0, 10) [10, 30) "},
            {{{0, 10, 1, 5}, {20, 30, 6, 9}}, "[0, 30) "},
            {{{0, 10, {}, {}, deleted}, {10, 30, 6, 9}}, "[10, 30) "}};
  for (const auto& one : cases)
    CHECK(ranges_line(covered_ranges(folded(rows_of(one.rows)))) == one.expected);
}

TEST_CASE("datasets and statuses have names") {
  CHECK(dataset_of(Grain::trade) == "trades");
  CHECK(dataset_of(Grain::aggregate) == "aggregates");
  CHECK(dataset_of_klines(interval("1h")) == "klines:1h");
  const std::pair<CoverageStatus, const char*> names[]{
      {recorded, "recorded"},     {verified_empty, "verified_empty"}, {gap, "gap"},
      {backfilled, "backfilled"}, {unverifiable, "unverifiable"},     {deleted, "deleted"}};
  for (const auto& [status, name] : names)
    CHECK(to_text(status) == name);
}

}  // namespace
}  // namespace tapedeck
