// SPDX-License-Identifier: MIT
// Each default that a help prints, in brackets at the end of what a flag or an argument is, is what a run without it has.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include "io/json.h"
#include "support/tiny_training.h"
#include "text/embedded_names.h"
#include "training/default_settings.h"
#include "training/setting_values.h"

namespace microgpt::testing::defaults_test {
namespace {

using Defaults = std::map<std::string, std::string>;  // of each flag, "--seed", or argument, "CORPUS"

constexpr std::array kCommands{"demo", "reference", "train",    "train-pair", "train-classes", "sweep", "sample",
                               "eval", "score",     "classify", "explain",    "tokens",        "loss",  "info"};

// Of which no output tells the value: the help takes it from the variable that the flag sets.
constexpr std::array kTheSameResults{"--threads", "--deadline"};

// The long name of a flag, of a line of a help that begins the description of one; or the argument.
std::string name_in(const std::string& line) {
  const std::size_t begin = line[2] == '-' ? line.find("--") : 2;
  return line.substr(begin, line.find_first_of(" ,", begin) - begin);
}

Defaults defaults_of(const std::string& command) {
  const std::string help = run_microgpt({command, "--help-all"}).out;
  Defaults defaults;
  std::string name, text;
  const auto end_entry = [&] {
    const std::size_t open = text.rfind('[');
    if (!name.empty() && text.ends_with("]")) defaults[name] = text.substr(open + 1, text.size() - open - 2);
    name.clear();
    text.clear();
  };
  for (std::size_t at = 0; at < help.size(); at = help.find('\n', at) + 1) {
    const std::string line = help.substr(at, help.find('\n', at) - at);
    const bool is_continued = line.starts_with("   ");
    if (!is_continued) end_entry();
    if (!is_continued && line.starts_with("  ")) name = name_in(line);
    text += line.substr(std::min(line.find_first_not_of(' '), line.size())) + (line.ends_with("]") ? "" : " ");
  }
  end_entry();
  return defaults;
}

// --- Settings: what a run without flags has stored that it was begun with ---

std::string text_of(const Json& value) {
  if (value.is_text()) return value.text();
  return value.is_real() ? fmt::format("{}", value.number()) : dump(value);
}

constexpr std::string_view kEvalEvery = "every tenth of the training, and at first after 1/4, 1/2, 1, 2 ... epochs";
constexpr std::string_view kBlockSize = "the longest training document + 1, at most 96";
constexpr std::string_view kFitted = "fits the documents";

// What the words of a default stand for.
Defaults in_words(const std::string& command) {
  Defaults words{{"--eval-every", "null"}, {"--block-size", "6"}};
  words.insert({"--patience", command == "train-pair" ? "0" : "null"});
  return words;
}

// The setting of a run on the tiny corpus, as the library fits it, of which as much is held out as by the command.
std::string fitted(const std::string& command, const std::string& setting, const Json& held_out) {
  const Corpus corpus = Corpus::from_lines("test", tiny_corpus());
  RunSettings settings;
  settings.options.held_out = held_out.number();
  const TrainingSize size = training_size(corpus, settings.options);
  const auto is_given = [](std::string_view) { return false; };
  if (command == "train-pair")
    settings.options = settings_of_classes({size, size}, is_given, settings.options).front();
  else
    fit(size, is_given, settings.options);
  return text_of(setting_value(settings, setting));
}

void expect_defaults(const std::string& command, const Json& settings) {
  const Defaults defaults = defaults_of(command), words = in_words(command);
  for (const auto& [setting, value] : settings.fields()) {
    std::string flag = "--" + setting;
    std::replace(flag.begin(), flag.end(), '_', '-');
    if (value.is_boolean()) {
      EXPECT_EQ(value, Json(false)) << setting;  // a switch
      continue;
    }
    if (command == "train-pair" && setting == "split") continue;  // lines always
    ASSERT_TRUE(defaults.contains(flag)) << command << " " << flag;
    const std::string& shown = defaults.at(flag);
    const std::string expected = shown == kFitted       ? fitted(command, setting, *settings.find("held_out"))
                                 : words.contains(flag) ? words.at(flag)
                                                        : shown;
    EXPECT_EQ(text_of(value), expected) << command << " " << flag << ": " << shown;
  }
}

class Settings : public ::testing::Test {
 protected:
  // Of the run that is begun so, and stopped at once.
  Json begun(const Words& call, const std::string& file) const {
    signal_microgpt(call, SIGTERM);
    return parse_json(file, read_text(folder_.path(file)));
  }

