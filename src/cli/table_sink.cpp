#include "cli/sinks.hpp"

#include <algorithm>

namespace tapedeck {
namespace {

constexpr size_t kMeasuredRows = 1000;
constexpr size_t kNarrowest = 8;  // a text column is not shortened below this

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

// The first `count` characters of UTF-8 text.
std::string_view first_characters(std::string_view text, size_t count) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!starts_character(text[at])) continue;
    if (count == 0) break;
    --count;
  }
  return text.substr(0, at);
}

class TableSink final : public RowSink {
 public:
  TableSink(TextFile& file, TimeStyle style, size_t width)
      : file_{file}, style_{style}, width_{width} {}

  void begin(std::span<const Column> columns) override {
    columns_.assign(columns.begin(), columns.end());
    std::vector<std::string> header;
    for (const Column& column : columns)
      header.push_back(column.name);
    waiting_.push_back(std::move(header));
  }

  void row(std::span<const Cell> cells) override {
    std::vector<std::string> texts(cells.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      append_plain(texts[i], cells[i], style_);
      // A line of the table stays one line.
      std::replace_if(
          texts[i].begin(), texts[i].end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    }
    if (!measured_) {
      waiting_.push_back(std::move(texts));
      if (waiting_.size() > kMeasuredRows) write_waiting();
    } else {
      write(texts);
    }
  }

  void end() override {
    if (!measured_) write_waiting();
    file_.flush();
  }

 private:
  bool is_text(size_t column) const {
    return columns_[column].type == CellType::text || columns_[column].type == CellType::time ||
           columns_[column].type == CellType::boolean;
  }

  void write_waiting() {
    widths_.assign(columns_.size(), 0);
    for (const std::vector<std::string>& texts : waiting_) {
      for (size_t i = 0; i < texts.size(); ++i) {
        widths_[i] = std::max(widths_[i], characters(texts[i]));
      }
    }
    fit();
    measured_ = true;
    for (const std::vector<std::string>& texts : waiting_)
      write(texts);
    waiting_.clear();
  }

  // Takes from the widest text column until the line fits or none can give.
  void fit() {
    if (width_ == 0 || columns_.empty()) return;
    size_t total = 2 * (columns_.size() - 1);
    for (const size_t width : widths_)
      total += width;
    while (total > width_) {
      size_t* widest = nullptr;
      for (size_t i = 0; i < columns_.size(); ++i) {
        const bool may_give = columns_[i].type == CellType::text && widths_[i] > kNarrowest;
        if (may_give && (widest == nullptr || widths_[i] > *widest)) widest = &widths_[i];
      }
      if (widest == nullptr) return;
      --*widest;
      --total;
    }
  }

  void write(const std::vector<std::string>& texts) {
    std::string& out = file_.text();
    for (size_t i = 0; i < texts.size(); ++i) {
      if (i > 0) out += "  ";
      const size_t length = characters(texts[i]);
      const size_t padding = widths_[i] > length ? widths_[i] - length : 0;
      if (!is_text(i)) {
        out.append(padding, ' ');
        out += texts[i];
      } else if (length > widths_[i] && columns_[i].type == CellType::text && width_ > 0) {
        out += first_characters(texts[i], widths_[i] - 1);
        out += "…";
      } else {
        out += texts[i];
        if (i + 1 < texts.size()) out.append(padding, ' ');
      }
    }
    out += '\n';
    file_.spill();
  }

  // Constant after construction
  TextFile& file_;
  TimeStyle style_;
  size_t width_;

  std::vector<Column> columns_;
  std::vector<size_t> widths_;
  bool measured_ = false;
  std::vector<std::vector<std::string>> waiting_;  // the header and rows until widths are known
};

}  // namespace

std::unique_ptr<RowSink> table_sink(TextFile& file, TimeStyle style, size_t width) {
  return std::make_unique<TableSink>(file, style, width);
}

}  // namespace tapedeck
