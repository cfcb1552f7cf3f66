// SPDX-License-Identifier: MIT
#include "web/workbench.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/json.h"
#include "microgpt/error.h"
#include "microgpt/explain.h"
#include "microgpt/train.h"

namespace microgpt::web {
namespace {

constexpr const char* kSettings = R"({"num_steps": 60, "n_embd": 16, "batch_size": 4, "eval_every": 20})";

std::string words() {
  std::string text;
  for (const char* first : {"b", "d", "f", "g", "k", "l", "m", "n", "p", "r"})
    for (const char* second : {"a", "e", "i", "o", "u"})
      for (const char* third : {"l", "n", "r", "s"}) ((((text += first) += second) += third) += second) += '\n';
  return text;
}

class WorkbenchTest : public testing::Test {
 protected:
  Json ask(const std::string& request, const std::string& bytes = "") {
    last_ = workbench_.answer({request, bytes});
    return parse_json("the answer", last_.json);
  }

  static double number(const Json& json, const char* field) { return json.find(field)->number(); }

  std::string train(const std::string& slice) {
    ask(R"({"do": "corpus"})", words());
    ask(std::string(R"({"do": "begin", "settings": )") + kSettings + "}");
    while (!ask(slice).find("is_finished")->boolean()) {
    }
    return ask(R"({"do": "finish"})").find("sha256")->text();
  }

  Workbench workbench_;
  Message last_;
};

TEST_F(WorkbenchTest, ARunInSlicesHasTheBitsOfOneAtOnce) {
  const std::string whole = train(R"({"do": "train", "milliseconds": 1e9})");
  EXPECT_EQ(train(R"({"do": "train", "steps": 1})"), whole);
  EXPECT_EQ(train(R"({"do": "train", "steps": 7})"), whole);
}

TEST_F(WorkbenchTest, TrainsWhatTheLibraryTrains) {
  const std::string hash = train(R"({"do": "train"})");
  const Model model =
      microgpt::train(Corpus::from_lines("words", words()),
                      {.settings = {{"num_steps", 60}, {"n_embd", 16}, {"batch_size", 4}, {"eval_every", 20}}, .threads = 1});
  Workbench other;
  const std::string folder = testing::TempDir() + "/workbench_model";
  model.save(folder);
  EXPECT_EQ(Model::load(folder).parameters().size(), model.parameters().size());
  ask(R"({"do": "save"})");
  const std::string files = last_.json;
  const Json opened = parse_json(
      "", other.answer({R"({"do": "open", "files": )" + dump(*parse_json("", files).find("files")) + "}", last_.bytes}).json);
  EXPECT_EQ(opened.find("sha256")->text(), hash);
  const auto loss = [](Workbench& workbench) {
    return number(parse_json("", workbench.answer({R"({"do": "explain", "text": "balabala"})"}).json), "loss_sum");
  };
  EXPECT_EQ(loss(other), loss(workbench_));
  EXPECT_EQ(loss(other), microgpt::explain(model, "balabala").total_nats());
}

TEST_F(WorkbenchTest, ReportsEachStepAndValidationOnce) {
  ask(R"({"do": "corpus"})", words());
  const Json begun = ask(std::string(R"({"do": "begin", "settings": )") + kSettings + "}");
  EXPECT_EQ(number(begun, "steps"), 60);
  std::vector<double> steps, validations;
  bool is_finished = false;
  while (!is_finished) {
    const Json slice = ask(R"({"do": "train", "steps": 7})");
    for (const Json& each : slice.find("losses")->elements()) steps.push_back(each.elements()[0].number());
    for (const Json& each : slice.find("validations")->elements()) validations.push_back(each.elements()[0].number());
    is_finished = slice.find("is_finished")->boolean();
  }
  ASSERT_EQ(steps.size(), 60U);
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i], static_cast<double>(i + 1));
  EXPECT_EQ(validations, (std::vector<double>{0, 20, 40, 60}));
}

