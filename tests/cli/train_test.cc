// `train` and `sample` as a user calls them.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <span>
#include <tuple>

#include "inference/sampler.h"
#include "io/file.h"
#include "microgpt/target.h"
#include "model/saved_model.h"
#include "support/process.h"

namespace microgpt::testing {
namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t lines_with(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    if (contains(text.substr(at, text.find('\n', at) - at), part)) ++n;
  return n;
}

// Two hundred different documents.
std::string tiny_corpus() {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "ab" + std::to_string(i) + "\n";
  return text;
}

using Words = std::vector<std::string>;

Words tiny_train(const Words& more = {}) {
  Words call{"train", "-", "--n-embd", "8", "--n-head", "2", "--batch-size", "8", "--num-steps", "30", "--num-samples", "3"};
  call.insert(call.end(), more.begin(), more.end());
  return call;
}

ProcessResult train_tiny(const Words& more = {}, const Words& environment = {}) {
  return run_microgpt(tiny_train(more), tiny_corpus(), environment);
}

TEST(Train, TheSameSeedGivesTheSameOutputAndAnotherSeedAnother) {
  const ProcessResult first = train_tiny();
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(train_tiny().out, first.out);
  EXPECT_NE(train_tiny({"--seed", "7"}).out, first.out);
}

TEST(Train, RegularisesWithEitherEngine) {
  for (const char* engine : {"fast", "graph"}) {
    const ProcessResult result =
        train_tiny({"--engine", engine, "--dropout", "0.2", "--weight-decay", "0.1", "--clip", "0.5", "--eval-every", "0"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(contains(result.out, "rate 0.01, linear, dropout 0.2, weight decay 0.1, clip 0.5\n")) << result.out;
  }
}

TEST(Train, EverythingThatChangesTheModelIsHeard) {
  const std::string usual = train_tiny().out;
  for (const Words& flags : std::vector<Words>{{"--n-layer", "2"},
                                               {"--n-embd", "16"},
                                               {"--n-head", "4"},
                                               {"--block-size", "3"},
                                               {"--batch-size", "9"},
                                               {"--num-steps=31"},
                                               {"--activation", "relu2"},
                                               {"--learning-rate", "0.02"},
                                               {"--schedule", "cosine"},
                                               {"--schedule", "constant"},
                                               {"--warmup", "5"},
                                               {"--loss-mean", "token"},
                                               {"--beta1", "0.5"},
                                               {"--beta2", "0.5"},
                                               {"--dropout", "0.1"},
                                               {"--weight-decay", "1"},
                                               {"--clip", "0.1"},
                                               {"--held-out", "0.2"},
                                               {"--held-out", "0"}}) {
    // A flag that is given twice is an error, so it replaces the one of tiny_train().
    Words call = tiny_train();
    const auto same = std::find(call.begin(), call.end(), flags[0].substr(0, flags[0].find('=')));
    if (same != call.end()) call.erase(same, same + 2);
    call.insert(call.end(), flags.begin(), flags.end());
    const ProcessResult result = run_microgpt(call, tiny_corpus());
    EXPECT_EQ(result.exit_code, 0) << flags[0] << ": " << result.err;
    const auto after_description = [](const std::string& out) { return out.substr(out.find("\n\n")); };
    EXPECT_NE(after_description(result.out), after_description(usual)) << flags[0];
  }
}

TEST(Train, TheGraphEngineTrainsTheSameModel) {
  const std::string graph = train_tiny({"--engine", "graph"}).out;
  EXPECT_TRUE(contains(graph, "engine    graph")) << graph;
  const auto first_line = [](const std::string& out) { return out.substr(out.find("step  0"), 60); };
  EXPECT_EQ(first_line(graph), first_line(train_tiny().out));
}

TEST(Train, PrefixSharingIsExactEnoughToSwitchOff) {
  const ProcessResult result = train_tiny({"--no-prefix-sharing"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "validation")) << result.out;
}

TEST(Train, ReportsWhereItIsAskedTo) {
  EXPECT_EQ(lines_with(train_tiny().out, "val loss"), 11U) << "at the start, and ten times";
  EXPECT_EQ(lines_with(train_tiny({"--eval-every", "20"}).out, "val loss"), 3U) << "0, 20 and 30";
  EXPECT_EQ(lines_with(train_tiny({"--eval-every", "0"}).out, "val loss"), 2U);
  const std::string logged = train_tiny({"--eval-every", "0", "--log-every", "1"}).out;
  EXPECT_EQ(lines_with(logged, "train loss"), 31U);
  EXPECT_EQ(lines_with(logged, "val loss"), 2U);
  EXPECT_EQ(lines_with(train_tiny({"--held-out", "0"}).out, "val loss"), 0U);
}

TEST(Train, WithoutStepsTheFreshModelIsShown) {
  Words call = tiny_train();
  *std::find(call.begin(), call.end(), "30") = "0";
  const ProcessResult result = run_microgpt(call, tiny_corpus());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(lines_with(result.out, "train loss"), 1U);
  EXPECT_FALSE(contains(result.err, "nan")) << result.err;
}

TEST(Train, MessagesGoToStandardErrorAndQuietSilencesThem) {
  const ProcessResult result = train_tiny({"--block-size", "4"});
  EXPECT_TRUE(contains(result.err, "as it should be")) << result.err;
  EXPECT_TRUE(contains(result.err, "documents have more positions than the context of 4")) << result.err;
  EXPECT_TRUE(contains(result.err, "tokens a second")) << result.err;
  const ProcessResult quiet = train_tiny({"--block-size", "4", "--quiet"});
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(quiet.out, result.out);
}

TEST(Train, SecondsAreTurnedIntoSteps) {
  const Words call{"train", "-", "--n-embd", "8", "--n-head", "2", "--seconds", "0.05", "--num-samples", "0"};
  const ProcessResult result = run_microgpt(call, tiny_corpus());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string before = "--seconds 0.05: as long as --num-steps ";
  const std::size_t at = result.err.find(before);
  ASSERT_NE(at, std::string::npos) << result.err;
  const std::string steps = std::to_string(std::stoul(result.err.substr(at + before.size())));
  const Words counted{"train", "-", "--n-embd", "8", "--n-head", "2", "--num-steps", steps, "--num-samples", "0"};
  EXPECT_EQ(run_microgpt(counted, tiny_corpus()).out, result.out);
}

TEST(Train, EveryTargetSavesTheSameBytes) {
  const TemporaryFolder folder;
  std::string first;
  for (const Target target : available_targets()) {
    const std::string name(name_of(target));
    const ProcessResult result = train_tiny({"-o", folder.path(name), "--quiet"}, {"MICROGPT_TARGET=" + name});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const std::string bytes = read_text(folder.path(name + "/model.safetensors"));
    EXPECT_GT(bytes.size(), 1000U);
    if (first.empty()) first = bytes;
    EXPECT_EQ(bytes, first) << name;
  }
}

TEST(Train, ATargetThatIsNotHereIsRefused) {
  const TemporaryFolder folder;
  for (const Words& call : {Words{"train"}, {"demo"}, {"info", "--system"}, {"sample", folder.path("none")}}) {
    const ProcessResult result = run_microgpt(call, "", {"MICROGPT_TARGET=sse9"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "microgpt: MICROGPT_TARGET=sse9: not an instruction set of this machine; it has " +
                              available_target_names() + "\n");
  }
  const ProcessResult info = run_microgpt({"info", "--system"}, "", {"MICROGPT_TARGET=scalar"});
  EXPECT_TRUE(contains(info.out, "scalar (available: " + available_target_names() + ")")) << info.out;
  EXPECT_TRUE(contains(info.out, "fast, graph")) << info.out;
}

TEST(Train, AModelIsReplacedOnlyWhereThatIsWanted) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  ASSERT_EQ(train_tiny({"-o", model}).exit_code, 0);
  const std::string before = read_text(model + "/model.safetensors");
  const ProcessResult again = train_tiny({"-o", model, "--seed", "7"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_EQ(again.err, "microgpt: " + model + " holds a model already: go on with its run by --resume " + model +
                           ", replace it with --overwrite, or name another folder\n");
  EXPECT_EQ(read_text(model + "/model.safetensors"), before);
  EXPECT_EQ(train_tiny({"-o", model, "--seed", "7", "--overwrite"}).exit_code, 0);
  EXPECT_NE(read_text(model + "/model.safetensors"), before);
}

TEST(Train, AnInterruptedRunSavesWhatItHas) {
  const TemporaryFolder folder;
  for (const auto& [signal, code, name] : {std::tuple(SIGINT, 130, "Interrupt"), std::tuple(SIGTERM, 143, "Terminated")}) {
    const std::string model = folder.path(name);
    const ProcessResult result = signal_microgpt({"train", "--num-steps", "1000000000", "-o", model}, signal);
    EXPECT_EQ(result.exit_code, code);
    EXPECT_TRUE(result.err.ends_with(std::string("microgpt: interrupted (") + name + ")\n")) << result.err;
    const ProcessResult sample = run_microgpt({"sample", model, "-n", "2"});
    EXPECT_EQ(sample.exit_code, 0) << sample.err;
    EXPECT_EQ(lines_with(sample.out, ""), 2U);
  }
}

TEST(Train, AnInterruptedRunThatSavesNothingJustEnds) {
  const ProcessResult result = signal_microgpt({"train", "--num-steps", "1000000000", "--quiet"}, SIGINT);
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(result.err, "microgpt: interrupted (Interrupt)\n");
}

TEST(Train, KeepsTheLastGoodCheckpointWhereTheLossIsNoNumber) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  const ProcessResult result = train_tiny({"--learning-rate", "1e38", "-o", model});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(contains(result.err, "a smaller learning rate may help")) << result.err;
  EXPECT_EQ(run_microgpt({"sample", model}).exit_code, 0) << "that before the first step";
}

TEST(Train, GoesOnWhereItWasInterrupted) {
  const TemporaryFolder folder;
  const std::string whole = folder.path("whole"), stopped = folder.path("stopped");
  const Words flags{"--num-steps=3000", "--num-samples", "0", "--n-embd", "8", "--n-head", "2"};
  const auto train_in = [&](const std::string& model) {
    Words call{"train", "-o", model};
    call.insert(call.end(), flags.begin(), flags.end());
    return call;
  };
  ASSERT_EQ(run_microgpt(train_in(whole)).exit_code, 0);
  const ProcessResult result = signal_microgpt(train_in(stopped), SIGTERM);
  EXPECT_EQ(result.exit_code, 143);
  EXPECT_TRUE(contains(result.err, " is saved; microgpt train --resume " + stopped + " goes on from there\n")) << result.err;
  const ProcessResult resumed = run_microgpt({"train", "--resume", stopped});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  for (const char* file : {"/model.safetensors", "/checkpoint.safetensors"})
    EXPECT_EQ(read_text(stopped + file), read_text(whole + file)) << file;
  const ProcessResult finished = run_microgpt({"train", "--resume", stopped});
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(finished.err, "microgpt: the run in " + stopped + " is finished: 3000 of 3000 steps\n");
}

TEST(Train, GoesOnWithTheSameCorpusOnly) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  ASSERT_EQ(train_tiny({"-o", model}).exit_code, 0);
  const ProcessResult without = run_microgpt({"train", "--resume", model});
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_TRUE(contains(without.err, "its corpus came from standard input; give it again")) << without.err;
  const ProcessResult other = run_microgpt({"train", "-", "--resume", model}, "ab\nac\n");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_TRUE(contains(other.err, "standard input is not the corpus that " + model + " was trained on")) << other.err;
  EXPECT_EQ(run_microgpt({"train", "-", "--resume", model}, tiny_corpus()).exit_code, 0);
}

TEST(Train, FlagsChangeWhatAPresetSays) {
  for (const Words& call : {Words{"train", "-", "--preset", "small", "--num-steps", "3", "--n-embd", "8"},
                            Words{"train", "-", "--n-embd", "8", "--num-steps", "3", "--preset", "small"}}) {
    const ProcessResult result = run_microgpt(call, tiny_corpus());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(contains(result.out, "3 layers, 4 heads, 8 features")) << result.out;
    EXPECT_TRUE(contains(result.out, "3 steps of 32 documents")) << result.out;
    EXPECT_TRUE(contains(result.out, "token mean")) << result.out;
  }
}

TEST(Train, MixesTheModelWithItsNgram) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  const ProcessResult result = train_tiny({"--mix-ngram", "-o", model});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(lines_with(result.out, "% "), 2U) << "of validation and test\n" << result.out;
  const std::string share = read_file(model + "/mixture.json", 1000);
  // What is lost is made again, and a run that was stopped before it comes to the same.
  std::filesystem::remove(model + "/mixture.json");
  EXPECT_EQ(run_microgpt({"train", "-", "--resume", model}, tiny_corpus()).exit_code, 0);
  EXPECT_EQ(read_file(model + "/mixture.json", 1000), share);
  const ProcessResult evaluation = run_microgpt({"eval", model, "-"}, tiny_corpus());
  EXPECT_EQ(lines_with(evaluation.out, "% "), 3U) << "and of training\n" << evaluation.out;
  EXPECT_EQ(run_microgpt({"train", "--mix-ngram", "--held-out", "0"}).err,
            "microgpt: --mix-ngram: validation chooses the proportion; it needs --held-out above 0\n");
}

TEST(Train, FlagsThatDoNotGoTogether) {
  const auto complaint = [](const Words& call) {
    const ProcessResult result = run_microgpt(call);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    return result.err;
  };
  EXPECT_EQ(complaint({"train", "--resume", "x", "--n-embd", "8"}),
            "microgpt: --n-embd does not go with --resume: the run goes on as it was begun\n");
  EXPECT_EQ(complaint({"train", "--resume", "x", "--preset", "small"}),
            "microgpt: --preset does not go with --resume: the run goes on as it was begun\n");
  EXPECT_TRUE(contains(complaint({"train", "--resume", "x", "-o", "y"}), "excludes"));
  EXPECT_EQ(complaint({"train", "--save-every", "3"}), "microgpt: --save-every: nothing is saved without -o DIR\n");
}

// The table of the report in Markdown.
TEST(Train, TheModelCardSaysWhatTheReportSays) {
  const TemporaryFolder folder;
  const std::string model = folder.path("my model");
  const ProcessResult result = train_tiny({"-o", model, "--seed", "7"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string card = read_text(model + "/README.md");
  EXPECT_TRUE(contains(card, "microgpt train - --n-embd 8 --n-head 2 --batch-size 8 --num-steps 30 --num-samples 3 -o '" +
                                 model + "' --seed 7\n"))
      << card;
  std::size_t rows = 0;
  for (const char* part : {"training  ", "validation ", "test   "}) {
    std::string line = result.out.substr(result.out.find(std::string("\n") + part, result.out.find("loss, nats")) + 1);
    line.resize(line.find('\n'));
    std::vector<std::string> numbers;
    for (std::size_t at = line.find("  "); at != std::string::npos; at = line.find("  ", at + 1))
      if (at + 2 < line.size() && line[at + 2] != ' ') numbers.push_back(line.substr(at + 2, line.find("  ", at + 2) - at - 2));
    ASSERT_EQ(numbers.size(), 5U) << line;
    std::string row = " | " + numbers[1] + " | " + numbers[2] + " | " + numbers[3] + " | " + numbers[4] + " |\n";
    EXPECT_TRUE(contains(card, row)) << row << card;
    ++rows;
  }
  EXPECT_EQ(rows, 3U);
  EXPECT_TRUE(contains(card, "SHA-256 | "));
  EXPECT_TRUE(contains(card, "| `seed` | 7 |")) << card;
  EXPECT_TRUE(contains(card, "| corpus | standard input |")) << card;
}

TEST(Train, AModelCardThatIsMissingIsMadeByResume) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  ASSERT_EQ(train_tiny({"-o", model}).exit_code, 0);
  for (const char* file : {"/README.md", "/loss.svg"}) {
    const std::string before = read_text(model + file);
    std::filesystem::remove(model + file);
    const ProcessResult result = run_microgpt({"train", "-", "--resume", model}, tiny_corpus());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(contains(result.err, "is finished: 30 of 30 steps")) << result.err;
    EXPECT_EQ(read_text(model + file), before) << file;
  }
}

TEST(Train, AReadmeThatIsNoModelCardStays) {
  const TemporaryFolder folder;
  folder.write("README.md", "# my project\n");
  const ProcessResult result = train_tiny({"-o", folder.path("")});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(contains(result.err, "README.md is no model card, and stays as it is\n")) << result.err;
  EXPECT_EQ(read_text(folder.path("README.md")), "# my project\n");
}

TEST(Train, DrawsTheCurveWhereItIsAskedTo) {
  const std::string usual = train_tiny().out;
  const std::string drawn = train_tiny({"--curve"}).out;
  const std::size_t begin = drawn.find("\n  loss, nats; dots: a batch before it is trained on; line: documents held out\n");
  ASSERT_NE(begin, std::string::npos) << drawn;
  const std::size_t end = drawn.find("step\n", begin) + 5;
  const std::string curve = drawn.substr(begin, end - begin);
  EXPECT_EQ(drawn.substr(0, begin) + drawn.substr(end), usual);
  EXPECT_TRUE(contains(curve, "random: ln 13")) << curve;
  EXPECT_TRUE(contains(curve, "-gram ")) << curve;
  EXPECT_GT(lines_with(curve, "⠄") + lines_with(curve, "⣀") + lines_with(curve, "⠁"), 0U) << curve;
  EXPECT_EQ(train_tiny({"--curve", "--quiet"}).out, drawn);
  EXPECT_FALSE(contains(train_tiny({"--curve", "--held-out", "0"}).out, "-gram ")) << "which is of documents held out";
}

TEST(Train, StopsWhenValidationGetsNoBetter) {
  const ProcessResult result = train_tiny({"--learning-rate", "5", "--eval-every", "3", "--patience", "2"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "of 30 steps, as the last 2 validation losses were no better; the model is that of step "))
      << result.out;
}

// Training that begins with a saved model: of the characters a, b and digits, with a context of 16.
class Init : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(train_tiny({"-o", model_, "--quiet"}).exit_code, 0); }

  ProcessResult tune(const Words& more, const std::string& corpus = other_corpus()) const {
    Words call{"train", "-", "--init", model_, "--num-samples", "2"};
    call.insert(call.end(), more.begin(), more.end());
    return run_microgpt(call, corpus);
  }

  static std::string other_corpus() {
    std::string text;
    for (int i = 0; i < 100; ++i) text += std::to_string(i) + "b\n";
    return text;
  }

  TemporaryFolder folder_;
  std::string model_ = folder_.path("model");
  std::string tuned_ = folder_.path("tuned");
};

TEST_F(Init, BeginsWithTheTokensAndParametersOfTheModel) {
  const ProcessResult result = tune({"--num-steps", "0", "-o", tuned_});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* file : {"/model.safetensors", "/tokenizer.json", "/config.json"})
    EXPECT_EQ(read_text(tuned_ + file), read_text(model_ + file)) << file;
  EXPECT_TRUE(contains(result.out, "\nbegins    with the parameters of " + model_ + " (SHA-256 ")) << result.out;
  EXPECT_FALSE(contains(result.err, "fresh")) << result.err;
  ASSERT_EQ(tune({"--num-steps", "20", "-o", tuned_, "--overwrite"}).exit_code, 0);
  EXPECT_NE(read_text(tuned_ + "/model.safetensors"), read_text(model_ + "/model.safetensors"));
}

