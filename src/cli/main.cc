// The program: parses the command line, runs a subcommand, and turns what went wrong into one line and an exit code:
// 0 success, 1 failure, 2 wrong usage, 130 and 143 interrupted.
#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/mpirun.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

// What is wrong with the command line is wrong on all ranks, and said by one.
int complain(int exit_code, const std::string& message) {
  if (exit_code != kUsage || rank_by_environment() == 0) inform(message);
  return exit_code;
}

Program describe_program(std::vector<std::string> command_line) {
  Program program{"microgpt",
                  "The smallest complete GPT: exact to the bit, and its loss explains itself",
                  fmt::format("microgpt {}", kVersion),
                  {}};
  command_line.insert(command_line.begin(), "microgpt");
  add_demo_command(program);
  add_reference_command(program);
  add_train_command(program, command_line);
  add_train_pair_command(program, command_line);
  add_sweep_command(program, command_line);
  add_sample_command(program);
  add_eval_command(program);
  add_score_command(program);
  add_classify_command(program);
  add_explain_command(program);
  add_tokens_command(program);
  add_loss_command(program);
  add_info_command(program);
  for (Command& command : program.commands)
    if (command.name() != "train" && command.name() != "sweep")
      command.before = [name = command.name()] { require_no_mpirun(name); };
  return program;
}

int run(const std::vector<std::string>& arguments) {
  Program program = describe_program(arguments);
  if (arguments.empty()) {
    std::fputs(describe(program).c_str(), stderr);
    return kUsage;
  }
  if (const auto answer = run(program, arguments)) print(*answer);
  flush_output();
  return 0;
}

int guarded_run(const std::vector<std::string>& arguments) {
  try {
    return run(arguments);
  } catch (const UsageError& error) {
    return complain(kUsage, error.what());
  } catch (const ConfigError& error) {
    return complain(kUsage, flag_of(error.field()) + " " + with_flags(error.problem()));
  } catch (const Error& error) {
    return complain(kFailure, error.what());
  } catch (const Interrupted& interrupted) {
    if (is_terminal(stdout)) std::fputs("\n", stdout);  // after the line of the step that was under way
    return complain(128 + interrupted.signal, fmt::format("interrupted ({})", strsignal(interrupted.signal)));
  } catch (const std::bad_alloc&) {
    return complain(kFailure, "out of memory: choose a smaller corpus or model");
  } catch (const std::exception& error) {
    return complain(kFailure, error.what());
  }
}

}  // namespace
}  // namespace microgpt

int main(int argc, char** argv) { return microgpt::guarded_run({argv + 1, argv + argc}); }
