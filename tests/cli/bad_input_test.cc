// SPDX-License-Identifier: MIT
// Every row of the table of bad input that concerns text and shapes, and of wrong usage: the exit code, and the one line that
// says what is wrong and what to do.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/tiny_training.h"

namespace microgpt::testing::bad_input_test {
namespace {

constexpr int kFailure = 1;
constexpr int kUsage = 2;

void expect_complaint(const ProcessResult& result, int exit_code, const std::string& message) {
  EXPECT_EQ(result.exit_code, exit_code);
  EXPECT_EQ(result.err, "microgpt: " + message + "\n");
  EXPECT_EQ(result.out, "");
}

ProcessResult reference_on(std::string_view text) {
  return run_microgpt({"reference", "--corpus", "-", "--num-steps", "2"}, text);
}

TEST(BadInput, FilesThatCannotBeRead) {
  const TemporaryFolder folder;
  const std::string none = folder.path("none");
  expect_complaint(run_microgpt({"reference", "--corpus", none}), kFailure,
                   "cannot read " + none + ": No such file or directory");
  expect_complaint(run_microgpt({"reference", "--corpus", folder.path("")}), kFailure,
                   "cannot read " + folder.path("") + ": Is a directory");
}

TEST(BadInput, FilesWithoutPermission) {
  const TemporaryFolder folder;
  const std::string path = folder.write("secret", "anna\n");
  std::filesystem::permissions(folder.path(""), std::filesystem::perms::all);
  std::filesystem::permissions(path, std::filesystem::perms::none);
  const ProcessResult result = run_microgpt({"reference", "--corpus", path}, "", {}, RunAs::nobody);
  if (result.exit_code == kCannotExecute) GTEST_SKIP() << "only root may enter the folder of the program";
  expect_complaint(result, kFailure, "cannot read " + path + ": Permission denied");
}

TEST(BadInput, EmptyFilesAndBlankLines) {
  for (const char* text : {"", "\n", " \t\r\n\n"})
    expect_complaint(reference_on(text), kFailure,
                     "standard input: the corpus has no documents; it needs at least one line that is not blank");
}

TEST(BadInput, InvalidUtf8) {
  expect_complaint(reference_on("anna\nbo\xFF\n"), kFailure,
                   "standard input: line 2 is not UTF-8 (byte 0xff at offset 7); convert the file to UTF-8, train on its bytes "
                   "with train --encoding bytes, or replace them with --invalid replace");
}

// Sparse files, and one that ends nowhere: it would take minutes to read so much, and the system would end the program.
TEST(BadInput, FilesThatAreLargerThanMemory) {
  const TemporaryFolder folder;
  const std::string path = folder.write("huge", "");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 42);
  for (const std::vector<std::string>& command : {std::vector<std::string>{"train", path}, {"reference", "--corpus", path}}) {
    const ProcessResult result = run_microgpt(command);
    EXPECT_EQ(result.exit_code, kFailure);
    EXPECT_TRUE(result.err.starts_with("microgpt: cannot read " + path + ": it has 4398046511104 bytes, more than "))
        << result.err;
    EXPECT_TRUE(result.err.ends_with("; take a part of it\n")) << result.err;
    EXPECT_EQ(result.out, "");
  }
}

TEST(BadInput, LineEndsNulBytesAndOneHugeLineAreWhatPythonMakesOfThem) {
  const auto header_of = [](std::string_view text) {
    const ProcessResult result = reference_on(text);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out.substr(0, result.out.find("num params"));
  };
  EXPECT_EQ(header_of("a\r\nb\rc"), "num docs: 3\nvocab size: 4\n");
  EXPECT_EQ(header_of(std::string_view("a\0b\n", 4)), "num docs: 1\nvocab size: 4\n");
  EXPECT_EQ(header_of(std::string(1 << 22, 'x')), "num docs: 1\nvocab size: 2\n");
}

TEST(BadInput, SizesOutOfRange) {
  const std::vector<std::vector<std::string>> cases{{"--n-layer", "1", "1024"},
                                                    {"--n-embd", "1", "16384"},
                                                    {"--n-head", "1", "16384"},
                                                    {"--block-size", "1", "65536"},
                                                    {"--num-steps", "0", "1000000000"},
                                                    {"--num-samples", "0", "1000000000"},
                                                    {"--seed", "0", "18446744073709551615"}};
  for (const auto& c : cases)
    for (const char* value : {"-1", "99999999999999999999999", "x", "1.5", "16 ", "0x10"})
      expect_complaint(run_microgpt({"reference", c[0] + "=" + value}), kUsage,
                       c[0] + " " + value + ": a whole number from " + c[1] + " to " + c[2] + " is expected");
  expect_complaint(run_microgpt({"reference", "--n-layer", "0"}), kUsage,
                   "--n-layer 0: a whole number from 1 to 1024 is expected");
  expect_complaint(run_microgpt({"loss", "--vocab-size", "1"}), kUsage,
                   "--vocab-size 1: a whole number from 2 to 1112065 is expected");
}

TEST(BadInput, SizesThatDoNotFitTogether) {
  expect_complaint(run_microgpt({"reference", "--n-embd", "17"}), kUsage, "--n-embd 17 is not a multiple of --n-head 4");
  expect_complaint(run_microgpt({"reference", "--n-head", "5"}), kUsage, "--n-embd 16 is not a multiple of --n-head 5");
  const ProcessResult product = run_microgpt({"reference", "--n-layer", "1024", "--n-embd", "16384"});
  EXPECT_EQ(product.exit_code, kUsage);
  EXPECT_TRUE(product.err.starts_with("microgpt: --n-embd 16384 with --n-layer 1024")) << product.err;
  const ProcessResult memory = run_microgpt({"reference", "--n-embd", "13312"});
  EXPECT_EQ(memory.exit_code, kUsage);
  EXPECT_TRUE(memory.err.starts_with("microgpt: --n-embd 13312 with --n-layer 1: training ")) << memory.err;
  const ProcessResult graph = run_microgpt({"reference", "--n-embd", "13312", "--engine", "graph"});
  EXPECT_EQ(graph.exit_code, kUsage);
  EXPECT_TRUE(graph.err.starts_with("microgpt: --block-size 16 with --n-embd 13312")) << graph.err;
}

TEST(BadInput, Temperatures) {
  for (const char* value : {"0", "-1", "nan", "inf", "1e999", "x"})
    expect_complaint(run_microgpt({"reference", std::string("--temperature=") + value}), kUsage,
                     std::string("--temperature ") + value + ": a number above 0 is expected");
}

TEST(BadInput, FilesThatCannotBeWritten) {
  for (const char* flag : {"--trace", "--params"})
    expect_complaint(run_microgpt({"reference", flag, "/nowhere/file"}), kFailure,
                     "cannot write /nowhere/file: No such file or directory");
  const ProcessResult full = run_microgpt({"reference", "--num-steps", "2", "--trace", "/dev/full"});
  EXPECT_EQ(full.exit_code, kFailure);
  EXPECT_EQ(full.err, "microgpt: cannot write /dev/full: No space left on device\n");
}

TEST(BadInput, NamesThatAreUnknown) {
  expect_complaint(run_microgpt({"reference", "--revision", "last"}), kUsage, "--revision last: final or first is expected");
  expect_complaint(run_microgpt({"reference", "--engine", "fast"}), kUsage, "--engine fast: exact or graph is expected");
  expect_complaint(run_microgpt({"refrence"}), kUsage,
                   "there is no subcommand refrence; did you mean reference? (see microgpt --help)");
  expect_complaint(run_microgpt({"reference", "--n-emb", "8"}), kUsage,
                   "there is no flag --n-emb; did you mean --n-embd? (see microgpt reference --help)");
  expect_complaint(run_microgpt({"reference", "--corpus", "-", "--n-emb", "8"}), kUsage,
                   "there is no flag --n-emb; did you mean --n-embd? (see microgpt reference --help)");
  expect_complaint(run_microgpt({"reference", "--quite-another"}), kUsage,
                   "there is no flag --quite-another (see microgpt reference --help)");
}

TEST(BadInput, WordsInTheWrongPlace) {
  expect_complaint(run_microgpt({"reference", "names.txt"}), kUsage,
                   "reference takes no arguments but flags (see microgpt reference --help)");
  expect_complaint(run_microgpt({"--seed", "3", "reference"}), kUsage,
                   "--seed stands before reference; flags follow the subcommand");
  expect_complaint(run_microgpt({"loss", "0.5", "--vocab-sise", "3"}), kUsage,
                   "there is no flag --vocab-sise; did you mean --vocab-size? (see microgpt loss --help)");
}

TEST(BadInput, OutputsThatWouldDestroyAFile) {
  const TemporaryFolder folder;
  const std::string corpus = folder.write("names", "anna\n");
  for (const char* flag : {"--trace", "--params"}) {
    expect_complaint(run_microgpt({"reference", "--corpus", corpus, flag, corpus}), kUsage,
                     std::string(flag) + " " + corpus + ": this is the corpus; name another file");
    expect_complaint(run_microgpt({"reference", flag, "-"}), kUsage,
                     std::string(flag) + " -: name a file; standard output has what microgpt.py prints");
  }
  EXPECT_EQ(read_text(corpus), "anna\n");
  const std::string out = folder.path("out");
  expect_complaint(run_microgpt({"reference", "--trace", out, "--params", out}), kUsage,
                   "--params " + out + ": --trace goes there; name another file");
}

TEST(BadInput, NumbersOfTrain) {
  const std::vector<std::vector<std::string>> integers{{"--n-layer", "1", "1024"},
                                                       {"--n-embd", "1", "16384"},
                                                       {"--n-head", "1", "16384"},
                                                       {"--block-size", "1", "65536"},
                                                       {"--batch-size", "1", "1000000"},
                                                       {"--num-steps", "0", "1000000000"},
                                                       {"--warmup", "0", "1000000000"},
                                                       {"--eval-every", "0", "1000000000"},
                                                       {"--log-every", "0", "1000000000"},
                                                       {"--num-samples", "0", "1000000000"},
                                                       {"--max-length", "1", "1000000000"},
                                                       {"--seed", "0", "18446744073709551615"},
                                                       {"--threads", "0", "32"}};
  for (const auto& c : integers)
    for (const char* value : {"-1", "99999999999999999999999", "x", "1.5"})
      expect_complaint(run_microgpt({"train", c[0] + "=" + value}), kUsage,
                       c[0] + " " + value + ": a whole number from " + c[1] + " to " + c[2] + " is expected");
  const std::vector<std::vector<std::string>> reals{
      {"--learning-rate", "0", "a number above 0"},        {"--seconds", "0", "a number above 0"},
      {"--temperature", "-0.1", "a number of at least 0"}, {"--beta1", "1", "a number from 0 to below 1"},
      {"--beta2", "1", "a number from 0 to below 1"},      {"--held-out", "0.5", "a number from 0 to below 0.5"},
      {"--dropout", "1", "a number from 0 to below 1"},    {"--teacher-part", "1", "a number from 0 to below 1"},
      {"--teacher-share", "1.5", "a number from 0 to 1"},  {"--weight-decay", "-0.1", "a number of at least 0"},
      {"--clip", "0", "a number above 0 or none"},         {"--deadline", "0.5", "a number from 1 to 86400"}};
  for (const auto& c : reals)
    for (const std::string& value : {c[1], std::string("-1"), std::string("nan"), std::string("inf"), std::string("x")})
      expect_complaint(run_microgpt({"train", c[0] + "=" + value}), kUsage, c[0] + " " + value + ": " + c[2] + " is expected");
}

TEST(BadInput, WordsOfTrain) {
  expect_complaint(run_microgpt({"train", "--engine", "exacting"}), kUsage,
                   "--engine exacting: fast, exact or graph is expected");
  expect_complaint(run_microgpt({"train", "--engine", "exact", "--dropout", "0.1"}), kUsage,
                   "--dropout 0.1: the exact engine has no dropout; choose the engine fast or graph");
  const std::string without_teacher = "; set --teacher-part to 0, also where a preset has set it";
  expect_complaint(run_microgpt({"train", "--engine", "exact", "--teacher-part", "0.5"}), kUsage,
                   "--teacher-part 0.5: only the engine fast learns from a teacher" + without_teacher);
  expect_complaint(run_microgpt({"train", "--split", "text", "--teacher-part", "0.5"}), kUsage,
                   "--teacher-part 0.5: a running text has too many windows for a teacher" + without_teacher);
  expect_complaint(run_microgpt({"train", "--patience", "2", "--teacher-part", "0.5"}), kUsage,
                   "--teacher-part 0.5: after its teacher a model begins anew, with worse losses, so --patience must be 0" +
                       without_teacher);
  expect_complaint(run_microgpt({"train", "--preset", "x"}), kUsage, "--preset x: microgpt, small or best is expected");
  expect_complaint(run_microgpt({"train", "--schedule", "x"}), kUsage, "--schedule x: linear, cosine or constant is expected");
  expect_complaint(run_microgpt({"train", "--activation", "gelu"}), kUsage, "--activation gelu: relu or relu2 is expected");
  expect_complaint(run_microgpt({"train", "--quiet=abc"}), kUsage,
                   "--quiet=abc: --quiet takes no value (see microgpt train --help)");
  expect_complaint(run_microgpt({"train", "a", "b"}), kUsage,
                   "train takes no arguments but CORPUS and flags (see microgpt train --help)");
  expect_complaint(run_microgpt({"train", "-o", "x", "--n-emb", "8"}), kUsage,
                   "there is no flag --n-emb; did you mean --n-embd? (see microgpt train --help)");
  expect_complaint(run_microgpt({"train", "-o", "x", "-q"}), kUsage, "there is no flag -q (see microgpt train --help)");
}

TEST(BadInput, WhatIsNamedIsShownOnOneLine) {
  expect_complaint(run_microgpt({"train", "a\nb\x1b[2J\tc"}), kFailure,
                   "cannot read a\\nb\\x1b[2J\\tc: No such file or directory");
  expect_complaint(run_microgpt({"train", "--a\r"}), kUsage, "there is no flag --a\\r (see microgpt train --help)");
}

TEST(BadInput, SettingsOfTrainThatDoNotFitTogether) {
  expect_complaint(run_microgpt({"train", "--n-embd", "17", "--n-head", "4"}), kUsage,
                   "--n-embd 17 is not a multiple of --n-head 4");
  expect_complaint(run_microgpt({"train", "--num-steps", "5", "--seconds", "1"}), kUsage,
                   "--num-steps excludes --seconds (see microgpt train --help)");
  expect_complaint(run_microgpt({"train", "--overwrite"}), kUsage, "--overwrite: nothing is written without -o DIR");
  expect_complaint(run_microgpt({"train", "-o", "-"}), kUsage, "-o -: name a folder; a model is several files");
}

TEST(BadInput, CorporaOfTrain) {
  const TemporaryFolder folder;
  const std::string none = folder.path("none");
  expect_complaint(run_microgpt({"train", none}), kFailure, "cannot read " + none + ": No such file or directory");
  expect_complaint(run_microgpt({"train", "-"}, "\n"), kFailure,
                   "standard input: the corpus has no documents; it needs at least one line that is not blank");
  const ProcessResult few = run_microgpt({"train", "-"}, "anna\nbob\n");
  EXPECT_EQ(few.exit_code, kFailure);
  EXPECT_TRUE(few.err.ends_with("hold nothing out with --held-out 0\n")) << few.err;
}

TEST(BadInput, FoldersThatTakeNoModel) {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "");
  expect_complaint(run_microgpt({"train", "-o", file}), kFailure, "cannot create the folder " + file + ": Not a directory");
  expect_complaint(run_microgpt({"sample", folder.path("none")}), kFailure,
                   "cannot read " + folder.path("none") + ": No such file or directory");
  expect_complaint(run_microgpt({"sample"}), kUsage, "MODEL is required (see microgpt sample --help)");
}

