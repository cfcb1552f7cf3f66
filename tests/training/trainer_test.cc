// SPDX-License-Identifier: MIT
#include "training/trainer.h"

#include <gtest/gtest.h>

#include <limits>

#include "engine/graph/graph_engine.h"
#include "microgpt/error.h"
#include "support/models.h"

namespace microgpt::trainer_test {
namespace {

const Config kConfig{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4};

BatchSource always(Batch batch) {
  return [batch](std::size_t, Batch& out) { out = batch; };
}

TEST(Trainer, LearnsADocumentByHeart) {
  graph::GraphEngine engine(kConfig);
  engine.load(testing::random_parameters(kConfig, 1));
  Trainer trainer(engine, always(testing::random_batch(kConfig, {4}, 1)), {.num_steps = 300});
  double loss = 0.0;
  while (trainer.step() < trainer.num_steps()) loss = trainer.train_step();
  EXPECT_LT(loss, 0.05);
}

TEST(Trainer, AsksForEachStepOnce) {
  graph::GraphEngine engine(kConfig);
  std::vector<std::size_t> asked;
  const Batch batch = testing::random_batch(kConfig, {2}, 1);
  Trainer trainer(engine,
                  [&](std::size_t step, Batch& out) {
                    EXPECT_EQ(out.documents(), 0U) << "the batch comes empty";
                    asked.push_back(step);
                    out = batch;
                  },
                  {.num_steps = 3});
  while (trainer.step() < trainer.num_steps()) trainer.train_step();
  EXPECT_EQ(asked, (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Trainer, StopsBeforeALossThatIsNoNumberReachesTheParameters) {
  graph::GraphEngine engine(kConfig);
  std::vector<double> parameters = testing::random_parameters(kConfig, 1);
  parameters[ParameterTable(kConfig).find("layer0.mlp_fc2").offset] = std::numeric_limits<double>::infinity();
  engine.load(parameters);
  Trainer trainer(engine, always(testing::random_batch(kConfig, {4}, 1)), {.num_steps = 3});
  try {
    trainer.train_step();
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("the loss of step 1 is")) << error.what();
  }
  std::vector<double> after(parameters.size());
  engine.store(after);
  EXPECT_EQ(after, parameters);
  EXPECT_EQ(trainer.step(), 0U);
}

// A finite loss, and a gradient that is whatever a test says.
class FixedGradient : public Engine {
 public:
  explicit FixedGradient(std::vector<double> values) : gradient(std::move(values)), parameters(gradient.size()) {}

  const Config& config() const override { return kConfig; }
  void load(std::span<const double>) override {}
  void store(std::span<double>) const override {}
  void store_gradient(std::span<double>) const override {}
  void pack(std::size_t, std::span<const double>, AnyNumbers) const override {}
  void unpack(AnyConstNumbers, std::size_t, std::span<double>) const override {}
  double loss_and_gradient(const Batch&, const Dropout& dropout, LossMean) override {
    dropouts.push_back(dropout);
    return 1.0;
  }
  void losses(const Batch&, std::span<double>) override {}
  void losses(const Batch&, const LogitChange&, LossesOfBoth&) override {}
  std::unique_ptr<Stream> open_stream() override { return nullptr; }
  std::unique_ptr<Streams> open_streams(std::size_t, FirstLayer) override { return nullptr; }
  AnyBuffers buffers() override { return Buffers<double>{parameters, gradient}; }
  void parameters_changed() override {}

  std::vector<double> gradient;
  std::vector<double> parameters;
  std::vector<Dropout> dropouts;
};

BatchSource none() {
  return [](std::size_t, Batch&) {};
}

TEST(Trainer, ClipsTheGradient) {
  // Of a first step of Adam only the sign counts, but for epsilon, so it is a large one.
  TrainingOptions options{.num_steps = 2, .adam = {.epsilon = 1.0}};
  FixedGradient free({3.0, -4.0}), clipped = free, small({0.6, -0.8});
  Trainer free_trainer(free, none(), options);
  Trainer small_trainer(small, none(), options);
  options.clip = 1.0;
  Trainer clipped_trainer(clipped, none(), options);
  for (Trainer* trainer : {&free_trainer, &clipped_trainer, &small_trainer}) trainer->train_step();
  EXPECT_EQ(clipped_trainer.gradient_norm(), 5.0) << "before clipping";
  EXPECT_EQ(free_trainer.gradient_norm(), 5.0);
  EXPECT_NE(clipped.parameters, free.parameters);
  EXPECT_NEAR(clipped.parameters[0], small.parameters[0], 1e-15);
  EXPECT_NEAR(clipped.parameters[1], small.parameters[1], 1e-15);
  clipped.gradient = {0.3, 0.4};
  clipped_trainer.train_step();
  EXPECT_EQ(clipped_trainer.gradient_norm(), 0.5) << "of the last step";
}

TEST(Trainer, StopsBeforeAGradientThatIsNoNumberReachesTheParameters) {
  FixedGradient engine({1.0, 1.0});
  Trainer trainer(engine, none(), {.num_steps = 5, .clip = 1.0});
  trainer.train_step();
  const std::vector<double> before = engine.parameters;
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    engine.gradient = {1.0, bad};
    try {
      trainer.train_step();
      FAIL();
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("the gradient of step 2 is")) << error.what();
    }
    EXPECT_EQ(engine.parameters, before);
    EXPECT_EQ(trainer.step(), 1U);
  }
}

// Each with the whole schedule, and with the optimizer of a beginning.
TEST(Trainer, ATeacherHasItsOwnSteps) {
  const TrainingOptions options{.num_steps = 9, .schedule = Schedule::cosine, .warmup = 2, .teacher_part = 0.4};
  ASSERT_EQ(options.teacher_steps(), 4U);
  FixedGradient engine({0.5, -2.0});
  Trainer trainer(engine, none(), options);
  std::vector<double> rates;
  const auto steps = [&](std::size_t end) {
    while (trainer.step() < end) {
      trainer.train_step();
      rates.push_back(trainer.last_rate());
    }
  };
  steps(4);
  std::fill(engine.parameters.begin(), engine.parameters.end(), 0.0);
  trainer.begin_anew();
  steps(9);
  std::size_t at = 0;
  for (const std::size_t count : {std::size_t{4}, std::size_t{5}}) {
    TrainingOptions part_options = options;
    part_options.num_steps = count;
    part_options.teacher_part = 0.0;
    FixedGradient part({0.5, -2.0});
    Trainer alone(part, none(), part_options);
    while (alone.step() < count) {
      alone.train_step();
      EXPECT_EQ(alone.last_rate(), rates[at++]);
    }
    if (count == 5) {
      EXPECT_EQ(engine.parameters, part.parameters);
    }
  }
}

TEST(Trainer, DropoutIsKeyedByTheStep) {
  FixedGradient engine({1.0});
  Trainer trainer(engine, none(), {.num_steps = 2, .dropout = 0.25, .dropout_seed = 9});
  trainer.train_step();
  trainer.train_step();
  ASSERT_EQ(engine.dropouts.size(), 2U);
  for (std::size_t step = 0; step < 2; ++step) {
    EXPECT_EQ(engine.dropouts[step].rate, 0.25);
    EXPECT_EQ(engine.dropouts[step].seed, 9U);
    EXPECT_EQ(engine.dropouts[step].step, step);
  }
}

}  // namespace
}  // namespace microgpt::trainer_test
