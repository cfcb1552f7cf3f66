#include "cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "microgpt/error.h"
#include "report/bar.h"

namespace microgpt {
namespace {

constexpr std::size_t kBarWidth = 40;
constexpr std::size_t kRedraws = 200;  // in all: more would cost time and show nothing

[[noreturn]] void fail_output() { throw Error(fmt::format("cannot write to standard output: {}", std::strerror(errno))); }

}  // namespace

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) != 0; }

Style style_for(std::FILE* stream) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return {is_terminal(stream) && (no_color == nullptr || *no_color == '\0') && !dumb};
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail_output();
}

void flush_output() {
  if (std::fflush(stdout) != 0) fail_output();
}

ProgressBar::ProgressBar(std::string label, std::size_t total, bool wanted)
    : label_(std::move(label)), total_(total), visible_(wanted && is_terminal(stderr)) {}

ProgressBar::~ProgressBar() {
  if (visible_) std::fputs("\r\x1b[K", stderr);
}

void ProgressBar::update(std::size_t done, std::string_view note) {
  const std::size_t picture = done * kRedraws / total_;
  if (!visible_ || (picture == drawn_ && done > 1)) return;
  drawn_ = picture;
  const double share = static_cast<double>(done) / static_cast<double>(total_);
  const std::string line =
      fmt::format("\r{} {:>3.0f}% ▕{:<{}}▏ {}\x1b[K", label_, 100.0 * share, bar(share, kBarWidth), kBarWidth, note);
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace microgpt
