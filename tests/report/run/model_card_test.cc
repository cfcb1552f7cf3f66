// SPDX-License-Identifier: MIT
#include "report/run/model_card.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "training/run_folder.h"

namespace microgpt::model_card_test {
namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Evaluation losses(double document_mean, double token_mean, std::size_t documents) {
  return {{document_mean, token_mean}, documents, documents * 7, documents * 6, 0};
}

ModelCard some_card() {
  TrainState state{{"names.txt", std::string(64, 'a'), {}}, {}};
  state.options.seed = 77;
  state.options.training.num_steps = 300;
  state.options.eval_every = 30;
  state.command_line = "microgpt train names.txt -o 'my model'";
  Progress progress;
  progress.step = 300;
  progress.best_step = 270;
  RunLosses run{5,
                800,
                5600,
                {{"training", {losses(2.01, 2.02, 400), std::nullopt, std::nullopt}},
                 {"validation", {losses(2.11, 2.12, 90), losses(2.0, 2.05, 90), losses(1.9, 1.95, 90)}},
                 {"test", {losses(2.21, 2.22, 95), losses(2.3, 2.345, 95), losses(2.0, 2.02, 95)}}}};
  return {"names.txt", state, Config{.n_embd = 32}, 14528, Precision::float32, progress, run};
}

TEST(ModelCard, BeginsWithFrontMatter) {
  const std::string card = model_card(some_card());
  EXPECT_TRUE(card.starts_with(std::string(kModelCardBeginning) + "license: mit\npipeline_tag: text-generation\n")) << card;
  EXPECT_TRUE(contains(card, "      name: \"names.txt\"\n      split: test\n")) << card;
  EXPECT_TRUE(contains(card, "      name: nats, mean over tokens\n      value: 2.2200\n")) << card;
  EXPECT_TRUE(contains(card, "\n---\n\n# microgpt: names.txt\n")) << card;
  EXPECT_TRUE(contains(card, "corpus's own licence says")) << card;
}

TEST(ModelCard, TellsLossesDataAndSettings) {
  const std::string card = model_card(some_card());
  for (const char* part : {"| training | 400 of 800 | 2800 | 2.0100 | 2.0200 | 3.4000 | 7.5383 |\n",
                           "| validation | 90 | 630 | 2.1100 | 2.1200 |",
                           "| validation, 5-gram | 90 | 630 | 2.0000 | 2.0500 |",
                           "| test | 95 | 665 | 2.2100 | 2.2200 |",
                           "| test, 5-gram | 95 | 665 | 2.3000 | 2.3450 |",
                           "| test, mixture | 95 | 665 | 2.0000 | 2.0200 |",
                           "predicts the test worse than the model, by 0.1250 nats",
                           "300 of 300 steps; the parameters are those of step 270",
                           "1 layer, 4 heads, 32 features, a context of 16, relu",
                           "SipHash-2-4(document; seed 77) / 2^64, u \\< 0.1 is validation, u \\< 0.2 the test",
                           "| trained on | 800 documents |",
                           "| validation | 90 documents |",
                           "| test | 95 documents |",
                           "```sh\nmicrogpt train names.txt -o 'my model'\n```\n",
                           "| `num_steps` | 300 |",
                           "| `clip` | none |",
                           "| `split` | lines |",
                           "| `no_prefix_sharing` | no |",
                           "microgpt sample DIR -n 20\n",
                           "microgpt eval DIR CORPUS\n",
                           "microgpt explain DIR TEXT\n",
                           "ln 27 = 3.2958"})
    EXPECT_TRUE(contains(card, part)) << part << "\n" << card;
  EXPECT_FALSE(contains(card, "began with")) << card;
}

TEST(ModelCard, NamesTheTeacher) {
  ModelCard card = some_card();
  EXPECT_FALSE(contains(model_card(card), "learned from"));
  card.state.options.training.teacher_part = 0.4;
  card.state.options.training.teacher_share = 0.25;
  card.progress.teacher_step = 110;
  EXPECT_TRUE(contains(model_card(card),
                       "| learned from | the documents, and 0.25 of a teacher, which the first 120 steps trained |\n"))
      << model_card(card);
}

TEST(ModelCard, OfARunningTextInBytes) {
  ModelCard card = some_card();
  card.state.corpus.format = {CorpusKind::text, Encoding::bytes};
  card.state.init = ModelSource{"other|model", std::string(64, 'b')};
  const std::string text = model_card(card);
  for (const char* part : {"- byte-level\n", "one byte at a time", "26 different bytes", "a running text in three stretches",
                           "| trained on | 5600 tokens |", "| test | 665 tokens |", "eval DIR CORPUS --split text\n",
                           "| began with | the parameters of other\\|model (SHA-256"})
    EXPECT_TRUE(contains(text, part)) << part << "\n" << text;
}

TEST(ModelCard, WhereNothingIsHeldOut) {
  ModelCard card = some_card();
  card.state.options.held_out = 0.0;
  card.progress.best_step.reset();
  card.losses.parts.resize(1);
  const std::string text = model_card(card);
  EXPECT_FALSE(contains(text, "model-index")) << text;
  EXPECT_FALSE(contains(text, "| test")) << text;
  EXPECT_TRUE(contains(text, "Nothing was held out")) << text;
}

// Rows stay rows, and the front matter ends where it should, whatever a file is called.
TEST(ModelCard, NamesAreEscaped) {
  const std::string usual = model_card(some_card());
  ModelCard card = some_card();
  card.corpus = "a|b\n---\n# <script>`x` \"\\\xFF";
  const std::string text = model_card(card);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), std::count(usual.begin(), usual.end(), '\n'));
  EXPECT_TRUE(contains(text, "      name: \"a|b\uFFFD---\uFFFD# <script>`x` \\\"\\\\\uFFFD\"\n")) << text;
  EXPECT_TRUE(contains(text, "| corpus | a\\|b\uFFFD---\uFFFD\\# \\<script\\>\\`x\\` \"\\\\\uFFFD |\n")) << text;
}

}  // namespace
}  // namespace microgpt::model_card_test
