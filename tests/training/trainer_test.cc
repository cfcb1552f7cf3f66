#include "training/trainer.h"

#include <gtest/gtest.h>

#include <limits>

#include "engine/graph/graph_engine.h"
#include "microgpt/error.h"
#include "support/models.h"

namespace microgpt {
namespace {

const Config kConfig{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4};

BatchSource always(Batch batch) {
  return [batch](std::size_t, Batch& out) { out = batch; };
}

TEST(Trainer, LearnsADocumentByHeart) {
  GraphEngine engine(kConfig);
  engine.load(testing::random_parameters(kConfig, 1));
  Trainer trainer(engine, always(testing::random_batch(kConfig, {4}, 1)), {.num_steps = 300});
  double loss = 0.0;
  while (trainer.step() < trainer.num_steps()) loss = trainer.train_step();
  EXPECT_LT(loss, 0.05);
}

TEST(Trainer, AsksForEachStepOnce) {
  GraphEngine engine(kConfig);
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
  GraphEngine engine(kConfig);
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

}  // namespace
}  // namespace microgpt
