// SPDX-License-Identifier: MIT
#include "text/fold_case.h"

#include <locale.h>
#include <wctype.h>

#include "microgpt/error.h"
#include "text/encoded_text.h"

namespace microgpt {
namespace {

// Whatever locale the process has. It lives as long as the process, and nothing changes it.
locale_t unicode_locale() {
  static const locale_t locale = [] {
    for (const char* const name : {"C.UTF-8", "C.utf8", "en_US.UTF-8"})
      if (const locale_t found = newlocale(LC_CTYPE_MASK, name, nullptr); found != nullptr) return found;
    throw Error("this system has no locale C.UTF-8, whose tables --fold-case needs: install it, or give a text in lower case");
  }();
  return locale;
}

}  // namespace

char32_t lower_case(char32_t character) {
  if (character < 0x80) return character >= 'A' && character <= 'Z' ? character - 'A' + 'a' : character;
  return static_cast<char32_t>(towlower_l(static_cast<wint_t>(character), unicode_locale()));
}

std::string fold_case(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for_each_character(text, [&](char32_t c) {
    append_utf8(folded, lower_case(c));
    return true;
  });
  return folded;
}

}  // namespace microgpt
