// SPDX-License-Identifier: MIT
// The training of a classifier: a model for each class, how their predictions are weighed, and how well they tell apart what
// none was trained on.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/class_model_training.h"
#include "cli/corpus_argument.h"
#include "inference/classifier.h"
#include "inference/classifier_file.h"
#include "training/class_runs.h"
#include "training/run_folder.h"
#include "training/train_state.h"

namespace microgpt {

// What a class has of its own.
struct ClassShare {
  std::string name;
  const LoadedCorpus* corpus;
  TrainState state;
  RunInputs inputs;
  std::unique_ptr<RunFolder> folder;
};

struct ClassTrainingOptions {
  std::string command;  // train-pair or train-classes
  std::string folder;
  bool is_pair = true;
  bool quiet = false;
};

class ClassTraining {
 public:
  // Throws as TrainingRun, of the first class that has a problem; Error: they do not fit into the memory together.
  ClassTraining(ClassTrainingOptions options, std::vector<ClassShare> shares, std::size_t at_once);

  // Replaces what is in the folders, and leaves a classifier.json that is not finished.
  void begin();
  void resume();

  // Throws Interrupted when what was reached is saved.
  void train();

  // Fits the linear model and the weights, writes linear.bin and classifier.json, and prints how well documents of the test
  // parts are told apart.
  void finish();

 private:
  void for_each_training(const std::function<void(ClassModelTraining&, bool is_shown)>& work);
  std::vector<ClassRun> class_runs() const;
  ClassifierFile unfinished() const;
  ClassifierFile fitted(const EvidenceByClass& validation, std::string linear_sha256);
  void write(const ClassifierFile& classifier) const;
  void forget_threshold_of_others(const ClassifierFile& classifier) const;
  void report(const ClassifierFile& file, const EvidenceByClass& test);
  void report_pair(const EvidenceClassifier& classifier, const EvidenceByClass& test);
  void say_how_few();
  void message(const std::string& text) const;

  ClassTrainingOptions options_;
  std::size_t at_once_;
  std::vector<std::unique_ptr<ClassModelTraining>> trainings_;
};

}  // namespace microgpt
