// Differences of one row, as the texts of one finding.
#pragma once

#include <string>
#include <string_view>

namespace tapedeck {

// Names and values, joined by ", " in the same order.
struct Differences {
  std::string what;
  std::string expected;
  std::string found;

  bool empty() const { return what.empty(); }
  void add(std::string_view name, std::string_view wanted, std::string_view is) {
    append(what, name);
    append(expected, wanted);
    append(found, is);
  }

 private:
  static void append(std::string& list, std::string_view text) {
    if (!list.empty()) list += ", ";
    list += text;
  }
};

}  // namespace tapedeck
