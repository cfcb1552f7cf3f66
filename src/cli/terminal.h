// SPDX-License-Identifier: MIT
// What the program says to whom: results to standard output, progress and messages to standard error.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include "report/text_table.h"

namespace microgpt {

// Exit codes.
inline constexpr int kFailure = 1;
inline constexpr int kUsage = 2;

// How often a bar is drawn anew, at most.
inline constexpr std::chrono::milliseconds kTimeBetweenDrawings{50};

bool is_terminal(std::FILE* stream);

// A file that the program opens must not become its standard output: where one of the three descriptors is closed, it stands
// for nothing from here on, and reading or writing it goes on to fail. To be called first.
void fill_closed_descriptors();

// Colours for a stream: only on a terminal, and not where NO_COLOR is set or the terminal is dumb.
Style style_for(std::FILE* stream);

// The columns that a result may take: those of the terminal, or 80 where standard output is none.
std::size_t output_width();

// The columns that a help may take on a stream: those of its terminal, but 40 at least, and 80 where it is none or is so wide
// that lines would be hard to read.
std::size_t help_width(std::FILE* stream);

// Writes a result. Throws Error if standard output does not take it. A closed pipe ends the process quietly, as the system
// does.
void print(std::string_view text);

// Writes a message, one line, to standard error.
void inform(std::string_view message);

// The same for each line of a text. REQUIRES: it ends in "\n".
void inform_lines(std::string_view text);

// Hands what was printed to the system at once; throws as print().
void flush_output();

// A bar on standard error that is drawn over itself; nothing where that is no terminal, nor where standard output is a pipe:
// what reads it, a pager perhaps, writes to the same terminal.
class ProgressBar {
 public:
  // REQUIRES: total > 0.
  ProgressBar(std::string label, std::size_t total, bool wanted = true);
  // Wipes the bar off the terminal.
  ~ProgressBar();

  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  bool visible() const { return visible_; }

  // Redraws where the picture changes. `note` stands behind the bar.
  void update(std::size_t done, std::string_view note);

  // Redraws, for who calls it seldom.
  void redraw(std::size_t done, std::string_view note);

  // Wipes the bar off the terminal until it is drawn again, to make space for other lines.
  void wipe();

 private:
  void draw(std::size_t done, std::string_view note);

  std::string label_;
  std::size_t total_;
  bool visible_;
  std::size_t drawn_ = 0;
  bool wiped_ = true;
};

}  // namespace microgpt