TEST(BadInput, FlagsOfSample) {
  const TemporaryFolder folder;
  const auto sample = [&](const std::vector<std::string>& flags) {
    std::vector<std::string> call{"sample", folder.path("none")};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call);
  };
  const std::vector<std::vector<std::string>> integers{{"--num-samples", "0", "1000000000"},
                                                       {"--top-k", "1", "1000000000"},
                                                       {"--min-length", "0", "1000000000"},
                                                       {"--max-length", "1", "1000000000"},
                                                       {"--budget", "1", "1000000000000000"},
                                                       {"--seed", "0", "18446744073709551615"},
                                                       {"--threads", "0", "32"}};
  for (const auto& c : integers)
    for (const char* value : {"-1", "99999999999999999999999", "x", "1.5"})
      expect_complaint(sample({c[0] + "=" + value}), kUsage,
                       c[0] + " " + value + ": a whole number from " + c[1] + " to " + c[2] + " is expected");
  for (const char* value : {"0", "-0.5", "1.01", "nan", "inf", "x"})
    expect_complaint(sample({std::string("--top-p=") + value}), kUsage,
                     std::string("--top-p ") + value + ": a number above 0 and at most 1 is expected");
  for (const char* value : {"-0.1", "nan", "inf", "x"})
    expect_complaint(sample({std::string("--temperature=") + value}), kUsage,
                     std::string("--temperature ") + value + ": a number of at least 0 is expected");
  expect_complaint(sample({"--format", "x"}), kUsage, "--format x: lines, tsv, csv or jsonl is expected");
  expect_complaint(sample({"--sort", "x"}), kUsage, "--sort x: likeliest or oddest is expected");
  expect_complaint(sample({"--engine", "x"}), kUsage, "--engine x: fast, exact or graph is expected");
  expect_complaint(sample({"--with-score", "--format", "lines"}), kUsage,
                   "--with-score: lines have no place for it; take --format tsv, csv or jsonl");
  expect_complaint(sample({"--budget", "5"}), kUsage,
                   "--budget: no document is rejected without --contains, --match, --unique or --not-in");
}

