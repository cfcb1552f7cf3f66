// Text in an SVG document.
#pragma once

#include <string>
#include <string_view>

namespace microgpt {

// What means something else in XML, escaped.
inline std::string svg_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else
      result += c;
  }
  return result;
}

}  // namespace microgpt
