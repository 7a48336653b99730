#include "tapedeck/base/span_exporters.hpp"

#include "base/failing_file_system.hpp"
#include "base/file.hpp"
#include "logged.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <latch>
#include <limits>
#include <set>
#include <sstream>
#include <thread>

namespace tapedeck {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;
using test::logged;
using test::TempFolder;

SpanRecord query_span() {
  return {.name = "database.query",
          .begin = std::chrono::sys_time<nanoseconds>{nanoseconds{1'723'161'255'342'000'007}},
          .duration = nanoseconds{12'000'345},
          .fields = {{"db.system", std::string{"duckdb"}},
                     {"db.operation", std::string{"load_trades"}},
                     {"db.rows_returned", int64_t{17}},
                     {"db.success", true}}};
}

// The lines that are JSON, and how many are not.
struct Lines {
  std::vector<json> spans;
  int broken = 0;
};

Lines lines_of(const std::filesystem::path& path) {
  Lines lines;
  std::istringstream text{read_text(path)};
  for (std::string line; std::getline(text, line);) {
    json span = json::parse(line, nullptr, false);
    if (span.is_discarded()) {
      ++lines.broken;
    } else {
      lines.spans.push_back(std::move(span));
    }
  }
  return lines;
}

TEST_CASE("a span is this line of JSON") {
  CHECK(to_json(query_span()) ==
        R"({"name":"database.query","begin":"2024-08-08T23:54:15.342000007Z",)"
        R"("duration_ms":12.000345,"fields":{"db.system":"duckdb","db.operation":"load_trades",)"
        R"("db.rows_returned":17,"db.success":true}})");
  SpanRecord empty;
  CHECK(
      to_json(empty) ==
      R"({"name":"","begin":"1970-01-01T00:00:00.000000000Z","duration_ms":0.000000,"fields":{}})");
  empty.begin -= nanoseconds{1};
  CHECK(json::parse(to_json(empty))["begin"] == "1969-12-31T23:59:59.999999999Z");
}

TEST_CASE("whatever the fields hold, another parser reads it back") {
  SpanRecord span = query_span();
  std::string all;
  for (char c = 0; c < 0x7F; ++c)
    all += c;
  all += "\x7F 深度";
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  span.fields = {{"text \"quoted\"\n", all},
                 {"not utf-8", std::string{"a\xFFz"}},
                 {"least", kLeast},
                 {"real", 0.1 + 0.2},
                 {"huge", 1e300},
                 {"infinite", std::numeric_limits<double>::infinity()},
                 {"none", std::numeric_limits<double>::quiet_NaN()},
                 {"false", false}};
  const std::string line = to_json(span);
  CHECK(line.find('\n') == std::string::npos);
  const json fields = json::parse(line)["fields"];
  CHECK(fields["text \"quoted\"\n"] == all);
  CHECK(fields["not utf-8"] == "a\xEF\xBF\xBDz");
  CHECK(fields["least"] == kLeast);
  CHECK(fields["real"] == 0.1 + 0.2);
  CHECK(fields["huge"] == 1e300);
  CHECK(fields["infinite"].is_null());
  CHECK(fields["none"].is_null());
  CHECK(fields["false"] == false);
}

TEST_CASE("a file of spans grows, also when it is opened again") {
  const TempFolder folder;
  for (int64_t i = 0; i < 3; ++i) {
    SpanFile file{folder / "spans.jsonl"};
    Span span{&file, "work"};
    span.set("number", i);
  }
  const Lines lines = lines_of(folder / "spans.jsonl");
  REQUIRE(lines.spans.size() == 3);
  for (size_t i = 0; i < 3; ++i)
    CHECK(lines.spans[i]["fields"]["number"] == i);
  CHECK(lines.broken == 0);
  test::check_refused(ErrorCode::not_found, {"no/such"},
                      [&] { const SpanFile file{folder / "no/such/spans.jsonl"}; });
}

TEST_CASE("a file that ends inside a line keeps that line apart from the next one") {
  const TempFolder folder;
  test::write_file(folder / "spans.jsonl", R"({"name":"cut sh)");
  {
    SpanFile file{folder / "spans.jsonl"};
    file.export_span(query_span());
    file.export_span(query_span());
  }
  const Lines lines = lines_of(folder / "spans.jsonl");
  CHECK(lines.spans.size() == 2);
  CHECK(lines.broken == 1);
}

TEST_CASE("spans that the disk refuses are counted, the first is logged, and the work goes on") {
  const TempFolder folder;
  FailingFileSystem failing{7};
  const FileSystemInUse use{failing};
  SpanFile file{folder / "spans.jsonl"};
  const std::string log = logged([&] {
    file.export_span(query_span());
    for (int64_t call = 0; call < 3; ++call)
      failing.fail_call(call, ENOSPC);
    for (int i = 0; i < 3; ++i)
      CHECK_NOTHROW(Span(&file, "work"));
    CHECK(file.lost() == 3);
    file.export_span(query_span());
  });
  CHECK(file.lost() == 3);
  CHECK(log.find("No space left") != std::string::npos);
  CHECK(log.find("spans.jsonl") != std::string::npos);
  CHECK(std::ranges::count(log, '\n') == 1);
  // A failing write leaves half of its line behind.
  const Lines lines = lines_of(folder / "spans.jsonl");
  CHECK(lines.spans.size() == 2);
  CHECK(lines.broken == 3);
}

TEST_CASE("a failure is one error in the log, with operation and duration, however it is spelled") {
  const TempFolder folder;
  SpanLog exporter;
  const std::string log = logged([&] {
    SpanRecord span = query_span();
    exporter.export_span(span);  // information, which the log leaves out by default
    span.fields.back().value = false;
    span.fields.push_back({"db.error", std::string{"no\n\"room\""}});
    exporter.export_span(span);
  });
  CAPTURE(log);
  CHECK(std::ranges::count(log, '\n') == 1);
  CHECK(log.find(" error database.query duration_ms=12.000345 db.system=\"duckdb\" "
                 "db.operation=\"load_trades\" db.rows_returned=17 db.success=false "
                 "db.error=\"no\\n\\\"room\\\"\"\n") != std::string::npos);
}

TEST_SUITE("threads") {
  TEST_CASE("threads: lines of many threads are whole, and none is missing") {
    constexpr int64_t kThreads = 4;
    constexpr int64_t kEach = 500;
    const TempFolder folder;
    {
      SpanFile file{folder / "spans.jsonl"};
      std::latch together{kThreads};
      std::vector<std::jthread> threads;
      for (int64_t thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&, thread] {
          together.arrive_and_wait();
          for (int64_t i = 0; i < kEach; ++i) {
            Span span{&file, "work"};
            span.set("number", thread * kEach + i);
            span.set("padding", std::string(static_cast<size_t>(i * 7), 'x'));
          }
        });
      }
    }
    const Lines lines = lines_of(folder / "spans.jsonl");
    CHECK(lines.broken == 0);
    std::set<int64_t> numbers;
    for (const json& span : lines.spans) {
      const int64_t number = span["fields"]["number"];
      numbers.insert(number);
      const std::string padding = span["fields"]["padding"];
      if (padding.size() != static_cast<size_t>(number % kEach * 7)) FAIL_CHECK(number);
    }
    CHECK(lines.spans.size() == kThreads * kEach);
    CHECK(numbers.size() == kThreads * kEach);
  }
}

}  // namespace
}  // namespace tapedeck
