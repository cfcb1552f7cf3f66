// SPDX-License-Identifier: MIT
// What the commands share that say something of each line of a stream, in constant memory.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"
#include "cli/model_arguments.h"
#include "scoring/line_scorer.h"
#include "text/line_chunks.h"

namespace microgpt {

struct LineOptions {
  std::string path = "-";
  InvalidUtf8 invalid = InvalidUtf8::error;
  Unseen unseen = Unseen::count;
  KeptLosses kept = {};     // beside those of the lines
  std::size_t threads = 0;  // 0: as many as there are cores
};

// Adds FILE, --invalid, --unseen and --threads. `set_file` gets the file, where it is not the options that do.
void add_line_flags(Command& command, LineOptions& options, std::function<void(std::string)> set_file = {});

// What a command makes of lines and what they cost.
class LineReport {
 public:
  virtual ~LineReport() = default;

  // Before the first line, when the input is open.
  virtual void begin() = 0;

  // What is printed of whole lines. Several threads call it at once.
  virtual std::string format(const LineChunk& chunk, const ScoredLines& lines) const = 0;

  // The same lines, in their order.
  virtual void take(const LineChunk& chunk, const ScoredLines& lines, const std::string& formatted) = 0;

  // A line, in its order, that is too long to be held.
  virtual void take_piece(std::string_view piece) = 0;
  virtual void end_line(const ScoredLines& line) = 0;
};

// A model and its folder, which stands for it in messages.
struct NamedModel {
  const LoadedModel* model;
  std::string folder;
  const NgramModel* beside = nullptr;  // whose losses are kept beside those of the model, or null
};

// Scores every line, and says at the end, on standard error, what was invalid or unseen. Where no input waits, all lines so far
// are scored and printed: who writes a line and waits for the answer gets it. What is printed is the same with any number of
// threads. Throws Error: what cannot be read; bytes that are
// no UTF-8, and characters that are unseen, where they must be an error, after the lines before; a loss that is not a number.
// Throws Interrupted.
void score_lines(const LineOptions& options, const std::vector<NamedModel>& models, LineReport& report);

// The same of the lines of a text that is in memory; `name` stands for it in messages.
void score_text(const std::string& name, std::string_view text, const LineOptions& options,
                const std::vector<NamedModel>& models, LineReport& report);

}  // namespace microgpt
