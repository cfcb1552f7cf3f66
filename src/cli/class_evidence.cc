// SPDX-License-Identifier: MIT
#include "cli/class_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include "cli/terminal.h"
#include "cli/training_documents.h"
#include "inference/calibration.h"
#include "inference/class_figures.h"
#include "inference/classifier.h"
#include "io/atomic_file.h"
#include "io/file.h"
#include "io/json.h"
#include "microgpt/error.h"
#include "model/saved_model.h"
#include "report/numbers.h"
#include "text/hashes.h"
#include "text/labels.h"

namespace microgpt {
namespace {

// The documents that each model was trained on, where they are found, in one of these files perhaps.
using Known = std::vector<std::unique_ptr<const TrainingDocuments>>;

Known known_documents(const ClassifierModels& models, const std::vector<std::string>& files) {
  Known known;
  for (const NamedModel& named : models.named()) {
    known.push_back(find_training_documents(named.folder, std::nullopt));
    for (const std::string& file : files)
      if (!known.back()) known.back() = find_training_documents(named.folder, file);
  }
  return known;
}

class EvidenceReport : public LineReport {
 public:
  // The lines' classes, by number, where they are not all of one; a number beyond the classes is of a blank line.
  EvidenceReport(const ClassifierModels& models, const Known& known, std::vector<std::size_t> classes_of_lines = {})
      : models_(models),
        known_(known),
        counts_(known.size()),
        classes_of_lines_(std::move(classes_of_lines)),
        documents_(classes_of_lines_.empty() ? 1 : models.names().size()) {}

  void begin() override {}

  std::string format(const LineChunk&, const ScoredLines&) const override { return ""; }

  void take(const LineChunk& chunk, const ScoredLines& lines, const std::string&) override {
    for (std::size_t line = 0; line < chunk.size(); ++line) {
      std::vector<Evidence>* const documents = documents_of_next_line();
      if (chunk[line].empty() || documents == nullptr) continue;
      documents->push_back(models_.evidence(lines, line));
      for (std::size_t m = 0; m < known_.size(); ++m)
        if (known_[m] && known_[m]->contain(chunk[line])) ++counts_[m];
    }
  }

  void take_piece(std::string_view) override {}
  void end_line(const ScoredLines& line) override {
    if (std::vector<Evidence>* documents = documents_of_next_line()) documents->push_back(models_.evidence(line, 0));
  }

  // `name` stands for where they were read.
  EvidenceByClass finish(const std::string& name) {
    std::size_t all = 0;
    for (const std::vector<Evidence>& documents : documents_) all += documents.size();
    for (std::size_t m = 0; m < counts_.size(); ++m)
      if (counts_[m] > 0)
        inform(fmt::format("{}: {} was trained on {} of the {}; of new ones figures will be worse", name,
                           models_.named()[m].folder, counts_[m], plural(all, "document")));
    return std::move(documents_);
  }

 private:
  // Null for a blank line of a file with labels.
  std::vector<Evidence>* documents_of_next_line() {
    if (classes_of_lines_.empty()) return &documents_.front();
    const std::size_t its_class = classes_of_lines_[next_line_++];
    return its_class < documents_.size() ? &documents_[its_class] : nullptr;
  }

  const ClassifierModels& models_;
  const Known& known_;
  std::vector<std::size_t> counts_;  // of the lines
  std::vector<std::size_t> classes_of_lines_;
  std::size_t next_line_ = 0;
  EvidenceByClass documents_;
};

LineOptions keeping(const ClassifierModels& models, LineOptions options) {
  options.kept = models.kept();
  return options;
}

void require_known_labels(const ClassifierModels& models, const std::string& name, const std::vector<std::string>& labels) {
  for (const std::string& label : labels)
    if (std::find(models.names().begin(), models.names().end(), label) == models.names().end())
      throw Error(fmt::format("{}: {} is no class of the classifier; its classes are {}", name, quote(label),
                              fmt::join(models.names(), ", ")));
}

constexpr std::size_t kMaxCalibrationSize = std::size_t{1} << 16;  // bytes, more than any such file has

class Thresholds {
 public:
  Thresholds(const ClassifierModels& models, const ThresholdOptions& options, const LineOptions& lines)
      : models_(models), options_(options), lines_(lines) {}

  std::vector<double> find() const {
    std::vector<double> thresholds;
    for (const ComparedMethod& each : models_.methods()) thresholds.push_back(models_.classifier().even_threshold(each.method));
    const bool is_stored = options_.threshold_file || std::filesystem::exists(path());
    if (options_.given)
      thresholds.front() = *options_.given;
    else if (options_.calibrate)
      take(calibrate(), thresholds);
    else if (is_stored)
      take(stored(), thresholds);
    return thresholds;
  }

 private:
  const std::vector<std::string>& folders() const { return models_.source().folders; }

  std::string path() const { return options_.threshold_file.value_or(path_in(folders()[0], "threshold.json")); }

  static std::string sha256_of_model(const std::string& folder) { return sha256(read_file(parameters_path(folder))); }

  void take(const Calibration& calibration, std::vector<double>& thresholds) const {
    for (std::size_t i = 0; i < thresholds.size(); ++i)
      if (const auto threshold = calibration.threshold_of(models_.methods()[i].method)) thresholds[i] = *threshold;
  }

