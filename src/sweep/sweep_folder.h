// SPDX-License-Identifier: MIT
// The folder of a sweep: what is to be trained, and what is known of it so far.
//
// sweep.json says what is trained on what, and is written last when a sweep begins: where it is, the sweep can go on. After
// that results.jsonl grows by a line for each configuration that is finished, which is on the disk when add() returns. A kill
// in the midst of that leaves a line without an end, which does not count. docs/sweeps.md describes the files.
//
// One writer at a time, and the object is that writer: it holds the folder's lock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/folders.h"
#include "sweep/sweep_grid.h"
#include "sweep/sweep_result.h"
#include "training/train_state.h"

namespace microgpt {

struct SweepPlan {
  TrainState base;  // what all configurations have in common, and the corpus
  std::vector<Grid> grids;
};

// Whether there is a sweep that can go on.
bool holds_sweep(const std::string& folder);

// Where no sweep can go on: the first of the files that one would replace, if it is not of a sweep that was killed as it began.
std::optional<std::string> file_in_the_way(const std::string& folder);

class SweepFolder {
 public:
  enum class Purpose {
    begin,   // creates the folder where there is none; unless a sweep begins there, it is gone in the end
    resume,  // there must be a sweep that was begun
  };

  // Takes the lock, and removes what killed sweeps have left. Throws Error: another run writes there; there is no sweep to be
  // resumed; the system does not let it.
  SweepFolder(std::string folder, Purpose purpose);

  const std::string& path() const { return folder_; }

  // Begins a sweep: what was there of another one is gone. Throws Error where the system does not take it: of a folder without
  // such files nothing is left then.
  void begin(const SweepPlan& plan);

  // What was begun. Throws Error: the file is damaged.
  SweepPlan read_plan() const;

  // What is finished, in no order. A last line without an end is taken off the file. REQUIRES: so many configurations.
  // Throws Error: another line is none, or two are of one configuration; the system does not let it.
  std::vector<NumberedResult> read_results(std::size_t configurations);

  // Throws Error where the system does not take it, or has not taken one before: part of that may be the file's end, and what
  // was there before stays.
  void add(const NumberedResult& result);

  // results.csv and sweep.svg, for readers. Throws Error where the system does not take them.
  void write_table(const std::string& csv) const;
  void write_picture(const std::string& svg) const;

 private:
  std::string in_folder(const char* file) const;
  void write_beginning(const SweepPlan& plan) const;
  void write_report(const char* file, const std::string& text) const;

  std::string folder_;
  std::optional<NewFolder> new_folder_;  // where a sweep is to begin
  std::optional<FolderLock> lock_;       // always
  std::string failure_;                  // why a line was not taken: results.jsonl may end in part of it
};

}  // namespace microgpt
