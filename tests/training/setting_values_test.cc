// SPDX-License-Identifier: MIT
#include "training/setting_values.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace microgpt::setting_values_test {
namespace {

// A value other than the usual one of each setting.
SettingValue other_than(const SettingValue& usual, const std::string& name) {
  if (usual.is_boolean()) return !usual.boolean();
  if (usual.is_text())
    return *Json::object({{"split", "text"},
                          {"encoding", "bytes"},
                          {"invalid", "skip"},
                          {"activation", "relu2"},
                          {"loss_mean", "token"},
                          {"optimizer", "muon"},
                          {"schedule", "cosine"},
                          {"engine", "graph"}})
                .find(name);
  if (usual.is_real()) return 0.25;
  return 7U;
}

TEST(SettingValues, EachSettingTakesAValueAndGivesItBack) {
  const std::vector<std::string> names = setting_names();
  EXPECT_GE(names.size(), 25U);
  for (const std::string& name : names) {
    RunSettings settings;
    const SettingValue other = other_than(setting_value(settings, name), name);
    ASSERT_NE(setting_value(settings, name), other) << name;
    EXPECT_EQ(set_setting(settings, name, other), std::nullopt) << name;
    for (const std::string& each : names)
      EXPECT_EQ(setting_value(settings, each), each == name ? other : setting_value({}, each)) << name << " changed " << each;
  }
}

TEST(SettingValues, AValueOfAnotherKindChangesNothing) {
  for (const std::string& name : setting_names())
    for (const SettingValue& bad : {SettingValue("x"), SettingValue(-1), SettingValue::array({1}), SettingValue::object()}) {
      RunSettings settings;
      EXPECT_TRUE(set_setting(settings, name, bad)) << name << " took " << dump(bad);
      EXPECT_EQ(setting_value(settings, name), setting_value({}, name));
    }
}

TEST(SettingValues, SaysWhatIsExpected) {
  RunSettings settings;
  EXPECT_EQ(set_setting(settings, "n_layer", 0), "a whole number from 1 to 1024");
  EXPECT_EQ(set_setting(settings, "n_layer", 2.0), "a whole number from 1 to 1024");
  EXPECT_EQ(set_setting(settings, "held_out", 0.5), "a number from 0 to below 0.5");
  EXPECT_EQ(set_setting(settings, "clip", 0), "a number above 0 or none");
  EXPECT_EQ(set_setting(settings, "schedule", "sine"), "linear, cosine or constant");
  EXPECT_EQ(set_setting(settings, "no_prefix_sharing", 1), "true or false");
}

TEST(SettingValues, OptionalOnesCanBeUnset) {
  RunSettings settings;
  set_setting(settings, "clip", 1.0);
  EXPECT_EQ(set_setting(settings, "clip", nullptr), std::nullopt);
  EXPECT_EQ(settings.options.training.clip, std::nullopt);
  EXPECT_TRUE(set_setting(settings, "learning_rate", nullptr));
}

TEST(SettingValues, AreShortForTheEye) {
  RunSettings settings;
  settings.options.training.clip = 1.0;
  settings.options.prefix_sharing = false;
  for (const auto& [name, text] : std::map<std::string, std::string>{{"learning_rate", "0.01"},
                                                                     {"clip", "1"},
                                                                     {"n_embd", "32"},
                                                                     {"schedule", "linear"},
                                                                     {"eval_every", "null"},
                                                                     {"no_prefix_sharing", "true"}})
    EXPECT_EQ(setting_text(settings, name), text) << name;
  EXPECT_EQ(setting_text({}, "clip"), "none");
}

// Of the others nothing means something else: the default that the run finds.
TEST(SettingValues, NoneIsAValueWhereItMeansThatThereIsNone) {
  for (const std::string& name : setting_names()) {
    RunSettings settings;
    EXPECT_EQ(set_setting(settings, name, "none").has_value(), name != "clip") << name;
  }
  RunSettings settings;
  settings.options.training.clip = 1.0;
  EXPECT_EQ(set_setting(settings, "clip", "none"), std::nullopt);
  EXPECT_EQ(settings.options.training.clip, std::nullopt);
}

TEST(SettingValues, ThoseOfTheCorpusAreSomeOfAll) {
  EXPECT_EQ(corpus_setting_names(), (std::vector<std::string>{"split", "encoding", "invalid"}));
  const std::vector<std::string> all = setting_names();
  for (const std::string& name : corpus_setting_names()) EXPECT_NE(std::find(all.begin(), all.end(), name), all.end());
}

}  // namespace
}  // namespace microgpt::setting_values_test