TEST(BadInput, CommandsOfLines) {
  const TemporaryFolder folder;
  const std::string none = folder.path("none");
  expect_complaint(run_microgpt({"score"}), kUsage, "MODEL is required (see microgpt score --help)");
  expect_complaint(run_microgpt({"score", none}), kFailure, "cannot read " + none + ": No such file or directory");
  expect_complaint(run_microgpt({"score", none, "--format", "x"}), kUsage, "--format x: tsv, csv, jsonl or table is expected");
  expect_complaint(run_microgpt({"score", none, "--per", "line"}), kUsage,
                   "--per line: token, character, document, p_value, excess or peak is expected");
  expect_complaint(run_microgpt({"score", none, "--invalid", "x"}), kUsage, "--invalid x: error, replace or skip is expected");
  expect_complaint(run_microgpt({"score", none, "--unseen", "x"}), kUsage, "--unseen x: count or error is expected");
  for (const char* value : {"0", "-1", "1000001", "x"})
    expect_complaint(run_microgpt({"score", none, std::string("--top=") + value}), kUsage,
                     std::string("--top ") + value + ": a whole number from 1 to 1000000 is expected");
  for (const char* value : {"-1", "nan", "x"})
    expect_complaint(run_microgpt({"score", none, std::string("--threshold=") + value}), kUsage,
                     std::string("--threshold ") + value + ": a number of at least 0 is expected");
  for (const char* value : {"-1", "33", "x"})
    expect_complaint(run_microgpt({"score", none, std::string("--threads=") + value}), kUsage,
                     std::string("--threads ") + value + ": a whole number from 0 to 32 is expected");
}

