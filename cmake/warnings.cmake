# Warnings for our own code only; -Werror and sanitizers come from the preset, never for users.
add_library(tapedeck_warnings INTERFACE)
target_compile_options(tapedeck_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Wdouble-promotion -Wformat=2
  -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(tapedeck_warnings INTERFACE -Wthread-safety)
endif()
if(TAPEDECK_SANITIZE)
  add_compile_options(-fsanitize=${TAPEDECK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TAPEDECK_SANITIZE})
  if(TAPEDECK_SANITIZE STREQUAL thread)
    # libduckdb.so would call the std:: functions of our executables, whose locks TSan sees, while it
    # does not see those that libduckdb.so inlined.
    add_link_options(-Wl,--version-script=${PROJECT_SOURCE_DIR}/tools/export_nothing.map)
  endif()
endif()
if(TAPEDECK_COVERAGE)
  add_link_options(--coverage)  # CMakeLists.txt adds it to what is compiled from src/
endif()
