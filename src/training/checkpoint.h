// SPDX-License-Identifier: MIT
// All of a run of training that changes from step to step, as one file: the parameters, the optimizer's moments, the mean of
// the parameters, the best ones so far, those of the teacher, and the progress. Numbers are read from where they are, a tensor
// at a time. docs/saved_model.md describes it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "io/safetensors.h"
#include "microgpt/parameters.h"
#include "model/table_numbers.h"

namespace microgpt {

// How far a run of training is, and what validation has said so far.
struct Progress {
  std::size_t step = 0;  // steps done

  // Validation: the step at which it was measured last, the step at which it was lowest, that loss (nats, document mean), and
  // how many measurements in a row were no better since. Nothing before the first, and where nothing is held out.
  std::optional<std::size_t> evaluated_step;
  std::optional<std::size_t> best_step;
  double best_loss = 0.0;
  std::size_t evaluations_since_best = 0;

  // The step whose parameters are the teacher's, once there is a teacher.
  std::optional<std::size_t> teacher_step = {};

  // Takes a measurement at the present step; whether it is the lowest so far. REQUIRES: it is a number.
  bool take_validation(double loss);

  bool operator==(const Progress&) const = default;
};

struct Checkpoint {
  Progress progress;
  Precision precision = Precision::float32;  // of all numbers

  // `best` gives those of progress.best_step, and `teacher` of progress.teacher_step; empty where there is none.
  TableNumbers parameters;
  TableNumbers mean;     // of the gradient, as the optimizer keeps it
  TableNumbers square;   // of the gradient's square
  TableNumbers average;  // of the parameters; empty where none is kept
  TableNumbers best;
  TableNumbers teacher;

  // What the model is: the best parameters on validation, or where nothing is held out the mean of them, or the present ones.
  const TableNumbers& model() const { return best ? best : average ? average : parameters; }
};

// Replaces the file as a whole: when this returns it is on the disk, and before that the file of before is untouched.
// The same checkpoint gives the same bytes. Throws Error: a number that is not finite; what the system does not write.
void write_checkpoint(const std::string& path, const ParameterTable& table, const Checkpoint& checkpoint);

// Throws Error that names the file and what is wrong with it: one that cannot be read, is damaged, or belongs to another table.
// Memory: that of the file, as long as some of the numbers live, and at most in proportion to the table, whatever it claims.
Checkpoint read_checkpoint(const std::string& path, const ParameterTable& table);

}  // namespace microgpt