TEST_F(WorkbenchTest, LaysOpenTheRunThatIsUnderWay) {
  ask(R"({"do": "corpus"})", words());
  ask(std::string(R"({"do": "begin", "settings": )") + kSettings + "}");
  const double before = number(ask(R"({"do": "explain", "live": true, "text": "balabala"})"), "loss_mean");
  ask(R"({"do": "train", "steps": 50, "milliseconds": 1e9})");
  EXPECT_LT(number(ask(R"({"do": "explain", "live": true, "text": "balabala"})"), "loss_mean"), before);
}

TEST_F(WorkbenchTest, MarksWhatIsInTheCorpus) {
  train(R"({"do": "train"})");
  const Json scored = ask(R"({"do": "score"})", "bala\nqqqq\n");
  const auto& lines = scored.find("lines")->elements();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].find("part")->is_text());
  EXPECT_TRUE(lines[1].find("part")->is_null());
  EXPECT_EQ(lines[0].find("position_bits")->elements().size(), 5U);
  EXPECT_EQ(number(lines[0], "bits_per_character"), number(lines[0], "bits") / 4) << "as the program has it";
  EXPECT_LE(number(lines[1], "p_value"), number(lines[0], "p_value"));
  const Json drawn = ask(R"({"do": "sample", "count": 4, "not_in": true, "unique": true, "temperature": 1.0})");
  ASSERT_EQ(drawn.find("samples")->elements().size(), 4U);
  for (const Json& each : drawn.find("samples")->elements())
    EXPECT_TRUE(each.find("part")->is_null()) << each.find("text")->text();
}

TEST_F(WorkbenchTest, SaysThatTrainingHasDiverged) {
  ask(R"({"do": "corpus"})", words());
  ask(R"({"do": "begin", "settings": {"num_steps": 50, "n_embd": 16, "optimizer": "adam", "learning_rate": 1e30, "clip": "none"}})");
  try {
    ask(R"({"do": "train", "milliseconds": 1e9})");
    ADD_FAILURE() << last_.json;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("has diverged"), std::string::npos) << error.what();
  }
}

TEST_F(WorkbenchTest, ReplaysMicrogptPy) {
  ask(R"({"do": "begin_reference", "steps": 5})", words());
  const Json first = ask(R"({"do": "replay", "steps": 2})");
  const Json rest = ask(R"({"do": "replay", "with_parameters": true})");
  EXPECT_EQ(first.find("losses")->elements().size() + rest.find("losses")->elements().size(), 5U);
  EXPECT_TRUE(rest.find("is_finished")->boolean());
  EXPECT_FALSE(last_.bytes.empty());
}

TEST_F(WorkbenchTest, SaysWhatIsWrong) {
  const auto expect_error = [&](const std::string& request, const std::string& part, const std::string& bytes = "") {
    try {
      ask(request, bytes);
      ADD_FAILURE() << request;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  expect_error("{", "the request");
  expect_error(R"({"do": "dance"})", "there is no request \"dance\"");
  expect_error(R"({"do": "begin"})", "there is no corpus yet");
  expect_error(R"({"do": "train"})", "no training was begun");
  expect_error(R"({"do": "explain", "text": "a"})", "there is no model yet");
  expect_error(R"({"do": "corpus"})", "", "\n \n");
  expect_error(R"({"do": "corpus"})", "UTF-8", "abc\n\xFF\xFE\n");
  ask(R"({"do": "corpus"})", words());
  expect_error(R"({"do": "begin", "settings": {"n_embd": 7}})", "n_embd");
  expect_error(R"({"do": "begin", "settings": {"n_embed": 8}})", "n_embed");
  expect_error(R"({"do": "begin", "settings": {"num_steps": -3}})", "num_steps is -3,");
  expect_error(R"({"do": "begin", "seconds": "many"})", "seconds is not a number");
  expect_error(R"({"do": "open", "files": [{"name": "config.json", "size": 9}]})", "not those that came with it", "{}");
  expect_error(R"({"do": "open", "files": [{"name": "config.json", "size": 2}]})", "config.json", "{}");
}

}  // namespace
}  // namespace microgpt::web
