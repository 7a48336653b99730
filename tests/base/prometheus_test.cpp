#include "tapedeck/base/prometheus.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

struct Sample {
  std::string name;
  Labels labels;
  double value;
};

// Reads the format by its grammar (exposition_formats, "Text format details"), and refuses what it
// forbids: a sample without TYPE, a name in two groups, a line twice, no line feed at the end.
class TextParser {
 public:
  explicit TextParser(std::string_view text) : text_{text} {
    expect(text.empty() || text.back() == '\n', "no line feed at the end");
    while (at_ < text_.size())
      line();
  }

  std::map<std::string, std::string> types;
  std::vector<Sample> samples;

 private:
  static void expect(bool good, const std::string& what) {
    if (!good) throw std::runtime_error{what};
  }
  char next() {
    expect(at_ < text_.size(), "ends too early");
    return text_[at_++];
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  std::string word_until(std::string_view ends) {
    const size_t end = std::min(text_.find_first_of(ends, at_), text_.size());
    std::string word{text_.substr(at_, end - at_)};
    at_ = end;
    return word;
  }
  std::string identifier(bool colon) {
    const std::string word = word_until("{}=, \n\"");
    expect(!word.empty() && std::isdigit(static_cast<unsigned char>(word[0])) == 0, "no name");
    for (const char c : word) {
      expect(std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (colon && c == ':'),
             "bad character in " + word);
    }
    return word;
  }
  std::string quoted() {
    expect(next() == '"', "no quote");
    std::string value;
    for (char c = next(); c != '"'; c = next()) {
      if (c == '\\') {
        const char escaped = next();
        expect(escaped == 'n' || escaped == '\\' || escaped == '"', "bad escape");
        c = escaped == 'n' ? '\n' : escaped;
      } else {
        expect(c != '\n', "line feed in a label value");
      }
      value += c;
    }
    return value;
  }
  void type_line() {
    const std::string name = identifier(true);
    expect(next() == ' ', "no blank");
    const std::string kind = word_until("\n");
    expect(kind == "counter" || kind == "gauge" || kind == "histogram", "bad type " + kind);
    expect(types.emplace(name, kind).second, "second TYPE of " + name);
    group_ = name;
  }
  void line() {
    if (take("# TYPE ")) {
      type_line();
    } else {
      const size_t begin = at_;
      Sample sample{.name = identifier(true), .labels = {}, .value = 0};
      if (take("{")) {
        do {
          std::string name = identifier(false);
          expect(next() == '=', "no =");
          sample.labels.emplace_back(std::move(name), quoted());
        } while (take(","));
        expect(take("}"), "no }");
      }
      expect(lines_.insert(text_.substr(begin, at_ - begin)).second, "a line twice");
      expect(next() == ' ', "no blank");
      const std::string number = word_until("\n");
      char* end = nullptr;
      sample.value = std::strtod(number.c_str(), &end);
      expect(!number.empty() && *end == '\0', "no number: " + number);
      check_group(sample.name);
      samples.push_back(std::move(sample));
    }
    expect(next() == '\n', "more behind the value");
  }
  void check_group(const std::string& name) {
    const bool histogram = types[group_] == "histogram";
    expect(histogram
               ? name == group_ + "_bucket" || name == group_ + "_sum" || name == group_ + "_count"
               : name == group_,
           name + " in the group of " + group_);
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string group_;
  std::set<std::string_view> lines_;
};

// What was parsed, put together as readings again: of a histogram count, sum and counts at bounds.
struct Parsed {
  std::optional<double> value, sum, count;
  std::vector<std::pair<double, double>> at_most;
};

std::map<std::pair<std::string, Labels>, Parsed> put_together(const TextParser& text) {
  std::map<std::pair<std::string, Labels>, Parsed> series;
  for (const Sample& sample : text.samples) {
    const auto strip = [&](std::string_view end) -> std::optional<std::string> {
      if (!sample.name.ends_with(end)) return std::nullopt;
      std::string name = sample.name.substr(0, sample.name.size() - end.size());
      const auto type = text.types.find(name);
      if (type == text.types.end() || type->second != "histogram") return std::nullopt;
      return name;
    };
    if (const auto bucket = strip("_bucket")) {
      Labels labels = sample.labels;
      REQUIRE(labels.back().first == "le");
      const double bound = std::strtod(labels.back().second.c_str(), nullptr);
      labels.pop_back();
      series[{*bucket, labels}].at_most.emplace_back(bound, sample.value);
    } else if (const auto sum = strip("_sum")) {
      series[{*sum, sample.labels}].sum = sample.value;
    } else if (const auto count = strip("_count")) {
      series[{*count, sample.labels}].count = sample.value;
    } else {
      series[{sample.name, sample.labels}].value = sample.value;
    }
  }
  return series;
}

TEST_CASE("what is written is read back by a parser of the format, to the last digit") {
  CounterRegistry registry;
  registry.counter("database.queries.total", {{"operation", "insert"}}).add(3);
  registry.counter("database.queries.total", {{"operation", "C:\\tape\n\"x\"\\"}}).add(1);
  registry.counter("database.queries.total.slow").add(int64_t{1} << 52);
  registry.counter("database_metrics_inserted_total").add(12);
  registry.gauge("database.size_mb").set(0.1 + 0.2);
  registry.gauge("tiny").set(-1e-300);
  std::vector<double> observed;
  for (int i = 1; i <= 1'000; ++i)
    observed.push_back(0.003 * i * i);
  const Labels inserts{{"operation", "insert"}, {"status", "success"}};
  for (const double value : observed) {
    registry.histogram("database.query.duration_ms", inserts).observe(value);
  }
  registry.histogram("database.query.duration_ms").observe(2.5);

  const auto readings = registry.readings();
  const TextParser text{to_prometheus(readings)};
  const auto series = put_together(text);
  CHECK(series.size() == readings.size());
  for (const CounterReading& reading : readings) {
    const std::string name = prometheus_name(reading.name);
    CAPTURE(name);
    CHECK(text.types.at(name) == to_text(reading.kind()));
    const Parsed& parsed = series.at({name, reading.labels});
    if (const auto* count = std::get_if<int64_t>(&reading.value)) {
      CHECK(parsed.value == static_cast<double>(*count));
    } else if (const auto* gauge = std::get_if<double>(&reading.value)) {
      CHECK(parsed.value == *gauge);
    } else {
      CHECK(parsed.sum == std::get<HistogramReading>(reading.value).sum);
    }
  }

  const Parsed& durations = series.at({"database_query_duration_ms", inserts});
  CHECK(durations.count == 1'000);
  REQUIRE(durations.at_most.size() == kPrometheusBounds.size() + 1);
  double last = -1;
  for (const auto& bucket : durations.at_most) {
    CAPTURE(bucket.first);
    CHECK(bucket.first > last);
    last = bucket.first;
    CHECK(bucket.second ==
          std::ranges::count_if(observed, [&](double value) { return value <= bucket.first; }));
  }
  CHECK(std::isinf(last));
}

TEST_CASE("the text is this one") {
  CounterRegistry registry;
  registry.counter("database.queries.total", {{"operation", "insert"}}).add(2);
  registry.counter("database.queries.total", {{"operation", "select"}}).add();
  registry.gauge("database.pool.readers.active").set(3);
  CHECK(to_prometheus(registry.readings()) ==
        "# TYPE database_pool_readers_active gauge\n"
        "database_pool_readers_active 3\n"
        "# TYPE database_queries_total counter\n"
        "database_queries_total{operation=\"insert\"} 2\n"
        "database_queries_total{operation=\"select\"} 1\n");
  CHECK(to_prometheus({}).empty());
}

TEST_CASE("a histogram without observations has all its buckets, at zero") {
  CounterRegistry registry;
  registry.histogram("wait_ms");
  const TextParser text{to_prometheus(registry.readings())};
  CHECK(text.samples.size() == kPrometheusBounds.size() + 3);
  for (const Sample& sample : text.samples)
    CHECK(sample.value == 0);
}

TEST_CASE("names and labels get the letters that Prometheus allows") {
  CHECK(prometheus_name("database.query.duration_ms") == "database_query_duration_ms");
  CHECK(prometheus_name("rule:rate") == "rule:rate");
  CHECK(prometheus_name("5xx%é") == "_5xx___");
  CHECK(prometheus_name("") == "_");
  CHECK(prometheus_label("rule:rate") == "rule_rate");
  CHECK(prometheus_label("db.operation") == "db_operation");
}

TEST_CASE("numbers that are not finite are spelled as Go reads them") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<CounterReading> readings{
      {"a", {}, kInfinity}, {"b", {}, -kInfinity}, {"c", {}, std::nan("")}};
  CHECK(to_prometheus(readings) ==
        "# TYPE a gauge\na +Inf\n# TYPE b gauge\nb -Inf\n# TYPE c gauge\nc NaN\n");
}

TEST_CASE("of a label's value each byte that is no UTF-8 becomes U+FFFD") {
  const std::vector<CounterReading> readings{{"a", {{"b", "深\xFF"}}, int64_t{1}}};
  CHECK(to_prometheus(readings) == "# TYPE a counter\na{b=\"深\xEF\xBF\xBD\"} 1\n");
}

}  // namespace
}  // namespace tapedeck
