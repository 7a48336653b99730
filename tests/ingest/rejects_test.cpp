#include "ingest/rejects.hpp"

#include "base/file.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

TEST_CASE("refused lines are kept as CSV, quotes doubled") {
  const TempFolder folder;
  const auto kept = write_rejects(folder.path(), "dir/a.zip", "0123456789abcdef",
                                  {{.line = 7, .reason = "price \"x\"", .text = "1,\"x\",3"}}, {});
  CHECK(kept == folder / "rejects/a.zip-01234567.csv");
  CHECK(read_text(kept) ==
        "file,line,reason,text\n\"dir/a.zip\",7,\"price \"\"x\"\"\",\"1,\"\"x\"\",3\"\n");
}

TEST_CASE("nothing refused, or a store in memory: no file") {
  const TempFolder folder;
  CHECK(write_rejects(folder.path(), "a.zip", "0123456789abcdef", {}, {}).empty());
  CHECK(
      write_rejects({}, "a.zip", "0123456789abcdef", {{.line = 1, .reason = "r", .text = "t"}}, {})
          .empty());
  CHECK_FALSE(std::filesystem::exists(folder / "rejects"));
}
