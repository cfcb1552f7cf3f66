// SPDX-License-Identifier: MIT
// What SVG documents of plots have in common: their colours, light or dark as the reader's are, and their text.
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

// A background, text, a title, a grid, and the n-gram as a dashed line with its name. What a picture adds comes after it.
inline constexpr std::string_view kPlotStyle = R"(  <style>
    svg { background: #ffffff; font: 13px system-ui, sans-serif; }
    text { fill: #334155; }
    .title { font-size: 16px; font-weight: 600; fill: #0f172a; }
    .grid { stroke: #e2e8f0; }
    .ngram { stroke: #d97706; stroke-width: 1.5; stroke-dasharray: 7 4; fill: none; }
    text.ngram { fill: #b45309; stroke: none; }
    @media (prefers-color-scheme: dark) {
      svg { background: #0f172a; }
      text { fill: #cbd5e1; }
      .title { fill: #f8fafc; }
      .grid { stroke: #1e293b; }
      .ngram { stroke: #fbbf24; }
      text.ngram { fill: #fbbf24; }
    }
  </style>
)";

}  // namespace microgpt
