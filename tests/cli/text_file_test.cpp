#include "cli/text_file.hpp"

#include "cli/sink_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace tapedeck {

TEST_CASE("a file appears under its name when it is finished") {
  const SinkFixture fixture;
  TextFile file{fixture.path(), Existing::refuse};
  file.text() += "whole";
  file.flush();
  CHECK_FALSE(std::filesystem::exists(fixture.path()));
  file.finish();
  CHECK(fixture.text() == "whole");
}

TEST_CASE("a file that was not finished leaves nothing behind") {
  const SinkFixture fixture;
  { TextFile file{fixture.path(), Existing::refuse}; }
  CHECK(std::filesystem::is_empty(fixture.folder()));
}

TEST_CASE("a file that exists is replaced only when asked") {
  const SinkFixture fixture;
  const auto write = [&](Existing existing, const char* text) {
    TextFile file{fixture.path(), existing};
    file.text() += text;
    file.finish();
  };
  write(Existing::refuse, "first");
  CHECK_THROWS_AS(write(Existing::refuse, "second"), Error);
  CHECK(fixture.text() == "first");
  write(Existing::replace, "third");
  CHECK(fixture.text() == "third");
}

TEST_CASE("devices are written as they are") {
  TextFile file{"/dev/null", Existing::refuse};
  file.text() += "x";
  file.finish();
  CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("a full disk is an error") {
  TextFile file{"/dev/full", Existing::refuse};
  file.text() += "x";
  try {
    file.finish();
    FAIL("wrote to a full disk");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::disk_full);
  }
}

TEST_CASE("a folder that is not there is named") {
  CHECK_THROWS_WITH_AS((TextFile{"no/such/folder/file", Existing::refuse}),
                       doctest::Contains("no/such/folder/file"), Error);
}

}  // namespace tapedeck
