// SPDX-License-Identifier: MIT
// What a sweep knows of a configuration once it is trained, and the same as a line of JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "microgpt/score.h"

namespace microgpt {

// On the documents that are held out; nats.
struct HeldOutLosses {
  MeanLoss validation;
  MeanLoss test;
};

// Of the n-gram model of the same training part.
struct BaselineLosses {
  std::size_t order;
  HeldOutLosses losses;
};

struct SweepResult {
  std::size_t parameters = 0;
  std::size_t steps = 0;       // done
  std::size_t model_step = 0;  // the step whose parameters the model has, as validation chose
  double seconds = 0.0;        // of its thread's processor time in the steps of training; evaluation is not counted

  // Nothing where training went wrong, as it does where the learning rate is too high; `failure` then says how.
  std::optional<HeldOutLosses> losses;
  std::string failure;

  BaselineLosses baseline{};
};

// How `failure` begins where the training diverged (training/loss_checks.h).
inline const std::string kDivergedFailure = "diverged: ";

struct NumberedResult {
  std::size_t configuration;  // counted from 0, as they are in order; in the file from 1, as they are for readers
  SweepResult result;
};

// Ends in "\n".
std::string result_line(const NumberedResult& result);

// Throws Error where the line is none, which names `where`.
NumberedResult parse_result_line(const std::string& where, std::string_view line);

}  // namespace microgpt
