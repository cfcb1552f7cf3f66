// SPDX-License-Identifier: MIT
#include "cli/line_command.h"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

#include "cli/arguments.h"
#include "cli/interruption.h"
#include "cli/terminal.h"
#include "engine/loss.h"
#include "io/file.h"
#include "library/model_parts.h"
#include "report/numbers.h"
#include "scoring/token_scorer.h"
#include "text/format_names.h"
#include "training/settings.h"

namespace microgpt {
namespace {

constexpr Range kDigits{0, 17};

std::vector<StreamModel> stream_models(const std::vector<NamedModel>& models) {
  std::vector<StreamModel> scored;
  for (const NamedModel& named : models) {
    scored.push_back({named.model->team_model(), &named.model->saved.tokenizer, named.folder});
    scored.back().model.model.beside = named.beside;
  }
  return scored;
}

StreamOptions stream_options(const LineOptions& options, const std::vector<NamedModel>& models,
                             const Interruption& interruption) {
  const Encoding encoding = models.front().model->saved.tokenizer.encoding();
  return {.invalid = options.invalid,
          .layout = layout_of(options.layout, encoding).value_or(DocumentLayout()),
          .unseen_is_error = options.unseen == Unseen::error,
          .kept = options.kept,
          .threads = chosen_threads(options.threads),
          .check = [&interruption] { interruption.check(); },
          .before_waiting = flush_output};
}

void inform_of_totals(const std::string& name, const LineOptions& options, const std::vector<NamedModel>& models,
                      const StreamScorer& scorer) {
  inform_of_invalid(name, options.invalid, scorer.invalid());
  if (scorer.unseen() == 0) return;
  const std::string what = fmt::format("{}: {} in {} unseen by the model", name, plural(scorer.unseen(), "character"),
                                       plural(scorer.lines_with_unseen(), "line"));
  const std::size_t vocab_size = models.front().model->saved.tokenizer.vocab_size();
  inform(models.size() > 1 ? what + "s; they count for none"
                           : fmt::format("{}; each costs {:.3f} bits", what, nats_to_bits(unseen_loss(vocab_size))));
}

}  // namespace

void add_line_flags(Command& command, LineOptions& options, std::function<void(std::string)> set_file) {
  if (!set_file) set_file = into(options.path);
  command.add_argument("FILE", std::move(set_file), "Documents, one per line; - reads standard input [-]");
  add_choice(command, "--invalid", kInvalidUtf8Names, options.invalid, kMeaningOfInvalid).in("Data").rare();
  add_layout_flags(command, options.layout);
  add_unseen(command, options.unseen);
  add_integer(command, "--threads", kThreads, options.threads,
              "Threads; the result is the same with any number; 0 uses all cores")
      .in("General");
}

void add_record_flags(Command& command, RecordOptions& options) {
  add_choice_function(
      command, "--format", kRecordFormatNames, [&options](RecordFormat format) { options.format = format; },
      "Output format: tab- or comma-separated values, JSON on each line, or a table", " [tsv; at a terminal: table]");
  add_integer(
      command, "--digits", kDigits, [&options](std::size_t digits) { options.digits = digits; },
      "Digits after the decimal point [as many as tell a number from all others; in a table 3]");
}

RecordStyle style_of(const RecordOptions& options, const LayoutFlags& layout) {
  if (layout.column) {
    if (options.format) throw UsageError("--format does not go with --column: the answers are appended to the records");
    return {RecordFormat::csv, options.digits, layout_of(layout, Encoding::utf8)->delimiter};
  }
  return {options.format.value_or(is_terminal(stdout) ? RecordFormat::table : RecordFormat::tsv), options.digits};
}

void inform_of_invalid(const std::string& name, InvalidUtf8 invalid, std::size_t sequences) {
  if (sequences > 0)
    inform(fmt::format("{}: {} of bytes that are not UTF-8 {}", name, plural(sequences, "sequence"),
                       invalid == InvalidUtf8::skip ? "left out" : "replaced by U+FFFD"));
}

void score_lines(const LineOptions& options, const std::vector<NamedModel>& models, LineReport& report) {
  InputStream input(options.path);
  const Interruption interruption;
  StreamScorer scorer(input.name(), stream_models(models), stream_options(options, models, interruption), report);
  // Of a classifier's models it matters what they tell apart together.
  if (!options.kept.parts)
    for (const NamedModel& model : models) inform_of_warning(model.folder);
  report.begin();
  scorer.run(input);
  inform_of_totals(input.name(), options, models, scorer);
}

namespace {

template <typename Lines>
void score_in_memory(const std::string& name, const Lines& lines, const LineOptions& options,
                     const std::vector<NamedModel>& models, LineReport& report) {
  const Interruption interruption;
  StreamScorer scorer(name, stream_models(models), stream_options(options, models, interruption), report);
  report.begin();
  scorer.run(lines);
  inform_of_totals(name, options, models, scorer);
}

}  // namespace

void score_text(const std::string& name, std::string_view text, const LineOptions& options,
                const std::vector<NamedModel>& models, LineReport& report) {
  score_in_memory(name, text, options, models, report);
}

void score_documents(const std::string& name, std::span<const std::string_view> documents, const LineOptions& options,
                     const std::vector<NamedModel>& models, LineReport& report) {
  score_in_memory(name, documents, options, models, report);
}

}  // namespace microgpt
