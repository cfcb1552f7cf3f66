// SPDX-License-Identifier: MIT
// What people bring, with no flags: lines of any length, lists that repeat what was trained on, running texts.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/tiny_training.h"

namespace microgpt::testing::any_list_test {
namespace {

// Lines of one template, of 60 characters.
std::string log_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += fmt::format("user {:04} logged in from host {:03} and the session was closed\n", i * 7919 % 10000, i * 131 % 1000);
  return text;
}

// The bits a line, of `score`.
std::vector<double> bits_of(const std::string& model, const std::string& lines) {
  std::istringstream records(run_microgpt({"score", model, "-"}, lines).out);
  std::vector<double> bits;
  std::string record;
  std::getline(records, record);  // the header
  while (std::getline(records, record)) bits.push_back(std::stod(record.substr(record.find('\t') + 1)));
  return bits;
}

TEST(AnyList, TheContextHoldsItsLines) {
  const TemporaryFolder folder;
  const std::string lines = folder.write("lines", log_lines(300));
  const ProcessResult result = run_microgpt({"train", lines, "--num-steps", "5", "--num-samples", "0"});
  EXPECT_TRUE(contains(result.out, "context 61,")) << result.out;
  EXPECT_FALSE(contains(result.err, "longer than the context")) << result.err;
  const ProcessResult preset = run_microgpt({"train", lines, "--preset", "microgpt", "--num-steps", "5", "--num-samples", "0"});
  EXPECT_TRUE(contains(preset.out, "context 16,")) << preset.out;
  EXPECT_TRUE(contains(preset.err,
                       "300 of 300 documents are longer than the context of 16, and are read in windows of it; "
                       "--block-size 61 holds all\n"))
      << preset.err;
}

// A regular line costs little, whatever its length, also where it is read in windows.
TEST(AnyList, WindowsAreTrainedAsTheyAreScored) {
  const TemporaryFolder folder;
  const std::string lines = folder.write("lines", log_lines(300)), model = folder.path("model");
  const ProcessResult result =
      run_microgpt({"train", lines, "-o", model, "--block-size", "24", "--num-steps", "100", "--num-samples", "0"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<double> bits = bits_of(model, log_lines(2));
  ASSERT_EQ(bits.size(), 2U);
  for (const double line_bits : bits) EXPECT_LT(line_bits / 61, 1.0);  // 14 where only the beginning was trained
}

TEST(AnyList, TheEndSaysThatTheModelIsNoGood) {
  const TemporaryFolder folder;
  const std::string lines = folder.write("lines", log_lines(100)), model = folder.path("model");
  const ProcessResult result = run_microgpt(
      {"train", lines, "-o", model, "--num-steps", "5", "--ngram-share", "0", "--ngram-documents", "0", "--num-samples", "0"});
  const std::string beginning =
      "This model's GPT predicts other documents no better than its n-gram, which\ntakes no training. ";
  const std::string reason =
      "It was still getting better when its steps ended.\n"
      "More of them may help: --num-steps 10, with --resume if it was saved,\n"
      "or, for the GPT alone, the n-gram as a teacher: --ngram-share 0.5.\n";
  for (const std::string& part : {beginning, reason}) {
    EXPECT_TRUE(contains(result.out, part)) << result.out;
    EXPECT_TRUE(contains(read_text(model + "/README.md"), part));
  }
  const std::string warning =
      "microgpt: " + model +
      ": This model's GPT predicts other documents no better than its n-gram, which takes no training; " + model +
      "/README.md says what may help\n";
  for (const Words& opening : {Words{"score", model, lines}, {"sample", model, "--num-samples=1"}})
    EXPECT_EQ(lines_with(run_microgpt(opening).err, warning.substr(0, warning.size() - 1)), 1U) << opening[0];
  const ProcessResult classified = run_microgpt({"classify", "--positive", model, "--negative", model, lines});
  EXPECT_TRUE(contains(classified.err, warning)) << classified.err;
  EXPECT_TRUE(contains(classified.err, model + " and " + model + " are the same model: ")) << classified.err;

  // Another run in the folder has a verdict of its own.
  ASSERT_EQ(run_microgpt({"train", lines, "-o", model, "--overwrite", "--num-steps=0", "--quiet"}).exit_code, 0);
  EXPECT_EQ(run_microgpt({"train", lines, "-o", model, "--overwrite", "--num-steps=150", "--quiet"}).exit_code, 0);
  EXPECT_FALSE(contains(run_microgpt({"score", model, lines}).err, "no better")) << "it learned";
}

TEST(AnyList, ScoreSaysWhatWasTrainedOn) {
  const TemporaryFolder folder;
  const std::string all = log_lines(200);
  const std::string lines = folder.write("lines", all), model = folder.path("model");
  ASSERT_EQ(run_microgpt({"train", lines, "-o", model, "--num-steps", "1", "--num-samples", "0"}).exit_code, 0);
  const std::string some = folder.write("some", all.substr(0, 65 * 50) + "  \nother\n");
  const ProcessResult result = run_microgpt({"score", model, some});
  EXPECT_TRUE(contains(result.err, fmt::format("microgpt: {} was trained on ", model))) << result.err;
  EXPECT_TRUE(contains(result.err, " lines;\nmicrogpt: new ones like them would cost more; --folds 5 scores")) << result.err;
  EXPECT_FALSE(contains(run_microgpt({"score", model, "-"}, all).err, "was trained on")) << "nothing is held of a stream";
}

// What a running text is like in the eyes of who reads lines, and what its tables count.
TEST(AnyList, ATextIsCountedInCharacters) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 60; ++i) text += fmt::format("The clock of house {} struck the hour, and nobody heard it.\n", i);
  const std::string prose = folder.write("prose", text), model = folder.path("model");
  const std::string hint = "look like those of a running text: --split text trains on it as one\n";
  EXPECT_TRUE(contains(run_microgpt({"train", prose, "--num-steps=1"}).err, hint));
  EXPECT_FALSE(contains(run_microgpt({"train", prose, "--num-steps=1", "--split=lines"}).err, hint));
  const ProcessResult result = run_microgpt({"train", prose, "--split=text", "--num-steps=1", "-o", model});
  EXPECT_FALSE(contains(result.err, hint)) << result.err;
  for (const std::string& page : {result.out, run_microgpt({"eval", model, prose}).out, read_text(model + "/README.md")}) {
    EXPECT_FALSE(contains(page, "1 document")) << page;
    EXPECT_FALSE(contains(page, "nats | documents |")) << page;
  }
  EXPECT_TRUE(contains(result.out, fmt::format("data      {} characters (", text.size()))) << result.out;
  EXPECT_TRUE(contains(result.out, " characters for validation, ")) << result.out;
  EXPECT_TRUE(contains(result.out, " windows (")) << result.out;
}

TEST(AnyList, EvalSaysWhatWasTrainedOn) {
  const TemporaryFolder folder;
  const std::string all = log_lines(200);
  const std::string lines = folder.write("lines", all), model = folder.path("model");
  ASSERT_EQ(run_microgpt({"train", lines, "-o", model, "--num-steps", "1", "--num-samples", "0"}).exit_code, 0);
  EXPECT_EQ(run_microgpt({"eval", model, lines}).err, "") << "its parts are told apart";
  const std::string some = folder.write("some", all.substr(0, 61 * 50) + "other\n");
  const ProcessResult result = run_microgpt({"eval", model, some});
  EXPECT_TRUE(contains(result.err, fmt::format("microgpt: {} was trained on ", model))) << result.err;
  EXPECT_TRUE(contains(result.err, " of these 51 documents;\nmicrogpt: of new ones figures will be worse\n")) << result.err;
}

// --- What is held out is one's own choice ---

constexpr const char* kOneStep = "--num-steps=1";

TEST(AnyList, CaseMayBeFolded) {
  const TemporaryFolder folder;
  std::string corpus;
  for (int i = 0; i < 40; ++i) corpus += (i % 2 == 0 ? "ANNA-" : "Bob-") + std::to_string(i) + "\n";
  const std::string file = folder.write("corpus", corpus), model = folder.path("model");
  const Words train{"train", file,       "-o", model,     "--fold-case",   "--num-steps",
                    "20",    "--n-embd", "8",  "--quiet", "--num-samples", "2"};
  const ProcessResult trained = run_microgpt(train);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const std::string samples = run_microgpt({"sample", model, "-n", "20"}).out;
  EXPECT_EQ(samples.find_first_of("AB"), std::string::npos) << samples;
  const std::string scores = run_microgpt({"score", model, "-", "--format", "jsonl"}, "anna-7\nAnNa-7\n").out;
  const std::size_t second = scores.find('\n') + 1;
  EXPECT_EQ(scores.substr(scores.find("\"bits\""), 40), scores.substr(scores.find("\"bits\"", second), 40)) << scores;
  EXPECT_NE(scores.find("AnNa-7"), std::string::npos) << "a text stays as it is";
  EXPECT_NE(run_microgpt({"score", model, file}).err.find("was trained on"), std::string::npos);
  EXPECT_NE(run_microgpt({"eval", model, file}).out.find("validation"), std::string::npos) << "the parts are told apart";
  EXPECT_EQ(run_microgpt({"sample", model, "-n", "1", "--contains", "NNA"}).exit_code, 0);
  EXPECT_EQ(run_microgpt({"train", "--resume", model, "--num-steps", "25", "--quiet"}).exit_code, 0);
  const ProcessResult bytes = run_microgpt({"train", file, "--fold-case", "--encoding", "bytes"});
  EXPECT_NE(bytes.exit_code, 0);
  EXPECT_NE(bytes.err.find("bytes have no case"), std::string::npos) << bytes.err;
}

TEST(AnyList, DocumentsMayBeAColumn) {
  const TemporaryFolder folder;
  std::string records = "id;the code\n", lines;
  for (int i = 0; i < 60; ++i) {
    const std::string code = "K" + std::to_string(i * 7 % 50) + "-X";
    records += std::to_string(i) + ";\"" + code + "\"\n";
    lines += code + "\n";
  }
  const std::string csv = folder.write("codes.csv", records), list = folder.write("codes.txt", lines);
  const std::string model = folder.path("model"), of_lines = folder.path("of_lines");
  const auto train = [](const std::string& file, const std::string& to, Words more) {
    Words call{"train", file, "-o", to, "--num-steps", "20", "--n-embd", "8", "--quiet", "--num-samples", "0"};
    call.insert(call.end(), more.begin(), more.end());
    return run_microgpt(call);
  };
  const ProcessResult trained = train(csv, model, {"--column", "the code", "--delimiter", ";"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  ASSERT_EQ(train(list, of_lines, {}).exit_code, 0);
  EXPECT_EQ(read_text(model + "/model.safetensors"), read_text(of_lines + "/model.safetensors")) << "the same documents";
  EXPECT_EQ(run_microgpt({"eval", model, csv}).out.find("validation"),
            run_microgpt({"eval", of_lines, list}).out.find("validation"));
  EXPECT_EQ(run_microgpt({"train", "--resume", model, "--num-steps", "25", "--quiet"}).exit_code, 0);
  const ProcessResult resumed = run_microgpt({"train", "--resume", model, "--column", "1"});
  EXPECT_NE(resumed.err.find("--column does not go with --resume"), std::string::npos) << resumed.err;
  EXPECT_NE(
      train(csv, folder.path("none"), {"--column", "kode", "--delimiter", ";"}).err.find("names the columns id, the code"),
      std::string::npos);
}

TEST(AnyList, FilesAreHeldOut) {
  const TemporaryFolder folder;
  const std::string all = log_lines(300);
  const std::string own = folder.write("own", all.substr(0, 61 * 200)),
                    validation = folder.write("validation", all.substr(61 * 190, 61 * 50)),
                    test = folder.write("test", all.substr(61 * 240)), model = folder.path("model");
  const Words train{"train", own, "--validation", validation, "--test", test, "-o", model, kOneStep, "--num-samples=0"};
  const ProcessResult result = run_microgpt(train);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "held out  50 for validation, 60 for the test; 190 to train on\n")) << result.out;
  EXPECT_TRUE(contains(
      result.err, "10 documents of " + own + " are held out by --validation or --test, too: they are left out of training\n"))
      << result.err;
  const ProcessResult eval = run_microgpt({"eval", model, own});
  EXPECT_TRUE(contains(eval.out, "\ntest ")) << eval.out << eval.err;
  EXPECT_EQ(eval.err, "");
  EXPECT_TRUE(contains(run_microgpt({"eval", model, test}).out, "60")) << "another corpus";
  const ProcessResult longer = run_microgpt({"train", "--resume", model});
  EXPECT_EQ(longer.exit_code, 0) << longer.err;

  const std::string moved = folder.path("moved");
  std::filesystem::copy(test, moved);
  std::filesystem::remove(test);
  EXPECT_EQ(run_microgpt({"train", "--resume", model, "--test", moved}).exit_code, 0) << "it says where the file is now";
  EXPECT_EQ(run_microgpt({"train", "--resume", model}).exit_code, 0) << "it was told where the file is";

  std::ofstream(moved) << "changed\n";
  EXPECT_TRUE(contains(run_microgpt({"eval", model, own}).err, "the files that the run held out have changed"));
  const ProcessResult changed = run_microgpt({"train", "--resume", model});
  EXPECT_EQ(changed.exit_code, 1);
  EXPECT_TRUE(contains(changed.err, moved + " is not the file that " + model + " was begun with")) << changed.err;
  std::filesystem::remove(moved);
  EXPECT_TRUE(contains(run_microgpt({"eval", model, own}).err, "so that the parts of the run are not told apart"));
}

TEST(AnyList, TheTailIsHeldOut) {
  const TemporaryFolder folder;
  const std::string lines = folder.write("lines", log_lines(300)), model = folder.path("model");
  const ProcessResult result = run_microgpt({"train", lines, "--split=tail", "-o", model, kOneStep, "--num-samples=0"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "held out  30 for validation, 30 for the test; 240 to train on\n")) << result.out;
  const ProcessResult eval = run_microgpt({"eval", model, lines});
  EXPECT_TRUE(contains(eval.out, "\ntest ")) << eval.out;
  EXPECT_EQ(run_microgpt({"sample", model, "--num-samples=2"}).exit_code, 0);
  const ProcessResult last = run_microgpt({"eval", model, "-"}, log_lines(300).substr(61 * 240));
  EXPECT_FALSE(contains(last.err, "was trained on")) << last.err;
}

TEST(AnyList, GroupsAreOnOneSide) {
  const TemporaryFolder folder;
  std::string text;
  for (int user = 0; user < 100; ++user)
    for (int i = 0; i < 4; ++i) text += fmt::format("user {:02} line {}\n", user, i);
  const std::string lines = folder.write("lines", text), model = folder.path("model");
  const ProcessResult result = run_microgpt({"train", lines, "--group", "user (..)", "-o", model, kOneStep, "--num-samples=0"});
  EXPECT_TRUE(contains(result.err, "microgpt: --group: ")) << result.err;
  EXPECT_TRUE(contains(run_microgpt({"train", lines, "--group", "nowhere (..)", kOneStep}).err,
                       "microgpt: --group nowhere (..): finds nothing in any document of "));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::size_t at = result.out.find("held out  ");
  EXPECT_EQ(std::stoi(result.out.substr(at + 10)) % 4, 0) << result.out;
  EXPECT_TRUE(contains(run_microgpt({"eval", model, lines}).out, "\ntest "));
  for (const Words& wrong :
       {Words{"--group=("}, {"--group=x", "--split=text"}, {"--group=x", "--split=tail"}, {"--test", lines, "--held-out=0"}}) {
    Words call{"train", lines, kOneStep};
    call.insert(call.end(), wrong.begin(), wrong.end());
    const ProcessResult refused = run_microgpt(call);
    EXPECT_EQ(refused.exit_code, 2) << wrong[0];
    EXPECT_EQ(lines_with(refused.err, "microgpt: "), 1U) << refused.err;
  }
}

TEST(AnyList, APairSaysWhatBothFilesHave) {
  const TemporaryFolder folder;
  const std::string all = log_lines(200);
  const std::string one = folder.write("one", all), other = folder.write("other", all.substr(61 * 30));
  const ProcessResult result = run_microgpt({"train-pair", one, other, "-o", folder.path("pair"), "--num-steps", "1"});
  EXPECT_TRUE(contains(result.err, "170 documents are in both files; nothing tells which kind they are\n")) << result.err;
}

// Whose end it has not learned.
TEST(AnyList, ALineIsAPieceOfTextToAModelOfText) {
  const TemporaryFolder folder;
  const std::string text = folder.write("text", log_lines(300)), model = folder.path("model");
  ASSERT_EQ(run_microgpt({"train", text, "--split", "text", "-o", model, "--num-steps", "150", "--num-samples", "0"}).exit_code,
            0);
  const std::vector<double> bits = bits_of(model, log_lines(2));
  ASSERT_EQ(bits.size(), 2U);
  for (const double line_bits : bits) EXPECT_LT(line_bits / 61, 1.0);  // the end alone cost 43 bits
}

}  // namespace
}  // namespace microgpt::testing::any_list_test
