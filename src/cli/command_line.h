// SPDX-License-Identifier: MIT
// What the command line may say: commands, and the flags and arguments of each.
//
// The commands describe themselves with this; only command_line.cc knows the library that parses it.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "microgpt/error.h"

namespace microgpt {

// Something in the command line is wrong: exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

// A function that sets a variable that lives as long as the command.
template <typename T>
auto into(T& variable) {
  return [&variable](auto value) { variable = value; };
}

// A flag, or an argument that stands without one.
struct Flag {
  static constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

  std::string names;       // "--seed" or "-o,--output"; of an argument a word for it, such as CORPUS
  std::string value_name;  // what --help calls the value; empty for a switch and for an argument
  std::string help;
  std::function<void(const std::vector<std::string>&)> set;  // gets the values, in the order in which flags were declared
  std::size_t count = 1;                                     // of values; 0 for a switch
  bool is_required = false;
  std::vector<std::string> excluded;  // the flags that it does not go together with
  std::string group;                  // of --help, such as "Training"
  bool is_rare = false;               // only --help-all lists it
  bool is_given = false;              // after parsing

  Flag& require();
  Flag& exclude(const Flag& other);
  Flag& in(std::string help_group);
  Flag& rare();

  // The name that messages use: the long one, "--output", or that of the argument.
  std::string name() const;
  bool is_argument() const { return !names.starts_with('-'); }
};

// A command line that --help shows, and what it does.
struct Example {
  std::string call;
  std::string meaning;
};

// The first of these that is given, or null.
const Flag* first_given(const std::vector<const Flag*>& flags);

class Command {
 public:
  // `describe` adds the flags, and sets `run`. It is called where they matter, as those of all commands take their time.
  Command(std::string name, std::string help, std::function<void(Command&)> describe)
      : name_(std::move(name)), help_(std::move(help)), describe_(std::move(describe)) {}

  const std::string& name() const { return name_; }
  const std::string& help() const { return help_; }

  // --help lists the flags that are added from here on in this group (help_text.cc has the groups). Flag::in() is for one flag.
  void group(std::string help_group) { group_ = std::move(help_group); }

  // Each adds a flag or an argument, which lives as long as the command. `set` gets its value where it is given.
  Flag& add_switch(std::string names, std::function<void(bool)> set, std::string help);
  Flag& add_text(std::string names, std::string value_name, std::function<void(std::string)> set, std::string help);
  Flag& add_texts(std::string names, std::string value_name, std::size_t count,
                  std::function<void(std::vector<std::string>)> set, std::string help);
  Flag& add_argument(std::string name, std::function<void(std::string)> set, std::string help);
  Flag& add_arguments(std::string name, std::function<void(std::vector<std::string>)> set, std::string help);

  void add_example(std::string call, std::string meaning) { examples_.push_back({std::move(call), std::move(meaning)}); }
  const std::vector<Example>& examples() const { return examples_; }

  // The flag of that name. REQUIRES: it is declared.
  Flag& flag(std::string_view name);
  const std::deque<Flag>& flags() const { return flags_; }
  std::deque<Flag>& flags() { return flags_; }

  // Calls `describe`, the first time.
  void describe() {
    if (!std::exchange(is_described_, true)) describe_(*this);
  }

  std::vector<std::string> words;  // the whole command line, that of the program's name first
  std::function<void()> before;    // is called where the command is named, before its flags are read; may throw
  std::function<void()> run;       // is called when they are read
  bool takes_dashes = false;       // words that begin with a single dash, and are no flags, are arguments, too: "-0.5"

 private:
  std::string name_;
  std::string help_;
  std::function<void(Command&)> describe_;
  bool is_described_ = false;
  std::string group_ = "General";
  std::deque<Flag> flags_;
  std::vector<Example> examples_;
};

struct Program {
  std::string name;
  std::string help;
  std::string version;            // the line that --version prints
  std::deque<Command> commands;   // in the order of --help
  std::vector<Example> examples;  // of --help
  std::size_t help_width = 80;    // columns
};

// The help of the program.
std::string describe(Program& program);

// Parses the words that follow the program's name, and runs the command that they name. `--n_embd` may stand for `--n-embd`,
// `help train` for `train --help`, and `help train --all` for `train --help-all`. Returns what --help, --help-all and --version
// ask for, or nothing where a command ran. Throws UsageError: what the words say cannot be understood. Throws what the command
// throws.
std::optional<std::string> run(Program& program, std::vector<std::string> words);

}  // namespace microgpt
