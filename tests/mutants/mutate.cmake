# SPDX-License-Identifier: MIT
# Writes RESULT, a copy of SOURCE with FROM replaced by TO. FROM must occur exactly once; "\n" in FROM and TO is a line end.
# Run as: cmake -DSOURCE=... -DRESULT=... -DFROM=... -DTO=... -P mutate.cmake
file(READ "${SOURCE}" text)
string(REPLACE "\\n" "\n" from "${FROM}")
string(REPLACE "\\n" "\n" to "${TO}")
string(REPLACE "${from}" "" rest "${text}")
string(LENGTH "${text}" whole)
string(LENGTH "${rest}" left)
string(LENGTH "${from}" once)
math(EXPR times "(${whole} - ${left}) / ${once}")
if(NOT times EQUAL 1)
  message(FATAL_ERROR "${SOURCE}: the text to mutate occurs ${times} times instead of once: ${from}")
endif()
string(REPLACE "${from}" "${to}" text "${text}")
file(WRITE "${RESULT}" "${text}")
