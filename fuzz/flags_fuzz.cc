// SPDX-License-Identifier: MIT
// Any words are a command line that is understood, a question for help, or a UsageError of one line; nothing else happens
// before the command runs.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/program.h"
#include "fuzz.h"

namespace microgpt::fuzz {
namespace {

// Those of the program, which do nothing.
void disarm(Program& program, bool& has_run) {
  for (Command& command : program.commands) {
    command.before = {};
    command.describe();
    // What would run owns what the flags set.
    command.run = [&has_run, owner = command.run] { has_run = true; };
  }
}

// A byte of 1 to 127 stands for a flag of the command, so that they need not be guessed letter by letter.
std::string word_of(Command& command, Input& input) {
  const std::size_t kind = input.byte();
  const std::string text(input.text());
  const std::deque<Flag>& flags = command.flags();
  if (kind == 0 || kind >= 128 || flags.empty()) return text;
  const std::string name = flags[kind % flags.size()].name();
  return text.empty() ? name : name + "=" + text;
}

}  // namespace
}  // namespace microgpt::fuzz

// A byte for the command, and words: a byte for what they are, and a text up to a zero byte.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace microgpt;
  fuzz::Input input(data, size);
  bool has_run = false;
  Program program = describe_program();
  fuzz::disarm(program, has_run);
  Command& command = program.commands[input.byte() % program.commands.size()];
  std::vector<std::string> words{command.name()};
  while (!input.empty() && words.size() < 12) words.push_back(fuzz::word_of(command, input));
  fuzz::allow_error([&] {
    const auto answer = run(program, words);
    fuzz::require(answer.has_value() != has_run);
  });
  return 0;
}
