// Where the project lies, and what lies beside it.
#pragma once

#include <filesystem>

namespace tapedeck::test {

std::filesystem::path project_folder();
// Of recorded files that are not part of the project: TAPEDECK_SHARED, else ../shared/data beside
// the project. It need not exist.
std::filesystem::path shared_folder();

}  // namespace tapedeck::test
