// The subcommands. Each function adds one to the application; it runs when it is parsed. `command_line` are the words that are
// parsed then, that of the program first.
#pragma once

#include <string>
#include <vector>

#include "cli/command_line.h"

namespace microgpt {

void add_demo_command(Program& program);
void add_reference_command(Program& program);
void add_train_command(Program& program, const std::vector<std::string>& command_line);
void add_train_pair_command(Program& program, const std::vector<std::string>& command_line);
void add_sweep_command(Program& program, const std::vector<std::string>& command_line);
void add_sample_command(Program& program);
void add_eval_command(Program& program);
void add_score_command(Program& program);
void add_classify_command(Program& program);
void add_explain_command(Program& program);
void add_tokens_command(Program& program);
void add_loss_command(Program& program);
void add_info_command(Program& program);

}  // namespace microgpt
