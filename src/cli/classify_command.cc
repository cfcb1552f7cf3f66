// SPDX-License-Identifier: MIT
// microgpt classify: which of two kinds each line is of, by the ratio of what two models think of it.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
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
#include "inference/classifier.h"
#include "io/atomic_file.h"
#include "io/file.h"
#include "io/sha256.h"
#include "microgpt/error.h"
#include "report/classification_report.h"
#include "report/records.h"
#include "report/roc_svg.h"

namespace microgpt {
namespace {

constexpr std::string_view kRatio = "log_likelihood_ratio", kLabel = "label";
constexpr std::size_t kMaxCalibrationSize = std::size_t{1} << 16;  // more than any such file has
constexpr RealRange kAnyNumber{std::numeric_limits<double>::lowest()};

struct ClassifyOptions {
  std::string positive;
  std::string negative;
  LineOptions lines;
  bool has_lines = false;  // a file of them is named
  RecordFormat format = RecordFormat::tsv;
  std::optional<double> threshold;
  std::optional<std::string> threshold_file;
  std::optional<std::string> calibrate;
  std::optional<double> false_positive_rate;
  std::vector<std::string> evaluate;  // nothing, or positives and negatives
  std::optional<std::string> picture;
  bool json = false;
  EngineKind engine = EngineKind::fast;
  std::optional<PredictorKind> predictor;
};

void require_flags_that_go_together(const ClassifyOptions& options) {
  if (options.false_positive_rate && !options.calibrate)
    throw UsageError("--false-positive-rate: calibrate on known negatives with --calibrate FILE");
  if (options.calibrate && options.threshold) throw UsageError("--threshold does not go with --calibrate, which finds it");
  if (options.picture && options.evaluate.empty())
    throw UsageError("--svg: name labelled files with --evaluate POSITIVE NEGATIVE");
  if (options.json && options.evaluate.empty())
    throw UsageError("--json goes with --evaluate; for records take --format jsonl");
  if (options.has_lines && !options.evaluate.empty())
    throw UsageError(fmt::format("{}: --evaluate names its files itself", options.lines.path));
}

// Prints a record a line.
class RecordReport : public LineReport {
 public:
  RecordReport(const ClassifierModels& models, RecordFormat format, double threshold)
      : models_(models), records_(format), threshold_(threshold) {}

