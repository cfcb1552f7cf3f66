# SPDX-License-Identifier: MIT
# Writes OUTPUT, which CTest includes: a test for each suite of the GoogleTest PROGRAM, without what FILTER, as in -Slow*, leaves out.
# Run as: cmake -DPROGRAM=... -DFILTER=... -DOUTPUT=... -P discover_suites.cmake
execute_process(COMMAND "${PROGRAM}" --gtest_list_tests "--gtest_filter=*${FILTER}"
  OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\n[^ \n]+\\." suites "${listing}")  # the names of their tests are indented
set(tests "")
foreach(suite ${suites})
  string(REGEX REPLACE "^\n(.*)\\.$" "\\1" suite "${suite}")
  string(APPEND tests "add_test(\"${suite}\" \"${PROGRAM}\" \"--gtest_filter=${suite}.*\")\n")
endforeach()
file(WRITE "${OUTPUT}" "${tests}")
