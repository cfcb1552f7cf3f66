// SPDX-License-Identifier: MIT
// The settings of a run of `train`: their names, ranges and meanings, once for the command line, for the file that a run is
// resumed from, and for the model card.
//
// A visitor has
//   integer(name, std::size_t&, Range, SettingHelp)    real(name, double&, RealRange, SettingHelp)
//   choice(name, Value&, entries, SettingHelp)         inverse_flag(name, bool&, SettingHelp)
// and integer and real also for std::optional, with one more argument: what it means that there is no value. Where that is
// kNone, the word may be given as the value.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "engine/loss.h"
#include "model/activation_names.h"
#include "model/ranges.h"
#include "text/format_names.h"
#include "training/training_run.h"

namespace microgpt {

inline constexpr Range kAnySeed{0, std::numeric_limits<std::uint64_t>::max()};
inline constexpr Range kStepCount{0, kMaxSteps};
inline constexpr Range kBatchSize{1, 1'000'000};
inline constexpr const char* kNone = "none";
inline constexpr const char* kMeaningOfInvalid = "How to treat bytes that are not UTF-8";

// Where --help lists a flag, and whether --help-all alone does.
inline constexpr const char* kDataGroup = "Data";
inline constexpr const char* kModelGroup = "Model";
inline constexpr const char* kTrainingGroup = "Training";
inline constexpr const char* kGeneralGroup = "General";
inline constexpr bool kRare = true;

struct SettingHelp {
  const char* meaning;
  const char* group;
  bool is_rare = false;
};

template <typename Visitor>
void visit_corpus_settings(CorpusFormat& format, Visitor&& visit) {
  visit.choice("split", format.kind, kCorpusKindNames,
               {"How to read the file and what to hold out: each line a document and random ones held out (lines), one long "
                "text and its end (text), or lines and the last ones (tail)",
                kDataGroup});
  visit.choice("encoding", format.encoding, kEncodingNames, {"Character encoding", kDataGroup, kRare});
  visit.choice("invalid", format.invalid, kInvalidUtf8Names, {kMeaningOfInvalid, kDataGroup, kRare});
}

// How long: not together with --seconds, which comes to a number of steps.
template <typename Visitor>
void visit_length(TrainSettings& run, Visitor&& visit) {
  visit.integer("num_steps", run.training.num_steps, kStepCount, {"Number of training steps", kTrainingGroup});
}

template <typename Visitor>
void visit_model_settings(TrainSettings& run, Visitor&& visit) {
  visit.integer("n_layer", run.n_layer, Config::kNLayer, {"Number of layers", kModelGroup});
  visit.integer("n_embd", run.n_embd, Config::kNEmbd, {"Embedding width, a multiple of --n-head", kModelGroup});
  visit.integer("n_head", run.n_head, Config::kNHead, {"Number of attention heads", kModelGroup});
  visit.integer("block_size", run.block_size, Config::kBlockSize, {"Context length in tokens", kModelGroup});
  visit.choice("activation", run.activation, kActivationNames,
               {"Activation of the hidden layer (relu2 is the square of relu)", kModelGroup, kRare});
}

template <typename Visitor>
void visit_optimizer_settings(TrainSettings& run, Visitor&& visit) {
  TrainingOptions& training = run.training;
  visit.choice("loss_mean", training.loss_mean, kLossMeanNames,
               {"What the training loss averages over", kTrainingGroup, kRare});
  visit.integer("batch_size", run.batch_size, kBatchSize, {"Documents per step", kTrainingGroup});
  visit.choice("optimizer", training.optimizer, kOptimizerNames,
               {"Optimizer of the layers' weights (adam updates all else)", kTrainingGroup});
  visit.real("learning_rate", training.learning_rate, RealRange::above(0.0), {"Peak learning rate", kTrainingGroup});
  visit.choice("schedule", training.schedule, kScheduleNames, {"Learning-rate schedule", kTrainingGroup, kRare});
  visit.integer("warmup", training.warmup, kStepCount,
                {"Warm-up steps, over which the learning rate rises", kTrainingGroup, kRare});
  visit.real("beta1", training.adam.beta1, RealRange{0.0, 1.0},
             {"Momentum: decay rate of the mean gradient", kTrainingGroup, kRare});
  visit.real("beta2", training.adam.beta2, RealRange{0.0, 1.0},
             {"Decay rate of Adam's mean squared gradient", kTrainingGroup, kRare});
  visit.real("weight_decay", training.adam.weight_decay, RealRange{0.0},
             {"Decoupled weight decay, as in AdamW: a step takes X times the learning rate of each weight", kTrainingGroup});
  visit.real("average", training.average, RealRange{.min = 0.0, .max = 1.0},
             {"Average the parameters over this last fraction of the steps; 0 keeps the final ones", kTrainingGroup, kRare});
  visit.real("dropout", training.dropout, RealRange{0.0, 1.0}, {"Dropout rate", kTrainingGroup});
  visit.real("teacher_part", training.teacher_part, RealRange{0.0, 1.0},
             {"Fraction of the steps that trains a teacher; a fresh model then learns from its predictions too", kTrainingGroup,
              kRare});
  visit.real("teacher_share", training.teacher_share, RealRange{.min = 0.0, .max = 1.0},
             {"Weight of the teacher's predictions in the targets", kTrainingGroup, kRare});
  visit.real("ngram_share", training.ngram_share, RealRange{.min = 0.0, .max = 1.0},
             {"Weight of the n-gram's predictions in the targets", kTrainingGroup, kRare});
  visit.real("ngram_documents", run.ngram_documents, RealRange{.min = 0.0, .max = 1000.0},
             {"Documents sampled from the n-gram per training document", kTrainingGroup, kRare});
  visit.real("clip", training.clip, RealRange::above(0.0), {"Maximum gradient norm", kTrainingGroup, kRare}, kNone);
}

template <typename Visitor>
void visit_run_settings(TrainSettings& run, Visitor&& visit) {
  visit.integer("seed", run.seed, kAnySeed,
                {"Random seed for the split, the order of documents, the initial parameters and the samples", kTrainingGroup});
  visit.real("held_out", run.held_out, RealRange{0.0, 0.5},
             {"Fraction of documents held out for validation, and again for the test; 0 holds out none", kDataGroup});
  visit.integer("eval_every", run.eval_every, kStepCount,
                {"Steps between validation losses; 0 validates at the start and the end only", kTrainingGroup},
                "every tenth of the training, and at first after 1/4, 1/2, 1, 2 ... epochs");
  visit.integer("patience", run.patience, kStepCount,
                {"Early stopping: stop after N validation losses in a row without improvement; 0 never stops", kTrainingGroup},
                "0, or 3 with the engines exact and graph");
  visit.choice("engine", run.engine, kEngineNames, {"Engine", kGeneralGroup});
  visit.inverse_flag("no_prefix_sharing", run.prefix_sharing,
                     {"Recompute shared prefixes for every document", kGeneralGroup, kRare});
}

template <typename Visitor>
void visit_settings(TrainSettings& run, Visitor&& visit) {
  visit_length(run, visit);
  visit_model_settings(run, visit);
  visit_optimizer_settings(run, visit);
  visit_run_settings(run, visit);
}

}  // namespace microgpt
