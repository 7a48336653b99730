// Conditions: what a reader of a table asks for, as SQL with placeholders and the values for them.
#pragma once

#include "duck/database.hpp"
#include "tapedeck/base/uuid.hpp"
#include "tapedeck/market/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tapedeck {

class Conditions {
 public:
  using Value = std::variant<std::string, int64_t, Uuid, Timestamp>;

  // `text` has one placeholder: "symbol = ?". Nothing is asked for an absent value.
  template <typename V>
  void add(std::string_view text, const std::optional<V>& value) {
    if (value) add_value(text, Value{*value});
  }
  void add_value(std::string_view text, Value value) {
    texts_.emplace_back(text);
    values_.push_back(std::move(value));
  }
  // Without a placeholder.
  void add_text(std::string text) { texts_.push_back(std::move(text)); }
  // [begin, end) of a column; an end that is open asks for nothing.
  void add_range(const std::string& column, const TimeRange& range) {
    if (range.begin != Timestamp::min()) add_value(column + " >= ?", range.begin);
    if (range.end != Timestamp::max()) add_value(column + " < ?", range.end);
  }

  // "WHERE a = ? AND b < ?"; empty without any.
  std::string where() const {
    std::string sql;
    for (const std::string& text : texts_)
      sql += (sql.empty() ? "WHERE " : " AND ") + text;
    return sql;
  }
  void bind(duck::Statement& statement) const {
    for (size_t i = 0; i < values_.size(); ++i)
      std::visit(Binding{statement, static_cast<int>(i) + 1}, values_[i]);
  }

 private:
  struct Binding {
    duck::Statement& statement;
    int index;
    void operator()(const std::string& text) const {
      statement.bind(index, std::string_view{text});
    }
    template <typename V>
    void operator()(const V& value) const {
      statement.bind(index, value);
    }
  };

  std::vector<std::string> texts_;
  std::vector<Value> values_;
};

}  // namespace tapedeck
