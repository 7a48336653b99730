#include "tapedeck/base/span.hpp"

#include "base/clock.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>

namespace tapedeck {
namespace {

class KeptSpans final : public SpanExporter {
 public:
  void export_span(const SpanRecord& span) noexcept override { spans.push_back(span); }
  std::vector<SpanRecord> spans;
};

TEST_CASE("a span is exported once, as it ends, with its time and the fields as they were set") {
  KeptSpans kept;
  const int64_t before = now_epoch_ns();
  const int64_t steady_before = steady_ns();
  {
    Span span{&kept, "database.query"};
    span.set("db.system", "duckdb");
    span.set("db.operation", std::string_view{"select"});
    span.set("correlation_id", std::string{"7d44"});
    span.set("db.rows_returned", size_t{17});
    span.set("ratio", 0.5F);
    span.set("db.success", true);
    CHECK(kept.spans.empty());
  }
  const int64_t longest = steady_ns() - steady_before;
  REQUIRE(kept.spans.size() == 1);
  const SpanRecord& span = kept.spans[0];
  CHECK(span.name == "database.query");
  CHECK(span.begin.time_since_epoch().count() >= before);
  CHECK(span.begin.time_since_epoch().count() <= now_epoch_ns());
  CHECK(span.duration.count() >= 0);
  CHECK(span.duration.count() <= longest);
  const std::vector<SpanField> expected{{"db.system", std::string{"duckdb"}},
                                        {"db.operation", std::string{"select"}},
                                        {"correlation_id", std::string{"7d44"}},
                                        {"db.rows_returned", int64_t{17}},
                                        {"ratio", 0.5},
                                        {"db.success", true}};
  CHECK(span.fields == expected);
  CHECK(span.succeeded());
}

TEST_CASE("the last value of a field stands, at its first place") {
  KeptSpans kept;
  {
    Span span{&kept, "work"};
    span.set("state", "begun");
    span.set("rows", 1);
    span.set("state", false);
  }
  const std::vector<SpanField> expected{{"state", false}, {"rows", int64_t{1}}};
  CHECK(kept.spans.at(0).fields == expected);
  CHECK(kept.spans.at(0).find_field("rows") != nullptr);
  CHECK(kept.spans.at(0).find_field("row") == nullptr);
}

void fail_in_a_span(SpanExporter& exporter) {
  Span span{&exporter, "database.query"};
  span.set("db.operation", "insert");
  span.set("db.success", true);
  throw std::runtime_error{"no room"};
}

TEST_CASE("a span that an exception ends has not succeeded, whatever was set before") {
  KeptSpans kept;
  CHECK_THROWS_WITH(fail_in_a_span(kept), "no room");
  REQUIRE(kept.spans.size() == 1);
  CHECK_FALSE(kept.spans[0].succeeded());
  CHECK(*kept.spans[0].find_field("db.success") == SpanValue{false});
  CHECK(*kept.spans[0].find_field("db.operation") == SpanValue{std::string{"insert"}});
}

TEST_CASE("a span of what is done while an exception passes by ends well") {
  KeptSpans kept;
  struct Undo {
    SpanExporter& exporter;
    ~Undo() { const Span span{&exporter, "rollback"}; }
  };
  const auto work = [&] {
    const Undo undo{kept};
    throw std::runtime_error{"no room"};
  };
  CHECK_THROWS(work());
  REQUIRE(kept.spans.size() == 1);
  CHECK(kept.spans[0].succeeded());
  CHECK(kept.spans[0].find_field("db.success") == nullptr);
}

// Counts how often it is taken for text.
struct CountedText {
  int& taken;
  explicit operator std::string_view() const {
    ++taken;
    return "x";
  }
};

TEST_CASE("without an exporter no value is turned into text") {
  int taken = 0;
  {
    Span span{nullptr, "database.query"};
    span.set("db.statement", CountedText{taken});
  }
  CHECK(taken == 0);
  KeptSpans kept;
  {
    Span span{&kept, "database.query"};
    span.set("db.statement", CountedText{taken});
  }
  CHECK(taken == 1);
}

TEST_CASE("only db.success says that a span has not succeeded") {
  SpanRecord span{.name = "work"};
  CHECK(span.succeeded());
  span.fields = {{"db.error", std::string{"x"}}, {"success", false}};
  CHECK(span.succeeded());
  span.fields.push_back({"db.success", false});
  CHECK_FALSE(span.succeeded());
}

}  // namespace
}  // namespace tapedeck