TEST(BadInput, Classifiers) {
  const TemporaryFolder folder;
  const std::string none = folder.path("none");
  const auto classify = [&](const std::vector<std::string>& flags) {
    std::vector<std::string> call{"classify", "--positive", none, "--negative", none};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call);
  };
  expect_complaint(
      run_microgpt({"classify"}), kUsage,
      "name the folder of a classifier, as in microgpt classify DIR FILE, or two models with --positive and --negative");
  expect_complaint(classify({}), kFailure, "cannot read " + none + ": No such file or directory");
  for (const char* value : {"nan", "inf", "x"})
    expect_complaint(classify({"--threshold", value}), kUsage, std::string("--threshold ") + value + ": a number is expected");
  for (const char* value : {"-0.1", "1", "x"})
    expect_complaint(classify({"--calibrate", none, std::string("--false-positive-rate=") + value}), kUsage,
                     std::string("--false-positive-rate ") + value + ": a number from 0 to below 1 is expected");
  expect_complaint(classify({"--false-positive-rate", "0.1"}), kUsage,
                   "--false-positive-rate: calibrate on known negatives with --calibrate FILE");
  expect_complaint(classify({"--calibrate", none, "--threshold", "1"}), kUsage,
                   "--threshold does not go with --calibrate, which finds it");
  expect_complaint(classify({"--svg", "x"}), kUsage, "--svg: name labelled files with --evaluate POSITIVE NEGATIVE");
  expect_complaint(classify({"--json"}), kUsage, "--json goes with --evaluate; for records take --format jsonl");
  expect_complaint(classify({"lines", "--evaluate", "a", "b"}), kUsage, "lines: --evaluate names its files itself");
}

