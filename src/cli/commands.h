// The subcommands. Each function adds one to the application; it runs when it is parsed. `command_line` are the words that are
// parsed then, that of the program first.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace microgpt {

void add_demo_command(CLI::App& app);
void add_reference_command(CLI::App& app);
void add_train_command(CLI::App& app, const std::vector<std::string>& command_line);
void add_train_pair_command(CLI::App& app, const std::vector<std::string>& command_line);
void add_sweep_command(CLI::App& app, const std::vector<std::string>& command_line);
void add_sample_command(CLI::App& app);
void add_eval_command(CLI::App& app);
void add_score_command(CLI::App& app);
void add_classify_command(CLI::App& app);
void add_explain_command(CLI::App& app);
void add_tokens_command(CLI::App& app);
void add_loss_command(CLI::App& app);
void add_info_command(CLI::App& app);

}  // namespace microgpt
