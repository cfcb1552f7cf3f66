// SPDX-License-Identifier: MIT
#include "sweep/sweep_grid.h"

#include <gtest/gtest.h>

#include <numeric>

#include "io/json.h"
#include "microgpt/error.h"

namespace microgpt::sweep_grid_test {
namespace {

std::vector<RunSettings> configurations_of(const std::string& text) {
  return all_configurations({}, grids_from_json("grid.json", parse_json("grid.json", text)));
}

std::vector<std::string> described(const std::vector<RunSettings>& configurations) {
  std::vector<std::string> lines;
  for (const RunSettings& settings : configurations)
    lines.push_back(describe_settings(settings, varying_settings(configurations)));
  return lines;
}

std::string complaint_of(const std::string& text) {
  try {
    configurations_of(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// In the order of the settings and not of the file, the last one changing fastest.
TEST(SweepGrid, EveryCombinationIsOne) {
  EXPECT_EQ(described(configurations_of(R"({"seed": [1, 2], "n_head": 2, "n_embd": [16, 8, 32]})")),
            (std::vector<std::string>{"n_embd 16, seed 1", "n_embd 16, seed 2", "n_embd 8, seed 1", "n_embd 8, seed 2",
                                      "n_embd 32, seed 1", "n_embd 32, seed 2"}));
  for (const RunSettings& settings : configurations_of(R"({"seed": [1, 2], "n_head": 2})"))
    EXPECT_EQ(settings.options.n_head, 2U);
}

TEST(SweepGrid, AnArrayIsTheConfigurationsOfAllItsGrids) {
  EXPECT_EQ(
      described(configurations_of(R"([{"n_embd": [8, 16]}, {"n_embd": 64, "clip": [null, 1]}])")),
      (std::vector<std::string>{"n_embd 8, clip none", "n_embd 16, clip none", "n_embd 64, clip none", "n_embd 64, clip 1"}));
}

TEST(SweepGrid, ItsJsonMakesItAgain) {
  const std::string text = R"([{"n_embd":[8,16]},{"schedule":["cosine"],"clip":[null,0.5],"seed":[18446744073709551615]}])";
  EXPECT_EQ(dump(grids_to_json(grids_from_json("g", parse_json("g", text)))), text);
}

TEST(SweepGrid, RefusesWhatIsNone) {
  EXPECT_EQ(complaint_of("[]"), "grid.json: there is no grid in the array");
  EXPECT_EQ(complaint_of("{}"), "grid.json: the grid is empty; name settings, as in {\"n_embd\": [16, 32]}");
  EXPECT_EQ(complaint_of("[{\"n_embd\": 8}, {}]"), "grid.json: the grid is empty; name settings, as in {\"n_embd\": [16, 32]}");
  EXPECT_EQ(complaint_of("[3]"), "grid.json: 3 is no object of settings, such as {\"n_embd\": [16, 32]}");
  EXPECT_EQ(complaint_of("\"n_embd\""), "grid.json: \"n_embd\" is no object of settings, such as {\"n_embd\": [16, 32]}");
  EXPECT_EQ(complaint_of("{\"n_embd\": []}"), "grid.json: n_embd has no value; name one or more");
}

TEST(SweepGrid, RefusesSettingsThatThereAreNot) {
  for (const char* name : {"n_embed", "n-embd", "seconds", "", "threads"})
    EXPECT_EQ(complaint_of(std::string("{\"") + name + "\": 1}"),
              std::string("grid.json: there is no setting \"") + name + "\"; microgpt sweep --help-all lists them as flags");
}

TEST(SweepGrid, RefusesValuesThatASettingCannotHave) {
  EXPECT_EQ(complaint_of("{\"n_embd\": [16, 0]}"), "grid.json: n_embd 0: a whole number from 1 to 16384 is expected");
  for (const char* value : {"-1", "1.5", "\"16\"", "true", "null", "[16]", "{\"a\":1}"})
    EXPECT_EQ(complaint_of(std::string("{\"n_embd\": [") + value + "]}"),
              std::string("grid.json: n_embd ") + value + ": a whole number from 1 to 16384 is expected");
  EXPECT_EQ(complaint_of("{\"learning_rate\": 0}"), "grid.json: learning_rate 0: a number above 0 is expected");
  EXPECT_EQ(complaint_of("{\"schedule\": \"sine\"}"), "grid.json: schedule \"sine\": linear, cosine or constant is expected");
}

TEST(SweepGrid, RefusesAValueTwice) {
  EXPECT_EQ(complaint_of("{\"n_embd\": [16, 8, 16]}"), "grid.json: n_embd 16 stands there twice; name it once");
  EXPECT_NE(complaint_of("{\"learning_rate\": [0.01, 1e-2]}"), "") << "they are the same";
  EXPECT_NE(complaint_of("{\"weight_decay\": [1, 1.0]}"), "") << "they are the same";
}

TEST(SweepGrid, RefusesAConfigurationTwice) {
  EXPECT_EQ(complaint_of("[{\"n_embd\": [16, 8]}, {\"n_embd\": 8}]"),
            "configuration 3 is that of number 2 again (n_embd 8); take it out of one of the grids");
  EXPECT_NE(complaint_of("[{\"n_embd\": [32, 8]}, {\"seed\": [42, 1]}]"), "") << "32 and 42 are usual";
}

TEST(SweepGrid, RefusesToReadTheCorpusInTwoWays) {
  for (const char* grid : {R"({"split": ["lines", "text"]})", R"([{"n_embd": 8}, {"n_embd": 16, "encoding": "bytes"}])"})
    EXPECT_NE(complaint_of(grid).find("must be the same in all configurations"), std::string::npos) << grid;
  EXPECT_EQ(complaint_of(R"({"split": "text", "n_embd": [8, 16]})"), "");
}

TEST(SweepGrid, TakesAsManyAsItSaysAndNoMore) {
  std::vector<SettingValue> seeds(kMaxConfigurations);
  std::iota(seeds.begin(), seeds.end(), 0U);
  Grid grid{{"seed", seeds}};
  EXPECT_EQ(all_configurations({}, {grid}).size(), kMaxConfigurations);
  add_axis(grid, {"n_embd", {8, 16}});
  EXPECT_EQ(grid.front().name, "n_embd");
  EXPECT_THROW(all_configurations({}, {grid}), Error);
}

// The number of combinations overflows.
TEST(SweepGrid, CountsBeforeItExpands) {
  std::string text = "{";
  for (const char* name :
       {"num_steps", "n_layer", "n_embd", "n_head", "block_size", "batch_size", "warmup", "seed", "eval_every"}) {
    text += (text == "{" ? "\"" : ",\"") + std::string(name) + "\": [";
    for (int i = 1; i <= 1000; ++i) text += (i == 1 ? "" : ",") + std::to_string(i);
    text += "]";
  }
  EXPECT_EQ(complaint_of(text + "}"), "the grid has more than 10000 configurations; take fewer values");
}

}  // namespace
}  // namespace microgpt::sweep_grid_test
