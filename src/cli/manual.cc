// SPDX-License-Identifier: MIT
#include "cli/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "cli/help_text.h"

namespace microgpt {
namespace {

// For troff: hyphens that can be copied, and no line that is a request.
std::string for_man(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\')
      escaped += "\\e";
    else if (c == '-')
      escaped += "\\-";
    else
      escaped += c;
  }
  if (escaped.starts_with('.') || escaped.starts_with('\'')) escaped.insert(0, "\\&");
  return escaped;
}

std::string in_capitals(std::string_view text) {
  std::string capitals(text);
  std::transform(capitals.begin(), capitals.end(), capitals.begin(), [](unsigned char c) { return std::toupper(c); });
  return capitals;
}

std::string man_entry(const std::string& name, std::string_view meaning) {
  return fmt::format(".TP\n.B {}\n{}\n", for_man(name), for_man(meaning));
}

std::string man_heading(const Program& program, const std::string& page, std::string_view help) {
  return fmt::format(".TH {} 1 \"\" \"{}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", in_capitals(page), program.version,
                     for_man(page), for_man(help));
}

std::string man_examples(const std::vector<Example>& examples) {
  std::string text = examples.empty() ? "" : ".SH EXAMPLES\n";
  for (const Example& each : examples) text += man_entry(each.call, each.meaning);
  return text;
}

constexpr std::string_view kManEnd = ".SH EXIT STATUS\n0 success, 1 failure, 2 wrong usage, 130 or 143 interrupted.\n";

std::string man_of_program(const Program& program) {
  std::string text = man_heading(program, program.name, program.help);
  text += fmt::format(".SH SYNOPSIS\n.B {0}\nSUBCOMMAND [FLAGS] [ARGUMENTS]\n.SH SUBCOMMANDS\n", program.name);
  for (const Command& command : program.commands) text += man_entry(command.name(), command.help());
  text += ".SH FLAGS\n" + man_entry("-h, --help", "Print a help") +
          man_entry("--help-all", "Print the help of all subcommands") + man_entry("-V, --version", "Print the version");
  text += man_examples(program.examples);
  text += ".SH ENVIRONMENT\n" +
          man_entry("MICROGPT_TARGET", "The instruction set to compute with; microgpt info --system lists them");
  text += kManEnd;
  text += ".SH SEE ALSO\n";
  for (const Command& command : program.commands)
    text += fmt::format(".BR {} (1){}\n", for_man(program.name + "-" + command.name()),
                        &command == &program.commands.back() ? "" : ",");
  return text;
}

std::string man_of_command(const Program& program, const Command& command) {
  std::string text = man_heading(program, program.name + "-" + command.name(), command.help());
  text += fmt::format(".SH SYNOPSIS\n.B {}\n{}\n", for_man(program.name + " " + command.name()),
                      for_man(usage_of_arguments(command)));
  std::string arguments;
  for (const Flag& flag : command.flags())
    if (flag.is_argument()) arguments += man_entry(flag.names, flag.help);
  if (!arguments.empty()) text += ".SH ARGUMENTS\n" + arguments;
  for (const std::string_view group : help_groups()) {
    std::string entries;
    for (const Flag& flag : command.flags())
      if (!flag.is_argument() && flag.group == group) entries += man_entry(label_of(flag), meaning_of(flag));
    if (!entries.empty()) text += fmt::format(".SH {} FLAGS\n{}", in_capitals(group), entries);
  }
  text += man_examples(command.examples());
  text += kManEnd;
  return text + fmt::format(".SH SEE ALSO\n.BR {} (1)\n", program.name);
}

// The names of a flag one by one: "-o" and "--output".
std::vector<std::string> names_of(const Flag& flag) {
  const std::size_t comma = flag.names.find(',');
  if (comma == std::string::npos) return {flag.names};
  return {flag.names.substr(0, comma), flag.names.substr(comma + 1)};
}

// In single quotes of a shell.
std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string command_names(const Program& program) {
  std::string names;
  for (const Command& command : program.commands) names += (names.empty() ? "" : " ") + command.name();
  return names;
}

std::string for_bash(const Program& program) {
  std::string cases;
  for (const Command& command : program.commands) {
    std::string flags = "--help --help-all";
    for (const Flag& flag : command.flags())
      if (!flag.is_argument())
        for (const std::string& name : names_of(flag)) flags += " " + name;
    cases += fmt::format("    {}) words=\"{}\" ;;\n", command.name(), flags);
  }
  return fmt::format(
      "# bash completion for {0}\n"
      "_{0}() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} words\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"{1} --help --help-all --version\" -- \"$word\")\n"
      "    return\n"
      "  fi\n"
      "  case ${{COMP_WORDS[1]}} in\n{2}    *) return ;;\n"
      "  esac\n"
      "  case $word in\n"
      "    -*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") ;;\n"
      "    *) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
      "  esac\n"
      "}}\n"
      "complete -o filenames -F _{0} {0}\n",
      program.name, command_names(program), cases);
}

// In brackets of zsh's _arguments.
std::string for_brackets(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == '\\' || c == ':') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string for_zsh(const Program& program) {
  std::string commands, cases;
  for (const Command& command : program.commands) {
    commands += fmt::format("    {}\n", in_quotes(command.name() + ":" + command.help()));
    cases += fmt::format("    {})\n      _arguments '--help[Print a help]' '--help-all[Print a help with all flags]'",
                         command.name());
    for (const Flag& flag : command.flags()) {
      if (flag.is_argument()) continue;
      for (const std::string& name : names_of(flag)) {
        const std::string value = flag.count == 0 ? "" : fmt::format(":{}:_files", for_brackets(flag.value_name));
        cases += " \\\n        " + in_quotes(fmt::format("{}[{}]{}", name, for_brackets(flag.help), value));
      }
    }
    cases += " \\\n        '*:file:_files'\n      ;;\n";
  }
  return fmt::format(
      "#compdef {0}\n"
      "_{0}() {{\n"
      "  local -a commands=(\n{1}  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe subcommand commands\n"
      "    return\n"
      "  fi\n"
      "  case $words[2] in\n{2}  esac\n"
      "}}\n"
      "_{0} \"$@\"\n",
      program.name, commands, cases);
}

std::string for_fish(const Program& program) {
  std::string text = fmt::format("# fish completion for {0}\n", program.name);
  for (const Command& command : program.commands) {
    text += fmt::format("complete -c {} -n __fish_use_subcommand -a {} -d {}\n", program.name, command.name(),
                        in_quotes(command.help()));
    for (const Flag& flag : command.flags()) {
      if (flag.is_argument()) continue;
      std::string names;
      for (const std::string& name : names_of(flag))
        names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      text += fmt::format("complete -c {} -n '__fish_seen_subcommand_from {}'{}{} -d {}\n", program.name, command.name(), names,
                          flag.count == 0 ? "" : " -r", in_quotes(flag.help));
    }
  }
  return text;
}

}  // namespace

std::string manual(Program& program, ManualFormat format, std::string_view name) {
  for (Command& command : program.commands) command.describe();
  if (format != ManualFormat::man && !name.empty())
    throw UsageError(fmt::format("{}: completions are of all subcommands; leave it out", name));
  if (format == ManualFormat::bash) return for_bash(program);
  if (format == ManualFormat::zsh) return for_zsh(program);
  if (format == ManualFormat::fish) return for_fish(program);
  if (name.empty()) return man_of_program(program);
  for (const Command& command : program.commands)
    if (command.name() == name) return man_of_command(program, command);
  throw UsageError(fmt::format("{}: there is no such subcommand; {} has {}", name, program.name, command_names(program)));
}

}  // namespace microgpt
