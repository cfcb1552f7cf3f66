// The subcommands. Each function adds one to the application; it runs when it is parsed.
#pragma once

#include <CLI/CLI.hpp>

namespace microgpt {

void add_demo_command(CLI::App& app);
void add_reference_command(CLI::App& app);
void add_train_command(CLI::App& app);
void add_train_pair_command(CLI::App& app);
void add_sample_command(CLI::App& app);
void add_eval_command(CLI::App& app);
void add_score_command(CLI::App& app);
void add_classify_command(CLI::App& app);
void add_explain_command(CLI::App& app);
void add_tokens_command(CLI::App& app);
void add_loss_command(CLI::App& app);
void add_info_command(CLI::App& app);

}  // namespace microgpt