TEST(BadInput, Explanations) {
  const TemporaryFolder folder;
  const std::string none = folder.path("none");
  const auto explain = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"explain", none, "abc"});
    return run_microgpt(flags);
  };
  for (const char* value : {"-1", "1112066", "x", "1.5"})
    expect_complaint(explain({std::string("--alternatives=") + value}), kUsage,
                     std::string("--alternatives ") + value + ": a whole number from 0 to 1112065 is expected");
  for (const char* value : {"-1", "16384", "x"})
    expect_complaint(explain({std::string("--head=") + value}), kUsage,
                     std::string("--head ") + value + ": a whole number from 0 to 16383 is expected");
  expect_complaint(explain({"--head", "1"}), kUsage, "--head goes with --attention");
  expect_complaint(explain({"--svg", "-", "--json"}), kUsage, "--svg -: --json goes to standard output, too; name a file");
  expect_complaint(explain({"--svg", "-", "--html", "-"}), kUsage, "--svg -: --html goes to standard output, too; name a file");
  expect_complaint(explain({"--html", "-", "--json"}), kUsage, "--html -: --json goes to standard output, too; name a file");
  expect_complaint(explain({"--svg", "x", "--html", "x"}), kUsage, "--html x: --svg goes there; name another file");
  expect_complaint(explain({"--unseen", "skip"}), kUsage, "--unseen skip: count or error is expected");
  expect_complaint(explain({}), kFailure, "cannot read " + none + ": No such file or directory");
}

