// SPDX-License-Identifier: MIT
#include "report/run/train_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/file.h"
#include "model/activation_names.h"
#include "report/evaluation_table.h"
#include "report/numbers.h"
#include "report/text_table.h"
#include "text/encoded_text.h"
#include "text/names.h"

namespace microgpt {
namespace {

// Of a running text the characters, and the BOS that may follow them.
std::string describe_split(const TrainingRun& run) {
  if (!run.validation()) return "nothing";
  if (run.kind() == CorpusKind::text)
    return fmt::format("{} characters for validation, {} for the test; {} to train on", run.validation()->all_positions(),
                       run.test()->all_positions(), run.own_positions());
  return fmt::format("{} for validation, {} for the test; {} to train on", run.validation()->size(), run.test()->size(),
                     run.own_documents());
}

constexpr std::size_t kTextWidth = 79;
constexpr std::size_t kSettingsIndent = 10;  // of what stands behind a word such as "training"

// Begins a new line at a comma where the next part would not fit.
std::string broken_at_commas(const std::string& text) {
  std::string lines;
  std::size_t column = kSettingsIndent;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t comma = std::min(text.find(", ", begin), text.size());
    const std::string part = text.substr(begin, comma - begin) + (comma < text.size() ? "," : "");
    if (begin > 0 && column + 1 + part.size() > kTextWidth) {
      lines += "\n" + std::string(kSettingsIndent, ' ');
      column = kSettingsIndent;
    } else if (begin > 0) {
      lines += " ";
      ++column;
    }
    lines += part;
    column += part.size();
    begin = std::min(comma + 2, text.size());
  }
  return lines;
}

std::string describe_rate(const TrainingRun& run) {
  const TrainingOptions& training = run.options().training;
  std::string text = fmt::format("rate {}, {}", training.learning_rate, name_in(kScheduleNames, training.schedule));
  if (training.warmup > 0) text += fmt::format(" after {} of warm-up", plural(training.warmup, "step"));
  if (training.optimizer != OptimizerKind::adam) text += fmt::format(", {}", name_in(kOptimizerNames, training.optimizer));
  if (training.loss_mean == LossMean::token) text += ", token mean";
  if (training.dropout > 0.0) text += fmt::format(", dropout {}", training.dropout);
  if (training.adam.weight_decay > 0.0) text += fmt::format(", weight decay {}", training.adam.weight_decay);
  if (training.average > 0.0) text += fmt::format(", averaged over the last {}", training.average);
  if (training.clip) text += fmt::format(", clip {}", *training.clip);
  if (training.ngram_share > 0.0)
    text += fmt::format(", {} of the n-gram's predictions in targets and train loss", training.ngram_share);
  if (const std::size_t written = run.training().size() - run.own_documents(); written > 0)
    text += fmt::format(", {} more that the n-gram has written", plural(written, "document"));
  if (const std::size_t steps = training.teacher_steps(); steps > 0)
    text += fmt::format(", a teacher for {}", plural(steps, "step"));
  return text;
}

std::string describe_training(const TrainingRun& run) {
  const TrainSettings& options = run.options();
  const bool has_windows = run.kind() == CorpusKind::text || run.windows().longer_documents() > 0;
  const double windows = static_cast<double>(options.training.num_steps) * static_cast<double>(options.batch_size);
  return broken_at_commas(fmt::format("{} of {} ({:.1f} epochs), {}", plural(options.training.num_steps, "step"),
                                      plural(options.batch_size, has_windows ? "window" : "document"),
                                      windows / static_cast<double>(run.windows().size()), describe_rate(run)));
}

class SummaryTable {
 public:
  explicit SummaryTable(std::string_view unit)
      : table_({{"loss, nats", TextTable::Align::left},
                {std::string(unit), TextTable::Align::right},
                {"document mean", TextTable::Align::right},
                {"token mean", TextTable::Align::right},
                {"bits/char", TextTable::Align::right},
                {"perplexity", TextTable::Align::right}}) {}

  void add(const std::string& name, const std::string& documents, const Evaluation& evaluation) {
    table_.add_row({name, documents, fmt::format("{:.4f}", evaluation.loss.document_mean),
                    fmt::format("{:.4f}", evaluation.loss.token_mean), fmt::format("{:.4f}", evaluation.bits_per_character()),
                    fmt::format("{:.4f}", evaluation.perplexity())});
  }

  std::string str() const { return table_.str(""); }

 private:
  TextTable table_;
};

constexpr std::size_t kFewDocumentsOfTest = 20;

std::string say_how_few(const Comparison& test, CorpusKind kind) {
  const std::size_t documents = test.model.documents;
  if (kind == CorpusKind::text || documents >= kFewDocumentsOfTest) return "";
  return fmt::format("A test of {} says little: with another --seed it would be others.\n", plural(documents, "document"));
}

std::string compare_on_test(const Comparison& test, std::size_t ngram_order) {
  const double difference = test.ngram->loss.token_mean - test.model.loss.token_mean;
  const std::string text = fmt::format(
      "The {} (interpolated modified Kneser-Ney) predicts the test {} than\n"
      "the model, by {:.4f} nats a token.\n",
      name_of_ngram(ngram_order), difference > 0 ? "worse" : "better", std::abs(difference));
  if (!test.mixture) return text;
  const double gain = std::min(test.ngram->loss.token_mean, test.model.loss.token_mean) - test.mixture->loss.token_mean;
  return text + fmt::format("Their mixture predicts it {} than the better of the two, by {:.4f}.\n",
                            gain > 0 ? "better" : "worse", std::abs(gain));
}

}  // namespace

