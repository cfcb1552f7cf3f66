// SPDX-License-Identifier: MIT
#include "cli/terminal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/mpirun.h"
#include "microgpt/error.h"
#include "report/text_table.h"

namespace microgpt {
namespace {

constexpr std::size_t kDefaultWidth = 80;
constexpr std::size_t kMinHelpWidth = 40, kMaxHelpWidth = 100;
constexpr std::size_t kMaxBarWidth = 40;
constexpr std::size_t kRedraws = 200;  // in all: more would cost time and show nothing

bool is_pipe(std::FILE* stream) {
  struct stat status {};
  return fstat(fileno(stream), &status) == 0 && S_ISFIFO(status.st_mode);
}

bool can_draw(std::FILE* stream) {
  const char* terminal = std::getenv("TERM");
  return is_terminal(stream) && terminal != nullptr && std::string_view(terminal) != "dumb";
}

std::size_t width_of(std::FILE* stream) {
  winsize size{};
  const bool known = ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kDefaultWidth;
}

[[noreturn]] void fail_output() { throw Error(fmt::format("cannot write to standard output: {}", std::strerror(errno))); }

}  // namespace

void fill_closed_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(descriptor, F_GETFD) < 0) static_cast<void>(open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

// Open MPI's mpirun gives its processes pseudo-terminals, wherever their output goes in the end.
bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) != 0 && !is_started_by_mpirun(); }

Style style_for(std::FILE* stream) {
  const char* no_color = std::getenv("NO_COLOR");
  return {can_draw(stream) && (no_color == nullptr || *no_color == '\0')};
}

std::size_t output_width() { return width_of(stdout); }

std::size_t help_width(std::FILE* stream) {
  const std::size_t columns = is_terminal(stream) ? width_of(stream) : kDefaultWidth;
  return columns > kMaxHelpWidth ? kDefaultWidth : std::max(columns, kMinHelpWidth);
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail_output();
}

void inform(std::string_view message) {
  std::fflush(stdout);  // what was printed before stands before
  std::fputs(fmt::format("microgpt: {}\n", one_line(message)).c_str(), stderr);
}

void inform_lines(std::string_view text) {
  for (std::size_t end = 0; !text.empty(); text.remove_prefix(end + 1)) {
    end = text.find('\n');
    inform(text.substr(0, end));
  }
}

void flush_output() {
  if (std::fflush(stdout) != 0) fail_output();
  // What inform() could not write is gone, and nothing is left to fail.
  if (std::ferror(stdout) != 0) throw Error("cannot write to standard output: some of it is lost");
}

ProgressBar::ProgressBar(std::string label, std::size_t total, bool wanted)
    : label_(std::move(label)), total_(total), visible_(wanted && can_draw(stderr) && !is_pipe(stdout)) {}

ProgressBar::~ProgressBar() { wipe(); }

void ProgressBar::update(std::size_t done, std::string_view note) {
  const std::size_t picture = done * kRedraws / total_;
  if (picture != drawn_ || done <= 1) redraw(done, note);
  drawn_ = picture;
}

void ProgressBar::redraw(std::size_t done, std::string_view note) {
  if (visible_) draw(done, note);
}

void ProgressBar::wipe() {
  if (!wiped_) std::fputs("\r\x1b[K", stderr);
  wiped_ = true;
}

void ProgressBar::draw(std::size_t done, std::string_view note) {
  wiped_ = false;
  const std::string percent = fmt::format("{} {:3}% ", label_, done * 100 / total_);
  const std::size_t width = width_of(stderr);
  const std::size_t taken = percent.size() + note.size() + 4;  // the ends of the bar, a space, and the last column
  std::string line = percent;
  if (taken < width) {
    const std::size_t length = std::min(width - taken, kMaxBarWidth);
    const double share = static_cast<double>(done) / static_cast<double>(total_);
    line = fmt::format("{}▕{:<{}}▏ {}", percent, bar(share, length), length, note);
  }
  std::fputs(fmt::format("\r{}\x1b[K", line).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace microgpt