  Calibration calibrate() const {
    const double rate = options_.false_positive_rate.value_or(kDefaultFalsePositiveRate);
    const std::vector<Evidence> documents = labelled_evidence(models_, lines_, std::vector{*options_.calibrate})[0];
    Calibration calibration{{}, rate, documents.size(), sha256_of_model(folders()[0]), sha256_of_model(folders()[1])};
    for (const ComparedMethod& each : models_.methods())
      calibration.thresholds.push_back(
          {each.method, threshold_on(ratios_of(models_.classifier(), each.method, documents), each.method, rate)});
    if (!std::isfinite(calibration.thresholds.front().value))
      throw Error(fmt::format("{}: the threshold is infinite; the models hold these documents to be impossible",
                              name_of_input(*options_.calibrate)));
    std::erase_if(calibration.thresholds, [](const Calibration::Threshold& each) { return !std::isfinite(each.value); });
    AtomicFile file(path());
    file.write(calibration_to_json(calibration));
    file.commit();
    say_what_was_found(calibration, ratios_of(models_.classifier(), models_.method(), documents));
    return calibration;
  }

  // Of documents that were held out when the classifier was fitted, the lowest ratios of positive ones are known.
  double threshold_on(const std::vector<double>& negatives, ClassMethod method, double rate) const {
    const double threshold = threshold_for(negatives, rate);
    if (method != ClassMethod::all) return threshold;
    return raised_into_gap(threshold, negatives, models_.source().file->classes[0].lowest);
  }

  void say_what_was_found(const Calibration& calibration, const std::vector<double>& negatives) const {
    const double threshold = calibration.thresholds.front().value, rate = calibration.false_positive_rate;
    const auto above = [&](double bound) {
      return std::count_if(negatives.begin(), negatives.end(), [&](double r) { return r > bound; });
    };
    inform(fmt::format("threshold {}: at most {:g}% of {} are above it; stored in {}", threshold, 100.0 * rate,
                       plural(negatives.size(), "negative"), path()));
    if (rate > 0.0 && !can_resolve(rate, negatives.size()))
      inform(fmt::format(
          "{}: {} cannot tell a rate of {:g}, which takes {:g} of them at least: none of these is above the threshold, "
          "and of others more may be",
          name_of_input(*options_.calibrate), plural(negatives.size(), "negative"), rate, std::ceil(1.0 / rate)));
    const double even = models_.classifier().even_threshold(models_.method());
    if (threshold < even && above(even) < above(threshold))
      inform(
          fmt::format("a threshold of {:g}, where both kinds are equally likely, has {} of them above it", even, above(even)));
  }

  Calibration stored() const {
    Calibration calibration = calibration_from_json(path(), read_file(path(), kMaxCalibrationSize));
    if (calibration.positive_sha256 != sha256_of_model(folders()[0]) ||
        calibration.negative_sha256 != sha256_of_model(folders()[1]))
      throw Error(
          fmt::format("{} was found for other models than {} and {}; calibrate again with --calibrate, or give --threshold",
                      path(), folders()[0], folders()[1]));
    const std::optional<double> threshold = calibration.threshold_of(models_.method());
    if (!threshold)
      throw Error(
          fmt::format("{} was found with --predictor {}, and here it is {}; calibrate again with --calibrate, or give "
                      "--threshold",
                      path(), name_of(calibration.thresholds.front().method), name_of(models_.method())));
    inform(fmt::format("threshold {} ({}: at most {:g}% of {} negatives are above it)", *threshold, path(),
                       100.0 * calibration.false_positive_rate, calibration.negatives));
    return calibration;
  }

  const ClassifierModels& models_;
  const ThresholdOptions& options_;
  const LineOptions& lines_;
};

}  // namespace

EvidenceByClass labelled_evidence(const ClassifierModels& models, const LineOptions& options,
                                  const std::vector<std::string>& files) {
  const Known known = known_documents(models, files);
  EvidenceByClass documents;
  for (const std::string& file : files) {
    EvidenceReport report(models, known);
    LineOptions file_options = keeping(models, options);
    file_options.path = file;
    score_lines(file_options, models.named(), report);
    documents.push_back(report.finish(name_of_input(file)).front());
    if (documents.back().empty())
      throw Error(fmt::format("{}: there are no documents; it needs at least one line that is not blank", name_of_input(file)));
  }
  return documents;
}

EvidenceByClass labelled_evidence(const ClassifierModels& models, const LineOptions& options, const std::string& file) {
  const std::string name = name_of_input(file), text = read_corpus_bytes(file, CorpusKind::lines);
  require_known_labels(models, name, labels_of(name, text));
  const Known known = known_documents(models, {file});
  LabelledLines lines = labelled_lines(text, models.names());
  EvidenceReport report(models, known, std::move(lines.labels));
  score_text(name, lines.text, keeping(models, options), models.named(), report);
  return report.finish(name);
}

std::vector<double> find_thresholds(const ClassifierModels& models, const ThresholdOptions& options, const LineOptions& lines) {
  return Thresholds(models, options, lines).find();
}

}  // namespace microgpt