std::string describe_run(const TrainingRun& run, const Corpus& corpus, const std::optional<ModelSource>& init) {
  const Config& config = run.config();
  return fmt::format(
      "data      {} ({})\n"
      "held out  {}\n"
      "tokens    {}: {}, and BOS\n"
      "model     {}: {}, {}, {}, context {}, {}\n"
      "{}"
      "training  {}\n"
      "engine    {}, seed {}\n",
      run.kind() == CorpusKind::text ? fmt::format("{} characters", count_characters(corpus.encoding(), corpus[0]))
                                     : plural(corpus.own_size(), "document"),
      corpus.name(), describe_split(run), config.vocab_size, plural(config.vocab_size - 1, "different character"),
      plural(run.table().parameter_count(), "parameter"), plural(config.n_layer, "layer"), plural(config.n_head, "head"),
      plural(config.n_embd, "feature"), config.block_size, name_in(kActivationNames, config.activation),
      init ? fmt::format("begins    with the parameters of {} (SHA-256 {}...)\n", init->path, init->sha256.substr(0, 12)) : "",
      describe_training(run), name_in(kEngineNames, run.options().engine), run.options().seed);
}

std::string step_line(const TrainingRun& run, std::optional<double> training_loss, const std::optional<MeanLoss>& validation) {
  const Trainer& trainer = run.trainer();
  const LossMean mean = run.options().training.loss_mean;
  const LossMean other = mean == LossMean::document ? LossMean::token : LossMean::document;
  std::string line = fmt::format("step {:{}}:", trainer.step(), fmt::formatted_size("{}", trainer.num_steps()));
  if (training_loss) line += fmt::format(" train loss {:.4f}{}", *training_loss, validation ? "," : "");
  if (validation) line += fmt::format(" val loss {:.4f}", validation->of(mean));
  if (validation && run.kind() != CorpusKind::text)  // which is one document
    line += fmt::format(" ({} mean {:.4f})", name_in(kLossMeanNames, other), validation->of(other));
  return line + "\n";
}

std::string summary(const RunLosses& losses) {
  SummaryTable table(losses.unit());
  std::string comparison;
  for (const PartComparison& part : losses.parts) {
    const std::string documents = losses.count(part);
    table.add(part.part, documents, part.comparison.model);
    if (!part.comparison.ngram) continue;
    table.add("  " + name_of_ngram(losses.ngram_order), documents, *part.comparison.ngram);
    if (part.comparison.mixture) table.add(fmt::format("  {}", kNameOfMixture), documents, *part.comparison.mixture);
    if (part.part == "test") comparison = compare_on_test(part.comparison, losses.ngram_order);
  }
  if (!losses.parts.empty() && losses.parts.back().part == "test")
    comparison += say_how_few(losses.parts.back().comparison, losses.kind);
  return table.str() + comparison;
}

bool is_plain_end(const TrainingRun& run) {
  const Progress progress = run.progress();
  return progress.step == run.trainer().num_steps() && progress.best_step.value_or(progress.step) == progress.step;
}

std::string describe_end(const TrainingRun& run) {
  const Progress progress = run.progress();
  const std::size_t num_steps = run.trainer().num_steps();
  std::string text = fmt::format("{} of {}", progress.step, plural(num_steps, "step"));
  if (progress.step < num_steps)
    text += fmt::format(", as the last {} validation losses were no better", progress.evaluations_since_best);
  if (progress.best_step && *progress.best_step != progress.step)
    text += fmt::format("; the model is {} of step {}, whose validation loss was the lowest",
                        progress.teacher_step == progress.best_step ? "the teacher" : "that", *progress.best_step);
  return text;
}

LossPicture picture_of(const TrainingRun& run, const Corpus& corpus, const std::vector<LogEntry>& entries,
                       const NgramModel* baseline, std::optional<double> baseline_loss) {
  const Config& config = run.config();
  LossPicture picture{.title = fmt::format("{}: {}, {}, context {}", last_part(corpus.name()), plural(config.n_layer, "layer"),
                                           plural(config.n_embd, "feature"), config.block_size),
                      .mean = run.options().training.loss_mean,
                      .training = {},
                      .validation = {},
                      .vocab_size = config.vocab_size,
                      .ngram = {}};
  for (const LogEntry& entry : entries) {
    const auto step = static_cast<double>(entry.step);
    if (entry.training_loss) picture.training.push_back({step, *entry.training_loss});
    if (entry.validation_loss) picture.validation.push_back({step, *entry.validation_loss});
    if (entry.validation_loss && entry.step == run.progress().best_step) picture.kept = picture.validation.back();
  }
  if (baseline_loss) picture.ngram = Level{*baseline_loss, name_of_ngram(baseline->order())};
  return picture;
}

}  // namespace microgpt