  TemporaryFolder folder_;
  std::string corpus_ = folder_.write("corpus", tiny_corpus());
};

TEST_F(Settings, OfTrain) {
  expect_defaults("train", begun({"train", corpus_, "-o", folder_.path("m")}, "m/train_state.json")["settings"]);
  EXPECT_EQ(defaults_of("train")["--eval-every"], kEvalEvery);
  EXPECT_EQ(defaults_of("train")["--block-size"], kBlockSize);
  EXPECT_EQ(defaults_of("train")["--patience"], "0, or 3 with the engines exact and graph");
  for (const std::string engine : {"fast", "exact", "graph"}) {
    Words call{"train", corpus_, "-o", folder_.path("m"), "--overwrite", "--engine", engine};
    EXPECT_EQ(begun(call, "m/train_state.json")["settings"]["patience"], engine == "fast" ? Json() : Json(3)) << engine;
    call.insert(call.end(), {"--num-steps", "100"});
    EXPECT_TRUE(begun(call, "m/train_state.json")["settings"]["patience"].is_null()) << engine;
  }
}

TEST_F(Settings, OfTrainPair) {
  auto run = begun({"train-pair", corpus_, corpus_, "-o", folder_.path("p")}, "p/positive/train_state.json");
  expect_defaults("train-pair", run["settings"]);
  EXPECT_EQ(defaults_of("train-pair")["--eval-every"], kEvalEvery);
  EXPECT_EQ(defaults_of("train-pair")["--block-size"], kBlockSize);
  const std::string lines = folder_.write("long", tiny_corpus() + std::string(300, 'a') + "\n" + std::string(301, 'a') + "\n" +
                                                      std::string(302, 'a') + "\n");  // at least one is trained on
  auto with_long = begun({"train-pair", lines, corpus_, "-o", folder_.path("l")}, "l/positive/train_state.json");
  EXPECT_EQ(with_long["settings"]["block_size"], Json(96));
}

TEST_F(Settings, OfSweep) {
  auto plan = begun({"sweep", corpus_, "-o", folder_.path("s"), "--activation", "relu"}, "s/sweep.json");
  expect_defaults("sweep", plan["base"]["settings"]);
  EXPECT_EQ(defaults_of("sweep")["--eval-every"], kEvalEvery);
  EXPECT_EQ(defaults_of("sweep")["--block-size"], kBlockSize);
  EXPECT_EQ(defaults_of("sweep")["--patience"], "0, or 3 with the engines exact and graph");
}

// --- All others: with the default as the flag's value the output is the same, with another value it is not ---

struct Row {
  Words call;
  std::string flag;                  // or an argument
  std::string shown;                 // in the help
  std::optional<std::string> value;  // that it stands for; nothing: no value does
  Words others;
  std::string input = {};
};

class OtherDefaults : public ::testing::Test {
 protected:
  OtherDefaults() {
    train({"--n-embd", "8", "--n-head", "2", "--num-steps", "30", "-o", lines_});
    train({"--n-embd", "8", "--n-head", "2", "--num-steps", "30", "--split", "text", "-o", text_});
    train({"--n-embd", "8", "--n-head", "2", "--num-steps", "30", "--seed", "2", "-o", other_});
  }

  void train(Words flags) const {
    flags.insert(flags.begin(), {"train", corpus_, "--quiet", "--num-samples", "0"});
    const ProcessResult result = run_microgpt(flags);
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }

  // Of a checkpoint; empty where there is none.
  static std::string step_of(const std::string& path) {
    const std::string bytes = read_text(path), key = "\"step\":";
    const std::size_t at = bytes.find(key);
    return at == std::string::npos ? "" : bytes.substr(at, bytes.find(',', at) - at);
  }

