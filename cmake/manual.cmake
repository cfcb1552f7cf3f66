# SPDX-License-Identifier: MIT
# Writes the man pages of the program and its subcommands, compressed, and completions for shells into a folder.
# cmake -DPROGRAM=microgpt -DOUTPUT=folder -P manual.cmake
function(write_manual file)
  execute_process(COMMAND ${PROGRAM} manual ${ARGN} OUTPUT_FILE "${OUTPUT}/${file}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE "${OUTPUT}")
file(MAKE_DIRECTORY "${OUTPUT}/man1")
write_manual(man1/microgpt.1 man)
file(STRINGS "${OUTPUT}/man1/microgpt.1" pages REGEX "^\\.BR microgpt")
foreach(page ${pages})
  string(REGEX REPLACE "^\\.BR microgpt\\\\-(.*) \\(1\\),?$" "\\1" name "${page}")
  string(REPLACE "\\-" "-" name "${name}")
  write_manual(man1/microgpt-${name}.1 man ${name})
endforeach()
file(GLOB pages "${OUTPUT}/man1/*.1")
execute_process(COMMAND gzip -9n ${pages} COMMAND_ERROR_IS_FATAL ANY)
write_manual(microgpt.bash bash)
write_manual(_microgpt zsh)
write_manual(microgpt.fish fish)
