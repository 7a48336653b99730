#include "base/file_system.hpp"

#include "base/failing_file_system.hpp"
#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::check_refused;
using test::TempFolder;

TEST_CASE("a file grows at its end, and goes on where it ended") {
  const TempFolder folder;
  const std::string text = "one two";
  const auto bytes = std::as_bytes(std::span{text});
  disk().open_append(folder / "f")->append(bytes.first(4));
  {
    const auto file = disk().open_append(folder / "f");
    CHECK(file->size() == 4);
    file->append(bytes.subspan(4));
    file->sync();
    CHECK(file->size() == 7);
  }
  CHECK(read_text(folder / "f") == "one two");
  disk().open_append(folder / "f")->truncate(3);
  CHECK(read_text(folder / "f") == "one");
}

TEST_CASE("what fails names the path") {
  const TempFolder folder;
  check_refused(ErrorCode::not_found, {"cannot write", "none/f"},
                [&] { disk().open_append(folder / "none/f"); });
  check_refused(ErrorCode::not_found, {"cannot remove", "none"},
                [&] { disk().remove(folder / "none"); });
  check_refused(ErrorCode::not_found, {"cannot rename", "none"},
                [&] { disk().rename(folder / "none", folder / "other"); });
  disk().make_folder(folder / "there");
  disk().make_folder(folder / "there");
  check_refused(ErrorCode::not_found, {"cannot make", "none"},
                [&] { disk().make_folder(folder / "none/below"); });
}

TEST_CASE("something stands in for the disk as long as it lives") {
  CHECK(&file_system() == &disk());
  FailingFileSystem other{1};
  {
    const FileSystemInUse in_use{other};
    CHECK(&file_system() == &other);
  }
  CHECK(&file_system() == &disk());
}

}  // namespace
}  // namespace tapedeck
