# isal::isal: Intel's isa-l, for which Debian 12 ships neither pkg-config nor CMake files.
# Installed beside tapedeckConfig.cmake, so that users of the package find it the same way.
find_library(ISAL_LIBRARY isal)
find_path(ISAL_INCLUDE_DIR isa-l/igzip_lib.h)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(isal REQUIRED_VARS ISAL_LIBRARY ISAL_INCLUDE_DIR)
if(isal_FOUND AND NOT TARGET isal::isal)
  add_library(isal::isal UNKNOWN IMPORTED)
  set_target_properties(isal::isal PROPERTIES
    IMPORTED_LOCATION ${ISAL_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${ISAL_INCLUDE_DIR})
endif()
mark_as_advanced(ISAL_LIBRARY ISAL_INCLUDE_DIR)
