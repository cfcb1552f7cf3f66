// SPDX-License-Identifier: MIT
// A bar before the eyes of who waits for the loss of a model on many documents, and the end of that where a signal comes.
#pragma once

#include <cstddef>
#include <string>

#include "cli/interruption.h"
#include "scoring/evaluate.h"

namespace microgpt {

// Draws a bar of so many positions, twenty times a second at most, until the last copy of the watch is gone. It throws as
// Interruption::check(). The interruption must outlive it. REQUIRES: no more positions are scored.
EvaluationWatch show_evaluation(std::string label, std::size_t positions, const Interruption& interruption, bool show_progress);

}  // namespace microgpt