  // All that a run shows and saves where {} stands in its call.
  std::string outcome(Words call, const std::string& input) {
    const std::string output = folder_.path(fmt::format("out{}", ++calls_));
    for (std::string& word : call)
      if (word == "{}") word = output;
    const ProcessResult result = run_microgpt(call, input);
    std::string all = fmt::format("{}{}{}\n{}{}", result.out, result.err, result.exit_code, read_text(output),
                                  step_of(output + "/checkpoint.safetensors"));
    for (const auto& [path, name] : {std::pair(output, "{}"), std::pair(names_, "the embedded US names of 2018")})
      for (std::size_t at = all.find(path); at != std::string::npos; at = all.find(path, at))
        all.replace(at, path.size(), name);
    return all;
  }

  void expect_default(const Row& row) {
    const auto with = [&](const std::string& value) {
      Words call = row.call;
      if (row.flag.starts_with("--")) call.push_back(row.flag);
      call.push_back(value);
      return outcome(call, row.input);
    };
    const std::string without = outcome(row.call, row.input);
    if (row.value) {
      EXPECT_EQ(with(*row.value), without) << row.call[0] << " " << row.flag << " " << *row.value;
    }
    for (const std::string& other : row.others)
      EXPECT_NE(with(other), without) << row.call[0] << " " << row.flag << " " << other;
    EXPECT_EQ(defaults_of(row.call[0])[row.flag], row.shown) << row.call[0] << " " << row.flag;
    seen_.insert({row.call[0], row.flag});
  }

