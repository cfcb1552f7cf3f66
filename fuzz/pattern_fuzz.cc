// SPDX-License-Identifier: MIT
// Any bytes are a pattern or an Error; any text matches it or does not, and what is found in a text lies in it.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz.h"
#include "text/encoded_text.h"
#include "text/pattern.h"

namespace microgpt::fuzz {
namespace {

bool is_part_of(std::string_view part, std::string_view text) {
  return part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size();
}

void check(const std::string& expression, std::string_view text, Encoding encoding) {
  allow_error([&] {
    const Pattern pattern(expression, encoding);
    const bool matches = pattern.matches(text);
    const auto found = pattern.find(text);
    require(!found || found->data() == nullptr || is_part_of(*found, text));
    require(pattern.matches(text) == matches && pattern.find(text) == found);
    // What matches as a whole is found, too, and all that is found where the pattern has no ( ).
    require(!matches || found || expression.find('(') != std::string::npos);
  });
}

}  // namespace
}  // namespace microgpt::fuzz

// A pattern up to a zero byte, and a text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace microgpt;
  fuzz::Input input(data, size);
  const std::string expression(input.text());
  fuzz::check(expression, input.rest(), Encoding::bytes);
  if (!find_invalid_utf8(input.rest())) fuzz::check(expression, input.rest(), Encoding::utf8);
  return 0;
}
