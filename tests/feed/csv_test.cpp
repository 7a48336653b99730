#include "feed/csv.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

// Lines as LinePieces hands them out, `!` before overlong ones, cut to 8 bytes.
std::vector<std::string> lines_of(std::string_view text, size_t piece) {
  std::vector<std::string> lines;
  const auto whole = [&lines](std::string_view some) {
    REQUIRE(some.ends_with('\n'));
    while (!some.empty()) {
      const size_t end = some.find('\n');
      const bool overlong = end > kMaxLineBytes;
      lines.push_back(overlong ? "!" + std::string{some.substr(0, 8)}
                               : std::string{some.substr(0, end)});
      some.remove_prefix(end + 1);
    }
  };
  const auto overlong = [&lines](std::string_view front) {
    lines.push_back("!" + std::string{front.substr(0, 8)});
  };
  LinePieces pieces;
  for (size_t begin = 0; begin < text.size(); begin += piece) {
    pieces.add(text.substr(begin, piece), whole, overlong);
  }
  pieces.finish(whole, overlong);
  return lines;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("pieces of any length give the same lines") {
  const std::string text = "first\n\nthird,line\r\n\n\nlast";
  const Texts lines{"first", "", "third,line\r", "", "", "last"};
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    CAPTURE(piece);
    CHECK(lines_of(text, piece) == lines);
    CHECK(lines_of(text + "\n", piece) == lines);
  }
  CHECK(lines_of("", 1).empty());
}

TEST_CASE("an overlong line is told by its front and the lines around it are kept") {
  const std::string longest(kMaxLineBytes, 'a');
  const std::string text = "x\n" + longest + "\n" + longest + "b\ny\n" + longest + "c";
  const Texts lines{"x", longest, "!aaaaaaaa", "y", "!aaaaaaaa"};
  for (const size_t piece : {size_t{1}, size_t{1000}, kMaxLineBytes, text.size()}) {
    CAPTURE(piece);
    CHECK(lines_of(text, piece) == lines);
  }
}

TEST_CASE("columns are split at commas and lose their quotes") {
  std::array<std::string_view, 4> fields;
  CHECK(split_fields("1,2.5,\"3\",", fields) == 4);
  CHECK(fields[0] == "1");
  CHECK(fields[1] == "2.5");
  CHECK(fields[2] == "3");
  CHECK(fields[3].empty());
  CHECK(split_fields("", fields) == 1);
  CHECK(fields[0].empty());
  CHECK(split_fields("\"", fields) == 1);
  CHECK(fields[0] == "\"");
  CHECK(split_fields("\"\"", fields) == 1);
  CHECK(fields[0].empty());
}

TEST_CASE("columns beyond the room for them are counted") {
  std::array<std::string_view, 2> fields;
  CHECK(split_fields("1,2,3,4,5", fields) == 5);
  CHECK(fields[1] == "2");
}

TEST_CASE("a log counts lines and tells rows from headers and blanks") {
  LineLog log{ArchiveKind::trades};
  CHECK_FALSE(log.expects_row());
  CHECK_FALSE(log.next_row("id,price,qty,quote_qty,time,is_buyer_maker\r"));
  CHECK(log.expects_row());
  CHECK(log.next_row("1,2\r") == "1,2");
  CHECK_FALSE(log.next_row(""));
  CHECK_FALSE(log.expects_row());
  CHECK_FALSE(log.next_row("\r"));
  CHECK(log.refused() == 0);
  CHECK(log.next_row("letters,are,rows,here") == "letters,are,rows,here");
  CHECK(log.lines() == 5);
  const auto errors = log.take_errors();
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].line == 3);
  CHECK(errors[1].line == 4);
  CHECK(errors[0].reason == "line is blank");
  CHECK(log.take_errors().empty());
  CHECK(log.refused() == 2);
}

TEST_CASE("blank lines at the end are no rows and not refused") {
  LineLog log{ArchiveKind::trades};
  CHECK(log.next_row("1"));
  CHECK_FALSE(log.next_row(""));
  CHECK(log.refused() == 0);
  CHECK(log.lines() == 2);
}

TEST_CASE("a first line of letters must be the header of the kind") {
  struct Row {
    std::string_view line;
    std::string_view reason;
  };
  const std::vector<Row> rows{
      {"id,price,qty,quote_qty,time,is_buyer_maker", ""},
      {"\"id\",\"price\",\"qty\",\"quote_qty\",\"time\",\"is_buyer_maker\"", ""},
      {"hello", "header is not that of trades"},
      {"\"hello\"", "header is not that of trades"},
      {"create_time,symbol,sum_open_interest,sum_open_interest_value,"
       "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,"
       "count_long_short_ratio,sum_taker_long_short_vol_ratio",
       "header is that of metrics, not of trades"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    LineLog log{ArchiveKind::trades};
    CHECK_FALSE(log.next_row(row.line));
    const auto errors = log.take_errors();
    REQUIRE(errors.size() == (row.reason.empty() ? 0 : 1));
    if (!errors.empty()) CHECK(errors[0].reason == row.reason);
  }
}

TEST_CASE("a log keeps errors until they are taken, 512 bytes of each line") {
  LineLog log{ArchiveKind::trades};
  for (int line = 0; line < 1500; ++line) {
    log.next_row("0");
    log.refuse("no", std::string(600, 'x'));
  }
  CHECK(log.refused() == 1500);
  const auto errors = log.take_errors();
  REQUIRE(errors.size() == 1500);
  CHECK(errors.back().line == 1500);
  CHECK(errors.back().text == std::string(512, 'x'));
  log.next_row("0");
  log.refuse("no", "y");
  REQUIRE(log.take_errors().size() == 1);
}

TEST_CASE("a line of more than 64 KiB is refused, whole or cut") {
  LineLog log{ArchiveKind::trades};
  CHECK(log.next_row(std::string(kMaxLineBytes, '1')));
  CHECK_FALSE(log.next_row(std::string(kMaxLineBytes + 1, '1')));
  log.next_overlong("1111");
  CHECK(log.lines() == 3);
  const auto errors = log.take_errors();
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].reason == "line has more than 65536 bytes");
  CHECK(errors[1].line == 3);
}

TEST_CASE("each row is handed on, and refused with the reason that comes back") {
  LineLog log{ArchiveKind::trades};
  std::vector<std::string> rows;
  log.each_row("1\n\n2\n3\n", [&rows](std::string_view row) -> tl::expected<void, std::string> {
    rows.emplace_back(row);
    if (row == "2") return tl::make_unexpected(std::string{"it is two"});
    return {};
  });
  CHECK(rows == Texts{"1", "2", "3"});
  const auto errors = log.take_errors();
  REQUIRE(errors.size() == 2);
  CHECK(errors[1].line == 3);
  CHECK(errors[1].reason == "it is two");
  CHECK(errors[1].text == "2");
}

}  // namespace tapedeck
