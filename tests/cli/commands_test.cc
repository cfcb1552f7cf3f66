// SPDX-License-Identifier: MIT
// The commands as a user calls them: what they print where, and how they end.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <tuple>

#include "model/saved_model.h"
#include "simd/target.h"
#include "support/length.h"
#include "support/models.h"
#include "support/process.h"

namespace microgpt::testing::commands_test {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// Through a shell, as only it can say where the output goes and which signals count.
std::string in_shell(const std::string& arguments) { return "'" MICROGPT_PROGRAM "' " + arguments; }

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Commands, VersionAndInfo) {
  const ProcessResult version = run_microgpt({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_TRUE(version.out.starts_with("microgpt ")) << version.out;
  EXPECT_EQ(run_microgpt({"-V"}).out, version.out);
  const ProcessResult info = run_microgpt({"info", "--system"});
  EXPECT_EQ(info.exit_code, 0);
  for (const char* fact : {"version", "compiler", "instruction set", "cores", "libm", "MPI"})
    EXPECT_TRUE(contains(info.out, fact)) << fact;
}

TEST(Commands, AModelOfBytesTakesAnyPromptAndPrintsBytes) {
  const TemporaryFolder folder;
  const Config config{.vocab_size = 4, .n_embd = 4, .n_head = 1, .block_size = 8};
  save_model(folder.path("m"), {config, Tokenizer::from_characters({'a', 0xC3, 0xFF}, Encoding::bytes),
                                random_parameters(config, 1), Precision::float32});
  const ProcessResult sample = run_microgpt({"sample", folder.path("m"), "-n", "3", "--prompt", "\xFF\xC3"});
  EXPECT_EQ(sample.exit_code, 0) << sample.err;
  EXPECT_TRUE(sample.out.starts_with("\xFF\xC3"));
  EXPECT_EQ(count(sample.out, "\n"), 3U);
  EXPECT_EQ(run_microgpt({"sample", folder.path("m"), "--prompt", "b"}).err,
            "microgpt: --prompt: the byte 'b' (\\x62) does not occur in the corpus of the model; take others\n");
}

TEST(Commands, HelpGoesToStandardOutput) {
  for (const std::vector<std::string>& call : {std::vector<std::string>{"--help"},
                                               {"reference", "--help"},
                                               {"demo", "--help"},
                                               {"train", "--help"},
                                               {"sample", "--help"},
                                               {"eval", "--help"},
                                               {"explain", "--help"},
                                               {"tokens", "--help"},
                                               {"loss", "--help"},
                                               {"score", "--help"},
                                               {"classify", "--help"},
                                               {"train-pair", "--help"},
                                               {"info", "--help"}}) {
    const ProcessResult help = run_microgpt(call);
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_TRUE(contains(help.out, "Usage")) << help.out;
    EXPECT_EQ(help.err, "");
  }
}

TEST(Commands, NothingAskedIsAnsweredWithHelp) {
  const ProcessResult result = run_microgpt({});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(contains(result.err, "reference")) << result.err;
}

TEST(Reference, UnderscoresAreAccepted) {
  const ProcessResult dashes = run_microgpt({"reference", "--n-embd", "8", "--num-steps=3", "--num-samples", "1"});
  const ProcessResult underscores = run_microgpt({"reference", "--n_embd", "8", "--num_steps=3", "--num_samples", "1"});
  EXPECT_EQ(dashes.exit_code, 0) << dashes.err;
  EXPECT_EQ(dashes.out, underscores.out);
  EXPECT_EQ(count(dashes.out, "step "), 3U);
  EXPECT_EQ(dashes.err, "") << "no progress where nobody watches";
}

TEST(Reference, ReadsStandardInput) {
  const TemporaryFolder folder;
  const std::string text = "anna\nbob\n";
  const std::vector<std::string> flags{"--num-steps", "2", "--num-samples", "2"};
  std::vector<std::string> from_file{"reference", "--corpus", folder.write("names", text)};
  std::vector<std::string> from_input{"reference", "--corpus", "-"};
  from_file.insert(from_file.end(), flags.begin(), flags.end());
  from_input.insert(from_input.end(), flags.begin(), flags.end());
  const ProcessResult file = run_microgpt(from_file);
  EXPECT_EQ(file.exit_code, 0) << file.err;
  EXPECT_TRUE(file.out.starts_with("num docs: 2\nvocab size: 5\n")) << file.out;
  EXPECT_EQ(run_microgpt(from_input, text).out, file.out);
}

TEST(Reference, KeepsAByteOrderMarkAsPythonDoes) {
  const ProcessResult result =
      run_microgpt({"reference", "--corpus", "-", "--num-steps", "1", "--num-samples", "1"}, "\ufeffab\n");
  EXPECT_TRUE(contains(result.out, "vocab size: 4\n")) << result.out;
}

TEST(Loss, CurveAndTable) {
  const ProcessResult result = run_microgpt({"loss"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(contains(result.out, "1/27")) << result.out;
  EXPECT_TRUE(contains(result.out, "3.2958")) << result.out;
  EXPECT_TRUE(contains(result.out, "random: ln 27")) << result.out;
  EXPECT_TRUE(contains(run_microgpt({"loss", "--vocab-size", "65"}).out, "1/65"));
  EXPECT_TRUE(contains(run_microgpt({"loss", "--vocab-size", "100000"}).out, "random: ln 100000")) << "within the drawing";
}

TEST(Loss, OfGivenProbabilitiesInTheirOrder) {
  const ProcessResult result = run_microgpt({"loss", "0.5", "1", "0", "1/4", "1e-3"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(count(result.out, "\n"), 2U + 5U);
  EXPECT_TRUE(contains(result.out, "0.6931  1.0000")) << result.out;
  EXPECT_TRUE(contains(result.out, "    0.0000  0.0000")) << "certainty costs 0 and not -0:\n" << result.out;
  EXPECT_FALSE(contains(result.out, "-0.0000"));
  EXPECT_TRUE(contains(result.out, "inf     inf")) << result.out;
  EXPECT_LT(result.out.find("0.6931"), result.out.find("inf"));
  EXPECT_LT(result.out.find("inf"), result.out.find("1.3863"));
}

TEST(Loss, RandomIsRecognisedHoweverItIsWritten) {
  for (const char* p : {"1/27", "0.037037037", "3.7037037037037035e-2"})
    EXPECT_TRUE(contains(run_microgpt({"loss", p}).out, "random: 27 equally likely")) << p;
}

TEST(Loss, DrawsPictures) {
  const TemporaryFolder folder;
  const std::string svg = folder.path("a.svg"), html = folder.path("a.html");
  const ProcessResult both = run_microgpt({"loss", "0.5", "1/4", "--svg", svg, "--html", html});
  EXPECT_EQ(both.exit_code, 0) << both.err;
  EXPECT_EQ(both.out, run_microgpt({"loss", "0.5", "1/4"}).out) << "the table as ever";
  EXPECT_EQ(read_text(svg), run_microgpt({"loss", "0.5", "1/4", "--svg", "-"}).out) << "and nothing else";
  EXPECT_EQ(read_text(html), run_microgpt({"loss", "--html", "-", "0.5", "1/4"}).out);
  EXPECT_TRUE(contains(read_text(svg), ">P 1/4: 1.386 nats, 2.000 bits<")) << read_text(svg);
  EXPECT_TRUE(contains(read_text(svg), ">mean 1.040 nats, 1.500 bits<"));
  EXPECT_TRUE(contains(read_text(html), "<td>1/4</td><td>1.3863</td><td>2.0000</td><td>better than random</td>"));
  const std::string examples = run_microgpt({"loss", "--vocab-size", "65", "--svg=-"}).out;
  EXPECT_TRUE(contains(examples, ">P 1/65: 4.174 nats") && contains(examples, "guessing: ln 65 = 4.174")) << examples;
  EXPECT_FALSE(contains(examples, ">mean ")) << "they are no document";
}

TEST(Reference, SaysHowManyDocumentsAreCut) {
  const std::string text = "ab\nabc\nabcd\n";
  const std::vector<std::string> flags{"reference", "--corpus", "-", "--num-steps", "1", "--num-samples", "0", "--block-size"};
  const auto messages = [&](const char* block_size) {
    std::vector<std::string> call = flags;
    call.emplace_back(block_size);
    return run_microgpt(call, text).err;
  };
  EXPECT_EQ(messages("5"), "");
  EXPECT_EQ(messages("4"),
            "microgpt: 1 of 3 documents have more positions than the context of 4; training cuts them, as microgpt.py does\n");
  EXPECT_TRUE(contains(messages("1"), "3 of 3 documents"));
}

// A signal must end the run wherever it comes: in the midst of the steps, in the last one, or among the samples.
TEST(Interruption, EndsWithTheCodeOfTheSignal) {
  const std::vector<std::vector<std::string>> calls{
      {"reference", "--num-steps", "1000000"},
      {"reference", "--num-steps", "1", "--num-samples", "1000000"},
  };
  for (const auto& call : calls)
    for (const auto& [signal, code, name] : {std::tuple(SIGINT, 130, "Interrupt"), std::tuple(SIGTERM, 143, "Terminated")}) {
      const ProcessResult result = signal_microgpt(call, signal);
      EXPECT_EQ(result.exit_code, code);
      EXPECT_EQ(result.err, std::string("microgpt: interrupted (") + name + ")\n");
    }
}

TEST(Interruption, IsIgnoredWhereTheCallerSaysSo) {
  const std::string command =
      "trap '' INT; " + in_shell("reference --num-steps 300 --num-samples 1 >/dev/null & kill -INT $!; wait $!");
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 0);
}

TEST(Demo, ShowsTheWholeOfIt) {
  if (!testing::kFullLength) GTEST_SKIP() << "it trains a whole model";
  const ProcessResult result = run_microgpt({"demo"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(result.err.empty() || best_target() == Target::scalar) << "no progress bar where nobody watches: " << result.err;
  EXPECT_EQ(count(result.out, "\x1b"), 0U) << "no colours in a file";
  for (const char* part : {"ln 27 = 3.296", "as it should be", "random: ln 27", "20 names made up", "tokens a second",
                           "held out", "The loss of \"emma\"", "P(target)", "BOS", "the mean of the 5 losses"})
    EXPECT_TRUE(contains(result.out, part)) << part << "\n" << result.out;
}

TEST(Output, AFullDiskIsAnError) {
  for (const char* call : {"loss", "--version", "--help", "reference --num-steps 1"})
    EXPECT_EQ(WEXITSTATUS(std::system(in_shell(std::string(call) + " >/dev/full 2>/dev/null").c_str())), 1) << call;
}

TEST(Output, WhatIsLostBeforeAMessageIsAnError) {
  const TemporaryFolder folder;
  const std::string call = "train --num-steps 1 --num-samples 0 --quiet -o " + folder.path("model");
  EXPECT_EQ(WEXITSTATUS(std::system(in_shell(call + " >/dev/full 2>/dev/null").c_str())), 1);
}

TEST(Output, WhereItIsClosedNoOtherFileTakesIt) {
  const TemporaryFolder folder;
  const std::string call = "train --num-steps 1 --quiet -o " + folder.path("model");
  EXPECT_EQ(WEXITSTATUS(std::system(in_shell(call + " >&- 2>/dev/null").c_str())), 1);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path(""))) {
    if (!entry.is_regular_file()) continue;
    EXPECT_FALSE(contains(read_text(entry.path().string()), "32257 documents")) << entry.path();
  }
}

TEST(Output, AClosedPipeEndsQuietly) {
  const TemporaryFolder folder;
  const std::string errors = folder.path("errors");
  EXPECT_EQ(std::system(in_shell("reference 2>" + errors + " | head -1 >/dev/null").c_str()), 0);
  EXPECT_EQ(read_text(errors), "");
}

}  // namespace
}  // namespace microgpt::testing::commands_test
