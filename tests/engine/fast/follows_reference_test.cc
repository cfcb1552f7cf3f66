// SPDX-License-Identifier: MIT
// Training on one document a step, as microgpt.py does, follows its losses for all of its 1000 steps.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "microgpt/corpus.h"
#include "support/length.h"
#include "training/reference_run.h"

namespace microgpt::fast::follows_reference_test {
namespace {

constexpr double kTolerance = 1e-5;  // of the loss

// For how many steps single precision follows a revision that closely. `first` squares its relus and begins with a mlp_fc2 of
// 0: a hidden unit just above 0 then has gradients that are far smaller than those they are sums of, so that their rounding
// errors are a good part of them, and Adam makes steps of full size of the smallest gradient. After some hundred steps such a
// unit is dead in one precision and alive in the other, while the gradients at equal parameters still agree to 1e-6.
struct Following {
  const Revision* revision;
  std::size_t close_steps;
  double tolerance_afterwards;
};
constexpr Following kFollowing[] = {{&kRevisions[0], 1000, 0.0}, {&kRevisions[1], 100, 0.02}};

struct Reference {
  std::vector<double> parameters;  // before the first step
  std::vector<double> losses;
};

std::size_t steps_of(const Revision& revision) { return testing::full_or(revision.training.num_steps, 20); }

TrainingOptions training_of(const Revision& revision, std::size_t num_steps) {
  TrainingOptions training = revision.training;
  training.num_steps = num_steps;
  return training;
}

ReferenceOptions options_of(const Revision& revision) {
  ReferenceOptions options;
  options.revision = &revision;
  options.num_steps = steps_of(revision);
  return options;
}

Reference reference_of(const Corpus& corpus, const Revision& revision) {
  ReferenceRun run(corpus, options_of(revision));
  Reference reference;
  reference.parameters.resize(run.table().parameter_count());
  run.engine().store(reference.parameters);
  while (run.trainer().step() < run.trainer().num_steps()) reference.losses.push_back(run.trainer().train_step());
  return reference;
}

std::vector<double> fast_losses(const Corpus& corpus, const Revision& revision, const Reference& reference, Target target) {
  ReferenceRun order(corpus, options_of(revision));
  const Config config = order.engine().config();
  const auto engine = make_fast_engine(config, {.target = target});
  engine->load(reference.parameters);
  Trainer trainer(
      *engine,
      [&](std::size_t step, Batch& batch) {
        batch.append(order.tokenizer().encode(order.document_of_step(step), config.block_size), config.block_size);
      },
      training_of(revision, reference.losses.size()), target);
  std::vector<double> losses;
  while (trainer.step() < trainer.num_steps()) losses.push_back(trainer.train_step());
  return losses;
}

class FollowsReferenceTest : public ::testing::TestWithParam<Following> {};

void expect_to_follow(const std::vector<double>& losses, const std::vector<double>& reference, const Following& following) {
  ASSERT_EQ(losses.size(), reference.size());
  double largest = 0.0;
  for (std::size_t step = 0; step < losses.size(); ++step) {
    const double difference = std::abs(losses[step] - reference[step]) / reference[step];
    const bool close = step < following.close_steps;
    EXPECT_LE(difference, close ? kTolerance : following.tolerance_afterwards)
        << "step " << step + 1 << ": " << losses[step] << " instead of " << reference[step];
    if (close) largest = std::max(largest, difference);
  }
  std::cout << fmt::format("largest difference in the first {} steps: {:.3g} of the loss\n", following.close_steps, largest);
}

TEST_P(FollowsReferenceTest, OnEveryTarget) {
  const Revision& revision = *GetParam().revision;
  const Corpus corpus = embedded_names();
  const Reference reference = reference_of(corpus, revision);
  ASSERT_EQ(reference.losses.size(), steps_of(revision));
  for (const Target target : available_targets()) {
    SCOPED_TRACE(name_of(target));
    expect_to_follow(fast_losses(corpus, revision, reference, target), reference.losses, GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(Revisions, FollowsReferenceTest, ::testing::ValuesIn(kFollowing),
                         [](const auto& following) { return std::string(following.param.revision->name); });

}  // namespace
}  // namespace microgpt::fast::follows_reference_test
