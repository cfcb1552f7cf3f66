// SPDX-License-Identifier: MIT
// What a run of `train` has measured on its way: log.jsonl in its folder, one JSON object a line, for whoever reads along.
//
// The log follows the run and is no part of it: times stand in it, and what was logged after the last checkpoint is taken back
// when the run goes on from there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

struct LogEntry {
  std::size_t step = 0;                   // steps done
  std::optional<double> training_loss;    // nats: of the steps since the entry before, before each was taken
  std::optional<double> validation_loss;  // nats
  double learning_rate = 0.0;             // of the last step
  std::optional<double> gradient_norm;    // of the last step, before clipping
  double tokens_per_second = 0.0;         // over the whole run so far, without evaluation
  double seconds = 0.0;                   // of training so far, likewise
};

// Ends in "\n"; what is not known is null.
std::string log_line(const LogEntry& entry);

// The entry of a line, or nothing where the line is none, as the last one after a kill may be.
std::optional<LogEntry> parse_log_line(std::string_view line);

class RunLog {
 public:
  // In memory only.
  RunLog() = default;

  // Begins at `path` what was there up to step `last_step`, or a new log where that is nothing.
  // Throws Error where the system does not read or write it.
  RunLog(std::string path, std::optional<std::size_t> last_step);

  // Throws Error where the system does not take it.
  void add(const LogEntry& entry);

  const std::vector<LogEntry>& entries() const { return entries_; }

 private:
  std::string path_;  // empty: there is none
  std::vector<LogEntry> entries_;
};

}  // namespace microgpt
