#include "base/failing_file_system.hpp"

#include "temp_store.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

#include <cerrno>

namespace tapedeck {
namespace {

using test::check_refused;
using test::TempFolder;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text});
}

TEST_CASE("the call with the index fails, with a part written; the next one goes on") {
  const TempFolder folder;
  FailingFileSystem files{1};
  const auto file = files.open_append(folder / "a");
  files.fail_call(1, ENOSPC);
  file->append(bytes_of("first "));
  check_refused(ErrorCode::disk_full, {"cannot write", "a", "No space"},
                [&] { file->append(bytes_of("second")); });
  file->append(bytes_of(" third"));
  CHECK(read_text(folder / "a") == "first sec third");
  CHECK(files.calls() == 4);
}

TEST_CASE("without power nothing that was synced is lost, and every call fails") {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const TempFolder folder;
    FailingFileSystem files{seed};
    const auto file = files.open_append(folder / "a");
    files.sync_folder(folder.path());
    file->append(bytes_of("synced"));
    file->sync();
    file->append(bytes_of(std::string(3'000, 'u')));
    files.cut_power();
    CHECK(read_text(folder / "a").starts_with("synced"));
    CHECK(read_text(folder / "a").size() <= 3'006);
    check_refused(ErrorCode::io, {"cannot write"}, [&] { file->append(bytes_of("x")); });
    check_refused(ErrorCode::io, {"cannot sync"}, [&] { file->sync(); });
    check_refused(ErrorCode::io, {"cannot read"}, [&] { files.map(folder / "a"); });
  }
}

TEST_CASE("without power names that were not synced go back") {
  int lost = 0;
  int kept = 0;
  int restored = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const TempFolder folder;
    FailingFileSystem files{seed};
    files.open_append(folder / "old")->append(bytes_of("x"));
    files.sync_folder(folder.path());
    files.make_folder(folder / "new");
    files.remove(folder / "old");
    CHECK_FALSE(std::filesystem::exists(folder / "old"));
    files.cut_power();
    lost += std::filesystem::exists(folder / "new") ? 0 : 1;
    kept += std::filesystem::exists(folder / "new") ? 1 : 0;
    restored += std::filesystem::exists(folder / "old") ? 1 : 0;
  }
  CHECK(lost > 0);
  CHECK(kept > 0);
  CHECK(restored > 0);
}

TEST_CASE("a build that does not sync loses what it wrote") {
  int lost = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const TempFolder folder;
    FailingFileSystem files{seed};
    files.set_syncs(false);
    const auto file = files.open_append(folder / "a");
    file->append(bytes_of("acknowledged"));
    file->sync();
    files.cut_power();
    const bool there =
        std::filesystem::exists(folder / "a") && read_text(folder / "a") == "acknowledged";
    lost += there ? 0 : 1;
  }
  CHECK(lost > 0);
}

}  // namespace
}  // namespace tapedeck
