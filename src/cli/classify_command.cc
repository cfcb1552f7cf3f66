// SPDX-License-Identifier: MIT
// microgpt classify: of which class each line is, by what the models of the classes think of it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/classifier_models.h"
#include "cli/commands.h"
#include "cli/labelled_lines.h"
#include "cli/line_command.h"
#include "cli/model_arguments.h"
#include "cli/terminal.h"
#include "inference/calibration.h"
#include "io/atomic_file.h"
#include "io/file.h"
#include "io/sha256.h"
#include "microgpt/error.h"
#include "model/saved_model.h"
#include "report/classification_report.h"
#include "report/quantity.h"
#include "report/records.h"
#include "report/roc_svg.h"

namespace microgpt {
namespace {

constexpr std::string_view kRatio = "log_likelihood_ratio", kLabel = "label", kProbability = "probability";
constexpr std::size_t kMaxCalibrationSize = std::size_t{1} << 16;  // more than any such file has
constexpr RealRange kAnyNumber{std::numeric_limits<double>::lowest()};
constexpr Range kTop{1, 1000};

struct ClassifyOptions {
  std::optional<std::string> classifier;
  std::optional<std::string> positive;
  std::optional<std::string> negative;
  std::optional<std::string> file;
  LineOptions lines;
  RecordFormat format = RecordFormat::tsv;
  std::optional<std::size_t> top;
  std::optional<double> threshold;
  std::optional<std::string> threshold_file;
  std::optional<std::string> calibrate;
  std::optional<double> false_positive_rate;
  std::vector<std::string> evaluate;  // nothing, or labelled documents
  std::optional<std::string> picture;
  bool json = false;
  EngineKind engine = EngineKind::fast;
  std::optional<ClassMethod> method;
};

// With two models named by flags, the only argument that is left is the file.
void take_arguments(ClassifyOptions& options) {
  if (options.positive.has_value() != options.negative.has_value())
    throw UsageError(
        fmt::format("{} is required, too: a pair is of two models", options.positive ? "--negative" : "--positive"));
  if (options.positive) {
    if (options.file)
      throw UsageError(fmt::format("{}: --positive and --negative name the models already", *options.classifier));
    options.file = std::exchange(options.classifier, std::nullopt);
  } else if (!options.classifier) {
    throw UsageError(
        "name the folder of a classifier, as in microgpt classify DIR FILE, or two models with --positive and --negative");
  }
  options.lines.path = options.file.value_or("-");
}

void require_flags_that_go_together(const ClassifyOptions& options) {
  if (options.false_positive_rate && !options.calibrate)
    throw UsageError("--false-positive-rate: calibrate on known negatives with --calibrate FILE");
  if (options.calibrate && options.threshold) throw UsageError("--threshold does not go with --calibrate, which finds it");
  if (options.picture && options.evaluate.empty())
    throw UsageError("--svg: name labelled files with --evaluate POSITIVE NEGATIVE");
  if (options.json && options.evaluate.empty())
    throw UsageError("--json goes with --evaluate; for records take --format jsonl");
  const auto inputs = std::count(options.evaluate.begin(), options.evaluate.end(), "-") + (options.calibrate == "-" ? 1 : 0) +
                      (options.file == "-" ? 1 : 0);
  if (inputs > 1) throw UsageError("-: only one of the files can be standard input");
  if (options.threshold_file == "-") throw UsageError("--threshold-file -: name a file, which later calls find");
  if (options.file && !options.evaluate.empty())
    throw UsageError(fmt::format("{}: --evaluate names its files itself", *options.file));
}

// What is of a pair alone, or of more classes alone.
void require_flags_of(const ClassifierModels& models, const ClassifyOptions& options) {
  if (models.is_pair()) {
    if (options.top) throw UsageError("--top is for more than two classes; a pair has a threshold");
  } else {
    const std::pair<const char*, bool> of_pairs[] = {{"--threshold", options.threshold.has_value()},
                                                     {"--threshold-file", options.threshold_file.has_value()},
                                                     {"--calibrate", options.calibrate.has_value()},
                                                     {"--svg", options.picture.has_value()}};
    for (const auto& [name, is_given] : of_pairs)
      if (is_given)
        throw UsageError(fmt::format("{} is for a pair of a positive and a negative class, and {} has others", name,
                                     models.source().folder));
    if (options.top && *options.top > models.names().size())
      throw UsageError(fmt::format("--top {}: there are {} classes", *options.top, models.names().size()));
  }
  const std::size_t files = options.evaluate.size();
  if (files > 1 && files != models.names().size())
    throw UsageError(
        fmt::format("--evaluate: {} files for {} classes; name one for each, in the order {}, or one whose lines begin "
                    "with __label__CLASS",
                    files, models.names().size(), fmt::join(models.names(), ", ")));
}

// Prints a record a line.
class RecordReport : public LineReport {
 public:
  RecordReport(const ClassifierModels& models, RecordFormat format) : models_(models), records_(format) {}

