# SPDX-License-Identifier: MIT
# The libraries of headers alone, for WebAssembly: Debian's headers of this machine, which are the same on each processor, in a
# folder of their own, as beside them lie those of this machine's C library.
set(headers "${CMAKE_BINARY_DIR}/headers")
file(MAKE_DIRECTORY "${headers}")
foreach(folder fmt nlohmann hwy Random123)
  if(NOT EXISTS "/usr/include/${folder}")
    message(FATAL_ERROR "/usr/include/${folder} is missing: call ./run web, which installs it")
  endif()
  file(CREATE_LINK "/usr/include/${folder}" "${headers}/${folder}" SYMBOLIC)
endforeach()
add_library(microgpt_web_headers INTERFACE)
target_include_directories(microgpt_web_headers SYSTEM INTERFACE "${headers}")
# Of fmt what is used: neither locales nor long doubles, which are software there.
target_compile_definitions(microgpt_web_headers INTERFACE
  FMT_HEADER_ONLY FMT_USE_LONG_DOUBLE=0 "FMT_STATIC_THOUSANDS_SEPARATOR=','")
foreach(library fmt::fmt hwy::hwy nlohmann_json::nlohmann_json)
  add_library(${library} ALIAS microgpt_web_headers)
endforeach()
