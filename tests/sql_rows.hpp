// The answer of a SQL statement as text, to compare in one line.
#pragma once

#include "tapedeck/query/rows.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace tapedeck::test {

inline std::string shown(const Cell& cell) {
  struct Show {
    std::string operator()(std::monostate) const { return "NULL"; }
    std::string operator()(Timestamp t) const { return to_iso(t); }
    std::string operator()(const Decimal& value) const { return to_text(value); }
    std::string operator()(int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::string_view value) const { return std::string{value}; }
  };
  return std::visit(Show{}, cell);
}

// Keeps columns and rows.
class TextSink final : public RowSink {
 public:
  void begin(std::span<const Column> columns) override {
    columns_.assign(columns.begin(), columns.end());
  }
  void row(std::span<const Cell> cells) override {
    std::string line;
    for (const Cell& cell : cells)
      line += (line.empty() ? "" : " ") + shown(cell);
    lines_.push_back(line);
  }
  void end() override { ended_ = true; }

  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<std::string>& lines() const { return lines_; }
  bool ended() const { return ended_; }

 private:
  std::vector<Column> columns_;
  std::vector<std::string> lines_;
  bool ended_ = false;
};

// One line a row, cells with a space between.
inline std::vector<std::string> sql(Store& store, const std::string& text,
                                    SqlAccess access = SqlAccess::read) {
  TextSink sink;
  run_sql(store, text, access, sink);
  return sink.lines();
}

// The same with the rows joined by "; ".
inline std::string sql_line(Store& store, const std::string& text,
                            SqlAccess access = SqlAccess::read) {
  return fmt::format("{}", fmt::join(sql(store, text, access), "; "));
}

}  // namespace tapedeck::test