  TemporaryFolder folder_;
  std::string corpus_ = folder_.write("corpus", tiny_corpus());
  std::string names_ = folder_.write("names", embedded_names_text());
  std::string lines_ = folder_.path("lines"), text_ = folder_.path("text"), other_ = folder_.path("other");
  std::set<std::pair<std::string, std::string>> seen_;
  int calls_ = 0;
};

std::vector<Row> rows_of_reference(const std::string& names, const std::string& corpus) {
  const Words few{"reference", "--corpus", corpus, "--num-steps=20"};
  return {{{"reference", "--num-steps=2"}, "--corpus", "the embedded names", names, {corpus}},
          {few, "--revision", "final", "final", {"first"}},
          {few, "--seed", "42", "42", {"7"}},
          {{"reference", "--corpus", corpus}, "--num-steps", "final 1000, first 500", "1000", {"500"}},
          {{"reference", "--corpus", corpus, "--revision=first"}, "--num-steps", "final 1000, first 500", "500", {"1000"}},
          {few, "--n-layer", "1", "1", {"2"}},
          {few, "--n-embd", "16", "16", {"8"}},
          {few, "--n-head", "4", "4", {"2"}},
          {few, "--block-size", "final 16, first 8", "16", {"8"}},
          {{"reference", "--corpus", corpus, "--num-steps=20", "--revision=first"},
           "--block-size",
           "final 16, first 8",
           "8",
           {"16"}},
          {few, "--temperature", "0.5", "0.5", {"0.9"}},
          {few, "--num-samples", "20", "20", {"19"}},
          {few, "--engine", "exact", "exact", {}}};  // the other one computes the same bits
}

// A rate at which the loss is infinite after some steps: what was saved last stays in the folder.
std::vector<Row> rows_of_training(const std::string& names, const std::string& corpus) {
  const Words tiny{"train", corpus, "--num-steps=20", "--n-embd=8", "--quiet"};
  const Words text{"train", corpus, "--num-steps=20", "--n-embd=8", "--quiet", "--split=text"};
  const Words fails{
      "train", corpus, "--num-steps=40", "--n-embd=8", "--quiet", "--learning-rate=1e10", "--preset=microgpt", "--warmup=100",
      "-o",    "{}"};
  return {{{"train", "--num-steps=2", "--quiet"}, "CORPUS", "the embedded names", names, {corpus}},
          {fails, "--save-every", "with each validation", "4", {"0", "1"}},
          {{"train", corpus, "--num-steps=20", "--n-embd=8", "--quiet", "--column=1"}, "--delimiter", ",", ",", {"b"}},
          {tiny, "--log-every", "0", "0", {"1"}},
          {tiny, "--num-samples", "10, or 2 with --split text", "10", {"9"}},
          {text, "--num-samples", "10, or 2 with --split text", "2", {"3"}},
          {tiny, "--temperature", "0.5", "0.5", {"0.9"}},
          {tiny, "--max-length", "the context length, or 500 for one long text", "6", {"3"}},
          {text, "--max-length", "the context length, or 500 for one long text", "500", {"20"}},
          {{"sweep", "--n-embd=8,16", "--num-steps=2", "--quiet", "-o", "{}"}, "CORPUS", "the embedded names", names, {}}};
}

std::vector<Row> rows_of_sample(const std::string& lines, const std::string& text) {
  const Words one{"sample", lines};
  const std::string budget = "100 per sample, but at least 10000";
  return {{one, "--num-samples", "10", "10", {"9"}},
          {one, "--temperature", "0.5", "0.5", {"0.9"}},
          {one, "--top-p", "1", "1", {"0.1"}},
          {one, "--min-p", "0", "0", {"0.9"}},
          {{"sample", lines, "-n", "200"}, "--min-length", "0", "0", {"8"}},
          {{"sample", lines, "-n", "200"}, "--max-length", "the context length, or 500 for one long text", "6", {"3"}},
          {{"sample", text}, "--max-length", "the context length, or 500 for one long text", "500", {"20"}},
          {one, "--seed", "42", "42", {"7"}},
          {{"sample", lines, "--match", "\\bx", "-n", "3"}, "--budget", budget, "10000", {"9999"}},
          {{"sample", lines, "--match", "\\bx", "-n", "101"}, "--budget", budget, "10100", {"10000"}},
          {one, "--sort", "as they are found", std::nullopt, {"likeliest", "oddest"}},
          {one, "--format", "lines; with --with-score tsv", "lines", {"tsv", "csv", "jsonl"}},
          {{"sample", lines, "--with-score"}, "--format", "lines; with --with-score tsv", "tsv", {"jsonl"}},
          {{"sample", lines, "--with-score"}, "--predictor", "mixture, if the model has one", "mixture", {"gpt", "ngram"}},
          {{"sample", lines, "--with-score"}, "--engine", "fast", "fast", {"exact"}}};
}

std::vector<Row> rows_of_lines(const std::string& lines, const std::string& other, const std::string& corpus) {
  const Words score{"score", lines}, classify{"classify", "--positive", lines, "--negative", other};
  std::vector<Row> rows;
  for (const Words& call : {score, classify}) {
    rows.push_back({call, "FILE", "-", "-", {corpus}, "ab1\n"});
    rows.push_back({call, "--invalid", "error", "error", {"replace", "skip"}, "ab\xFF\n"});
    rows.push_back({call, "--unseen", "count", "count", {"error"}, "abz\n"});
    Words of_column = call;
    of_column.insert(of_column.end(), {"-", "--column", "1"});
    rows.push_back({of_column, "--delimiter", ",", ",", {";"}, "ab,a;b\n"});
    rows.push_back({call, "--format", "tsv; at a terminal: table", "tsv", {"csv", "jsonl", "table"}, "ab1\n"});
    rows.push_back({call, "--digits", "as many as tell a number from all others; in a table 3", std::nullopt, {"2"}, "ab1\n"});
    const char* const usual =
        call[0] == "score" ? "mixture, if the model has one" : "all if the models were trained together, otherwise mixture";
    rows.push_back({call, "--predictor", usual, "mixture", {"gpt", "ngram"}, "ab1\n"});
    rows.push_back({call, "--engine", "fast", "fast", {"exact"}, "ab1\n"});
  }
  const std::string bytes = "ab10\nab\nab123\n0\n";
  rows.push_back({{"score", lines, "--top", "4"},
                  "--per",
                  "p_value with --top, if documents were held out, or excess; otherwise character",
                  "p_value",
                  {"character", "token", "document", "excess", "peak"},
                  bytes});
  rows.push_back({{"score", lines, "--per", "peak"}, "--window", "1", "1", {"2"}, bytes});
  rows.push_back(
      {classify, "--threshold", "where it is more likely than not, or as calibrated", "0", {"1000", "-1000"}, bytes});
  Words calibrate = classify;
  calibrate.insert(calibrate.end(), {"--calibrate", corpus, "--threshold-file", "{}"});
  rows.push_back({calibrate, "--false-positive-rate", "0.01", "0.01", {"0.5"}});
  return rows;
}

std::vector<Row> rows_of_others(const std::string& lines, const std::string& text, const std::string& corpus) {
  const Words eval{"eval", lines, corpus};
  return {{eval, "--split", "as in training", "lines", {"text"}},
          {{"eval", text, corpus}, "--split", "as in training", "text", {"lines"}},
          {{"eval", lines, "-"}, "--invalid", "as in training", "error", {"replace"}, "ab\xe9\n"},
          {{"eval", lines, "-", "--column", "1"}, "--delimiter", ",", ",", {";"}, "ab,a;b\n"},
          {{"eval", lines, "-"}, "--unseen", "count", "count", {"error"}, "abz\n"},
          {{"eval", lines, corpus, "--json"}, "--engine", "fast", "fast", {"exact"}},
          {{"explain", lines, "ab1"}, "--alternatives", "3", "3", {"5"}},
          {{"explain", lines, "ab1"}, "--predictor", "mixture, if the model has one", "mixture", {"gpt", "ngram"}},
          {{"explain", lines, "abz"}, "--unseen", "count", "count", {"error"}},
          {{"explain", lines, "ab1", "--json"}, "--engine", "fast", "fast", {"exact"}},
          {{"loss"}, "--vocab-size", "27", "27", {"5"}}};
}

TEST_F(OtherDefaults, AreWhatIsDoneWithoutTheFlag) {
  std::vector<Row> rows = rows_of_reference(names_, corpus_);
  for (const auto& more : {rows_of_training(names_, corpus_), rows_of_sample(lines_, text_),
                           rows_of_lines(lines_, other_, corpus_), rows_of_others(lines_, text_, corpus_)})
    rows.insert(rows.end(), more.begin(), more.end());
  for (const Row& row : rows) expect_default(row);

  // Last, as it leaves a threshold where `classify` finds it.
  const Words calibrate{"classify", "--positive", lines_, "--negative", other_, "--calibrate", corpus_};
  expect_default({calibrate,
                  "--threshold-file",
                  "threshold.json in the folder of the positive model",
                  lines_ + "/threshold.json",
                  {folder_.path("elsewhere")}});
  const auto stored = parse_json("threshold", read_text(lines_ + "/threshold.json"));
  expect_default({{"classify", "--positive", lines_, "--negative", other_, corpus_},
                  "--threshold",
                  "where it is more likely than not, or as calibrated",
                  std::nullopt,
                  {"1000"}});
  Words labels{"classify", "--positive", lines_, "--negative", other_, corpus_};
  const std::string calibrated = run_microgpt(labels).out;
  labels.insert(labels.end(), {"--threshold", fmt::format("{}", number_field("threshold", stored, "threshold"))});
  EXPECT_EQ(run_microgpt(labels).out, calibrated);

  // Nothing is left out.
  for (const char* command : kCommands) {
    const bool has_settings = std::set<std::string>{"train", "train-pair", "train-classes", "sweep"}.contains(command);
    const Defaults sweep_defaults = has_settings ? defaults_of("sweep") : Defaults();
    for (const auto& [flag, shown] : defaults_of(command)) {
      const bool is_equal = std::find(kTheSameResults.begin(), kTheSameResults.end(), flag) != kTheSameResults.end();
      const bool is_setting = sweep_defaults.contains(flag) && flag.starts_with("--");
      EXPECT_TRUE(is_equal || is_setting || seen_.contains({command, flag})) << command << " " << flag << " [" << shown << "]";
    }
  }
}

}  // namespace
}  // namespace microgpt::testing::defaults_test
