// The program: parses the command line, runs a subcommand, and turns what went wrong into one line and an exit code:
// 0 success, 1 failure, 2 wrong usage, 130 and 143 interrupted.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <sstream>
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

constexpr int kFailure = 1;
constexpr int kUsage = 2;

// What is wrong with the command line is wrong on all ranks, and said by one.
int complain(int exit_code, const std::string& message) {
  if (exit_code != kUsage || rank_by_environment() == 0) inform(message);
  return exit_code;
}

void add_commands(CLI::App& app, std::vector<std::string> command_line) {
  command_line.insert(command_line.begin(), "microgpt");
  app.name("microgpt");
  app.set_version_flag("--version", fmt::format("microgpt {}", kVersion), "Print the version");
  app.require_subcommand(1);
  add_demo_command(app);
  add_reference_command(app);
  add_train_command(app, command_line);
  add_train_pair_command(app, command_line);
  add_sweep_command(app, command_line);
  add_sample_command(app);
  add_eval_command(app);
  add_score_command(app);
  add_classify_command(app);
  add_explain_command(app);
  add_tokens_command(app);
  add_loss_command(app);
  add_info_command(app);
  for (CLI::App* command : app.get_subcommands({}))
    if (command->get_name() != "train" && command->get_name() != "sweep")
      command->preparse_callback([command](std::size_t) { require_no_mpirun(command->get_name()); });
}

int run(std::vector<std::string> arguments) {
  CLI::App app("The smallest complete GPT: exact to the bit, and its loss explains itself");
  add_commands(app, arguments);
  if (arguments.empty()) {
    std::fputs(app.help().c_str(), stderr);
    return kUsage;
  }
  arguments = with_dashes(std::move(arguments));
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them last first
    flush_output();
    return 0;
  } catch (const CLI::Success& wish) {  // --help and --version
    std::ostringstream answer;
    app.exit(wish, answer, answer);
    print(answer.str());
    flush_output();
    return 0;
  } catch (const CLI::ParseError& error) {
    return complain(kUsage, describe_parse_error(app, error, arguments));
  }
}

int guarded_run(std::vector<std::string> arguments) {
  try {
    return run(std::move(arguments));
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
