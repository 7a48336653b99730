// Lines of a CSV file that arrives in pieces of any length, their columns, and what is told about
// refused ones. Lines end with LF or CRLF; the last one may lack it.
#pragma once

#include "feed/archive_name.hpp"
#include "feed/decode_error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck {

// A line of the archive has some 100 bytes; longer ones than this are refused, not collected.
inline constexpr size_t kMaxLineBytes = 64 * 1024;

// Joins lines that two pieces share. A line without an end is held up to kMaxLineBytes; of a longer
// one only the front is kept.
class LinePieces {
 public:
  // `lines` gets whole lines, one or many, each ended by LF, valid during the call (a line among
  // many may be of any length); `overlong` gets the front of a line beyond kMaxLineBytes.
  template <typename Lines, typename Overlong>
  void add(std::string_view piece, Lines&& lines, Overlong&& overlong) {
    if (!carry_.empty()) {
      const size_t end = piece.find('\n');
      keep(piece.substr(0, end));
      if (end == std::string_view::npos) return;
      give_carry(lines, overlong);
      piece.remove_prefix(end + 1);
    }
    const size_t last = piece.rfind('\n');
    const size_t whole = last == std::string_view::npos ? 0 : last + 1;
    if (whole > 0) lines(piece.substr(0, whole));
    keep(piece.substr(whole));
  }

  // The last line, when no LF ends it.
  template <typename Lines, typename Overlong>
  void finish(Lines&& lines, Overlong&& overlong) {
    if (!carry_.empty()) give_carry(lines, overlong);
  }

 private:
  void keep(std::string_view part) {
    carry_.append(part.substr(0, kMaxLineBytes + 1 - carry_.size()));
  }

  template <typename Lines, typename Overlong>
  void give_carry(Lines&& lines, Overlong&& overlong) {
    if (carry_.size() > kMaxLineBytes) {
      overlong(std::string_view{carry_});
    } else {
      carry_ += '\n';
      lines(std::string_view{carry_});
    }
    carry_.clear();
  }

  std::string carry_;  // front of a line whose end has not come
};

// Numbers the lines of one file, knows which of them hold no row, and keeps the refused ones.
class LineLog {
 public:
  // Without a kind the first line is like any other: its reader knows headers.
  explicit LineLog(std::optional<ArchiveKind> kind) : kind_{kind} {}

  // Counts the next line (its LF taken off). The row in it, its CR taken off; nullopt when it is
  // a header, blank, or refused. Blank lines are refused when anything follows them.
  std::optional<std::string_view> next_row(std::string_view line);
  // The same for a line of which only the front is known.
  void next_overlong(std::string_view front);
  // Counts lines that surely are rows. Only while expects_row().
  void next_known_rows(int64_t rows) { lines_ += rows; }
  // True when the next line neither may be a header nor follows a blank one.
  bool expects_row() const { return lines_ > 0 && blanks_ == 0; }

  // Refuses the line counted last.
  void refuse(std::string reason, std::string_view text) {
    refuse_line(lines_, std::move(reason), text);
  }

  // Hands each row of `lines`, which end with LF, to `read_row` and refuses those that it returns a
  // reason for.
  template <typename ReadRow>
  void each_row(std::string_view lines, ReadRow&& read_row) {
    while (!lines.empty()) {
      const size_t end = lines.find('\n');
      if (const auto row = next_row(lines.substr(0, end))) {
        if (auto taken = read_row(*row); !taken) refuse(std::move(taken.error()), *row);
      }
      lines.remove_prefix(end + 1);
    }
  }

  int64_t lines() const { return lines_; }
  int64_t refused() const { return refused_; }
  std::vector<DecodeError> take_errors() { return std::exchange(errors_, {}); }

 private:
  void refuse_line(int64_t line, std::string reason, std::string_view text);
  void refuse_blanks();
  void check_header(std::string_view line);

  std::optional<ArchiveKind> kind_;
  int64_t lines_ = 0;
  int64_t blanks_ = 0;  // blank lines up to here, not yet known to be the last
  int64_t refused_ = 0;
  std::vector<DecodeError> errors_;
};

// Splits at `delimiter` outside of quotes and takes quotes around a field off.
void split_fields(std::string_view line, char delimiter, std::vector<std::string_view>& fields);

// Splits at commas and takes quotes around a field off. Returns the number of columns, which may be
// more than `fields` has room for.
size_t split_fields(std::string_view line, std::span<std::string_view> fields);

}  // namespace tapedeck