  void begin() override {
    std::string header;
    records_.header(header, fields());
    print(header);
  }

  std::string format(const LineChunk& chunk, const ScoredLines& lines) const override {
    std::string out;
    for (std::size_t line = 0; line < chunk.size(); ++line) {
      records_.begin_text(out);
      records_.text(out, chunk[line]);
      end_record(out, lines, line);
    }
    return out;
  }

  void take(const LineChunk&, const ScoredLines&, const std::string& formatted) override { print(formatted); }

  void take_piece(std::string_view piece) override {
    std::string out;
    if (!std::exchange(in_long_line_, true)) records_.begin_text(out);
    records_.text(out, piece);
    print(out);
  }

  void end_line(const ScoredLines& line) override {
    std::string out;
    end_record(out, line, 0);
    print(out);
    in_long_line_ = false;
  }

 protected:
  virtual std::vector<std::string_view> fields() const = 0;
  virtual void add_fields(std::string& out, const Evidence& evidence) const = 0;

  const ClassifierModels& models_;
  Records records_;

 private:
  void end_record(std::string& out, const ScoredLines& lines, std::size_t line) const {
    records_.end_text(out);
    add_fields(out, models_.evidence(lines, line));
    records_.end(out);
  }

  bool in_long_line_ = false;
};

class PairReport final : public RecordReport {
 public:
  PairReport(const ClassifierModels& models, RecordFormat format, double threshold)
      : RecordReport(models, format), threshold_(threshold), says_probabilities_(models.says_probabilities()) {}

 private:
  std::vector<std::string_view> fields() const override {
    if (!says_probabilities_) return {kRatio, kLabel};
    return {kRatio, kProbability, kLabel};
  }

  void add_fields(std::string& out, const Evidence& evidence) const override {
    const double ratio = models_.classifier().ratio(models_.method(), evidence);
    records_.number(out, kRatio, ratio);
    if (says_probabilities_)
      records_.number(out, kProbability, std::exp(models_.classifier().log_probabilities(models_.method(), evidence)[0]));
    records_.word(out, kLabel, label_of(ratio, threshold_));
  }

  double threshold_;
  bool says_probabilities_;
};

class ClassesReport final : public RecordReport {
 public:
  ClassesReport(const ClassifierModels& models, RecordFormat format, std::size_t top)
      : RecordReport(models, format), top_(top), says_probabilities_(models.says_probabilities()) {
    for (std::size_t rank = 1; rank <= top; ++rank)
      for (const std::string_view name : {kLabel, kProbability})
        if (name == kLabel || says_probabilities_)
          names_.push_back(rank == 1 ? std::string(name) : fmt::format("{}_{}", name, rank));
  }

 private:
  std::vector<std::string_view> fields() const override { return {names_.begin(), names_.end()}; }

  void add_fields(std::string& out, const Evidence& evidence) const override {
    const std::vector<double> logarithms = models_.classifier().log_probabilities(models_.method(), evidence);
    std::vector<std::size_t> order(logarithms.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return logarithms[a] > logarithms[b]; });
    auto name = names_.begin();
    for (std::size_t rank = 0; rank < top_; ++rank) {
      records_.name(out, *name++, models_.names()[order[rank]]);
      if (says_probabilities_) records_.number(out, *name++, std::exp(logarithms[order[rank]]));
    }
  }

  std::size_t top_;
  bool says_probabilities_;
  std::vector<std::string> names_;  // label, probability, label_2, probability_2 ...
};

// The threshold of a pair, for each method that it has.
class Thresholds {
 public:
  Thresholds(const ClassifierModels& models, const ClassifyOptions& options) : models_(models), options_(options) {}