TEST_F(Init, TunesBytesAsBytes) {
  const std::string bytes = folder_.path("bytes");
  ASSERT_EQ(train_tiny({"-o", bytes, "--encoding", "bytes"}).exit_code, 0);
  const ProcessResult result = run_microgpt({"train", "-", "--init", bytes, "--num-steps", "3", "-o", tuned_}, other_corpus());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(read_text(tuned_ + "/tokenizer.json"), read_text(bytes + "/tokenizer.json"));
}

TEST_F(Init, ItsModelIsNotNeededToGoOn) {
  const Words flags{"--num-steps=3000", "--learning-rate=0.003"};
  ASSERT_EQ(tune({flags[0], flags[1], "-o", tuned_}).exit_code, 0);
  const std::string corpus = folder_.write("corpus", other_corpus());
  const std::string stopped = folder_.path("stopped");
  ASSERT_EQ(signal_microgpt({"train", corpus, "--init", model_, flags[0], flags[1], "-o", stopped}, SIGTERM).exit_code, 143);
  EXPECT_TRUE(contains(read_text(stopped + "/train_state.json"), "\"path\": \"" + model_ + "\""));
  std::filesystem::remove_all(model_);
  const ProcessResult resumed = run_microgpt({"train", "--resume", stopped});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  for (const char* file : {"/model.safetensors", "/checkpoint.safetensors", "/tokenizer.json"})
    EXPECT_EQ(read_text(stopped + file), read_text(tuned_ + file)) << file;
}

