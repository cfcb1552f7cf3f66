// SPDX-License-Identifier: MIT
#include "report/run/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/numbers.h"

namespace microgpt {
namespace {

constexpr std::size_t kFewDocuments = 10;
constexpr double kEarly = 0.8;  // a best step before this share of those that were done

// The steps of a training from fresh parameters: of the teacher or, where there is none, of the model; and of the model.
std::size_t shortest_part(const TrainingOptions& training) {
  const std::size_t teacher_steps = training.teacher_steps();
  const std::size_t model_steps = training.num_steps - teacher_steps;
  return teacher_steps == 0 ? model_steps : std::min(teacher_steps, model_steps);
}

std::string warmup_advice(const TrainingOptions& training) {
  const std::size_t steps = shortest_part(training);
  if (training.warmup == 0 || training.warmup < steps) return "";
  return fmt::format(
      "The warm-up of {} is as long as the training of {}, so that the rate\n"
      "never gets to {}: take a longer training, or --warmup {}.\n",
      plural(training.warmup, "step"), steps, training.learning_rate, steps / 10);
}

// Why a model may be worse than its n-gram, and what may help.
std::string likely_reason(const TrainSettings& options, bool began_with_model, const Progress& progress,
                          const RunLosses& losses) {
  const std::size_t best = progress.best_step.value_or(progress.step);
  const bool teaches = options.engine == EngineKind::fast && losses.kind != CorpusKind::text && !options.has_ngram_teacher();
  const std::string teacher = teaches ? ",\nor, for the GPT alone, the n-gram as a teacher: --ngram-share 0.5" : "";
  if (static_cast<double>(best) < kEarly * static_cast<double>(progress.step))
    return fmt::format("After step {} it learned the documents by heart.\nA smaller rate or --dropout 0.1 may help{}.\n", best,
                       teacher);
  if (best == options.training.num_steps)
    return fmt::format(
        "It was still getting better when its steps ended.\nMore of them may help: --num-steps {}, with --resume if it was "
        "saved{}.\n",
        2 * options.training.num_steps, teacher);
  return fmt::format("{} longer training (--num-steps) may help{}.\n",
                     began_with_model ? "A" : "A larger model (--n-layer, --n-embd) or a", teacher);
}

// The mixture is what predicts, and may make up for it.
std::string mixture_verdict(const Comparison& test) {
  if (!test.mixture) return "";
  const double gain = test.ngram->loss.token_mean - test.mixture->loss.token_mean;
  if (!(gain > 0.0)) return "";
  return fmt::format("The mixture of both, which predicts, is better by {:.4f}.\n", gain);
}

std::string describe_found(const InitialLoss& loss, std::string_view indent, std::string_view end) {
  return fmt::format("{0}The loss of {1} documents is {2:.3f}; random guessing costs ln {3} = {4:.3f}{5}\n", indent,
                     loss.documents, loss.mean, loss.vocab_size, loss.uniform, end);
}

}  // namespace

std::string verdict(const TrainSettings& options, bool began_with_model, const Progress& progress, const RunLosses& losses) {
  const auto part =
      std::find_if(losses.parts.begin(), losses.parts.end(), [](const auto& each) { return each.part == "test"; });
  std::string text;
  if (progress.step > 0 && progress.best_step == std::size_t{0}) {
    text = fmt::format(
        "This model has learned nothing that holds for other documents: validation was\n"
        "never better than before the first step, and these are the parameters of that.\n"
        "{}",
        losses.training_documents < kFewDocuments
            ? fmt::format("{} to train on {} few: give more.\n", plural(losses.training_documents, "document"),
                          losses.training_documents == 1 ? "is" : "are")
            : fmt::format("The rate may be too high: --learning-rate {:.2g}.\n", options.training.learning_rate / 10.0));
  } else if (part != losses.parts.end() && part->comparison.ngram &&
             part->comparison.model.loss.token_mean >= part->comparison.ngram->loss.token_mean) {
    text = "This model's GPT predicts other documents no better than its n-gram, which\ntakes no training. " +
           mixture_verdict(part->comparison) + likely_reason(options, began_with_model, progress, losses);
  }
  return text + warmup_advice(options.training);
}

std::string describe_trained(const InitialLoss& loss, std::string_view indent) { return describe_found(loss, indent, "."); }

std::string describe(const InitialLoss& loss, std::string_view indent) {
  const std::string found = describe_found(loss, indent, ":") + std::string(indent);
  const double percent = 100.0 * loss.excess();
  if (!loss.suspicious()) return fmt::format("{}as it should be ({:+.1f}%), a fresh model knows nothing.\n", found, percent);
  return fmt::format(
      "{0}Warning: {2:+.0f}% is too far from it for a fresh model. The usual causes: initial\n"
      "{1}values that are too large, targets that are not the next tokens, or a model\n"
      "{1}that is not fresh.\n",
      found, indent, percent);
}

}  // namespace microgpt
