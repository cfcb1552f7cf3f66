// SPDX-License-Identifier: MIT
#include "text/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>

#include "microgpt/error.h"
#include "text/encoded_text.h"
#include "text/foreign_format.h"

namespace microgpt {
namespace {

constexpr std::string_view kPrefix = "__label__";
constexpr std::string_view kSpaces = " \t";

struct LabelledLine {
  std::string_view label;
  std::string_view document;
  std::size_t begin;  // of the document in the line
};

// Nothing where the line has no label.
std::optional<LabelledLine> parse(std::string_view line) {
  if (!line.starts_with(kPrefix)) return std::nullopt;
  const std::size_t end = std::min(line.find_first_of(kSpaces), line.size());
  const std::size_t begin = std::min(line.find_first_not_of(kSpaces, end), line.size());
  return LabelledLine{line.substr(kPrefix.size(), end - kPrefix.size()), line.substr(begin), begin};
}

// Calls take(line) for each, without its end: "\n", "\r\n" or "\r".
template <typename Take>
void for_each_line(std::string_view text, Take take) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    take(text.substr(0, end));
    const std::size_t length_of_end = text.substr(end).starts_with("\r\n") ? 2 : 1;
    text.remove_prefix(std::min(text.size(), end + length_of_end));
  }
}

bool has_control_character(std::string_view label) {
  return std::any_of(label.begin(), label.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// Any word that begins so is a label to fastText.
bool has_label(std::string_view document) {
  for (std::size_t at = document.find(kPrefix); at != std::string_view::npos; at = document.find(kPrefix, at + 1))
    if (at == 0 || kSpaces.find(document[at - 1]) != std::string_view::npos) return true;
  return false;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(kSpaces) == std::string_view::npos; }

}  // namespace

void require_class_name(const std::string& where, std::string_view name) {
  if (name.empty()) throw Error(fmt::format("{}: the name of its class is empty; name it", where));
  if (find_invalid_utf8(name) || has_control_character(name))
    throw Error(fmt::format("{}: the name of its class is not plain UTF-8; name it otherwise", where));
}

std::vector<std::string> labels_of(const std::string& name, std::string_view text) {
  require_no_foreign_format(name, text);
  std::set<std::string, std::less<>> labels;
  std::size_t number = 0;
  for_each_line(text, [&](std::string_view line) {
    ++number;
    if (is_blank(line)) return;
    const std::optional<LabelledLine> labelled = parse(line);
    if (!labelled)
      throw Error(fmt::format("{}: line {} does not begin with {}CLASS; label each line, or give a file for each class", name,
                              number, kPrefix));
    if (has_label(labelled->document))
      throw Error(fmt::format("{}: line {} has two labels; a document is of one class, so leave one of them", name, number));
    require_class_name(fmt::format("{}: line {}", name, number), labelled->label);
    if (!labels.contains(labelled->label)) labels.emplace(labelled->label);
  });
  return {labels.begin(), labels.end()};
}

std::string lines_of_label(std::string_view text, std::string_view label) {
  std::string lines;
  for_each_line(text, [&](std::string_view line) {
    if (const std::optional<LabelledLine> labelled = parse(line); labelled && labelled->label == label)
      (lines += std::string(labelled->begin, ' ')) += labelled->document;
    lines += '\n';
  });
  return lines;
}

LabelledLines labelled_lines(std::string_view text, const std::vector<std::string>& labels) {
  LabelledLines lines;
  for_each_line(text, [&](std::string_view line) {
    std::size_t number = labels.size();
    if (const std::optional<LabelledLine> labelled = parse(line)) {
      (lines.text += std::string(labelled->begin, ' ')) += labelled->document;
      number = static_cast<std::size_t>(std::find(labels.begin(), labels.end(), labelled->label) - labels.begin());
    }
    lines.text += '\n';
    lines.labels.push_back(number);
  });
  return lines;
}

}  // namespace microgpt