TEST_F(Init, FlagsThatContradictTheModelAreRefused) {
  for (const Words& c : std::vector<Words>{{"--n-layer", "2", "1"},
                                           {"--n-embd", "16", "8"},
                                           {"--n-head", "4", "2"},
                                           {"--block-size", "8", "16"},
                                           {"--activation", "relu2", "relu"},
                                           {"--encoding", "bytes", "utf-8"}}) {
    const ProcessResult result = tune({c[0], c[1]});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "microgpt: " + c[0] + " " + c[1] + ": the model of --init " + model_ + " has " + c[2] +
                              ", and training does not change it; leave " + c[0] + " out\n");
    EXPECT_EQ(tune({c[0], c[2], "--num-steps", "1"}).exit_code, 0) << c[0] << " says the same as the model";
  }
}

TEST_F(Init, CharactersThatTheModelDoesNotKnowAreRefused) {
  const ProcessResult result = tune({"-o", tuned_}, "ab1\na\xC3\xA9X\nXb\n");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(
      result.err,
      "microgpt: standard input: document 2: the character '\xC3\xA9' (U+00E9) does not occur in the corpus of the model; "
      "the corpus has 2 such characters at 3 places; take them out, or train a model of its own\n");
  const ProcessResult text = tune({"--split", "text"}, "ab1\nab\n");
  EXPECT_EQ(text.err,
            "microgpt: standard input: the character U+000A does not occur in the corpus of the model; "
            "the corpus has 1 such character at 2 places; take them out, or train a model of its own\n");
}

