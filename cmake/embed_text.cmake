# SPDX-License-Identifier: MIT
# Writes OUTPUT, a C++ file whose FUNCTION returns the bytes of the file INPUT.
# Run as: cmake -DINPUT=... -DOUTPUT=... -DFUNCTION=... -DHEADER=... -P embed_text.cmake
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "(..)" "\\\\x\\1" escapes "${hex}")
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"

namespace microgpt {

std::string_view ${FUNCTION}() { return {\"${escapes}\", ${size}}; }

}  // namespace microgpt
")
