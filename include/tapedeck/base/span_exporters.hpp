// Where spans go: a file, or the log.
#pragma once

#include "tapedeck/base/span.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace tapedeck {

// {"name":"database.query","begin":"2024-08-08T23:54:15.342000000Z","duration_ms":1.250000,
//  "fields":{"db.system":"duckdb",…}} on one line. A number that is not finite is null; a byte of
// text that is no UTF-8 is U+FFFD.
std::string to_json(const SpanRecord& span);

// Appends one line a span. A line is whole, whichever threads and processes write to the file.
class SpanFile final : public SpanExporter {
 public:
  // Throws io, not_found, read_only or disk_full when `path` cannot be opened for writing.
  explicit SpanFile(const std::filesystem::path& path);
  ~SpanFile() override;

  // The first failure is logged, all are counted.
  void export_span(const SpanRecord& span) noexcept override;
  // Spans that could not be written.
  int64_t lost() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One line a span: information, or an error where the span did not succeed.
class SpanLog final : public SpanExporter {
 public:
  void export_span(const SpanRecord& span) noexcept override;
};

}  // namespace tapedeck
