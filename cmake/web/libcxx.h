// SPDX-License-Identifier: MIT
// Included before all else that is compiled for web pages: what the C++ library of Debian's emscripten, LLVM 13's, lacks of
// C++20.
#pragma once

#include <bit>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>
#include <version>

#ifndef __cpp_lib_bit_cast
namespace std {
template <typename To, typename From>
constexpr To bit_cast(const From& from) noexcept {
  return __builtin_bit_cast(To, from);
}
}  // namespace std
#endif

// By the digits that std::to_chars() writes: no locale but C's is ever chosen.
#if _LIBCPP_VERSION < 200000
namespace std {
inline from_chars_result from_chars(const char* begin, const char* end, double& value) {
  const string text(begin, end);
  char* stop = nullptr;
  errno = 0;
  const double number = strtod(text.c_str(), &stop);
  if (stop == text.c_str() || isspace(static_cast<unsigned char>(text[0])) || text[0] == '+')
    return {begin, errc::invalid_argument};
  if (errno == ERANGE && !isfinite(number)) return {begin + (stop - text.c_str()), errc::result_out_of_range};
  value = number;
  return {begin + (stop - text.c_str()), errc{}};
}
}  // namespace std
#endif

#ifndef __cpp_lib_smart_ptr_for_overwrite
namespace std {
template <typename Array>
unique_ptr<Array> make_unique_for_overwrite(size_t count) {
  return unique_ptr<Array>(new remove_extent_t<Array>[count]);
}
}  // namespace std
#endif
