#include "tapedeck/base/span_exporters.hpp"

#include "base/file_system.hpp"
#include "base/json_text.hpp"
#include "base/log.hpp"
#include "base/mutex.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <cmath>
#include <span>
#include <string_view>

namespace tapedeck {
namespace {

using std::chrono::nanoseconds;

// ISO 8601. As market/time.hpp writes it, which base cannot see, but always with nine digits.
std::string time_text(std::chrono::sys_time<nanoseconds> time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<nanoseconds> clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::string milliseconds_text(nanoseconds duration) {
  return fmt::format("{}.{:06}", duration.count() / 1'000'000, duration.count() % 1'000'000);
}

void append_value(std::string& out, const SpanValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    append_json_text(out, *text);
  } else if (const auto* real = std::get_if<double>(&value)) {
    out += std::isfinite(*real) ? fmt::format("{}", *real) : "null";
  } else if (const auto* whole = std::get_if<int64_t>(&value)) {
    out += fmt::to_string(*whole);
  } else {
    out += std::get<bool>(value) ? "true" : "false";
  }
}

bool ends_inside_a_line(const std::filesystem::path& path) {
  const MappedFile file = file_system().map(path);
  return !file.bytes().empty() && file.bytes().back() != std::byte{'\n'};
}

}  // namespace

std::string to_json(const SpanRecord& span) {
  std::string out = "{\"name\":";
  append_json_text(out, span.name);
  out += fmt::format(",\"begin\":\"{}\",\"duration_ms\":{},\"fields\":{{", time_text(span.begin),
                     milliseconds_text(span.duration));
  for (const SpanField& field : span.fields) {
    if (&field != &span.fields.front()) out += ',';
    append_json_text(out, field.name);
    out += ':';
    append_value(out, field.value);
  }
  out += "}}";
  return out;
}

struct SpanFile::Impl {
  explicit Impl(const std::filesystem::path& path)
      : file{file_system().open_append(path)}, inside_a_line{ends_inside_a_line(path)} {}

  mutable Mutex mutex;
  std::unique_ptr<AppendFile> file GUARDED_BY(mutex);
  // A write was cut short, by a full disk or a crash: the next line begins with a line feed, so
  // that it is not lost, too.
  bool inside_a_line GUARDED_BY(mutex);
  int64_t lost GUARDED_BY(mutex) = 0;

  // In one write, which O_APPEND keeps whole.
  void append(std::string line) {
    const MutexLock lock{mutex};
    if (inside_a_line) line.insert(0, 1, '\n');
    const uint64_t before = file->size();
    try {
      file->append(std::as_bytes(std::span{line}));
      inside_a_line = false;
    } catch (const Error& error) {
      if (file->size() != before) inside_a_line = true;
      if (lost++ == 0) log::warn("a span is lost: {}; further ones are only counted", error.what());
    }
  }
};

SpanFile::SpanFile(const std::filesystem::path& path) : impl_{std::make_unique<Impl>(path)} {}
SpanFile::~SpanFile() = default;

void SpanFile::export_span(const SpanRecord& span) noexcept {
  impl_->append(to_json(span) + '\n');
}

int64_t SpanFile::lost() const {
  const MutexLock lock{impl_->mutex};
  return impl_->lost;
}

void SpanLog::export_span(const SpanRecord& span) noexcept {
  std::string line = fmt::format("{} duration_ms={}", span.name, milliseconds_text(span.duration));
  for (const SpanField& field : span.fields) {
    line += ' ';
    line += field.name;
    line += '=';
    append_value(line, field.value);  // text as JSON: it cannot begin a line of its own
  }
  log::write(span.succeeded() ? log::Level::info : log::Level::error, line);
}

}  // namespace tapedeck
