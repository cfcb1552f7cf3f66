#include "training/held_out.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "support/models.h"

namespace microgpt {
namespace {

// Tells which batches were asked for, and gives each position a loss that follows from its input and target alone.
class RecordingEngine : public Engine {
 public:
  explicit RecordingEngine(std::size_t block_size) : config_{.vocab_size = 4, .block_size = block_size} {}

  const Config& config() const override { return config_; }
  void load(std::span<const double>) override {}
  void store(std::span<double>) const override {}
  void store_gradient(std::span<double>) const override {}
  double loss_and_gradient(const Batch&, const Dropout&) override { return 0.0; }
  std::unique_ptr<Stream> open_stream() override { return nullptr; }
  std::unique_ptr<Streams> open_streams(std::size_t, FirstLayer) override { return nullptr; }
  AnyBuffers buffers() override { return Buffers<double>{}; }
  void parameters_changed() override {}

  std::vector<double> losses(const Batch& batch) override {
    batches.push_back({batch.documents(), batch.positions()});
    std::vector<double> losses;
    for (std::size_t i = 0; i < batch.positions(); ++i) losses.push_back(loss_of(batch.inputs[i], batch.targets[i]));
    return losses;
  }

  static double loss_of(Token input, Token target) { return 1.0 + input + 0.25 * target; }

  struct Size {
    std::size_t documents;
    std::size_t positions;
    bool operator==(const Size&) const = default;
  };
  std::vector<Size> batches;

 private:
  Config config_;
};

TokenizedDocuments documents_of(const std::string& text) {
  const Corpus corpus = Corpus::from_lines("test", text);
  std::vector<std::size_t> indices(corpus.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return {corpus, Tokenizer::from_characters(U"abc"), indices};
}

TEST(HeldOut, IsTheMeanOverAllDocumentsHoweverTheyAreCutIntoChunks) {
  const Config config{.vocab_size = 4, .n_embd = 4, .n_head = 2, .block_size = 5};
  const auto engine = make_graph_engine(config);
  engine->load(testing::random_parameters(config, 1));
  const TokenizedDocuments documents = documents_of("abc\na\nbbbbbbbbbb\ncab\nacca\nb\nbc\n");
  Batch all;
  for (std::size_t d = 0; d < documents.size(); ++d) documents.append(d, config.block_size, all);
  const MeanLoss expected = mean_loss(*engine, all);
  for (const HeldOutChunk chunk : {HeldOutChunk{}, {1, 100}, {3, 100}, {7, 100}, {100, 1}, {100, 6}}) {
    const MeanLoss loss = held_out_loss(*engine, documents, chunk);
    EXPECT_NEAR(loss.document_mean, expected.document_mean, 1e-14) << chunk.documents << ' ' << chunk.positions;
    EXPECT_NEAR(loss.token_mean, expected.token_mean, 1e-14) << chunk.documents << ' ' << chunk.positions;
  }
}

TEST(HeldOut, TheTwoMeansAreWhatTheyAreCalled) {
  RecordingEngine engine(8);
  const auto loss = RecordingEngine::loss_of;
  const MeanLoss mean = held_out_loss(engine, documents_of("a\ncb\n"), {.documents = 1});
  const double a = loss(3, 0) + loss(0, 3);
  const double cb = loss(3, 2) + loss(2, 1) + loss(1, 3);
  EXPECT_DOUBLE_EQ(mean.document_mean, (a / 2 + cb / 3) / 2);
  EXPECT_DOUBLE_EQ(mean.token_mean, (a + cb) / 5);
}

TEST(HeldOut, LongDocumentsAreCutToTheContext) {
  RecordingEngine engine(2);
  const auto loss = RecordingEngine::loss_of;
  const MeanLoss mean = held_out_loss(engine, documents_of("abcabc\n"));
  EXPECT_DOUBLE_EQ(mean.token_mean, (loss(3, 0) + loss(0, 1)) / 2);
}

TEST(HeldOut, BatchesAreBounded) {
  std::string text;
  for (int i = 0; i < 150; ++i) text += "ab\n";
  RecordingEngine engine(8);
  held_out_loss(engine, documents_of(text));
  EXPECT_EQ(engine.batches, (std::vector<RecordingEngine::Size>{{64, 192}, {64, 192}, {22, 66}}));

  RecordingEngine long_context(8000);
  held_out_loss(long_context, documents_of(std::string(4999, 'a') + "\na\n" + std::string(2999, 'b') + "\nab\n"));
  EXPECT_EQ(long_context.batches, (std::vector<RecordingEngine::Size>{{1, 5000}, {3, 3005}}));
}

TEST(HeldOut, AnImpossibleTokenCostsInfinitelyMuch) {
  class Certain : public RecordingEngine {
   public:
    Certain() : RecordingEngine(8) {}
    std::vector<double> losses(const Batch& batch) override {
      std::vector<double> losses = RecordingEngine::losses(batch);
      if (batches.size() == 2) losses.front() = std::numeric_limits<double>::infinity();
      return losses;
    }
  };
  Certain engine;
  const MeanLoss mean = held_out_loss(engine, documents_of("a\nb\nc\n"), {.documents = 1});
  EXPECT_EQ(mean.document_mean, std::numeric_limits<double>::infinity());
  EXPECT_EQ(mean.token_mean, std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace microgpt
