// SPDX-License-Identifier: MIT
#include "cli/commands/program.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/interruption.h"
#include "cli/manual.h"
#include "cli/mpirun.h"
#include "cli/terminal.h"
#include "library/version.h"
#include "microgpt/error.h"
#include "model/ranges.h"

namespace microgpt {
namespace {

// Open MPI 5 ends all ranks once the first one has ended with a failure.
constexpr std::chrono::milliseconds kTimeForRank0ToSpeak{500};

// What is wrong with the command line is wrong on all ranks, and said by one.
int complain(int exit_code, const std::string& message) {
  if (exit_code != kUsage || rank_by_environment() == 0)
    inform(message);
  else
    std::this_thread::sleep_for(kTimeForRank0ToSpeak);
  return exit_code;
}

// Those that mpirun may start are shared out by the ranks; of any other each rank would do the same.
enum class Mpirun { may_start, must_not_start };

struct CommandEntry {
  const char* name;
  const char* help;
  void (*describe)(Command& command);
  Mpirun mpirun = Mpirun::must_not_start;
};

constexpr std::array kCommands = std::to_array<CommandEntry>({
    {"demo", "Train on the embedded names, plot the loss, sample names, and explain one loss", describe_demo},
    {"reference", "Print what microgpt.py prints for the same documents, byte for byte", describe_reference},
    {"train", "Train a model on documents, one per line", describe_train, Mpirun::may_start},
    {"train-pair", "Train two models that tell two kinds of documents apart", describe_train_pair},
    {"train-classes", "Train a classifier: one model for each of several classes", describe_train_classes},
    {"sweep", "Train many configurations, and rank them by held-out loss", describe_sweep, Mpirun::may_start},
    {"sample", "Sample new documents from a saved model", describe_sample},
    {"eval", "Evaluate a saved model: its loss on the documents of a file", describe_eval},
    {"score", "Score how surprising each line is to a saved model, in bits", describe_score},
    {"classify", "Classify each line with the models of a classifier", describe_classify},
    {"explain", "Explain the loss of one document, position by position", describe_explain},
    {"tokens", "Show the tokens of a text, as a saved model sees them", describe_tokens},
    {"loss", "Explain loss values: plot -ln P, or print the loss of each given P", describe_loss},
    {"info", "Describe a saved model, or the program and the machine", describe_info},
    {"export", "Export a saved model to formats of other programs: ONNX and ARPA", describe_export},
});

// Of all commands, so that it is told them.
void describe_manual(Program& program, Command& command) {
  struct Options {
    ManualFormat format = ManualFormat::man;
    std::string command;
  };
  const auto options = std::make_shared<Options>();
  command
      .add_argument(
          "FORMAT",
          [options](const std::string& name) {
            const auto found = std::find_if(kManualFormatNames.begin(), kManualFormatNames.end(),
                                            [&](const auto& each) { return each.name == name; });
            if (found == kManualFormatNames.end())
              throw UsageError(fmt::format("FORMAT {}: expected {}", name, list_names(kManualFormatNames)));
            options->format = found->value;
          },
          "What to print: man for a man page, or bash, zsh or fish for completions")
      .require();
  command.add_argument("SUBCOMMAND", into(options->command), "Whose man page [that of the program]");
  command.add_example("microgpt manual bash > microgpt.bash", "Write completions for bash, which source microgpt.bash loads");
  command.add_example("microgpt manual zsh > _microgpt", "Write completions for zsh, for a folder of its fpath");
  command.add_example("microgpt manual man train > microgpt-train.1", "Write a man page, which man ./microgpt-train.1 shows");
  command.run = [&program, options] { print(manual(program, options->format, options->command)); };
}

int run_words(const std::vector<std::string>& words) {
  Program program = describe_program();
  program.commands.emplace_back("manual", "Print man pages, and completions for shells",
                                [&program](Command& command) { describe_manual(program, command); });
  if (words.empty()) {
    program.help_width = help_width(stderr);
    std::fputs(describe(program).c_str(), stderr);
    return kUsage;
  }
  if (const auto answer = run(program, words)) print(*answer);
  flush_output();
  return 0;
}

}  // namespace

Program describe_program() {
  Program program{.name = "microgpt",
                  .help = "A complete small GPT: exact to the bit, and its loss explains itself",
                  .version = fmt::format("microgpt {}", kVersion),
                  .commands = {},
                  .examples = {{"microgpt demo", "See a model learn to make up names"},
                               {"microgpt train names.txt -o model", "Train on the lines of names.txt"},
                               {"microgpt sample model", "Sample new lines like them"}},
                  .help_width = help_width(stdout)};
  for (const CommandEntry& entry : kCommands) {
    Command& command = program.commands.emplace_back(entry.name, entry.help, entry.describe);
    if (entry.mpirun == Mpirun::must_not_start) command.before = [&entry] { require_no_mpirun(entry.name); };
  }
  return program;
}

int run_program(const std::vector<std::string>& words) {
  try {
    return run_words(words);
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

}  // namespace microgpt
