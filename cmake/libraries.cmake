# SPDX-License-Identifier: MIT
# The libraries that are used, as this system has them.
find_package(fmt REQUIRED)
if(MICROGPT_PROGRAM)
  find_package(CLI11 REQUIRED)
endif()
find_package(hwy REQUIRED)
find_package(nlohmann_json REQUIRED)
if(MICROGPT_MPI)
  set(MPI_CXX_SKIP_MPICXX ON)  # the bindings that MPI no longer has
  find_package(MPI REQUIRED COMPONENTS CXX)
endif()
# Libraries without a package file for CMake.
find_path(MICROGPT_NETTLE nettle/sha2.h REQUIRED)
find_path(MICROGPT_RE2 re2/re2.h REQUIRED)
find_library(MICROGPT_NETTLE_LIBRARY NAMES nettle REQUIRED)
find_library(MICROGPT_RE2_LIBRARY NAMES re2 REQUIRED)
set(microgpt_private_libraries ${MICROGPT_NETTLE_LIBRARY} ${MICROGPT_RE2_LIBRARY})
# Where the program is to hold all it uses, it takes the static ones, unless these need others. A shared library cannot.
file(STRINGS "${MICROGPT_RE2}/re2/re2.h" MICROGPT_RE2_NEEDS_ABSEIL REGEX "absl/")
if(MICROGPT_RE2_NEEDS_ABSEIL)
  set(MICROGPT_STATIC OFF)
endif()
if(MICROGPT_STATIC)
  find_library(MICROGPT_STATIC_NETTLE NAMES libnettle.a REQUIRED)
  find_library(MICROGPT_STATIC_RE2 NAMES libre2.a REQUIRED)
  set(microgpt_private_libraries "$<IF:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>,\
${MICROGPT_STATIC_NETTLE};${MICROGPT_STATIC_RE2},${MICROGPT_NETTLE_LIBRARY};${MICROGPT_RE2_LIBRARY}>")
endif()
find_path(MICROGPT_RANDOM123 Random123/philox.h REQUIRED)  # headers without a package file
