// SPDX-License-Identifier: MIT
#include "cli/help_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <string_view>

namespace microgpt {
namespace {

constexpr std::string_view kGeneral = "General";

// In the order of --help.
constexpr std::array<std::string_view, 11> kGroups{"Data",       "Classifier", "Model",  "Training", "Sampling", "Constraints",
                                                   "Evaluation", "Scoring",    "Output", "Ranks",    kGeneral};

constexpr std::size_t kColumn = 28;             // where the meaning of a flag begins
constexpr std::size_t kNarrowColumn = 6;        // on a line of its own
constexpr std::size_t kMinWidthOfColumns = 60;  // of the terminal; where there is less the meaning has its own lines
constexpr std::size_t kIndent = 2, kGap = 2;

// The text in lines of at most `width` columns, as far as words allow, of which all but the first are indented. The first
// begins at the column `indent`.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string lines;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column > indent && column + 1 + word.size() > width) {
      lines += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines + "\n";
}

std::string paragraph(std::string_view text, std::size_t width) { return wrapped(text, 0, width); }

// A name, and what it means beside it, from `column` on, or below.
std::string entry(const std::string& name, std::string_view meaning, std::size_t width, std::size_t column = kColumn) {
  if (width < kMinWidthOfColumns) column = kNarrowColumn;
  const std::string begin = std::string(kIndent, ' ') + name;
  const bool is_beside = begin.size() + kGap <= column;
  const std::string gap = is_beside ? std::string(column - begin.size(), ' ') : "\n" + std::string(column, ' ');
  return begin + gap + wrapped(meaning, column, width);
}

std::string section(std::string_view title, const std::string& entries) {
  return entries.empty() ? "" : fmt::format("\n{}:\n{}", title, entries);
}

std::string entry(const Flag& flag, std::size_t width) { return entry(label_of(flag), meaning_of(flag), width); }

bool is_listed(const Flag& flag, HelpDetail detail) { return !flag.is_rare || detail == HelpDetail::all; }

std::size_t count_hidden(const Command& command, HelpDetail detail) {
  return static_cast<std::size_t>(std::count_if(command.flags().begin(), command.flags().end(),
                                                [&](const Flag& flag) { return !is_listed(flag, detail); }));
}

std::string arguments_of(const Command& command, std::size_t width) {
  std::string entries;
  for (const Flag& flag : command.flags())
    if (flag.is_argument()) entries += entry(flag, width);
  return entries;
}

std::string flags_of(const Command& command, std::string_view group, HelpDetail detail, std::size_t width) {
  std::string entries;
  for (const Flag& flag : command.flags()) {
    assert(std::find(kGroups.begin(), kGroups.end(), flag.group) != kGroups.end());
    if (!flag.is_argument() && flag.group == group && is_listed(flag, detail)) entries += entry(flag, width);
  }
  return entries;
}

std::string help_flags(const Command& command, std::size_t width) {
  const std::string help = entry("-h, --help", "Print this help", width);
  if (count_hidden(command, HelpDetail::usual) == 0) return help;
  return help + entry("--help-all", "Print this help with all flags, rarely used ones too", width);
}

std::string help_flags_of_program(std::size_t width) {
  return entry("-h, --help", "Print this help", width) +
         entry("--help-all", "Print the help of every subcommand, with all flags", width) +
         entry("-V, --version", "Print the version", width);
}

std::string commands_of(const Program& program, std::size_t width) {
  std::size_t longest = 0;
  for (const Command& command : program.commands) longest = std::max(longest, command.name().size());
  std::string entries;
  for (const Command& command : program.commands)
    entries += entry(command.name(), command.help(), width, kIndent + longest + kGap);
  return entries;
}

std::string examples_text(const std::vector<Example>& examples, std::size_t width) {
  std::string entries;
  for (const Example& each : examples)
    entries +=
        fmt::format("  {}\n{}{}", each.call, std::string(kNarrowColumn, ' '), wrapped(each.meaning, kNarrowColumn, width));
  return section("Examples", entries);
}

// "CORPUS", or "[FILES...]" of any number that may be none.
std::string usage_of(const Flag& argument) {
  const std::string name = argument.names + (argument.count == Flag::kAnyNumber ? "..." : "");
  return argument.is_required ? name : "[" + name + "]";
}

std::string usage(const Program& program, const Command& command) {
  return fmt::format("Usage: {} {} {}", program.name, command.name(), usage_of_arguments(command));
}

std::string note_of_hidden(const Program& program, const Command& command, std::size_t hidden) {
  if (hidden == 0) return "";
  const std::string what = hidden == 1 ? "One rarely used flag is" : fmt::format("{} rarely used flags are", hidden);
  return "\n" + paragraph(fmt::format("{} not listed here: see {} {} --help-all", what, program.name, command.name()),
                          program.help_width);
}

}  // namespace

std::span<const std::string_view> help_groups() { return kGroups; }

std::string label_of(const Flag& flag) {
  std::string label = flag.names;
  if (const std::size_t comma = label.find(','); comma != std::string::npos) label.insert(comma + 1, " ");
  return flag.value_name.empty() ? label : label + " " + flag.value_name;
}

std::string meaning_of(const Flag& flag) {
  return flag.excluded.empty() ? flag.help : fmt::format("{} (not with {})", flag.help, fmt::join(flag.excluded, " or "));
}

std::string usage_of_arguments(const Command& command) {
  std::string text = "[FLAGS]";
  for (const Flag& flag : command.flags())
    if (flag.is_argument()) text += " " + usage_of(flag);
  return text;
}

std::string help_text(const Program& program, const Command& command, HelpDetail detail) {
  const std::size_t width = program.help_width;
  std::string text = paragraph(command.help(), width) + "\n" + paragraph(usage(program, command), width);
  text += section("Arguments", arguments_of(command, width));
  for (const std::string_view group : kGroups) {
    std::string entries = flags_of(command, group, detail, width);
    if (group == kGeneral) entries += help_flags(command, width);
    text += section(group, entries);
  }
  return text + examples_text(command.examples(), width) + note_of_hidden(program, command, count_hidden(command, detail));
}

std::string help_text(const Program& program, HelpDetail detail) {
  const std::size_t width = program.help_width;
  std::string text = paragraph(program.help, width) + "\n" +
                     paragraph(fmt::format("Usage: {} SUBCOMMAND [FLAGS] [ARGUMENTS]", program.name), width);
  text += section("Subcommands", commands_of(program, width));
  text += section(kGeneral, help_flags_of_program(width));
  text += examples_text(program.examples, width);
  text += "\n" + paragraph(fmt::format("{} SUBCOMMAND --help lists the flags of a subcommand.", program.name), width);
  if (detail == HelpDetail::all)
    for (const Command& command : program.commands) text += "\n\n" + help_text(program, command, detail);
  return text;
}

}  // namespace microgpt
