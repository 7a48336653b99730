#include "project_folder.hpp"

#include <cstdlib>

namespace tapedeck::test {

std::filesystem::path project_folder() {
  return TAPEDECK_PROJECT_FOLDER;
}

std::filesystem::path shared_folder() {
  const char* const variable = std::getenv("TAPEDECK_SHARED");
  return variable != nullptr ? std::filesystem::path{variable}
                             : project_folder().parent_path() / "shared" / "data";
}

}  // namespace tapedeck::test
