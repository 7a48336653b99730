// Where rows become text: CSV, JSON, a line of JSON each, and a table for people.
#pragma once

#include "cli/cells.hpp"
#include "cli/text_file.hpp"
#include "tapedeck/query/rows.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tapedeck {

// Each sink appends to `file`, which must outlive it, and does not finish it.

// RFC 4180 with a header line; lines end with \n.
std::unique_ptr<RowSink> csv_sink(TextFile& file, TimeStyle style);

// One object a line.
std::unique_ptr<RowSink> ndjson_sink(TextFile& file, TimeStyle style);

// {HEAD,"rows":[…],TAIL}: head and tail are members that the caller has written as JSON.
class JsonSink final : public RowSink {
 public:
  JsonSink(TextFile& file, TimeStyle style) : file_{file}, style_{style} {}
  void set_head(std::string members) { head_ = std::move(members); }
  void set_tail(std::string members) { tail_ = std::move(members); }

  void begin(std::span<const Column> columns) override;
  void row(std::span<const Cell> cells) override;
  void end() override;

 private:
  // Constant after construction
  TextFile& file_;
  TimeStyle style_;

  std::string head_;
  std::string tail_;
  std::vector<std::string> keys_;  // `{"time":`, `,"price":` …
  bool first_ = true;
};

// Numbers to the right, text to the left. Widths come from the first thousand rows; text columns
// are shortened with … until a line fits `width` characters. 0: as wide as it gets.
std::unique_ptr<RowSink> table_sink(TextFile& file, TimeStyle style, size_t width);

}  // namespace tapedeck
