// All of a run of training that changes from step to step, as one file: the parameters, the optimizer's moments, the best
// parameters so far, and the progress. docs/saved_model.md describes it.
#pragma once

#include <string>
#include <vector>

#include "io/safetensors.h"
#include "microgpt/parameters.h"
#include "training/progress.h"

namespace microgpt {

struct Checkpoint {
  Progress progress;
  Precision precision = Precision::float32;  // of all numbers

  // In table order. `best` has those of progress.best_step, and is empty where there is none.
  std::vector<double> parameters;
  std::vector<double> mean;    // of the gradient, as Adam keeps it
  std::vector<double> square;  // of the gradient's square
  std::vector<double> best;

  // What the model is: the best parameters on validation, or the present ones where nothing is held out.
  const std::vector<double>& model() const { return best.empty() ? parameters : best; }
};

// Replaces the file as a whole: when this returns it is on the disk, and before that the file of before is untouched.
// The same checkpoint gives the same bytes. Throws Error: a number that is not finite; what the system does not write.
// REQUIRES: the sizes are those of the table.
void write_checkpoint(const std::string& path, const ParameterTable& table, const Checkpoint& checkpoint);

// Throws Error that names the file and what is wrong with it: one that cannot be read, is damaged, or belongs to another table.
// Memory: in proportion to the table, whatever the file claims.
Checkpoint read_checkpoint(const std::string& path, const ParameterTable& table);

}  // namespace microgpt
