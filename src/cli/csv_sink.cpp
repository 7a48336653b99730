#include "cli/sinks.hpp"

namespace tapedeck {
namespace {

void append_quoted(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

class CsvSink final : public RowSink {
 public:
  CsvSink(TextFile& file, TimeStyle style) : file_{file}, style_{style} {}

  void begin(std::span<const Column> columns) override {
    std::string& out = file_.text();
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out += ',';
      append_quoted(out, columns[i].name);
    }
    out += '\n';
  }

  void row(std::span<const Cell> cells) override {
    std::string& out = file_.text();
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out += ',';
      if (const auto* text = std::get_if<std::string_view>(&cells[i])) {
        append_quoted(out, *text);
      } else {
        append_plain(out, cells[i], style_);
      }
    }
    out += '\n';
    file_.spill();
  }

  void end() override { file_.flush(); }

 private:
  // Constant after construction
  TextFile& file_;
  TimeStyle style_;
};

}  // namespace

std::unique_ptr<RowSink> csv_sink(TextFile& file, TimeStyle style) {
  return std::make_unique<CsvSink>(file, style);
}

}  // namespace tapedeck
