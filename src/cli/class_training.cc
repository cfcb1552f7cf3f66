// SPDX-License-Identifier: MIT
#include "cli/class_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <optional>
#include <utility>

#include "cli/terminal.h"
#include "inference/classifier.h"
#include "io/atomic_file.h"
#include "io/file.h"
#include "model/saved_model.h"
#include "parallel/at_once.h"
#include "report/classification_report.h"
#include "report/plots/roc_svg.h"
#include "text/hashes.h"
#include "training/class_runs.h"
#include "training/fit_classes.h"
#include "training/training_memory.h"

namespace microgpt {
namespace {

constexpr std::size_t kFew = 10;  // documents that are held out, of which figures are rough

const std::vector<ComparedMethod>& compared_methods() {
  static const std::vector<ComparedMethod> methods{{ClassMethod::all, "all"},
                                                   {ClassMethod::mixture, "mixture"},
                                                   {ClassMethod::gpt, "GPT"},
                                                   {ClassMethod::linear, "linear"},
                                                   {ClassMethod::ngram, "n-gram"}};
  return methods;
}

}  // namespace

ClassTraining::ClassTraining(ClassTrainingOptions options, std::vector<ClassShare> shares, std::size_t at_once)
    : options_(std::move(options)), at_once_(at_once), trainings_(shares.size()) {
  std::vector<double> bytes;
  for (const ClassShare& share : shares)
    bytes.push_back(RunMemory(share.corpus->corpus, share.inputs.init->tokenizer.vocab_size(), share.inputs.resources.threads)
                        .bytes(share.state.options));
  require_memory_together(options_.is_pair ? "both models at the same time" : "all models at the same time", bytes, 1,
                          "choose smaller sizes, or fewer documents");
  for_each_at_once(shares.size(), at_once, [&](std::size_t c, std::size_t) {
    ClassShare& share = shares[c];
    trainings_[c] =
        std::make_unique<ClassModelTraining>(share.name, *share.corpus, share.state, share.inputs, std::move(share.folder));
  });
}

void ClassTraining::begin() {
  write(unfinished());  // first, so that whatever has begun is known
  // Where this is interrupted, nothing of before may be taken for something of this classifier.
  for (const std::string& path : {linear_path(options_.folder), path_in(options_.folder, "roc.svg")}) remove_file(path);
  for (const auto& training : trainings_) remove_file(config_path(training->folder()));
  for (const auto& training : trainings_) training->begin();
}

void ClassTraining::resume() {
  for_each_at_once(trainings_.size(), at_once_, [&](std::size_t c, std::size_t) { trainings_[c]->resume(); });
  for (const auto& training : trainings_)
    if (training->is_complete()) message(fmt::format("the run in {} is finished: {}", training->folder(), training->end()));
}

void ClassTraining::train() {
  const Interruption interruption;  // before the first line, as whoever reads it may answer with a signal
  std::vector<ClassModelTraining*> trained;
  for (const auto& training : trainings_)
    if (!training->is_complete()) trained.push_back(training.get());
  for (const ClassModelTraining* training : trained)
    if (const LongDocuments& documents = training->long_documents(); documents.longer > 0)
      message(fmt::format("{}: {}", training->name(), microgpt::describe(documents)));
  for (const ClassModelTraining* training : trained) print(fmt::format("{}\n{}\n", training->name(), training->description()));
  flush_output();
  std::atomic<bool> stop = false;
  try {
    for_each_training(
        [&](ClassModelTraining& training, bool is_shown) { training.train(interruption, stop, is_shown && !options_.quiet); });
    interruption.check();
  } catch (const Interrupted&) {
    message(fmt::format("what was trained is saved; microgpt {} --resume {} goes on from there", options_.command,
                        options_.folder));
    throw;
  }
  for (const ClassModelTraining* training : trained) print(fmt::format("{}\n{}\n", training->name(), training->step_lines()));
}

// The longest first, so that no core waits for it at the end. Who draws a bar is one of those that work.
void ClassTraining::for_each_training(const std::function<void(ClassModelTraining&, bool is_shown)>& work) {
  std::vector<ClassModelTraining*> order;
  for (const auto& training : trainings_) order.push_back(training.get());
  std::stable_sort(order.begin(), order.end(), [](ClassModelTraining* a, ClassModelTraining* b) {
    return a->run().own_positions() > b->run().own_positions();
  });
  for_each_at_once(order.size(), at_once_, [&](std::size_t i, std::size_t thread) { work(*order[i], thread == 0); });
}

std::vector<ClassRun> ClassTraining::class_runs() const {
  std::vector<ClassRun> runs;
  for (const auto& training : trainings_)
    runs.push_back({&training->run(), [each = training.get()]() -> const Mixture& { return each->mixture(); }});
  return runs;
}

ClassifierFile ClassTraining::unfinished() const {
  ClassifierFile classifier{options_.is_pair, {}, 0, default_class_weights(trainings_.size())};
  for (const auto& training : trainings_) classifier.classes.push_back({training->name(), last_part(training->folder())});
  return classifier;
}

ClassifierFile ClassTraining::fitted(const EvidenceByClass& validation, std::string linear_sha256) {
  ClassifierFile classifier = unfinished();
  classifier.linear_sha256 = std::move(linear_sha256);
  for (std::size_t c = 0; c < trainings_.size(); ++c) {
    classifier.classes[c].documents = trainings_[c]->count_different();
    classifier.classes[c].sha256 = sha256(read_file(parameters_path(trainings_[c]->folder())));
  }
  for (const std::vector<Evidence>& documents : validation) classifier.fitted_to += documents.size();
  if (classifier.fitted_to == 0) return classifier;
  classifier.weights = fit_class_weights(validation, shares_in(validation));
  if (!options_.is_pair) return classifier;
  std::vector<double>& lowest = classifier.classes[0].lowest;
  lowest = ratios_of(EvidenceClassifier(classifier.weights, classifier.shares()), ClassMethod::all, validation[0]);
  std::sort(lowest.begin(), lowest.end());
  lowest.resize(std::min(lowest.size(), kMaxLowest));
  return classifier;
}

void ClassTraining::write(const ClassifierFile& classifier) const {
  AtomicFile file(classifier_path(options_.folder));
  file.write(classifier_to_json(classifier));
  file.commit();
}

// A threshold of a pair is of the weights that it was found with.
void ClassTraining::forget_threshold_of_others(const ClassifierFile& classifier) const {
  const std::string threshold = path_in(trainings_.front()->folder(), "threshold.json");
  if (!options_.is_pair || !std::filesystem::exists(threshold)) return;
  if (read_file(classifier_path(options_.folder)) == classifier_to_json(classifier)) return;
  remove_file(threshold);
  message(fmt::format("{} was found with other weights, and is removed: calibrate again", threshold));
}

void ClassTraining::finish() {
  const std::vector<ClassRun> runs = class_runs();
  const LinearModel linear = fit_linear_model(runs);
  const std::string linear_bytes = linear.to_bytes();
  write_atomically(linear_path(options_.folder), linear_bytes);
  const bool has_parts = trainings_.front()->run().test().has_value();
  if (has_parts) say_how_few();
  const EvidenceByClass validation = evidence_of(runs, linear, HeldOutPart::validation, at_once_);
  const ClassifierFile classifier = fitted(validation, sha256(linear_bytes));
  forget_threshold_of_others(classifier);
  write(classifier);
  if (has_parts) report(classifier, evidence_of(runs, linear, HeldOutPart::test, at_once_));
  message(options_.is_pair
              ? fmt::format("the models are in {0}/positive and {0}/negative; microgpt classify {0} FILE tells lines apart",
                            options_.folder)
              : fmt::format("the classifier is in {0}; microgpt classify {0} FILE tells lines apart", options_.folder));
}

void ClassTraining::say_how_few() {
  for (const auto& training : trainings_) {
    TrainingRun& run = training->run();
    const std::size_t least = std::min(run.validation()->size(), run.test()->size());
    if (least < kFew)
      message(
          fmt::format("{}: {} documents to train on, {} for validation and {} for the test are few; what is said of this class "
                      "is rough, and more documents would help most",
                      training->name(), run.own_documents(), run.validation()->size(), run.test()->size()));
  }
}

void ClassTraining::report(const ClassifierFile& file, const EvidenceByClass& test) {
  const EvidenceClassifier classifier(file.weights, file.shares());
  if (options_.is_pair) return report_pair(classifier, test);
  std::vector<std::string> names;
  for (const ClassOfFile& each : file.classes) names.push_back(each.name);
  const std::vector<ClassesResult> results = classes_results(classifier, compared_methods(), test);
  print(fmt::format("{} documents of the test parts, which the models of their classes were not trained on.\n\n",
                    results.front().tally.documents()));
  print(classes_table(names, results));
}

void ClassTraining::report_pair(const EvidenceClassifier& classifier, const EvidenceByClass& test) {
  std::vector<double> thresholds;
  for (const ComparedMethod& each : compared_methods()) thresholds.push_back(classifier.even_threshold(each.method));
  const std::vector<ClassifierResult> results = pair_results(classifier, compared_methods(), thresholds, test, true);
  print(
      fmt::format("Told apart by all that both models say of them: {} positive and {}\n"
                  "negative documents of the test parts, which their models were not trained on.\n\n",
                  test[0].size(), test[1].size()));
  print(classification_table(results));
  AtomicFile picture(path_in(options_.folder, "roc.svg"));
  picture.write(roc_svg("Positive and negative documents held out for the test", curves_of(results)));
  picture.commit();
}

void ClassTraining::message(const std::string& text) const {
  if (!options_.quiet) inform(text);
}

}  // namespace microgpt
