// SPDX-License-Identifier: MIT
// Man pages and completions: each flag of --help-all is in them, and the shell that reads them understands them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

#include "support/process.h"

namespace microgpt::manual_test {
namespace {

using testing::run_microgpt;

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match) found.push_back(match->str(1));
  return found;
}

TEST(Manual, HasEachFlagOfEachSubcommand) {
  const std::string bash = run_microgpt({"manual", "bash"}).out, zsh = run_microgpt({"manual", "zsh"}).out,
                    fish = run_microgpt({"manual", "fish"}).out;
  std::size_t flags = 0;
  for (const std::string& command : matches(run_microgpt({"--help"}).out, "\n  ([a-z][a-z-]*)  +[A-Z]")) {
    const std::string page = run_microgpt({"manual", "man", command}).out;
    EXPECT_NE(page.find(".SH SYNOPSIS"), std::string::npos) << command;
    for (const std::string& flag : matches(run_microgpt({command, "--help-all"}).out, "\n  (?:-., )?--([a-z0-9-]+)")) {
      if (flag == "help" || flag == "help-all") continue;
      EXPECT_NE(page.find("\\-\\-" + std::regex_replace(flag, std::regex("-"), "\\-")), std::string::npos) << command << flag;
      EXPECT_NE(bash.find(" --" + flag), std::string::npos) << command << flag;
      EXPECT_NE(zsh.find("'--" + flag + "["), std::string::npos) << command << flag;
      EXPECT_TRUE(std::regex_search(fish, std::regex("from " + command + "'( -s .)? -l " + flag + " "))) << command << flag;
      ++flags;
    }
  }
  EXPECT_GT(flags, 50U);
}

TEST(Manual, IsUnderstoodByBash) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.write("completion", run_microgpt({"manual", "bash"}).out);
  const std::string complete = "bash -c 'source " + path +
                               "; COMP_WORDS=(microgpt sample --top-); COMP_CWORD=2; _microgpt; "
                               "[ \"${COMPREPLY[*]}\" = \"--top-k --top-p\" ]'";
  EXPECT_EQ(std::system(complete.c_str()), 0);  // NOLINT(cert-env33-c): bash is what is tested with
}

TEST(Manual, SaysWhatItDoesNotHave) {
  EXPECT_EQ(run_microgpt({"manual", "man", "nothing"}).exit_code, 2);
  EXPECT_EQ(run_microgpt({"manual", "html"}).exit_code, 2);
  EXPECT_EQ(run_microgpt({"manual", "bash", "train"}).exit_code, 2);
}

}  // namespace
}  // namespace microgpt::manual_test
