// SPDX-License-Identifier: MIT
#include "training/train_state.h"

#include <gtest/gtest.h>

#include "microgpt/error.h"

namespace microgpt::train_state_test {
namespace {

const std::string kSha256(64, 'a');
const ModelSource kInit{"some/model", std::string(64, 'b')};

TrainState unusual_state() {
  TrainState state{
      {"some \"corpus\".txt", kSha256, {.kind = CorpusKind::text, .encoding = Encoding::bytes, .invalid = InvalidUtf8::skip}},
      {},
      kInit,
      "microgpt train 'x'"};
  TrainSettings& run = state.options;
  run.n_layer = 3;
  run.n_embd = 24;
  run.n_head = 6;
  run.block_size = 7;
  run.activation = Activation::squared_relu;
  run.training.loss_mean = LossMean::token;
  run.batch_size = 5;
  run.training.num_steps = 123;
  run.training.learning_rate = 1.0 / 3.0;
  run.training.schedule = Schedule::cosine;
  run.training.warmup = 9;
  run.training.adam.beta1 = 0.7;
  run.training.adam.beta2 = 0.8;
  run.training.adam.weight_decay = 0.1;
  run.training.optimizer = OptimizerKind::muon;
  run.training.average = 0.2;
  run.training.dropout = 0.2;
  run.training.teacher_part = 0.3;
  run.training.teacher_share = 0.7;
  run.training.clip = 1.5;
  run.held_out = 0.2;
  run.seed = ~std::uint64_t{0};
  run.eval_every = 11;
  run.patience = 4;
  run.engine = EngineKind::graph;
  run.prefix_sharing = false;
  run.training.ngram_share = 0.25;
  run.ngram_documents = 1.5;
  return state;
}

std::string complaint_of(const std::string& from, const std::string& to) {
  std::string text = train_state_to_json(unusual_state());
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  try {
    train_state_from_json("state", text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// Every setting differs from the usual one, so none can be forgotten.
TEST(TrainState, IsReadAsItWasWritten) {
  const std::string text = train_state_to_json(unusual_state());
  const TrainState read = train_state_from_json("state", text);
  EXPECT_EQ(train_state_to_json(read), text);
  EXPECT_EQ(read.corpus.path, "some \"corpus\".txt");
  EXPECT_EQ(read.options.training.learning_rate, 1.0 / 3.0);
  EXPECT_EQ(read.options.seed, ~std::uint64_t{0});
  EXPECT_EQ(read.options.training.schedule, Schedule::cosine);
  EXPECT_FALSE(read.options.prefix_sharing);
  ASSERT_TRUE(read.init);
  EXPECT_EQ(read.init->path, kInit.path);
  EXPECT_EQ(read.init->sha256, kInit.sha256);
  EXPECT_EQ(read.command_line, "microgpt train 'x'");
  const std::string usual = train_state_to_json({{"some \"corpus\".txt", kSha256, {}}, {}, kInit, read.command_line});
  std::size_t different = 0, lines = 0;
  for (std::size_t a = 0, b = 0; a < text.size() && b < usual.size(); a = text.find('\n', a) + 1, b = usual.find('\n', b) + 1) {
    lines += text.substr(a, 4) == "    " ? 1 : 0;
    different += text.substr(a, text.find('\n', a) - a) != usual.substr(b, usual.find('\n', b) - b) ? 1 : 0;
  }
  EXPECT_EQ(different, lines - 4) << "all but the corpus and the initial model:\n" << text << usual;
}

TEST(TrainState, OfAnOlderVersionLacksWhatCameLater) {
  std::string text = train_state_to_json(unusual_state());
  for (const std::string line :
       {"    \"invalid\": \"skip\",\n", "    \"ngram_share\": 0.25,\n", "    \"ngram_documents\": 1.5,\n",
        "    \"optimizer\": \"muon\",\n", "    \"average\": 0.2,\n"}) {
    ASSERT_NE(text.find(line), std::string::npos) << text;
    text.erase(text.find(line), line.size());
  }
  EXPECT_FALSE(train_state_from_json("state", text).options.has_ngram_teacher());
  EXPECT_EQ(train_state_from_json("state", text).options.training.optimizer, OptimizerKind::adam);
}

TEST(TrainState, SaysWhichDocumentsAreLong) {
  TrainState state = unusual_state();
  EXPECT_EQ(train_state_to_json(state).find("long_documents"), std::string::npos);
  state.long_documents = {3, 20, 41, state.options.block_size};
  state.long_documents.is_fixed = true;  // as the run begins with a model
  EXPECT_EQ(describe(train_state_from_json("state", train_state_to_json(state)).long_documents),
            describe(state.long_documents));
}

TEST(TrainState, SaysWhatIsHeldOut) {
  TrainState state = unusual_state();
  const std::string plain = train_state_to_json(state);
  EXPECT_EQ(plain.find("validation\""), std::string::npos);
  state.corpus.division = {"id=(\\d+)", FileSource{"v.txt", kSha256}, FileSource{"t.txt", std::string(64, '1')}};
  const CorpusDivision read = train_state_from_json("state", train_state_to_json(state)).corpus.division;
  EXPECT_EQ(read.group, "id=(\\d+)");
  EXPECT_EQ(read.validation, state.corpus.division.validation);
  EXPECT_EQ(read.test, state.corpus.division.test);
  EXPECT_FALSE(train_state_from_json("state", plain).corpus.is_same(state.corpus));
}

TEST(TrainState, SaysWhereDocumentsAreAndWhetherCaseIsFolded) {
  TrainState state = unusual_state();
  const std::string plain = train_state_to_json(state);
  state.corpus.format.fold_case = true;
  for (const DocumentLayout& layout :
       {DocumentLayout{}, DocumentLayout{DocumentLayout::Kind::columns, "the \"code\"", '\t', true, ""},
        DocumentLayout{DocumentLayout::Kind::separated, "", ',', false, "-+\\s*"},
        DocumentLayout{DocumentLayout::Kind::fasta, "", ',', false, ""}}) {
    state.corpus.format.layout = layout;
    const CorpusSource read = train_state_from_json("state", train_state_to_json(state)).corpus;
    EXPECT_EQ(read.format.layout, layout);
    EXPECT_TRUE(read.format.fold_case);
    EXPECT_TRUE(read.is_same(state.corpus));
    EXPECT_FALSE(train_state_from_json("state", plain).corpus.is_same(state.corpus));
  }
  std::string damaged = train_state_to_json(state);
  damaged.replace(damaged.find("\"fasta\""), 7, "\"other\"");
  EXPECT_THROW(train_state_from_json("state", damaged), Error);
}

TEST(TrainState, TheEmbeddedNamesHaveNoPath) {
  const std::string text = train_state_to_json({{std::nullopt, kSha256, {}}, {}});
  EXPECT_EQ(train_state_from_json("state", text).corpus.path, std::nullopt);
  EXPECT_EQ(train_state_from_json("state", text).options.patience, std::nullopt);
  EXPECT_FALSE(train_state_from_json("state", text).init);
}

TEST(TrainState, RefusesWhatIsDamaged) {
  EXPECT_NE(complaint_of("\"n_layer\": 3", "\"n_layer\": 0")
                .find("\"n_layer\" is 0, where a whole number from 1 to 1024 is expected"),
            std::string::npos);
  EXPECT_NE(complaint_of("\"n_layer\": 3", "\"n_layer\": -3").find("is -3, where a whole number"), std::string::npos);
  EXPECT_NE(complaint_of("\"n_layer\": 3", "\"n_laxer\": 3").find("no field \"n_layer\""), std::string::npos);
  EXPECT_NE(complaint_of("\"n_layer\": 3", "\"n_layer\": 3, \"more\": 1").find("unknown field \"more\""), std::string::npos);
  EXPECT_NE(
      complaint_of("\"held_out\": 0.2", "\"held_out\": 0.5").find("\"held_out\" is 0.5, where a number from 0 to below 0.5 is"),
      std::string::npos);
  EXPECT_NE(complaint_of("\"held_out\": 0.2", "\"held_out\": \"no\"").find("is \"no\", where a number"), std::string::npos);
  EXPECT_NE(complaint_of("\"cosine\"", "\"sine\"").find("\"schedule\" is \"sine\", where linear"), std::string::npos);
  EXPECT_NE(complaint_of("true", "1").find("is 1, where true or false is expected"), std::string::npos);
  EXPECT_NE(complaint_of(kSha256, "aa").find("is no SHA-256"), std::string::npos);
  EXPECT_NE(complaint_of(kInit.sha256, "bb").find("is no SHA-256"), std::string::npos);
  EXPECT_NE(complaint_of("\"init\"", "\"begin\"").find("unknown field \"begin\""), std::string::npos);
}

}  // namespace
}  // namespace microgpt::train_state_test
