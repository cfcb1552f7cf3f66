// SPDX-License-Identifier: MIT
// The help of the program and of each command: lines that fit, flags in groups, and examples that work.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "support/length.h"
#include "support/tiny_training.h"
#include "text/embedded_names.h"

namespace microgpt::testing::help_test {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kExamples = 3;

Words lines_of(const std::string& text) {
  Words lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The lines below a title such as "Examples:", up to the next blank one.
Words section_of(const std::string& help, const std::string& title) {
  const Words lines = lines_of(help);
  const auto begin = std::find(lines.begin(), lines.end(), title + ":");
  return begin == lines.end() ? Words() : Words(begin + 1, std::find(begin, lines.end(), ""));
}

// Lines that begin an entry, without those that go on with it.
Words entries_of(const Words& section) {
  Words entries;
  for (const std::string& line : section)
    if (line.starts_with("  ") && line[2] != ' ') entries.push_back(line.substr(2));
  return entries;
}

std::string help_of(const Words& call) {
  const ProcessResult result = run_microgpt(call);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  return result.out;
}

Words commands() {
  Words names;
  for (const std::string& entry : entries_of(section_of(help_of({"--help"}), "Subcommands")))
    names.push_back(entry.substr(0, entry.find(' ')));
  return names;
}

// Of a help of a command: "--output", "-o".
std::set<std::string> flags_in(const std::string& help) {
  std::set<std::string> flags;
  for (const std::string& line : lines_of(help)) {
    if (!line.starts_with("  -")) continue;
    std::istringstream words(line);
    for (std::string word; words >> word && word.starts_with("-");) flags.insert(word.substr(0, word.find(',')));
  }
  return flags;
}

Words examples_in(const std::string& help) { return entries_of(section_of(help, "Examples")); }

Words words_of(const std::string& example) {
  std::istringstream stream(example);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// The words of an example behind the program's name, up to where the shell takes over.
Words call_of(const std::string& example) {
  const Words words = words_of(example);
  const auto program = std::find(words.begin(), words.end(), "microgpt");
  EXPECT_NE(program, words.end()) << example;
  const auto is_of_shell = [](const std::string& word) { return word == "<" || word == ">" || word == "|"; };
  return {program + 1, std::find_if(program, words.end(), is_of_shell)};
}

void expect_lines_that_fit(const std::string& help) {
  for (const std::string& line : lines_of(help)) {
    EXPECT_LE(line.size(), kWidth) << line;
    EXPECT_FALSE(line.ends_with(" ")) << line;
  }
}

TEST(HelpText, HasLinesOf80Columns) {
  EXPECT_EQ(commands().size(), 16U);
  for (const char* flag : {"--help", "--help-all"}) {
    expect_lines_that_fit(help_of({flag}));
    for (const std::string& command : commands()) expect_lines_that_fit(help_of({command, flag}));
  }
}

TEST(HelpText, CountsTheFlagsThatItLeavesOut) {
  std::size_t hidden_in_all = 0;
  for (const std::string& command : commands()) {
    const std::string help = help_of({command, "--help"}), all = help_of({command, "--help-all"});
    const std::set<std::string> listed = flags_in(help), flags = flags_in(all);
    EXPECT_TRUE(std::includes(flags.begin(), flags.end(), listed.begin(), listed.end())) << command;
    const std::size_t hidden = flags.size() - listed.size();
    const std::string note = " not listed here: see microgpt " + command + " --help-all\n";
    EXPECT_EQ(help.ends_with(note), hidden > 0) << help;
    if (hidden > 1) {
      EXPECT_TRUE(contains(help, "\n" + std::to_string(hidden) + " rarely used flags are" + note)) << help;
    }
    EXPECT_FALSE(contains(all, "not listed here"));
    hidden_in_all += hidden;
  }
  EXPECT_GT(hidden_in_all, 50U);
}

TEST(HelpText, OfAllFlagsIsAskedForWithAWordToo) {
  EXPECT_EQ(help_of({"help", "train", "--all"}), help_of({"train", "--help-all"}));
  EXPECT_EQ(help_of({"train", "-o", "model", "--help-all"}), help_of({"train", "--help-all"}));
  EXPECT_EQ(help_of({"train", "-h"}), help_of({"train", "--help"}));
  const std::string everything = help_of({"help", "--all"});
  EXPECT_EQ(everything, help_of({"--help-all"}));
  for (const std::string& command : commands()) EXPECT_TRUE(contains(everything, help_of({command, "--help-all"}))) << command;
}

TEST(HelpText, HasItsFlagsInGroups) {
  const std::string help = help_of({"train", "--help"});
  std::size_t last = 0;
  for (const char* group : {"Arguments", "Data", "Model", "Training", "Output", "General", "Examples"}) {
    const std::size_t at = help.find(std::string("\n\n") + group + ":\n  ");
    ASSERT_NE(at, std::string::npos) << group;
    EXPECT_GT(at, last) << group;
    last = at;
  }
  EXPECT_FALSE(contains(help, "\nRanks:")) << "no group without flags";
  EXPECT_FALSE(contains(help, "--beta1"));
  const std::string all = help_of({"train", "--help-all"});
  EXPECT_TRUE(contains(all, "\nRanks:\n  --deadline X "));
  EXPECT_TRUE(flags_in(all).contains("-o") && flags_in(all).contains("--output"));
  EXPECT_EQ(lines_with(all, "--beta1 X "), 1U);
}

TEST(HelpText, SaysWhatAFlagDoesNotGoWith) {
  EXPECT_TRUE(contains(help_of({"train", "--help"}), "(not with --num-steps)"));
  EXPECT_TRUE(contains(help_of({"info", "--help"}), "(not with MODEL or --json)"));
}

TEST(HelpText, HasExamplesWhoseFlagsThereAre) {
  EXPECT_EQ(examples_in(help_of({"--help"})).size(), kExamples);
  for (const std::string& command : commands()) {
    const std::set<std::string> flags = flags_in(help_of({command, "--help-all"}));
    const Words examples = examples_in(help_of({command, "--help"}));
    EXPECT_EQ(examples.size(), kExamples) << command;
    for (const std::string& example : examples) {
      Words call = call_of(example);
      EXPECT_EQ(call.front(), command) << example;
      for (const std::string& word : call)
        EXPECT_TRUE(!word.starts_with("-") || word == "-" || flags.contains(word)) << example << ": " << word;
      call.push_back("--help");  // after the values of all flags are read
      EXPECT_EQ(run_microgpt(call).exit_code, 0) << example;
    }
  }
}

// A folder with the files that the examples name. One command makes what another one reads, in the order of the commands.
class Examples : public ::testing::Test {
 protected:
  Examples() {
    const Words names = lines_of(std::string(embedded_names_text()));
    const auto some = [&](std::size_t begin, const std::string& label = "") {
      std::string text;
      for (std::size_t i = begin; i < begin + 100; ++i) text += label + names[i] + "\n";
      return text;
    };
    for (const char* file : {"names.txt", "book.txt", "spam.txt", "de.txt", "log.txt", "inbox.txt"})
      folder_.write(file, some(0));
    for (const char* file : {"mail.txt", "en.txt", "lines.txt"}) folder_.write(file, some(1000));
    folder_.write("fr.txt", some(2000));
    folder_.write("labelled.txt", some(0, "__label__sport ") + some(1000, "__label__music "));
    folder_.write("grid.json", "{\"n_layer\": [1, 2]}");
  }

  void expect_to_work(const std::string& example) const {
    const std::string program = std::filesystem::path(MICROGPT_PROGRAM).parent_path();
    const std::string errors = folder_.path("errors");
    const std::string call =
        "cd '" + folder_.path("") + "' && PATH='" + program + "':\"$PATH\" && (" + example + ") >output 2>'" + errors + "'";
    EXPECT_EQ(std::system(call.c_str()), 0) << example << "\n" << read_text(errors);
  }

  TemporaryFolder folder_;
};

TEST_F(Examples, Work) {
  if (!kFullLength) GTEST_SKIP() << "they train whole models";
  for (const std::string& command : commands())
    for (const std::string& example : examples_in(help_of({command, "--help"}))) expect_to_work(example);
  std::filesystem::remove_all(folder_.path("model"));
  for (const std::string& example : examples_in(help_of({"--help"}))) expect_to_work(example);
}

}  // namespace
}  // namespace microgpt::testing::help_test
