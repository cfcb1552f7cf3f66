// SPDX-License-Identifier: MIT
// A run with a teacher: its first steps are a run of their own, and its others one with soft targets.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/make_engine.h"
#include "microgpt/error.h"
#include "model/initialize.h"
#include "random/python_random.h"
#include "support/tiny_training.h"
#include "training/epochs.h"
#include "training/soft_targets.h"
#include "training/trainer.h"
#include "training/training_run.h"

namespace microgpt::teacher_test {
namespace {

// Some documents are longer than the context.
Corpus corpus() { return Corpus::from_lines("test", testing::tiny_corpus() + "abababababab\nbabababababa\naabbaabbaabb\n"); }

TrainSettings with_teacher(std::size_t num_steps = 25) {
  TrainSettings options;
  options.n_embd = 8;
  options.n_head = 2;
  options.block_size = 6;
  options.batch_size = 7;
  options.eval_every = 5;
  options.training = {.num_steps = num_steps, .warmup = 3, .clip = 1.0, .dropout = 0.1, .teacher_part = 0.4};
  return options;
}

// What is kept of a run from step to step beside the parameters and Adam's moments goes on, too.
std::vector<TrainSettings> all_kinds() {
  TrainSettings other = with_teacher();
  other.training.optimizer = OptimizerKind::muon;
  other.training.average = 0.3;
  return {with_teacher(), other};
}

// Trains to the end, with each validation that is due; returns the losses.
std::vector<double> finish(TrainingRun& run) {
  std::vector<double> losses;
  while (!run.is_finished()) {
    if (run.validation_is_due()) run.validate();
    if (run.trainer().step() < run.trainer().num_steps()) losses.push_back(run.train_step());
  }
  return losses;
}

std::vector<double> model_of(TrainingRun& run) { return all_of(run.table(), run.checkpoint().parameters); }

TEST(Teacher, IsTheModelOfTheFirstSteps) {
  TrainSettings options = with_teacher();
  TrainingRun run(corpus(), options);
  const std::vector<double> losses = finish(run);
  ASSERT_TRUE(run.progress().teacher_step);
  const std::vector<double> teacher = all_of(run.table(), run.checkpoint().teacher);

  options.training.num_steps = 10;
  options.training.teacher_part = 0.0;
  TrainingRun first(corpus(), options);
  const std::vector<double> teacher_losses = finish(first);
  EXPECT_EQ(std::vector<double>(losses.begin(), losses.begin() + 10), teacher_losses) << "with a schedule of its own";
  EXPECT_EQ(*run.progress().teacher_step, *first.progress().best_step);
  first.load_best_parameters();
  EXPECT_EQ(teacher, model_of(first));
}

// With the steps of another schedule on the same documents, as its trainer takes them.
TEST(Teacher, TheModelBeginsAnewAndLearnsFromIt) {
  TrainSettings options = with_teacher();
  options.training.dropout = 0.0;  // which is keyed by the step of the run
  TrainingRun run(corpus(), options);
  const std::vector<double> losses = finish(run);

  const auto engine = make_fast_engine(run.config());
  engine->load(all_of(run.table(), run.checkpoint().teacher));
  SoftTargets soft(run.config().vocab_size, run.windows());
  soft.mix_in(*engine, run.windows(), options.training.teacher_share);
  PythonRandom random(options.seed);
  engine->load(initial_parameters(run.table(), width_scaled_std(options.n_embd), random));
  Epochs epochs(run.training().sample(run.training().size()), {options.batch_size, options.block_size, options.seed});
  options.training.num_steps = 15;
  options.training.teacher_part = 0.0;
  Trainer trainer(
      *engine, [&](std::size_t step, Batch& batch) { epochs.fill(step + 10, batch, &soft); }, options.training);
  for (std::size_t step = 0; step < 15; ++step) ASSERT_EQ(trainer.train_step(), losses[step + 10]) << step;
}

TEST(Teacher, TargetsAndThreadsChangeNoBit) {
  for (const TrainSettings& options : all_kinds()) {
    TrainingRun run(corpus(), options);
    finish(run);
    run.load_best_parameters();
    for (const Target target : available_targets())
      for (const std::size_t threads : {std::size_t{1}, std::size_t{3}}) {
        TrainingRun other(corpus(), options, {.resources = {.target = target, .threads = threads}});
        finish(other);
        other.load_best_parameters();
        EXPECT_EQ(model_of(other), model_of(run)) << name_of(target) << ", " << threads << " threads";
      }
  }
}

void expect_to_go_on(const TrainSettings& options) {
  TrainingRun whole(corpus(), options);
  const std::vector<double> losses = finish(whole);
  whole.load_best_parameters();
  for (const std::size_t stop : {std::size_t{4}, std::size_t{10}, std::size_t{11}, std::size_t{24}}) {
    TrainingRun begun(corpus(), options);
    for (std::size_t step = 0; step < stop; ++step) {
      if (begun.validation_is_due()) begun.validate();
      begun.train_step();
    }
    TrainingRun resumed(corpus(), options);
    resumed.restore(begun.checkpoint());
    EXPECT_EQ(finish(resumed), std::vector<double>(losses.begin() + static_cast<std::ptrdiff_t>(stop), losses.end())) << stop;
    EXPECT_EQ(resumed.progress(), whole.progress()) << stop;
    resumed.load_best_parameters();
    EXPECT_EQ(model_of(resumed), model_of(whole)) << stop;
  }
}

// Before the teacher is done, when it is, just after, and at the end.
TEST(Teacher, ARunGoesOnFromEachCheckpoint) {
  for (const TrainSettings& options : all_kinds()) expect_to_go_on(options);
}

TEST(Teacher, ThereIsNoneOfNoSteps) {
  TrainSettings options = with_teacher(3);
  options.training.teacher_part = 0.1;
  TrainingRun run(corpus(), options);
  options.training.teacher_part = 0.0;
  TrainingRun without(corpus(), options);
  EXPECT_EQ(finish(run), finish(without));
  EXPECT_FALSE(run.progress().teacher_step);
}

// Even where no other validation is, it is one of the teacher's last step.
TEST(Teacher, IsValidatedWhenItIsDone) {
  TrainSettings options = with_teacher();
  for (const std::size_t every : {std::size_t{0}, std::size_t{7}, std::size_t{24}}) {
    options.eval_every = every;
    TrainingRun run(corpus(), options);
    while (run.trainer().step() < 10) {
      if (run.validation_is_due()) run.validate();
      run.train_step();
    }
    EXPECT_TRUE(run.validation_is_due()) << every;
    run.validate();
    EXPECT_EQ(run.progress().best_step, 10U) << every;
  }
}

TEST(Teacher, HasItsShareOfTheSteps) {
  const auto steps = [](double part, std::size_t num_steps) {
    return TrainingOptions{.num_steps = num_steps, .teacher_part = part}.teacher_steps();
  };
  EXPECT_EQ(steps(0.29, 100), 29U);
  EXPECT_EQ(steps(0.5, 9), 5U);
  EXPECT_EQ(steps(0.99, 9), 8U) << "the model needs one";
  EXPECT_EQ(steps(0.5, 0), 0U);
  EXPECT_EQ(steps(0.0, 9), 0U);
}

// Who waits may be told, and may stop it; then nothing has happened.
TEST(Teacher, MayBeStoppedWhileItPredicts) {
  TrainingRun run(corpus(), with_teacher());
  TrainingRun other(corpus(), with_teacher());
  std::vector<std::size_t> told;
  while (!run.teacher_is_done()) {
    run.train_step();
    other.train_step();
  }
  EXPECT_THROW(run.begin_after_teacher([](std::size_t) { throw Error("stop"); }), Error);
  EXPECT_TRUE(run.teacher_is_done());
  run.begin_after_teacher([&](std::size_t positions) { told.push_back(positions); });
  EXPECT_FALSE(run.teacher_is_done());
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_EQ(told.back(), run.training().all_positions());
  EXPECT_GT(run.windows().size(), run.training().size()) << "some are longer than the context";
  finish(run);
  finish(other);
  EXPECT_EQ(model_of(run), model_of(other));
}

TEST(Teacher, ACheckpointHasOneWhereItsRunHas) {
  TrainingRun with(corpus(), with_teacher());
  TrainSettings options = with_teacher();
  options.training.teacher_part = 0.0;
  TrainingRun without(corpus(), options);
  finish(with);
  finish(without);
  EXPECT_THROW(with.restore(without.checkpoint()), Error);
  EXPECT_THROW(without.restore(with.checkpoint()), Error);
  TrainingRun shorter(corpus(), with_teacher(20));
  EXPECT_THROW(shorter.restore(with.checkpoint()), Error);
}

std::string complaint(const TrainSettings& options, CorpusKind kind = CorpusKind::lines, const RunInputs& inputs = {}) {
  try {
    config_of(options, kind, 27, inputs);
  } catch (const ConfigError& error) {
    return error.field() + " " + error.problem();
  }
  return "";
}

TEST(Teacher, IsRefusedWhereThereCanBeNone) {
  const auto refused = [](const std::string& why) {
    return "teacher_part 0.4: " + why + "; set teacher_part to 0, also where a preset has set it";
  };
  TrainSettings options = with_teacher();
  EXPECT_EQ(complaint(options), "");
  EXPECT_EQ(complaint(options, CorpusKind::text), refused("a running text has too many windows for a teacher"));
  options.patience = 2;
  EXPECT_EQ(complaint(options), refused("after its teacher a model begins anew, with worse losses, so patience must be 0"));
  options.patience = 0;
  const RunInputs saved{.init = std::make_shared<const InitialModel>(InitialModel{Tokenizer(corpus()), {0.5}})};
  EXPECT_EQ(complaint(options, CorpusKind::lines, saved), refused("a model that begins as a saved one has no teacher"));
  options.training.dropout = 0.0;
  for (const EngineKind engine : {EngineKind::exact, EngineKind::graph}) {
    options.engine = engine;
    EXPECT_EQ(complaint(options), refused("only the engine fast learns from a teacher"));
  }
}

}  // namespace
}  // namespace microgpt::teacher_test
