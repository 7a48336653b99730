# Debian 12 packages, and DuckDB as fetched by `./dev setup` or found under DUCKDB_ROOT.
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(simdjson REQUIRED)
find_package(nlohmann_json REQUIRED)
list(PREPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
find_package(isal REQUIRED)
list(POP_FRONT CMAKE_MODULE_PATH)

if(PROJECT_IS_TOP_LEVEL)
  find_package(CLI11 REQUIRED)
endif()

set(DUCKDB_ROOT "$ENV{DUCKDB_ROOT}" CACHE PATH "folder with duckdb.h and libduckdb.so")
if(NOT DUCKDB_ROOT)
  set(DUCKDB_ROOT "${PROJECT_SOURCE_DIR}/.deps/duckdb" CACHE PATH "" FORCE)
endif()
find_library(DUCKDB_LIBRARY duckdb PATHS ${DUCKDB_ROOT} ${DUCKDB_ROOT}/lib NO_DEFAULT_PATH)
find_path(DUCKDB_INCLUDE_DIR duckdb.h PATHS ${DUCKDB_ROOT} ${DUCKDB_ROOT}/include NO_DEFAULT_PATH)
if(NOT DUCKDB_LIBRARY OR NOT DUCKDB_INCLUDE_DIR)
  message(FATAL_ERROR "DuckDB is not in ${DUCKDB_ROOT}: run ./dev setup, or set DUCKDB_ROOT to a "
                      "folder with duckdb.h and libduckdb.so")
endif()
add_library(duckdb::duckdb SHARED IMPORTED)
set_target_properties(duckdb::duckdb PROPERTIES
  IMPORTED_LOCATION ${DUCKDB_LIBRARY}
  IMPORTED_NO_SONAME TRUE
  INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE_DIR})
