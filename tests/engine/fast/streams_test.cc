// SPDX-License-Identifier: MIT
// Documents that grow, against the losses of the same documents as a batch, and against each other.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/engine.h"
#include "engine/fast/agreement.h"
#include "support/models.h"

namespace microgpt::fast::streams_test {
namespace {

std::vector<Config> shapes() {
  std::vector<Config> shapes = testing::small_shapes();
  shapes.push_back({});
  shapes.push_back({.vocab_size = 40, .n_layer = 2, .n_embd = 32, .n_head = 4, .block_size = 20});
  shapes.push_back({.vocab_size = 70, .n_embd = 64, .n_head = 4, .block_size = 37, .activation = Activation::squared_relu});
  shapes.push_back({.vocab_size = 9, .n_layer = 3, .n_embd = 128, .n_head = 4, .block_size = 5});
  shapes.push_back({.vocab_size = 100, .n_layer = 2, .n_embd = 33, .n_head = 3, .block_size = 18});
  return shapes;
}

std::unique_ptr<Engine> engine_of(const Config& config, Target target = best_target()) {
  auto engine = make_fast_engine(config, {.target = target});
  engine->load(testing::random_parameters(config, 7, 0.7 / std::sqrt(static_cast<double>(config.n_embd))));
  return engine;
}

// Documents of different lengths for each stream, one after another for `steps` steps.
class Feeding {
 public:
  Feeding(const Config& config, std::size_t count) : config_(config), fed_(count) {}

  // All logits of all steps, stream by stream within a step.
  std::vector<float> feed(Streams& streams, std::size_t steps) {
    PythonRandom random(11);
    std::vector<float> all;
    std::vector<Token> tokens(fed_.size());
    for (std::size_t step = 0; step < steps; ++step) {
      for (std::size_t i = 0; i < fed_.size(); ++i) {
        if (fed_[i] == config_.block_size || random.randbelow(8) == 0) {
          streams.restart(i);
          fed_[i] = 0;
        }
        ++fed_[i];
        tokens[i] = static_cast<Token>(random.randbelow(config_.vocab_size));
      }
      streams.feed(tokens);
      for (std::size_t i = 0; i < fed_.size(); ++i) all.insert(all.end(), streams.logits(i).begin(), streams.logits(i).end());
    }
    return all;
  }

 private:
  const Config& config_;
  std::vector<std::size_t> fed_;
};

TEST(FastStreams, AgreeWithTheLossesOfABatch) {
  for (const Config& config : shapes()) {
    SCOPED_TRACE(config.n_embd);
    PythonRandom random(5);
    Batch batch;
    batch.append(testing::random_document(config, config.block_size, random), config.block_size);
    const auto engine = engine_of(config);
    const std::vector<double> losses = engine->losses(batch);
    for (const FirstLayer first_layer : {FirstLayer::computed, FirstLayer::looked_up}) {
      const auto streams = engine->open_streams(1, first_layer);
      for (std::size_t t = 0; t < losses.size(); ++t) {
        streams->feed(batch.document_inputs(0).subspan(t, 1));
        const std::span<const float> logits = streams->logits(0);
        double total = 0.0;
        for (const float logit : logits) total += std::exp(static_cast<double>(logit));
        const auto target = static_cast<std::size_t>(batch.document_targets(0)[t]);
        const double loss = std::log(total) - static_cast<double>(logits[target]);
        EXPECT_NEAR(loss, losses[t], testing::kEngineTolerance * (1.0 + losses[t])) << "position " << t;
      }
    }
  }
}

TEST(FastStreams, TheTableOfTheFirstLayerChangesNoBit) {
  for (const Config& config : shapes())
    for (const Target target : available_targets()) {
      SCOPED_TRACE(config.n_embd);
      const auto engine = engine_of(config, target);
      const auto computed = engine->open_streams(19, FirstLayer::computed);
      const auto looked_up = engine->open_streams(19, FirstLayer::looked_up);
      EXPECT_EQ(Feeding(config, 19).feed(*looked_up, 12), Feeding(config, 19).feed(*computed, 12)) << name_of(target);
    }
}

TEST(FastStreams, SameBitsOnAllTargets) {
  for (const Config& config : shapes()) {
    SCOPED_TRACE(config.n_embd);
    const auto expected = Feeding(config, 7).feed(*engine_of(config)->open_streams(7), 40);
    for (const Target target : available_targets().subspan(1)) {
      const auto engine = engine_of(config, target);
      EXPECT_EQ(Feeding(config, 7).feed(*engine->open_streams(7), 40), expected) << name_of(target);
    }
  }
}

// A stream's logits are those of a document of its own, whatever grows beside it and whatever it held before.
TEST(FastStreams, NoStreamDependsOnOthers) {
  for (const Config& config : shapes()) {
    SCOPED_TRACE(config.n_embd);
    const auto engine = engine_of(config);
    PythonRandom random(3);
    std::vector<std::vector<Token>> documents;
    for (std::size_t i = 0; i < 37; ++i)
      documents.push_back(testing::random_document(config, 1 + random.randbelow(config.block_size), random));
    const auto together = engine->open_streams(documents.size());
    Feeding(config, documents.size()).feed(*together, 5);
    for (std::size_t i = 0; i < documents.size(); ++i) together->restart(i);
    std::vector<std::unique_ptr<Stream>> alone;
    for (std::size_t i = 0; i < documents.size(); ++i) alone.push_back(engine->open_stream());
    std::vector<Token> tokens(documents.size());
    for (std::size_t t = 0; t < config.block_size; ++t) {
      for (std::size_t i = 0; i < documents.size(); ++i) tokens[i] = documents[i][t % documents[i].size()];
      together->feed(tokens);
      for (std::size_t i = 0; i < documents.size(); ++i) {
        const std::span<const double> own = alone[i]->feed(tokens[i]);
        const std::span<const float> shared = together->logits(i);
        ASSERT_EQ(std::vector<double>(shared.begin(), shared.end()), std::vector<double>(own.begin(), own.end())) << i;
      }
    }
  }
}

}  // namespace
}  // namespace microgpt::fast::streams_test
