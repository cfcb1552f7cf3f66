#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace microgpt {
namespace {

// Levenshtein's distance: how many characters to insert, delete or replace.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

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

std::optional<std::string> nearest(const std::string& word, const std::vector<std::string>& names) {
  const auto distance = [&](const std::string& name) { return edit_distance(word, name); };
  const auto best =
      std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  if (best == names.end() || distance(*best) > std::max<std::size_t>(2, word.size() / 3)) return std::nullopt;
  return *best;
}

// The long name of a flag that may also have a short one: "--output" of "-o,--output".
std::string long_name(const std::string& flag) { return flag.substr(flag.rfind(',') + 1); }

}  // namespace

CLI::Option* add_integer(CLI::App& app, const std::string& flag, Range range, const std::function<void(std::size_t)>& set,
                         const std::string& help) {
  const auto parse = [name = long_name(flag), range, set](const std::string& text) {
    const auto number = parse_number<std::size_t>(text);
    if (!number || *number < range.min || *number > range.max)
      throw UsageError(fmt::format("{} {}: {} is expected", name, text, describe(range)));
    set(*number);
  };
  return app.add_option_function<std::string>(flag, parse, help)->type_name("N");
}

CLI::Option* add_real(CLI::App& app, const std::string& flag, RealRange range, const std::function<void(double)>& set,
                      const std::string& help) {
  const auto parse = [=](const std::string& text) {
    const auto number = parse_number<double>(text);
    if (!number || !range.contains(*number))
      throw UsageError(fmt::format("{} {}: {} is expected", flag, text, describe(range)));
    set(*number);
  };
  return app.add_option_function<std::string>(flag, parse, help)->type_name("X");
}

std::vector<std::string> with_dashes(std::vector<std::string> arguments) {
  for (std::string& argument : arguments) {
    if (argument == "--") break;
    if (!argument.starts_with("--")) continue;
    const auto end = argument.begin() + static_cast<std::ptrdiff_t>(std::min(argument.find('='), argument.size()));
    std::replace(argument.begin(), end, '_', '-');
  }
  return arguments;
}

std::string flag_of(std::string setting) {
  std::replace(setting.begin(), setting.end(), '_', '-');
  return "--" + setting;
}

std::string with_flags(std::string message) {
  for (const std::string field : {"n_layer", "n_embd", "n_head", "block_size", "held_out", "teacher_part"}) {
    const std::string flag = flag_of(field);
    for (std::size_t at = message.find(field); at != std::string::npos; at = message.find(field, at + flag.size()))
      message.replace(at, field.size(), flag);
  }
  return message;
}

std::string describe_unknown_name(const CLI::App& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const auto suggestion = nearest(name, names_in(command));
  return fmt::format("there is no {} {}{} (see {})", name.starts_with("-") ? "flag" : "subcommand", name,
                     suggestion ? fmt::format("; did you mean {}?", *suggestion) : "", help_call(command));
}

std::string describe_parse_error(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  const CLI::App& command = selected_command(app);
  const bool has_subcommand = &command != &app;
  if (has_subcommand && arguments.front().starts_with("--"))
    return fmt::format("{} stands before {}; flags follow the subcommand", arguments.front(), command.get_name());
  const bool is_extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  const std::vector<std::string> names = names_in(command);
  for (const std::string& argument : is_extra&& has_subcommand ? app.remaining(true) : arguments) {
    const bool is_known = std::find(names.begin(), names.end(), argument.substr(0, argument.find('='))) != names.end();
    const bool is_flag = argument.starts_with("-") && argument != "-";  // which stands for standard input
    if (!is_known && (!has_subcommand || (is_extra && is_flag))) return describe_unknown_name(command, argument);
  }
  if (is_extra)
    return fmt::format("{} takes no arguments but {}flags (see {})", command.get_name(), positionals_of(command),
                       help_call(command));
  return fmt::format("{} (see {})", error.what(), help_call(command));
}

}  // namespace microgpt