TEST(BadInput, PicturesOfLosses) {
  expect_complaint(run_microgpt({"loss", "--svg", "-", "--html", "-"}), kUsage,
                   "--svg -: --html goes to standard output, too; name a file");
  expect_complaint(run_microgpt({"loss", "--svg", "x", "--html", "x"}), kUsage,
                   "--html x: --svg goes there; name another file");
  for (const char* flag : {"--svg", "--html"})
    expect_complaint(run_microgpt({"loss", "0.5", flag, "/nowhere/file"}), kFailure,
                     "cannot write /nowhere/file: No such file or directory");
}

// Before anything is printed.
TEST(BadInput, PicturesThatCannotBeWritten) {
  const TemporaryFolder folder;
  const std::string corpus = folder.write("corpus", "anna\nbob\n"), model = folder.path("model");
  const ProcessResult trained = run_microgpt({"train", corpus, "-o", model, "--num-steps", "1", "--held-out", "0", "--quiet"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  for (const char* flag : {"--svg", "--html"}) {
    expect_complaint(run_microgpt({"explain", model, "anna", flag, "/nowhere/file"}), kFailure,
                     "cannot write /nowhere/file: No such file or directory");
    expect_complaint(run_microgpt({"explain", model, "anna", flag, "/dev/full"}), kFailure,
                     "cannot write /dev/full: No space left on device");
  }
}

TEST(BadInput, PairsOfCorpora) {
  const TemporaryFolder folder;
  const std::string none = folder.path("none");
  const std::string pair = folder.path("pair");
  const std::string corpus = folder.write("corpus", "anna\nbob\n");
  expect_complaint(run_microgpt({"train-pair", none, none}), kUsage,
                   "train-pair: name a folder for the models with -o DIR, or one to go on in with --resume DIR");
  expect_complaint(run_microgpt({"train-pair", "-o", pair}), kUsage, "POSITIVE is required (see microgpt train-pair --help)");
  expect_complaint(run_microgpt({"train-pair", none, "-o", pair}), kUsage,
                   "NEGATIVE is required (see microgpt train-pair --help)");
  for (const char* flag : {"--n-embd=8", "--seconds=1", "--encoding=bytes", "--seed=1", "--num-steps=9"})
    expect_complaint(run_microgpt({"train-pair", "--resume", pair, flag}), kUsage,
                     std::string(flag).substr(0, std::string(flag).find('=')) +
                         " does not go with --resume: the pair goes on as it was begun");
  expect_complaint(run_microgpt({"train-pair", "--resume", pair, "--overwrite"}), kUsage,
                   "--overwrite: nothing is replaced without -o DIR");
  expect_complaint(run_microgpt({"train-pair", "--resume", pair}), kFailure,
                   pair + " holds no pair: begin one with microgpt train-pair -o");
  expect_complaint(run_microgpt({"train-pair", none, corpus, "-o", pair}), kFailure,
                   "cannot read " + none + ": No such file or directory");
  expect_complaint(run_microgpt({"train-pair", "-", "-", "-o", pair}), kUsage, "-: only one of the two can be standard input");
  expect_complaint(run_microgpt({"train-pair", corpus, corpus, "-o", "-"}), kUsage,
                   "-o -: name a folder; a model is several files");
  expect_complaint(run_microgpt({"train-pair", corpus, corpus, "-o", pair, "--block-size", "0"}), kUsage,
                   "--block-size 0: a whole number from 1 to 65536 is expected");
  expect_complaint(run_microgpt({"train-pair", corpus, "-", "-o", pair}, "\n"), kFailure,
                   "standard input: the corpus has no documents; it needs at least one line that is not blank");
  const ProcessResult few = run_microgpt({"train-pair", corpus, corpus, "-o", pair});
  EXPECT_EQ(few.exit_code, kFailure);
  EXPECT_TRUE(few.err.ends_with("hold nothing out with --held-out 0\n")) << few.err;
}

TEST(BadInput, FlagsOfSweep) {
  const TemporaryFolder folder;
  const std::string out = folder.path("sweep");
  const auto sweep = [&](const std::vector<std::string>& flags) {
    std::vector<std::string> call{"sweep", "-o", out};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call);
  };
  const auto shown = [](std::string_view value) { return value.empty() ? "\"\"" : std::string(value); };
  const std::vector<std::vector<std::string>> integers{
      {"--num-steps", "0", "1000000000"}, {"--n-layer", "1", "1024"},
      {"--n-embd", "1", "16384"},         {"--n-head", "1", "16384"},
      {"--block-size", "1", "65536"},     {"--batch-size", "1", "1000000"},
      {"--warmup", "0", "1000000000"},    {"--seed", "0", "18446744073709551615"}};
  for (const auto& c : integers)
    for (const char* value : {"-1", "99999999999999999999999", "x", "1.5", "null", ""})
      expect_complaint(sweep({c[0] + "=8," + value}), kUsage,
                       c[0] + " " + shown(value) + ": a whole number from " + c[1] + " to " + c[2] + " is expected");
  for (const char* flag : {"--eval-every", "--patience"})
    expect_complaint(sweep({std::string(flag) + "=3,x"}), kUsage,
                     std::string(flag) + " x: a whole number from 0 to 1000000000 or null is expected");
  const std::vector<std::vector<std::string>> reals{
      {"--learning-rate", "a number above 0"},        {"--beta1", "a number from 0 to below 1"},
      {"--beta2", "a number from 0 to below 1"},      {"--teacher-part", "a number from 0 to below 1"},
      {"--dropout", "a number from 0 to below 1"},    {"--weight-decay", "a number of at least 0"},
      {"--held-out", "a number from 0 to below 0.5"}, {"--clip", "a number above 0 or none"}};
  for (const auto& c : reals)
    for (const char* value : {"-1", "x", "", "nan", "inf"})
      expect_complaint(sweep({c[0] + "=0.1," + value}), kUsage, c[0] + " " + shown(value) + ": " + c[1] + " is expected");
  const std::vector<std::vector<std::string>> choices{
      {"--split", "lines, text or tail"},          {"--encoding", "utf-8 or bytes"},
      {"--invalid", "error, replace or skip"},     {"--activation", "relu or relu2"},
      {"--loss-mean", "document or token"},        {"--engine", "fast, exact or graph"},
      {"--schedule", "linear, cosine or constant"}};
  for (const auto& c : choices) expect_complaint(sweep({c[0], "other"}), kUsage, c[0] + " other: " + c[1] + " is expected");
  expect_complaint(sweep({"--preset", "other"}), kUsage, "--preset other: microgpt, small or best is expected");
  for (const char* value : {"-1", "33", "x", "1,2"})
    expect_complaint(sweep({std::string("--threads=") + value}), kUsage,
                     std::string("--threads ") + value + ": a whole number from 0 to 32 is expected");
  for (const char* value : {"0.5", "x", "86401"})
    expect_complaint(sweep({"--deadline", value}), kUsage,
                     std::string("--deadline ") + value + ": a number from 1 to 86400 is expected");
  expect_complaint(sweep({"--no-prefix-sharing", "--seed", "1,2,1"}), kUsage, "--seed 1 stands there twice; name it once");
  expect_complaint(sweep({"--split", "lines,text"}), kUsage,
                   "split must be the same in all configurations, as the corpus is read once; make a sweep of each");
  for (const char* flag : {"--seconds", "--init", "--save-every"}) EXPECT_EQ(sweep({flag, "1"}).exit_code, kUsage) << flag;
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(BadInput, Sweeps) {
  const TemporaryFolder folder;
  const std::string out = folder.path("sweep");
  const std::string none = folder.path("none");
  const std::string grid = folder.write("grid.json", "{\"n_embd\": [8, 9]}");
  expect_complaint(run_microgpt({"sweep", "--n-embd", "8"}), kUsage,
                   "sweep: name a folder for the results with -o DIR, or one to go on in with --resume DIR");
  expect_complaint(run_microgpt({"sweep", "-o", out}), kUsage,
                   "sweep: there is nothing to compare; give settings lists of values, as in --n-embd 16,32, or a GRID.json");
  expect_complaint(run_microgpt({"sweep", "-o", "-", "--seed", "1,2"}), kUsage,
                   "-o -: name a folder; a sweep is several files");
  expect_complaint(run_microgpt({"sweep", "--resume", none, "--overwrite"}), kUsage,
                   "--overwrite: nothing is written without -o DIR");
  for (const std::vector<std::string>& more : {std::vector<std::string>{"--n-embd", "8"}, {"--preset", "small"}})
    expect_complaint(run_microgpt({"sweep", "--resume", none, more[0], more[1]}), kUsage,
                     more[0] + " does not go with --resume: the sweep goes on as it was begun");
  expect_complaint(run_microgpt({"sweep", "--resume", none, grid, "corpus"}), kUsage,
                   grid + " does not go with --resume: the sweep goes on as it was begun");
  expect_complaint(run_microgpt({"sweep", "--resume", none}), kFailure, "cannot read " + none + ": No such file or directory");
  expect_complaint(
      run_microgpt({"sweep", "--resume", folder.path("")}), kFailure,
      folder.path("") + " holds no sweep to go on with: it has no sweep.json, which is written last; begin one with -o");
  expect_complaint(run_microgpt({"sweep", none + ".json", "-o", out}), kFailure,
                   "cannot read " + none + ".json: No such file or directory");
  expect_complaint(run_microgpt({"sweep", none, "-o", out, "--seed", "1,2"}), kFailure,
                   "cannot read " + none + ": No such file or directory");
  expect_complaint(run_microgpt({"sweep", grid, "-o", out}), kUsage,
                   "--n-embd 9 is not a multiple of --n-head 4 (configuration 2: --n-embd 9)");
  expect_complaint(run_microgpt({"sweep", grid, "-o", out, "--n-embd", "8"}), kUsage,
                   "--n-embd: " + grid + " has n_embd too; name it in one place");
  expect_complaint(run_microgpt({"sweep", "-o", out, "--held-out", "0"}), kUsage,
                   "--held-out 0: validation compares the models of a sweep; it must be above 0");
  expect_complaint(run_microgpt({"sweep", "-", "-o", out, "--seed", "1,2"}, "\n"), kFailure,
                   "standard input: the corpus has no documents; it needs at least one line that is not blank");
  expect_complaint(run_microgpt({"sweep", "names.txt", grid, "-o", out}), kUsage,
                   "sweep: the grid comes first, and then the corpus: " + grid + " names.txt");
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(BadInput, ASweepIsNoRunAndARunNoSweep) {
  const TemporaryFolder folder;
  const std::string sweep = folder.path("sweep"), model = folder.path("model");
  const std::vector<std::string> settings{"--n-embd=8", "--num-steps=2", "-o"};
  const auto call = [&](const char* command, const std::string& to) {
    std::vector<std::string> words{command, "-"};
    words.insert(words.end(), settings.begin(), settings.end());
    words.push_back(to);
    return run_microgpt(words, tiny_corpus());
  };
  ASSERT_EQ(call("sweep", sweep).exit_code, 0);
  ASSERT_EQ(call("train", model).exit_code, 0);
  expect_complaint(run_microgpt({"train", "--resume", sweep}), kFailure,
                   sweep + " holds a sweep, and no run of its own: go on with it by microgpt sweep --resume " + sweep);
  expect_complaint(run_microgpt({"sweep", "--resume", model}), kFailure,
                   model + " holds a run, and no sweep: go on with it by microgpt train --resume " + model);
  expect_complaint(run_microgpt({"train-pair", "--resume", model}), kFailure,
                   model + " holds a run, and no pair: go on with it by microgpt train --resume " + model);
}

TEST(BadInput, GridsOfSweeps) {
  const TemporaryFolder folder;
  const std::string path = folder.path("grid.json");
  const auto expect = [&](const std::string& text, const std::string& message) {
    folder.write("grid.json", text);
    expect_complaint(run_microgpt({"sweep", path, "-o", folder.path("sweep")}), kFailure, path + message);
  };
  expect("", " is not valid JSON (line 1, byte 1); correct it");
  expect("{\n\"n_embd\": 8,\n}", " is not valid JSON (line 3, byte 16); correct it");
  expect("{\"seed\": 1, \"seed\": 2}", " has \"seed\" twice; correct it");
  expect(std::string(100'000, '['), " is nested deeper than 8 levels; correct it");
  expect("{}", ": the grid is empty; name settings, as in {\"n_embd\": [16, 32]}");
  expect("{\"widths\": [8]}", ": there is no setting \"widths\"; microgpt sweep --help-all lists them as flags");
  expect("{\"n_embd\": [8, \"16\"]}", ": n_embd \"16\": a whole number from 1 to 16384 is expected");
  expect("[{\"seed\": [1, 2]}, {\"seed\": 2}]",
         ": configuration 3 is that of number 2 again (seed 2); take it out of one of the grids");
}

TEST(BadInput, Probabilities) {
  for (const char* value : {"-0.5", "1.5", "nan", "x", "1/0", "3/2"})
    expect_complaint(run_microgpt({"loss", value}), kUsage,
                     std::string("loss: ") + value + ": a probability from 0 to 1 is expected, such as 0.5 or 1/27");
}

}  // namespace
}  // namespace microgpt::testing::bad_input_test