TEST_F(Init, SaysWhereTheModelMayKnowWhatIsHeldOut) {
  const auto warns = [&](const Words& more, const std::string& corpus) {
    const ProcessResult result = tune(more, corpus);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return contains(result.err, "may know what is held out");
  };
  EXPECT_TRUE(warns({"--num-steps", "1", "--seed", "7"}, tiny_corpus()));
  EXPECT_TRUE(warns({"--num-steps", "1", "--held-out", "0.2"}, tiny_corpus()));
  EXPECT_FALSE(warns({"--num-steps", "1"}, tiny_corpus()));
  EXPECT_FALSE(warns({"--num-steps", "1", "--held-out", "0", "--seed", "7"}, tiny_corpus()));
  EXPECT_FALSE(warns({"--num-steps", "1", "--seed", "7"}, other_corpus()));
}

TEST_F(Init, ModelsThatAreNone) {
  const ProcessResult none = run_microgpt({"train", "--init", folder_.path("none")});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_EQ(none.err, "microgpt: cannot read " + folder_.path("none") + ": No such file or directory\n");
  EXPECT_EQ(run_microgpt({"train", "--resume", model_, "--init", model_}).err,
            "microgpt: --init does not go with --resume: the run goes on as it was begun\n");
}

class Sample : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(train_tiny({"-o", model_, "--quiet"}).exit_code, 0); }

  ProcessResult sample(const Words& flags) const {
    Words call{"sample", model_};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call);
  }

  TemporaryFolder folder_;
  std::string model_ = folder_.path("model");
};

