#include "base/json_text.hpp"
#include "cli/sinks.hpp"

namespace tapedeck {
namespace {

// What stands before each value of a row: `{"time":`, then `,"price":`.
std::vector<std::string> keys_of(std::span<const Column> columns) {
  std::vector<std::string> keys;
  for (const Column& column : columns) {
    std::string key = keys.empty() ? "{" : ",";
    append_json_text(key, column.name);
    key += ':';
    keys.push_back(std::move(key));
  }
  return keys;
}

void append_object(std::string& out, std::span<const std::string> keys, std::span<const Cell> cells,
                   TimeStyle style) {
  if (cells.empty()) out += '{';
  for (size_t i = 0; i < cells.size(); ++i) {
    out += keys[i];
    append_json(out, cells[i], style);
  }
  out += '}';
}

class NdjsonSink final : public RowSink {
 public:
  NdjsonSink(TextFile& file, TimeStyle style) : file_{file}, style_{style} {}

  void begin(std::span<const Column> columns) override { keys_ = keys_of(columns); }

  void row(std::span<const Cell> cells) override {
    append_object(file_.text(), keys_, cells, style_);
    file_.text() += '\n';
    file_.spill();
  }

  void end() override { file_.flush(); }

 private:
  // Constant after construction
  TextFile& file_;
  TimeStyle style_;

  std::vector<std::string> keys_;
};

}  // namespace

void JsonSink::begin(std::span<const Column> columns) {
  keys_ = keys_of(columns);
  std::string& out = file_.text();
  out += '{';
  out += head_;
  if (!head_.empty()) out += ',';
  out += "\"rows\":[";
}

void JsonSink::row(std::span<const Cell> cells) {
  file_.text() += first_ ? "\n" : ",\n";
  first_ = false;
  append_object(file_.text(), keys_, cells, style_);
  file_.spill();
}

void JsonSink::end() {
  std::string& out = file_.text();
  out += first_ ? "]" : "\n]";
  if (!tail_.empty()) out += ',';
  out += tail_;
  out += "}\n";
  file_.flush();
}

std::unique_ptr<RowSink> ndjson_sink(TextFile& file, TimeStyle style) {
  return std::make_unique<NdjsonSink>(file, style);
}

}  // namespace tapedeck
