// SPDX-License-Identifier: MIT
#include "support/process.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace microgpt::testing {
namespace {

void redirect(const std::string& path, int flags, int descriptor) {
  const int file = open(path.c_str(), flags, 0600);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(126);
  close(file);
}

void become_nobody() {
  constexpr unsigned kNobody = 65534;
  if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0)) _exit(126);
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// Replaces this process, a fork, by the program.
[[noreturn]] void execute(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{MICROGPT_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(kCannotExecute);
}

pid_t fork_or_throw() {
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  return exit_code_of(status);
}

// `prepare` is called in the process that becomes the program. Files and not pipes on all three streams: nothing can wait for
// another.
template <typename Prepare>
ProcessResult run_prepared(const std::vector<std::string>& arguments, std::string_view input, Prepare prepare) {
  const TemporaryFolder folder;
  const std::string in = folder.write("in", input);
  const std::string out = folder.path("out");
  const std::string err = folder.path("err");
  const pid_t child = fork_or_throw();
  if (child == 0) {
    redirect(in, O_RDONLY, STDIN_FILENO);
    redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    redirect(err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
    prepare();
    execute(arguments);
  }
  const int exit_code = wait_for(child);
  return {exit_code, read_text(out), read_text(err)};
}

}  // namespace

ProcessResult run_microgpt(const std::vector<std::string>& arguments, std::string_view input,
                           const std::vector<std::string>& environment, RunAs run_as) {
  std::vector<std::string> variables = environment;
  return run_prepared(arguments, input, [&] {
    for (std::string& variable : variables) putenv(variable.data());
    if (run_as == RunAs::nobody) become_nobody();
  });
}

ProcessResult run_microgpt_within(std::uint64_t bytes, const std::vector<std::string>& arguments) {
  return run_prepared(arguments, "", [&] {
    const rlimit limit{bytes, bytes};
    if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(126);
  });
}

ProcessResult signal_microgpt(const std::vector<std::string>& arguments, int signal) {
  const TemporaryFolder folder;
  const std::string err = folder.path("err");
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe failed");
  const pid_t child = fork_or_throw();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    redirect(err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
    execute(arguments);
  }
  close(ends[1]);
  std::string out;
  std::array<char, 4096> buffer;
  while (const auto count = read(ends[0], buffer.data(), buffer.size())) {
    if (count < 0) break;
    if (out.empty()) kill(child, signal);
    out.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(ends[0]);
  const int exit_code = wait_for(child);
  return {exit_code, out, read_text(err)};
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "microgpt.XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  folder_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string TemporaryFolder::write(std::string_view name, std::string_view content) const {
  std::ofstream(folder_ / name, std::ios::binary) << content;
  return path(name);
}

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace microgpt::testing
