// The commands as a user calls them: what they print where, and how they end.
#include <gtest/gtest.h>

#include "support/process.h"

namespace microgpt::testing {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Commands, VersionAndInfo) {
  const ProcessResult version = run_microgpt({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_TRUE(version.out.starts_with("microgpt ")) << version.out;
  const ProcessResult info = run_microgpt({"info", "--system"});
  EXPECT_EQ(info.exit_code, 0);
  for (const char* fact : {"version", "compiler", "instruction set", "cores", "libm", "MPI"})
    EXPECT_TRUE(contains(info.out, fact)) << fact;
}

TEST(Commands, HelpGoesToStandardOutput) {
  for (const std::vector<std::string>& call : {std::vector<std::string>{"--help"},
                                               {"reference", "--help"},
                                               {"demo", "--help"},
                                               {"loss", "--help"},
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
  EXPECT_TRUE(contains(result.out, "random guessing: ln 27")) << result.out;
  EXPECT_TRUE(contains(run_microgpt({"loss", "--vocab-size", "65"}).out, "1/65"));
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

TEST(Demo, ShowsTheWholeOfIt) {
  const ProcessResult result = run_microgpt({"demo"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "") << "no progress bar where nobody watches";
  EXPECT_EQ(count(result.out, "\x1b"), 0U) << "no colours in a file";
  for (const char* part : {"ln 27 = 3.296", "as it should be", "random guessing: ln 27", "20 new names", "The loss of \"emma\"",
                           "P(target)", "BOS", "the mean of the 5 losses"})
    EXPECT_TRUE(contains(result.out, part)) << part << "\n" << result.out;
}

TEST(Output, AFullDiskIsAnError) {
  // Through a shell, as only it can say where the output goes.
  const std::string command = std::string(MICROGPT_PROGRAM) + " loss >/dev/full 2>/dev/null";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 1);
}

TEST(Output, AClosedPipeEndsQuietly) {
  const TemporaryFolder folder;
  const std::string errors = folder.path("errors");
  const std::string command = std::string(MICROGPT_PROGRAM) + " reference 2>" + errors + " | head -1 >/dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(read_text(errors), "");
}

}  // namespace
}  // namespace microgpt::testing