TEST_F(Sample, PrintsSoManyDocumentsTheSameForTheSameSeed) {
  const ProcessResult first = sample({"-n", "20"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.err, "");
  EXPECT_EQ(std::count(first.out.begin(), first.out.end(), '\n'), 20);
  EXPECT_EQ(sample({"--num-samples", "20"}).out, first.out);
  EXPECT_NE(sample({"-n", "20", "--seed", "1"}).out, first.out);
  EXPECT_EQ(sample({"-n", "0"}).out, "");
}

// What train shows at its end is what sample makes of the saved model.
TEST(Train, EndsWithTheSamplesOfItsModel) {
  const TemporaryFolder folder;
  const std::string model = folder.path("model");
  const Words flags{"--seed", "5", "--temperature", "0.8"};
  Words train{"-o", model}, sample{"sample", model, "-n", "3"};  // as many as tiny_train() asks for
  train.insert(train.end(), flags.begin(), flags.end());
  sample.insert(sample.end(), flags.begin(), flags.end());
  const std::string printed = train_tiny(train).out;
  const std::string samples = run_microgpt(sample).out;
  EXPECT_EQ(lines_with(samples, ""), 3U);
  EXPECT_TRUE(printed.ends_with("samples (temperature 0.8)\n" + samples)) << printed;
}

TEST_F(Sample, ATemperatureOf0IsGreedy) {
  const std::string one = sample({"-n", "1", "--temperature", "0"}).out;
  EXPECT_EQ(sample({"-n", "2", "--temperature", "0", "--seed", "5"}).out, one + one);
  EXPECT_NE(sample({"-n", "20", "--temperature", "1"}).out, sample({"-n", "20", "--temperature", "0.3"}).out);
}

TEST_F(Sample, DocumentsBeginWithThePrompt) {
  const ProcessResult result = sample({"-n", "10", "--prompt", "ab1"});
  EXPECT_EQ(lines_with(result.out, "ab1"), 10U) << result.out;
  const ProcessResult longest = sample({"-n", "1", "--prompt", std::string(15, 'a')});
  EXPECT_EQ(longest.exit_code, 0) << longest.err;
  EXPECT_TRUE(longest.out.starts_with(std::string(15, 'a'))) << longest.out;
  EXPECT_LE(longest.out.size(), 17U);
}

TEST_F(Sample, EveryTargetPrintsTheSame) {
  const std::string usual = sample({"-n", "20"}).out;
  for (const Target target : available_targets())
    EXPECT_EQ(run_microgpt({"sample", model_, "-n", "20"}, "", {"MICROGPT_TARGET=" + std::string(name_of(target))}).out, usual);
}

TEST_F(Sample, ReadsAModelOfTheGraphEngine) {
  const std::string model = folder_.path("graph");
  ASSERT_EQ(train_tiny({"--engine", "graph", "-o", model}).exit_code, 0);
  const ProcessResult result = run_microgpt({"sample", model, "-n", "3"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3);
}

TEST_F(Sample, DocumentsMayBeLongerThanTheContext) {
  const ProcessResult result = sample({"-n", "5", "--prompt", std::string(30, 'a'), "--max-length", "40"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(lines_with(result.out, std::string(30, 'a')), 5U) << result.out;
  const ProcessResult shortest = sample({"-n", "5", "--max-length", "1", "--temperature", "2"});
  EXPECT_LE(shortest.out.size(), 10U) << shortest.out;
  EXPECT_EQ(sample({"--prompt", "ab", "--max-length", "2"}).err,
            "microgpt: --prompt: 2 characters leave no room in a --max-length of 2\n");
}

class SampleOfText : public ::testing::Test {
 protected:
  SampleOfText() {
    for (int i = 0; i < 400; ++i) text_ += i % 7 == 0 ? "baa\n" : "ab ";
  }

  Words train(const Words& more) const {
    Words call = tiny_train({"--split", "text", "--temperature", "1"});
    *std::find(call.begin(), call.end(), "30") = "300";  // so that it seldom ends a text
    call.insert(call.end(), more.begin(), more.end());
    return call;
  }

  TemporaryFolder folder_;
  std::string model_ = folder_.path("model");
  std::string text_;
};

// How a result falls into samples.
std::vector<std::string> samples_in(std::string_view printed) {
  std::vector<std::string> samples;
  constexpr std::string_view kBetween = "\n---\n";
  for (std::size_t at = 0; at < std::string_view::npos;) {
    const std::size_t end = printed.find(kBetween, at);
    samples.emplace_back(printed.substr(at, end == std::string_view::npos ? end : end - at));
    at = end == std::string_view::npos ? end : end + kBetween.size();
  }
  EXPECT_TRUE(samples.back().ends_with("\n"));
  samples.back().pop_back();
  return samples;
}

TEST_F(SampleOfText, SlidesPastTheContextAndStandsApart) {
  const ProcessResult trained = run_microgpt(train({"-o", model_}), text_);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const ProcessResult result = run_microgpt({"sample", model_, "-n", "3", "--temperature", "1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(trained.out.ends_with("samples (temperature 1)\n" + result.out)) << trained.out;
  const std::vector<std::string> samples = samples_in(result.out);
  ASSERT_EQ(samples.size(), 3U) << result.out;
  EXPECT_NE(samples[0], samples[1]);
  for (const std::string& sample : samples) EXPECT_LE(sample.size(), 500U);
  EXPECT_TRUE(std::any_of(samples.begin(), samples.end(), [](const auto& sample) { return sample.size() == 500; }));
  EXPECT_EQ(run_microgpt({"sample", model_, "-n", "3", "--temperature", "1"}).out, result.out);
  EXPECT_EQ(run_microgpt({"sample", model_, "-n", "0"}).out, "");
}

TEST_F(SampleOfText, HeedsTheLengthAndThePrompt) {
  const ProcessResult trained = run_microgpt(train({"-o", model_, "--max-length", "77"}), text_);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const std::string prompt = "ab ab baa\nab ab ab";  // longer than the context
  const ProcessResult result = run_microgpt({"sample", model_, "-n", "20", "--max-length=77", "--prompt", prompt});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::vector<std::string> samples = samples_in(result.out);
  ASSERT_EQ(samples.size(), 20U);
  for (const std::string& sample : samples) {
    EXPECT_TRUE(sample.starts_with(prompt)) << sample;
    EXPECT_LE(sample.size(), 77U);
  }
  const std::string shown = trained.out.substr(trained.out.find("samples"));
  EXPECT_TRUE(shown.ends_with(run_microgpt({"sample", model_, "-n", "3", "--max-length=77", "--temperature=1"}).out)) << shown;
  EXPECT_EQ(run_microgpt({"sample", model_, "--prompt", std::string(500, 'a')}).err,
            "microgpt: --prompt: 500 characters leave no room in a --max-length of 500\n");
}

TEST_F(SampleOfText, ReadsThePromptAsIfFromTheMidstOfTheText) {
  ASSERT_EQ(run_microgpt(train({"-o", model_}), text_).exit_code, 0);
  const SavedModel saved = load_model(model_);
  const auto engine = make_fast_engine(saved.config);
  engine->load(saved.parameters);
  SamplerOptions options{.temperature = 1.0, .prompt_after_bos = false, .max_length = 30};
  const std::vector<Token> prompt = saved.tokenizer.encode("b");
  options.prompt.assign(prompt.begin() + 1, prompt.end() - 1);
  const auto printed_with = [&](bool after_bos) {
    options.prompt_after_bos = after_bos;
    std::string printed;
    sample_documents(*engine, saved.tokenizer.bos(), 20, options, [&](std::span<const Token> tokens) {
      printed += (printed.empty() ? "" : "---\n") + saved.tokenizer.decode(tokens) + "\n";
    });
    return printed;
  };
  ASSERT_NE(printed_with(true), printed_with(false));
  EXPECT_EQ(run_microgpt({"sample", model_, "-n", "20", "--prompt", "b", "--max-length=30", "--temperature", "1"}).out,
            printed_with(false));
}

// A folder that says nothing of a run holds a model of lines.
TEST_F(SampleOfText, IsKnownByTheRunOfTheModel) {
  ASSERT_EQ(run_microgpt(train({"-o", model_}), text_).exit_code, 0);
  std::filesystem::remove(model_ + "/train_state.json");
  EXPECT_FALSE(contains(run_microgpt({"sample", model_, "-n", "3"}).out, "---"));
}

// A run that goes on samples with its own seed.
TEST_F(Sample, AResumedRunEndsWithTheSamplesOfItsModel) {
  const std::string model = folder_.path("stopped");
  ASSERT_EQ(
      signal_microgpt({"train", "-o", model, "--num-steps=2000", "--n-embd=8", "--n-head=2", "--seed=7"}, SIGTERM).exit_code,
      143);
  const ProcessResult resumed = run_microgpt({"train", "--resume", model});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_TRUE(resumed.out.ends_with(")\n" + run_microgpt({"sample", model, "--seed", "7"}).out)) << resumed.out;
}

TEST_F(Sample, PromptsThatDoNotWork) {
  const auto expect_complaint = [&](const std::string& prompt, int exit_code, const std::string& message) {
    const ProcessResult result = sample({"--prompt=" + prompt});
    EXPECT_EQ(result.exit_code, exit_code);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "microgpt: " + message + "\n");
  };
  expect_complaint(std::string(16, 'a'), 2,
                   "--prompt: 16 characters leave no room in the context of 16; --max-length N makes longer documents");
  expect_complaint("aXb", 1, "the character 'X' (U+0058) does not occur in the corpus of the model");
  expect_complaint("a\xFF", 2, "--prompt: this is not UTF-8");
}

}  // namespace
}  // namespace microgpt::testing
