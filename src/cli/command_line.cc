// SPDX-License-Identifier: MIT
// The only file that knows CLI11: the description of a command line (command_line.h) as that library wants it, and what goes
// wrong there as one line that names a remedy.
#include "cli/command_line.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <utility>

#include "cli/help_text.h"
#include "cli/unknown_words.h"

namespace microgpt {
namespace {

const CLI::App& selected_command(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : *commands.front();
}

std::string help_call(const CLI::App& command) {
  const bool is_subcommand = command.get_parent() != nullptr;
  return is_subcommand ? fmt::format("microgpt {} --help", command.get_name()) : "microgpt --help";
}

std::vector<std::string> names_in(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

// "", or such as "CORPUS and ".
std::string positionals_of(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional()) text += option->get_name(true) + " and ";
  return text;
}

// "there is no flag --n-emb", with the flag or subcommand that was perhaps meant.
std::string describe_unknown_name(const CLI::App& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const auto suggestion = suggest(name, names_in(command));
  return fmt::format("there is no {} {}{} (see {})", name.starts_with("-") ? "flag" : "subcommand", name,
                     suggestion ? fmt::format("; did you mean {}?", *suggestion) : "", help_call(command));
}

// What to say of words that `app` could not parse: one line. REQUIRES: there are words.
std::string describe_parse_error(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& words) {
  const CLI::App& command = selected_command(app);
  const bool has_subcommand = &command != &app;
  if (has_subcommand && words.front().starts_with("--"))
    return fmt::format("{} stands before {}; flags follow the subcommand", words.front(), command.get_name());
  const bool is_extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  const std::vector<std::string> names = names_in(command);
  for (const std::string& word : is_extra&& has_subcommand ? app.remaining(true) : words) {
    const bool is_known = std::find(names.begin(), names.end(), word.substr(0, word.find('='))) != names.end();
    const bool is_flag = word.starts_with("-") && word != "-";  // which stands for standard input
    if (!is_known && (!has_subcommand || (is_extra && is_flag))) return describe_unknown_name(command, word);
  }
  if (is_extra)
    return fmt::format("{} takes no arguments but {}flags (see {})", command.get_name(), positionals_of(command),
                       help_call(command));
  return fmt::format("{} (see {})", error.what(), help_call(command));
}

// What the flag does is called by CLI11, in the order in which flags are declared.
CLI::Option* declare(CLI::App& app, Flag& flag) {
  if (flag.count == 0) {
    const auto set = [&flag](std::int64_t count) {
      flag.is_given = true;
      if (count > 0) flag.set({});
    };
    return app.add_flag_function(flag.names, set, flag.help);
  }
  const auto set = [&flag](const std::vector<std::string>& values) {
    flag.is_given = true;
    flag.set(values);
  };
  if (flag.count == 1)
    return app
        .add_option_function<std::string>(
            flag.names, [set](const std::string& value) { set({value}); }, flag.help)
        ->type_name(flag.value_name);
  CLI::Option* option = app.add_option_function<std::vector<std::string>>(flag.names, set, flag.help);
  if (flag.count != Flag::kAnyNumber) option->expected(static_cast<int>(flag.count));
  return option->type_name(flag.value_name);
}

void declare(CLI::App& app, Command& command) {
  CLI::App& subcommand = *app.add_subcommand(command.name(), command.help());
  if (command.before) subcommand.preparse_callback([&command](std::size_t) { command.before(); });
  if (command.takes_dashes) subcommand.allow_extras();
  for (Flag& flag : command.flags()) {
    CLI::Option* option = declare(subcommand, flag);
    option->required(flag.is_required);
    for (const std::string& other : flag.excluded) option->excludes(other);
  }
}

void declare(CLI::App& app, Program& program) {
  app.name(program.name);
  app.set_help_all_flag("--help-all");
  app.set_version_flag("-V,--version", program.version);
  app.require_subcommand(1);
  for (Command& command : program.commands) declare(app, command);
}

// The words with `--n_embd` written as `--n-embd`, as every flag is declared.
std::vector<std::string> with_dashes(std::vector<std::string> words) {
  for (std::string& word : words) {
    if (word == "--") break;
    if (!word.starts_with("--")) continue;
    const auto end = word.begin() + static_cast<std::ptrdiff_t>(std::min(word.find('='), word.size()));
    std::replace(word.begin(), end, '_', '-');
  }
  return words;
}

// CLI11 would take a number, and throws what it does not document at anything else.
void require_no_values_of_switches(const Command& command, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") break;
    const std::size_t end = word.find('=');
    if (!word.starts_with("--") || end == std::string::npos) continue;
    const std::string name = word.substr(0, end);
    for (const Flag& flag : command.flags())
      if (flag.count == 0 && flag.name() == name)
        throw UsageError(fmt::format("{}: {} takes no value (see microgpt {} --help)", word, name, command.name()));
  }
}

// The declared argument takes what looks like a value; what begins with a dash is left over: -0.5 is one all the same, --foo a
// wrong flag, and a lone -- ends the flags.
void hand_over_leftovers(const CLI::App& app, Command& command) {
  std::vector<std::string> values;
  for (const std::string& word : app.remaining()) {
    if (word == "--") continue;
    if (word.starts_with("--")) throw UsageError(describe_unknown_name(app, word));
    values.push_back(word);
  }
  const auto argument =
      std::find_if(command.flags().begin(), command.flags().end(), [](const Flag& flag) { return flag.is_argument(); });
  if (values.empty()) return;
  const std::vector<std::string>& before = app.get_option(argument->names)->results();
  values.insert(values.begin(), before.begin(), before.end());
  argument->set(values);
}

// Where there is no such command, the words say so themselves.
std::vector<std::string> with_help_as_flag(const Program& program, std::vector<std::string> words) {
  if (words.empty() || words.front() != "help") return words;
  std::vector<std::string> named(words.begin() + 1, words.end());
  const bool wants_all = std::erase(named, "--all") > 0;
  if (named.size() > 1) return words;
  const auto is_named = [&](const Command& command) { return command.name() == named.front(); };
  if (named.empty() || std::any_of(program.commands.begin(), program.commands.end(), is_named))
    named.push_back(wants_all ? "--help-all" : "--help");
  return named;
}

// The command that was parsed. REQUIRES: there is one.
Command& command_of(Program& program, const CLI::App& app) {
  const std::string& name = selected_command(app).get_name();
  return *std::find_if(program.commands.begin(), program.commands.end(),
                       [&](const Command& candidate) { return candidate.name() == name; });
}

std::string help_for(Program& program, const CLI::App& app, HelpDetail detail) {
  if (!app.get_subcommands().empty()) return help_text(program, command_of(program, app), detail);
  for (Command& command : program.commands)
    if (detail == HelpDetail::all) command.describe();
  return help_text(program, detail);
}

}  // namespace