  void begin() override {
    std::string header;
    records_.header(header, std::vector{kRatio, kLabel});
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

 private:
  void end_record(std::string& out, const ScoredLines& lines, std::size_t line) const {
    const double ratio = models_.ratio(lines, line);
    records_.end_text(out);
    records_.number(out, kRatio, ratio);
    records_.word(out, kLabel, label_of(ratio, threshold_));
    records_.end(out);
  }

  const ClassifierModels& models_;
  Records records_;
  double threshold_;
  bool in_long_line_ = false;
};

std::string sha256_of_model(const std::string& folder) { return sha256(read_file(parameters_path(folder))); }

std::string calibration_path(const ClassifyOptions& options) {
  return options.threshold_file.value_or((std::filesystem::path(options.positive) / "threshold.json").string());
}

double calibrate(const ClassifierModels& models, const ClassifyOptions& options) {
  const double rate = options.false_positive_rate.value_or(kUsualFalsePositiveRate);
  const std::vector<double> negatives = labelled_ratios(models, options.lines, *options.calibrate).of_models;
  const double threshold = threshold_for(negatives, rate);
  if (!std::isfinite(threshold))
    throw Error(fmt::format("{}: the threshold is infinite; the models hold these documents to be impossible",
                            name_of_input(*options.calibrate)));
  const std::string path = calibration_path(options);
  AtomicFile file(path);
  file.write(calibration_to_json({threshold, rate, negatives.size(), sha256_of_model(options.positive),
                                  sha256_of_model(options.negative), std::string(models.predictor())}));
  file.commit();
  inform(fmt::format("threshold {}: at most {:g}% of {} negatives are above it; stored in {}", threshold, 100.0 * rate,
                     negatives.size(), path));
  return threshold;
}

double stored_threshold(const ClassifierModels& models, const ClassifyOptions& options, const std::string& path) {
  const Calibration calibration = calibration_from_json(path, read_file(path, kMaxCalibrationSize));
  if (calibration.positive_sha256 != sha256_of_model(options.positive) ||
      calibration.negative_sha256 != sha256_of_model(options.negative))
    throw Error(
        fmt::format("{} was found for other models than {} and {}; calibrate again with --calibrate, or give --threshold", path,
                    options.positive, options.negative));
  if (calibration.predictor != models.predictor())
    throw Error(
        fmt::format("{} was found with --predictor {}, and here it is {}; calibrate again with --calibrate, or give "
                    "--threshold",
                    path, calibration.predictor, models.predictor()));
  inform(fmt::format("threshold {} ({}: at most {:g}% of {} negatives are above it)", calibration.threshold, path,
                     100.0 * calibration.false_positive_rate, calibration.negatives));
  return calibration.threshold;
}

double choose_threshold(const ClassifierModels& models, const ClassifyOptions& options) {
  if (options.threshold) return *options.threshold;
  if (options.calibrate) return calibrate(models, options);
  const std::string path = calibration_path(options);
  if (options.threshold_file || std::filesystem::exists(path)) return stored_threshold(models, options, path);
  return 0.0;
}

void evaluate(ClassifierModels& models, const ClassifyOptions& options, double threshold) {
  models.load_ngrams();
  const std::string& positive = options.evaluate[0];
  const std::string& negative = options.evaluate[1];
  LabelledRatios positives = labelled_ratios(models, options.lines, positive);
  LabelledRatios negatives = labelled_ratios(models, options.lines, negative);
  const std::vector<ClassifierResult> results =
      classifier_results(models, std::move(positives), std::move(negatives), threshold);
  if (options.json)
    print(classification_json(results));
  else
    print(fmt::format("threshold  {} (above it a document is said to be positive)\n\n", threshold) +
          classification_table(results));
  if (!options.picture) return;
  OutputFile file(*options.picture);
  file.write(roc_svg(fmt::format("{} against {}", last_part(name_of_input(positive)), last_part(name_of_input(negative))),
                     curves_of(results)));
  file.close();
}

void run_classify(const ClassifyOptions& options) {
  require_flags_that_go_together(options);
  ClassifierModels models(options.positive, options.negative, options.engine, options.predictor);
  if (models.are_the_same())
    inform(fmt::format("{} and {} are the same model: it takes each line to be as likely of one kind as of the other",
                       options.positive, options.negative));
  const double threshold = choose_threshold(models, options);
  if (!options.evaluate.empty()) return evaluate(models, options, threshold);
  if (options.calibrate && !options.has_lines) return;
  RecordReport report(models, options.format, threshold);
  score_lines(options.lines, models.named(), report);
}

void add_threshold_flags(Command& command, ClassifyOptions& options) {
  add_real(command, "--threshold", kAnyNumber, into(options.threshold),
           "The ratio above which a line is positive, in nats [0, or as calibrated]");
  command.add_text("--calibrate", "FILE", into(options.calibrate),
                   "Known negatives, one a line: finds the threshold and stores it");
  add_real(command, "--false-positive-rate", {0.0, 1.0}, into(options.false_positive_rate),
           fmt::format("With --calibrate: the share of negatives that may be above it [{}]", kUsualFalsePositiveRate));
  command.add_text("--threshold-file", "FILE", into(options.threshold_file),
                   "Where a threshold is stored [threshold.json in the folder of the positive model]");
}

}  // namespace

void describe_classify(Command& command) {
  const auto options = std::make_shared<ClassifyOptions>();
  command.add_text("--positive", "MODEL", into(options->positive), "The folder of the model of one kind").require();
  command.add_text("--negative", "MODEL", into(options->negative), "The folder of the model of the other").require();
  add_line_flags(command, options->lines);
  add_choice(command, "--format", kRecordFormatNames, options->format, "Of the records: tab-separated, or JSON, one a line");
  add_threshold_flags(command, *options);
  command.add_texts("--evaluate", "POSITIVE NEGATIVE", 2, into(options->evaluate),
                    "Labelled documents, one a line: tells how well they are told apart");
  command.add_text("--svg", "FILE", into(options->picture), "With --evaluate: draws the ROC curve");
  add_json(command, options->json);
  add_predictor(command, options->predictor);
  add_engine(command, options->engine);
  command.run = [options, &file = command.flag("FILE")] {
    options->has_lines = file.is_given;
    run_classify(*options);
  };
}

}  // namespace microgpt
