// SPDX-License-Identifier: MIT
// The subcommands. Each function describes one: its flags and arguments, and what runs when they are read.
#pragma once

#include "cli/command_line.h"

namespace microgpt {

void describe_demo(Command& command);
void describe_reference(Command& command);
void describe_train(Command& command);
void describe_train_pair(Command& command);
void describe_train_classes(Command& command);
void describe_sweep(Command& command);
void describe_sample(Command& command);
void describe_eval(Command& command);
void describe_score(Command& command);
void describe_classify(Command& command);
void describe_explain(Command& command);
void describe_tokens(Command& command);
void describe_loss(Command& command);
void describe_info(Command& command);
void describe_export(Command& command);

}  // namespace microgpt
