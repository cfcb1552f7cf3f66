#include "cli/train_report.h"

#include <fmt/format.h>

#include "cli/arguments.h"
#include "model/activation_names.h"
#include "report/text_table.h"
#include "training/evaluation.h"

namespace microgpt {
namespace {

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string describe_split(const TrainingRun& run) {
  if (!run.validation()) return "nothing";
  return fmt::format("{} for validation, {} for the test; {} to train on", run.validation()->size(), run.test()->size(),
                     run.training().size());
}

std::string describe_rate(const TrainingOptions& training) {
  std::string text = fmt::format("rate {}, {}", training.learning_rate, name_in(kScheduleNames, training.schedule));
  if (training.warmup > 0) text += fmt::format(" after {} of warm-up", plural(training.warmup, "step"));
  if (training.dropout > 0.0) text += fmt::format(", dropout {}", training.dropout);
  if (training.adam.weight_decay > 0.0) text += fmt::format(", weight decay {}", training.adam.weight_decay);
  if (training.clip) text += fmt::format(", clip {}", *training.clip);
  return text;
}

std::string describe_training(const TrainingRun& run) {
  const TrainingRunOptions& options = run.options();
  const double documents = static_cast<double>(options.training.num_steps) * static_cast<double>(options.batch_size);
  return fmt::format("{} of {} ({:.1f} epochs), {}", plural(options.training.num_steps, "step"),
                     plural(options.batch_size, "document"), documents / static_cast<double>(run.training().size()),
                     describe_rate(options.training));
}

void add_part(TextTable& table, TrainingRun& run, std::string_view name, const TokenizedDocuments& part, std::size_t of) {
  const Evaluation evaluation = evaluate(run.engine(), part);
  const std::string documents = part.size() == of ? fmt::format("{}", of) : fmt::format("{} of {}", part.size(), of);
  table.add_row({std::string(name), documents, fmt::format("{:.4f}", evaluation.loss.document_mean),
                 fmt::format("{:.4f}", evaluation.loss.token_mean), fmt::format("{:.4f}", evaluation.bits_per_character()),
                 fmt::format("{:.4f}", evaluation.perplexity())});
}

}  // namespace

std::string describe_run(const TrainingRun& run, const Corpus& corpus) {
  const Config& config = run.config();
  return fmt::format(
      "data      {} ({})\n"
      "held out  {}\n"
      "tokens    {}: {}, and BOS\n"
      "model     {}: {}, {}, {}, context {}, {}\n"
      "training  {}\n"
      "engine    {}, seed {}\n",
      plural(corpus.size(), "document"), corpus.name(), describe_split(run), config.vocab_size,
      plural(config.vocab_size - 1, "different character"), plural(run.table().parameter_count(), "parameter"),
      plural(config.n_layer, "layer"), plural(config.n_head, "head"), plural(config.n_embd, "feature"), config.block_size,
      name_in(kActivationNames, config.activation), describe_training(run), name_in(kEngineNames, run.options().engine),
      run.options().seed);
}

std::string step_line(const TrainingRun& run, std::optional<double> training_loss, const std::optional<MeanLoss>& validation) {
  const Trainer& trainer = run.trainer();
  std::string line = fmt::format("step {:{}}:", trainer.step(), fmt::formatted_size("{}", trainer.num_steps()));
  if (training_loss) line += fmt::format(" train loss {:.4f}{}", *training_loss, validation ? "," : "");
  if (validation)
    line += fmt::format(" val loss {:.4f} (token mean {:.4f})", validation->document_mean, validation->token_mean);
  return line + "\n";
}

std::string summary(TrainingRun& run) {
  using enum TextTable::Align;
  TextTable table({{"loss, nats", left},
                   {"documents", right},
                   {"document mean", right},
                   {"token mean", right},
                   {"bits/char", right},
                   {"perplexity", right}});
  add_part(table, run, "training", run.training_sample(), run.training().size());
  if (run.validation()) add_part(table, run, "validation", *run.validation(), run.validation()->size());
  if (run.test()) add_part(table, run, "test", *run.test(), run.test()->size());
  return table.str("");
}

}  // namespace microgpt
