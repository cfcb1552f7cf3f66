// SPDX-License-Identifier: MIT
// What the commands share that say something of each line of a stream, in constant memory.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"
#include "cli/layout_flags.h"
#include "cli/model_arguments.h"
#include "report/records.h"
#include "scoring/line_scorer.h"
#include "scoring/stream_scorer.h"

namespace microgpt {

struct LineOptions {
  std::string path = "-";
  InvalidUtf8 invalid = InvalidUtf8::error;
  LayoutFlags layout = {};
  Unseen unseen = Unseen::count;
  KeptLosses kept = {};     // beside those of the lines
  std::size_t threads = 0;  // 0: as many as there are cores
};

// Adds FILE, --invalid, --unseen and --threads. `set_file` gets the file, where it is not the options that do.
void add_line_flags(Command& command, LineOptions& options, std::function<void(std::string)> set_file = {});

// How records are written.
struct RecordOptions {
  std::optional<RecordFormat> format;  // nothing: a table at a terminal, and else tab-separated values
  std::optional<std::size_t> digits;
};

// Adds --format and --digits.
void add_record_flags(Command& command, RecordOptions& options);

// Records of columns are written as they are, with the answers appended. Throws UsageError where a --format is asked for, too.
RecordStyle style_of(const RecordOptions& options, const LayoutFlags& layout);

// A model and its folder, which stands for it in messages.
struct NamedModel {
  const LoadedModel* model;
  std::string folder;
  const NgramModel* beside = nullptr;  // whose losses are kept beside those of the model, or null
};

// Says what was not UTF-8, if anything was.
void inform_of_invalid(const std::string& name, InvalidUtf8 invalid, std::size_t sequences);

// Scores every line (scoring/stream_scorer.h), and says at the end, on standard error, what was invalid or unseen. Throws Error
// as StreamScorer; Interrupted.
void score_lines(const LineOptions& options, const std::vector<NamedModel>& models, LineReport& report);

// The same of the lines of a text that is in memory; `name` stands for it in messages.
void score_text(const std::string& name, std::string_view text, const LineOptions& options,
                const std::vector<NamedModel>& models, LineReport& report);

// The same of documents.
void score_documents(const std::string& name, std::span<const std::string_view> documents, const LineOptions& options,
                     const std::vector<NamedModel>& models, LineReport& report);

}  // namespace microgpt