Flag& Flag::require() {
  is_required = true;
  return *this;
}

Flag& Flag::exclude(const Flag& other) {
  excluded.push_back(other.name());
  return *this;
}

Flag& Flag::in(std::string help_group) {
  group = std::move(help_group);
  return *this;
}

Flag& Flag::rare() {
  is_rare = true;
  return *this;
}

std::string Flag::name() const { return names.substr(names.rfind(',') + 1); }

const Flag* first_given(const std::vector<const Flag*>& flags) {
  const auto found = std::find_if(flags.begin(), flags.end(), [](const Flag* flag) { return flag->is_given; });
  return found == flags.end() ? nullptr : *found;
}

Flag& Command::add_switch(std::string names, std::function<void(bool)> set, std::string help) {
  Flag& flag = flags_.emplace_back();
  flag.group = group_;
  flag.names = std::move(names);
  flag.help = std::move(help);
  flag.set = [set = std::move(set)](const std::vector<std::string>&) { set(true); };
  flag.count = 0;
  return flag;
}

Flag& Command::add_texts(std::string names, std::string value_name, std::size_t count,
                         std::function<void(std::vector<std::string>)> set, std::string help) {
  Flag& flag = flags_.emplace_back();
  flag.group = group_;
  flag.names = std::move(names);
  flag.value_name = std::move(value_name);
  flag.help = std::move(help);
  flag.set = std::move(set);
  flag.count = count;
  return flag;
}

Flag& Command::add_text(std::string names, std::string value_name, std::function<void(std::string)> set, std::string help) {
  const auto set_first = [set = std::move(set)](std::vector<std::string> values) { set(std::move(values.front())); };
  return add_texts(std::move(names), std::move(value_name), 1, set_first, std::move(help));
}

Flag& Command::add_argument(std::string name, std::function<void(std::string)> set, std::string help) {
  return add_text(std::move(name), "", std::move(set), std::move(help));
}

Flag& Command::add_arguments(std::string name, std::function<void(std::vector<std::string>)> set, std::string help) {
  return add_texts(std::move(name), "", Flag::kAnyNumber, std::move(set), std::move(help));
}

Flag& Command::flag(std::string_view name) {
  const auto found = std::find_if(flags_.begin(), flags_.end(), [&](const Flag& flag) { return flag.name() == name; });
  assert(found != flags_.end());
  return *found;
}

std::string describe(Program& program) { return help_text(program, HelpDetail::usual); }

std::optional<std::string> run(Program& program, std::vector<std::string> words) {
  if (words.size() == 1 && (words[0] == "--version" || words[0] == "-V"))
    return program.version + "\n";  // at once: CLI11 throws it
  for (Command& command : program.commands) {
    if (std::find(words.begin(), words.end(), command.name()) == words.end()) continue;
    command.words = words;
    command.words.insert(command.words.begin(), program.name);
    command.describe();
  }
  words = with_help_as_flag(program, with_dashes(std::move(words)));
  for (const Command& command : program.commands)
    if (!words.empty() && command.name() == words.front()) require_no_values_of_switches(command, words);
  CLI::App app(program.help);
  declare(app, program);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them last first
  } catch (const CLI::CallForHelp&) {
    return help_for(program, app, HelpDetail::usual);
  } catch (const CLI::CallForAllHelp&) {
    return help_for(program, app, HelpDetail::all);
  } catch (const CLI::CallForVersion&) {
    return program.version + "\n";
  } catch (const CLI::ParseError& error) {
    throw UsageError(describe_parse_error(app, error, words));
  }
  Command& command = command_of(program, app);
  if (command.takes_dashes) hand_over_leftovers(selected_command(app), command);
  command.run();
  return std::nullopt;
}

}  // namespace microgpt
