#include "report/explanation_html.h"

#include <fmt/format.h>

#include "report/attention_table.h"
#include "report/explanation_svg.h"
#include "report/explanation_table.h"
#include "report/svg_text.h"

namespace microgpt {
namespace {

constexpr std::size_t kColumns = 100;

constexpr const char* kBeginning = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The loss laid open</title>
<style>
  body { margin: 24px auto; max-width: 940px; padding: 0 16px; background: #ffffff; color: #334155; font: 15px system-ui, sans-serif; }
  svg { max-width: 100%; height: auto; }
  pre { font: 13px/1.35 ui-monospace, monospace; overflow-x: auto; }
  @media (prefers-color-scheme: dark) { body { background: #0f172a; color: #cbd5e1; } }
</style>
</head>
<body>
)";

std::string pre(const std::string& text) { return text.empty() ? "" : "<pre>\n" + svg_text(text) + "</pre>\n"; }

}  // namespace

std::string explanation_html(const Explanation& explanation, const Tokenizer& tokenizer) {
  return kBeginning + explanation_svg(explanation, tokenizer) + pre(explanation_table(explanation, tokenizer, {}, kColumns)) +
         pre(explanation_summary(explanation)) + pre(gradient_note(explanation, tokenizer)) +
         (explanation.positions.front().attention.empty() ? "" : pre(attention_table(explanation, {}))) + "</body>\n</html>\n";
}

}  // namespace microgpt
