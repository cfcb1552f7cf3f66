// SPDX-License-Identifier: MIT
// The settings of a run of `train`: their names, ranges and meanings, once for the command line, for the file that a run is
// resumed from, and for the model card.
//
// A visitor has
//   integer(name, std::size_t&, Range, meaning)    real(name, double&, RealRange, meaning)
//   choice(name, Value&, entries, meaning)         inverse_flag(name, bool&, meaning)
// and integer and real also for std::optional, with one more argument: what it means that there is no value. Where that is
// kNone, the word may be given as the value.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "engine/mean_loss.h"
#include "model/activation_names.h"
#include "text/format_names.h"
#include "training/training_run.h"

namespace microgpt {

inline constexpr Range kAnySeed{0, std::numeric_limits<std::uint64_t>::max()};
inline constexpr Range kStepCount{0, kMostSteps};
inline constexpr Range kBatchSize{1, 1'000'000};
inline constexpr const char* kNone = "none";
inline constexpr const char* kMeaningOfInvalid = "What to do about bytes that are not UTF-8";
inline constexpr std::size_t kUsualPatience = 3;  // validations, where nothing says how long a training is

template <typename Visitor>
void visit_corpus_settings(CorpusFormat& format, Visitor&& visit) {
  visit.choice("split", format.kind, kCorpusKindNames,
               "What documents are: each line one, or all a running text; tail is lines, of which the last are held out");
  visit.choice("encoding", format.encoding, kEncodingNames, "What characters are");
  visit.choice("invalid", format.invalid, kInvalidUtf8Names, kMeaningOfInvalid);
}

// How long: not together with --seconds, which comes to a number of steps.
template <typename Visitor>
void visit_length(TrainSettings& run, Visitor&& visit) {
  visit.integer("num_steps", run.training.num_steps, kStepCount, "Training steps");
}

template <typename Visitor>
void visit_model_settings(TrainSettings& run, Visitor&& visit) {
  visit.integer("n_layer", run.n_layer, Config::kNLayer, "Layers");
  visit.integer("n_embd", run.n_embd, Config::kNEmbd, "Width, a multiple of --n-head");
  visit.integer("n_head", run.n_head, Config::kNHead, "Attention heads");
  visit.integer("block_size", run.block_size, Config::kBlockSize, "Longest context");
  visit.choice("activation", run.activation, kActivationNames, "Of the hidden layer");
}

template <typename Visitor>
void visit_optimizer_settings(TrainSettings& run, Visitor&& visit) {
  TrainingOptions& training = run.training;
  visit.choice("loss_mean", training.loss_mean, kLossMeanNames, "Over what the loss that training minimises is a mean");
  visit.integer("batch_size", run.batch_size, kBatchSize, "Documents a step");
  visit.choice("optimizer", training.optimizer, kOptimizerNames, "Of the layers' weights; all else is moved by adam");
  visit.real("learning_rate", training.learning_rate, RealRange::above(0.0), "Of the optimizer, at its highest");
  visit.choice("schedule", training.schedule, kScheduleNames, "How the rate falls");
  visit.integer("warmup", training.warmup, kStepCount, "Steps over which the rate rises at first");
  visit.real("beta1", training.adam.beta1, RealRange{0.0, 1.0}, "Decay of the mean gradient");
  visit.real("beta2", training.adam.beta2, RealRange{0.0, 1.0}, "Of Adam: decay of its mean square");
  visit.real("weight_decay", training.adam.weight_decay, RealRange{0.0},
             "What parameters lose of themselves a step, times the rate");
  visit.real("average", training.average, RealRange{.min = 0.0, .max = 1.0},
             "The share of the last steps whose parameters make the model, as a mean; 0 is the last ones");
  visit.real("dropout", training.dropout, RealRange{0.0, 1.0}, "The share of values that a step of training drops");
  visit.real("teacher_part", training.teacher_part, RealRange{0.0, 1.0},
             "The share of the steps that trains a teacher; the model then begins anew and learns from its predictions, too");
  visit.real("teacher_share", training.teacher_share, RealRange{.min = 0.0, .max = 1.0},
             "The share of a teacher's predictions in what the model shall predict");
  visit.real("ngram_share", training.ngram_share, RealRange{.min = 0.0, .max = 1.0},
             "The share of the n-gram's predictions in what the model shall predict");
  visit.real("ngram_documents", run.ngram_documents, RealRange{.min = 0.0, .max = 1000.0},
             "Documents that the n-gram writes, for each one that is trained on");
  visit.real("clip", training.clip, RealRange::above(0.0), "The largest norm that a gradient may have", kNone);
}

template <typename Visitor>
void visit_run_settings(TrainSettings& run, Visitor&& visit) {
  visit.integer("seed", run.seed, kAnySeed, "Of the split, the epochs, the first parameters and the samples");
  visit.real("held_out", run.held_out, RealRange{0.0, 0.5},
             "The share of documents for validation, and again for the test; 0 is none");
  visit.integer("eval_every", run.eval_every, kStepCount, "Steps between validation losses; 0 is at the start and the end only",
                "each tenth, and at first after 1/4, 1/2, 1, 2 ... epochs");
  visit.integer("patience", run.patience, kStepCount,
                "Stop after so many validation losses in a row that are no better; 0 is never",
                "0, or 3 with the engines exact and graph");
  visit.choice("engine", run.engine, kEngineNames, "What computes");
  visit.inverse_flag("no_prefix_sharing", run.prefix_sharing, "Compute beginnings that documents share for each of them");
}

template <typename Visitor>
void visit_settings(TrainSettings& run, Visitor&& visit) {
  visit_length(run, visit);
  visit_model_settings(run, visit);
  visit_optimizer_settings(run, visit);
  visit_run_settings(run, visit);
}

}  // namespace microgpt
