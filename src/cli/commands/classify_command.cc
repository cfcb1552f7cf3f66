// SPDX-License-Identifier: MIT
// microgpt classify: of which class each line is, by what the models of the classes think of it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/class_evidence.h"
#include "cli/classifier_models.h"
#include "cli/commands/commands.h"
#include "cli/line_command.h"
#include "cli/model_arguments.h"
#include "cli/terminal.h"
#include "inference/calibration.h"
#include "io/file.h"
#include "library/model_parts.h"
#include "microgpt/error.h"
#include "report/classification_report.h"
#include "report/plots/roc_svg.h"
#include "report/records.h"

namespace microgpt {
namespace {

constexpr std::string_view kRatio = "log_likelihood_ratio", kLabel = "label", kProbability = "probability", kLine = "line";
constexpr RealRange kAnyNumber{std::numeric_limits<double>::lowest()};
constexpr Range kTop{1, 1000};

struct ClassifyOptions {
  std::optional<std::string> classifier;
  std::optional<std::string> positive;
  std::optional<std::string> negative;
  std::optional<std::string> file;
  LineOptions lines;
  RecordOptions records;
  std::optional<std::size_t> top;
  ThresholdOptions threshold;
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
  if (options.threshold.false_positive_rate && !options.threshold.calibrate)
    throw UsageError("--false-positive-rate: calibrate on known negatives with --calibrate FILE");
  if (options.threshold.calibrate && options.threshold.given)
    throw UsageError("--threshold does not go with --calibrate, which finds it");
  if (options.picture && options.evaluate.empty())
    throw UsageError("--svg: name labelled files with --evaluate POSITIVE NEGATIVE");
  if (options.json && options.evaluate.empty())
    throw UsageError("--json goes with --evaluate; for records take --format jsonl");
  const auto inputs = std::count(options.evaluate.begin(), options.evaluate.end(), "-") +
                      (options.threshold.calibrate == "-" ? 1 : 0) + (options.file == "-" ? 1 : 0);
  if (inputs > 1) throw UsageError("-: only one of the files can be standard input");
  if (options.threshold.threshold_file == "-") throw UsageError("--threshold-file -: name a file, which later calls find");
  if (options.file && !options.evaluate.empty())
    throw UsageError(fmt::format("{}: --evaluate names its files itself", *options.file));
}

// What is of a pair alone, or of more classes alone.
void require_flags_of(const ClassifierModels& models, const ClassifyOptions& options) {
  if (models.is_pair()) {
    if (options.top) throw UsageError("--top is for more than two classes; a pair has a threshold");
  } else {
    const std::pair<const char*, bool> pair_flags[] = {{"--threshold", options.threshold.given.has_value()},
                                                       {"--threshold-file", options.threshold.threshold_file.has_value()},
                                                       {"--calibrate", options.threshold.calibrate.has_value()},
                                                       {"--svg", options.picture.has_value()}};
    for (const auto& [name, is_given] : pair_flags)
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
  RecordReport(const ClassifierModels& models, RecordStyle style) : models_(models), records_(style) {}

  void begin() override {
    if (records_.appends()) return;
    std::string header;
    records_.header(header, names());
    print(header);
  }

  void take_header(std::string_view record) override {
    std::string header;
    records_.header_after(header, record, names());
    print(header);
  }

  std::string format(const LineChunk& chunk, const ScoredLines& lines) const override {
    std::string out;
    for (std::size_t line = 0; line < chunk.size(); ++line)
      records_.record(out, chunk.shown(line), [&](std::string& to) { fields_of(to, lines, line, chunk.number(line)); });
    return out;
  }

  void take(const LineChunk& chunk, const ScoredLines&, const std::string& formatted) override {
    print(formatted);
    if (chunk.size() > 0) lines_ = chunk.number(chunk.size() - 1) + 1;
  }

  void take_piece(std::string_view piece) override {
    if (!records_.takes_pieces()) {
      long_line_ += piece;
      return;
    }
    std::string out;
    if (!std::exchange(in_long_line_, true)) records_.begin_text(out);
    records_.text(out, piece);
    print(out);
  }

  void end_line(const ScoredLines& line) override {
    std::string out;
    const auto fields = [&](std::string& to) { fields_of(to, line, 0, lines_); };
    if (records_.takes_pieces()) {
      records_.end_text(out);
      fields(out);
      records_.end(out);
    } else {
      records_.record(out, std::exchange(long_line_, {}), fields);
    }
    print(out);
    in_long_line_ = false;
    ++lines_;
  }

 protected:
  virtual std::vector<std::string_view> fields() const = 0;
  virtual void add_fields(std::string& out, const Evidence& evidence) const = 0;

  const ClassifierModels& models_;
  Records records_;

 private:
  std::vector<std::string_view> names() const {
    std::vector<std::string_view> all = fields();
    all.push_back(kLine);
    return all;
  }

  void fields_of(std::string& out, const ScoredLines& lines, std::size_t line, std::size_t number) const {
    add_fields(out, models_.evidence(lines, line));
    records_.count(out, kLine, number + 1);
  }

  bool in_long_line_ = false;
  std::string long_line_;  // of a table, which shows it whole
  std::size_t lines_ = 0;  // that came so far
};

class PairReport final : public RecordReport {
 public:
  PairReport(const ClassifierModels& models, RecordStyle style, double threshold)
      : RecordReport(models, style), threshold_(threshold), says_probabilities_(models.says_probabilities()) {}

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
  ClassesReport(const ClassifierModels& models, RecordStyle style, std::size_t top)
      : RecordReport(models, style), top_(top), says_probabilities_(models.says_probabilities()) {
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
  const bool compares = options.threshold.calibrate || !options.evaluate.empty();
  const ClassifierModels models(
      options.classifier ? classifier_in(*options.classifier) : pair_of(*options.positive, *options.negative), options.engine,
      options.method, compares, chosen_threads(options.lines.threads));
  require_flags_of(models, options);
  inform_of_classifier(models);
  std::vector<double> thresholds;
  if (models.is_pair()) thresholds = find_thresholds(models, options.threshold, options.lines);
  if (!options.evaluate.empty()) return evaluate(models, options, thresholds);
  if (options.threshold.calibrate && !options.file) return;
  options.lines.kept = models.kept();
  if (models.is_pair()) {
    PairReport report(models, style_of(options.records, options.lines.layout), thresholds.front());
    score_lines(options.lines, models.named(), report);
  } else {
    ClassesReport report(models, style_of(options.records, options.lines.layout), options.top.value_or(1));
    score_lines(options.lines, models.named(), report);
  }
}

void add_threshold_flags(Command& command, ClassifyOptions& options) {
  add_real(command, "--threshold", kAnyNumber, into(options.threshold.given),
           "Log-likelihood ratio above which a line is positive, in nats (pairs only) [where it is more likely than not, or as "
           "calibrated]");
  command.add_text("--calibrate", "FILE", into(options.threshold.calibrate),
                   "Find the threshold from known negatives, one per line, and store it with the classifier (pairs only)");
  add_real(command, "--false-positive-rate", {0.0, 1.0}, into(options.threshold.false_positive_rate),
           fmt::format("Fraction of the negatives that may be above it (with --calibrate) [{}]", kDefaultFalsePositiveRate));
  command
      .add_text("--threshold-file", "FILE", into(options.threshold.threshold_file),
                "File of the threshold [threshold.json in the folder of the positive model]")
      .rare();
}

}  // namespace

void describe_classify(Command& command) {
  const auto options = std::make_shared<ClassifyOptions>();
  command.add_argument("CLASSIFIER", into(options->classifier), "Folder that train-pair or train-classes made");
  add_line_flags(command, options->lines, into(options->file));
  command.group("Classifier");
  command.add_text("--positive", "MODEL", into(options->positive), "Folder of the model of one kind, in place of CLASSIFIER");
  command.add_text("--negative", "MODEL", into(options->negative), "Folder of the model of the other kind");
  command.group("Output");
  add_record_flags(command, options->records);
  command.group("Classifier");
  add_integer(command, "--top", kTop, into(options->top),
              "Print the N likeliest classes per line [1] (classifiers of three or more classes only)")
      .in("Output");
  add_threshold_flags(command, *options);
  command.group("Evaluation");
  command.add_texts(
      "--evaluate", "FILES", Flag::kAnyNumber, into(options->evaluate),
      "Report how well labelled documents are told apart: a file per class, in the order of the classes, such as POSITIVE "
      "NEGATIVE, or one file whose lines begin with __label__CLASS");
  command.add_text("--svg", "FILE", into(options->picture), "Draw the ROC curve (with --evaluate, pairs only)");
  add_json(command, options->json);
  add_choice_function(command, "--predictor", kClassMethodNames, into(options->method),
                      "Classify by the GPT, the n-gram, their mixture and the linear model together, or by one of them",
                      " [all if the models were trained together, otherwise mixture]")
      .in("Classifier");
  add_engine(command, options->engine);
  command.add_example("microgpt classify filter inbox.txt", "Label each line as positive or negative");
  command.add_example("microgpt classify languages lines.txt --top 2", "Print the two likeliest classes of each line");
  command.add_example("microgpt classify filter --evaluate spam.txt mail.txt --svg roc.svg",
                      "Report how well a pair tells these files apart, and draw its ROC curve");
  command.run = [options] { run_classify(*options); };
}

}  // namespace microgpt
