// RowArchiveDecoder: what decoders of archives share whose rows are values.
#pragma once

#include "feed/csv.hpp"
#include "feed/decode_error.hpp"
#include "feed/fields.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck {

template <typename Row>
class RowArchiveDecoder {
 public:
  virtual ~RowArchiveDecoder() = default;

  void decode(std::span<const char> bytes) {
    pieces_.add(
        {bytes.data(), bytes.size()}, [this](std::string_view lines) { take_lines(lines); },
        [this](std::string_view front) { log_.next_overlong(front); });
  }
  void finish() {
    pieces_.finish([this](std::string_view lines) { take_lines(lines); },
                   [this](std::string_view front) { log_.next_overlong(front); });
  }

  // Rows and refused lines since the last call.
  std::vector<Row> take_rows() { return std::exchange(rows_, {}); }
  std::vector<DecodeError> take_errors() { return log_.take_errors(); }
  int64_t refused() const { return log_.refused(); }
  int64_t lines() const { return log_.lines(); }  // header included

 protected:
  explicit RowArchiveDecoder(ArchiveKind kind) : log_{kind} {}

  // The row in a line that is no header, or why it is refused.
  virtual Field<Row> read_row(std::string_view line) = 0;

 private:
  void take_lines(std::string_view lines) {
    log_.each_row(lines, [this](std::string_view line) -> Field<void> {
      Field<Row> row = read_row(line);
      if (!row) return tl::make_unexpected(std::move(row.error()));
      rows_.push_back(*std::move(row));
      return {};
    });
  }

  LineLog log_;
  LinePieces pieces_;
  std::vector<Row> rows_;
};

}  // namespace tapedeck
