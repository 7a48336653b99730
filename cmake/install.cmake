# cmake --install build/release --prefix DIR
#   bin/tapedeck  lib/libtapedeck.a  lib/libduckdb.so  include/tapedeck/  lib/cmake/tapedeck/
# The folder can be moved: the program finds its libduckdb.so through the rpath, the package through
# its own place.
include(CMakePackageConfigHelpers)

# An archive with link-time code only could be linked by the very compiler that made it, and no other.
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(tapedeck PRIVATE -ffat-lto-objects)
endif()

set(tapedeck_cmake_dir lib/cmake/tapedeck)
install(TARGETS tapedeck EXPORT tapedeckTargets
  ARCHIVE DESTINATION lib
  FILE_SET HEADERS DESTINATION include)
install(FILES ${DUCKDB_LIBRARY} DESTINATION lib
  PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
if(TARGET tapedeck_cli)
  set_target_properties(tapedeck_cli PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
  install(TARGETS tapedeck_cli RUNTIME DESTINATION bin)
endif()

set(tapedeck_duckdb_library lib/libduckdb.so)
configure_package_config_file(cmake/tapedeckConfig.cmake.in
  ${PROJECT_BINARY_DIR}/tapedeckConfig.cmake
  INSTALL_DESTINATION ${tapedeck_cmake_dir} PATH_VARS tapedeck_duckdb_library)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tapedeckConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(EXPORT tapedeckTargets NAMESPACE tapedeck:: DESTINATION ${tapedeck_cmake_dir})
install(FILES
  ${PROJECT_BINARY_DIR}/tapedeckConfig.cmake ${PROJECT_BINARY_DIR}/tapedeckConfigVersion.cmake
  cmake/Findisal.cmake DESTINATION ${tapedeck_cmake_dir})
install(FILES LICENSE NOTICE DESTINATION share/doc/tapedeck)
if(EXISTS ${DUCKDB_ROOT}/LICENSE)
  install(FILES ${DUCKDB_ROOT}/LICENSE DESTINATION share/doc/tapedeck RENAME LICENSE.duckdb)
endif()