  std::vector<double> find() const {
    std::vector<double> thresholds;
    for (const ComparedMethod& each : models_.methods()) thresholds.push_back(models_.classifier().even_threshold(each.method));
    const bool is_stored = options_.threshold_file || std::filesystem::exists(path());
    if (options_.threshold)
      thresholds.front() = *options_.threshold;
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
    const double rate = options_.false_positive_rate.value_or(kUsualFalsePositiveRate);
    const std::vector<Evidence> documents = labelled_evidence(models_, options_.lines, std::vector{*options_.calibrate})[0];
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
  const ClassifyOptions& options_;
};

void evaluate_pair(const ClassifierModels& models, const ClassifyOptions& options, const std::vector<double>& thresholds,
                   const EvidenceByClass& documents) {
  for (std::size_t c = 0; c < 2; ++c)
    if (documents[c].empty())
      throw Error(
          fmt::format("{}: there is no document of the class {}", name_of_input(options.evaluate[0]), models.names()[c]));
  const std::vector<ClassifierResult> results =
      pair_results(models.classifier(), models.methods(), thresholds, documents, models.source().file.has_value());
  if (options.json)
    print(classification_json(results));
  else
    print(fmt::format("threshold  {} (above it a document is said to be positive)\n\n", thresholds.front()) +
          classification_table(results));
  if (!options.picture) return;
  const auto title = [&](std::size_t c) {
    return options.evaluate.size() == 1 ? models.names()[c] : last_part(name_of_input(options.evaluate[c]));
  };
  OutputFile file(*options.picture);
  file.write(roc_svg(fmt::format("{} against {}", title(0), title(1)), curves_of(results)));
  file.close();
}

void evaluate_classes(const ClassifierModels& models, const ClassifyOptions& options, const EvidenceByClass& documents) {
  const bool is_empty = std::all_of(documents.begin(), documents.end(), [](const auto& each) { return each.empty(); });
  if (is_empty) throw Error(fmt::format("{}: there are no documents", name_of_input(options.evaluate[0])));
  const std::vector<ClassesResult> results = classes_results(models.classifier(), models.methods(), documents);
  print(options.json ? classes_json(models.names(), results) : classes_table(models.names(), results));
}

void evaluate(const ClassifierModels& models, const ClassifyOptions& options, const std::vector<double>& thresholds) {
  const EvidenceByClass documents = options.evaluate.size() == 1 ? labelled_evidence(models, options.lines, options.evaluate[0])
                                                                 : labelled_evidence(models, options.lines, options.evaluate);
  if (models.is_pair())
    evaluate_pair(models, options, thresholds, documents);
  else
    evaluate_classes(models, options, documents);
}

void inform_of_classifier(const ClassifierModels& models) {
  if (models.are_the_same())
    inform(fmt::format("{} and {} are the same model: it takes each line to be as likely of one kind as of the other",
                       models.named()[0].folder, models.named()[1].folder));
  if (models.method() == ClassMethod::all && models.source().file->fitted_to == 0)
    inform(fmt::format("{}: nothing was held out, so that the probabilities are not calibrated", models.source().folder));
}

void run_classify(ClassifyOptions& options) {
  take_arguments(options);
  require_flags_that_go_together(options);
  const bool compares = options.calibrate || !options.evaluate.empty();
  const ClassifierModels models(
      options.classifier ? classifier_in(*options.classifier) : pair_of(*options.positive, *options.negative), options.engine,
      options.method, compares);
  require_flags_of(models, options);
  inform_of_classifier(models);
  std::vector<double> thresholds;
  if (models.is_pair()) thresholds = Thresholds(models, options).find();
  if (!options.evaluate.empty()) return evaluate(models, options, thresholds);
  if (options.calibrate && !options.file) return;
  options.lines.kept = models.kept();
  if (models.is_pair()) {
    PairReport report(models, options.format, thresholds.front());
    score_lines(options.lines, models.named(), report);
  } else {
    ClassesReport report(models, options.format, options.top.value_or(1));
    score_lines(options.lines, models.named(), report);
  }
}

void add_threshold_flags(Command& command, ClassifyOptions& options) {
  add_real(command, "--threshold", kAnyNumber, into(options.threshold),
           "Of a pair: the ratio above which a line is positive, in nats [where it is more likely than not, or as calibrated]");
  command.add_text("--calibrate", "FILE", into(options.calibrate),
                   "Of a pair: known negatives, one a line: finds the threshold and stores it");
  add_real(command, "--false-positive-rate", {0.0, 1.0}, into(options.false_positive_rate),
           fmt::format("With --calibrate: the share of negatives that may be above it [{}]", kUsualFalsePositiveRate));
  command.add_text("--threshold-file", "FILE", into(options.threshold_file),
                   "Where a threshold is stored [threshold.json in the folder of the positive model]");
}

}  // namespace

void describe_classify(Command& command) {
  const auto options = std::make_shared<ClassifyOptions>();
  command.add_argument("CLASSIFIER", into(options->classifier), "The folder that train-pair or train-classes made");
  add_line_flags(command, options->lines, into(options->file));
  command.add_text("--positive", "MODEL", into(options->positive),
                   "In place of CLASSIFIER: the folder of the model of one kind");
  command.add_text("--negative", "MODEL", into(options->negative), "And of the model of the other");
  add_choice(command, "--format", kRecordFormatNames, options->format, "Of the records: tab-separated, or JSON, one a line");
  add_integer(command, "--top", kTop, into(options->top), "Of more classes: so many of the likeliest in a record, and not one");
  add_threshold_flags(command, *options);
  command.add_texts(
      "--evaluate", "FILES", Flag::kAnyNumber, into(options->evaluate),
      "Labelled documents, one a line: a file for each class, in their order, as POSITIVE NEGATIVE, or one whose lines "
      "begin with __label__CLASS: tells how well they are told apart");
  command.add_text("--svg", "FILE", into(options->picture), "With --evaluate, of a pair: draws the ROC curve");
  add_json(command, options->json);
  add_choice_function(command, "--predictor", kClassMethodNames, into(options->method),
                      "What tells apart: GPT, n-gram and their mixture, weighed, or one of them",
                      " [all, where the models were trained together, or mixture]");
  add_engine(command, options->engine);
  command.run = [options] { run_classify(*options); };
}

}  // namespace microgpt
