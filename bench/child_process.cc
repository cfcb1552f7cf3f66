// SPDX-License-Identifier: MIT
#include "bench/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "microgpt/error.h"

namespace microgpt::bench {
namespace {

struct Pipe {
  int read;
  int write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw Error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  return {ends[0], ends[1]};
}

std::vector<char*> arguments_of(std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  return arguments;
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> command) : name_(command.front()) {
  signal(SIGPIPE, SIG_IGN);  // a program that has ended is an Error of write_line()
  const Pipe input = make_pipe();
  const Pipe output = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.read, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.write, STDOUT_FILENO);
  const int failure = posix_spawnp(&pid_, command.front().c_str(), &actions, nullptr, arguments_of(command).data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(input.read);
  close(output.write);
  input_ = input.write;
  output_ = output.read;
  if (failure == 0) return;
  close(input_);
  close(output_);
  throw Error(fmt::format("cannot start {}: {}", name_, std::strerror(failure)));
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) kill(pid_, SIGKILL);
  wait();
  close(output_);
}

void ChildProcess::write_line(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = write(input_, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error(fmt::format("{} has ended", name_));
    done += static_cast<std::size_t>(n);
  }
}

bool ChildProcess::read_more() {
  std::array<char, 4096> part{};
  while (true) {
    const ssize_t n = read(output_, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    read_.append(part.data(), static_cast<std::size_t>(n));
    return true;
  }
}

std::string ChildProcess::read_line() {
  std::size_t end = 0;
  while ((end = read_.find('\n')) == std::string::npos)
    if (!read_more()) throw Error(fmt::format("{} has ended", name_));
  std::string line = read_.substr(0, end);
  read_.erase(0, end + 1);
  return line;
}

std::string ChildProcess::read_all() {
  while (read_more()) continue;
  return std::exchange(read_, {});
}

bool ChildProcess::wait() {
  if (pid_ <= 0) return false;
  close(input_);
  int status = 0;
  const pid_t pid = std::exchange(pid_, -1);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string output_of(std::vector<std::string> command) {
  try {
    ChildProcess process(std::move(command));
    std::string output = process.read_all();
    if (!process.wait()) return {};
    while (!output.empty() && output.back() == '\n') output.pop_back();
    return output;
  } catch (const Error&) {
    return {};
  }
}

}  // namespace microgpt::bench
