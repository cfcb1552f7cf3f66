// SPDX-License-Identifier: MIT
#include "cli/labelled_lines.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "cli/terminal.h"
#include "cli/training_documents.h"
#include "io/file.h"
#include "microgpt/error.h"
#include "report/quantity.h"

namespace microgpt {
namespace {

class RatioReport : public LineReport {
 public:
  RatioReport(const ClassifierModels& models, const std::string& path) : models_(models) {
    if (models.have_ngrams()) ngrams_.emplace(models.ngrams());
    for (const NamedModel& named : models.named())
      known_.push_back({named.folder, find_training_documents(named.folder, path), 0});
  }

  void begin() override {}

  std::string format(const LineChunk&, const ScoredLines&) const override { return ""; }

  void take(const LineChunk& chunk, const ScoredLines& lines, const std::string&) override {
    for (std::size_t line = 0; line < chunk.size(); ++line) {
      if (chunk[line].empty()) continue;
      append(chunk[line]);
      end(lines, line);
      for (Known& known : known_)
        if (known.documents && known.documents->contain(chunk[line])) ++known.count;
    }
  }

  void take_piece(std::string_view piece) override { append(piece); }
  void end_line(const ScoredLines& line) override { end(line, 0); }

  // `name` stands for the file.
  LabelledRatios finish(const std::string& name) {
    if (ratios_.of_models.empty())
      throw Error(fmt::format("{}: there are no documents; it needs at least one line that is not blank", name));
    for (const Known& known : known_)
      if (known.count > 0)
        inform(fmt::format("{}: {} was trained on {} of the {}; of new ones figures will be worse", name, known.folder,
                           known.count, plural(ratios_.of_models.size(), "document")));
    return std::move(ratios_);
  }

 private:
  struct Known {
    std::string folder;
    std::unique_ptr<const TrainingDocuments> documents;
    std::size_t count;  // of the lines
  };

  void append(std::string_view piece) {
    if (ngrams_) ngrams_->append(piece);
  }

  void end(const ScoredLines& lines, std::size_t line) {
    ratios_.of_models.push_back(models_.ratio(lines, line));
    if (ngrams_) ratios_.of_ngrams.push_back(ngrams_->end_document());
  }

  const ClassifierModels& models_;
  std::optional<NgramPair> ngrams_;
  std::vector<Known> known_;
  LabelledRatios ratios_;
};

}  // namespace

LabelledRatios labelled_ratios(const ClassifierModels& models, LineOptions options, const std::string& path) {
  options.path = path;
  RatioReport report(models, path);
  score_lines(options, models.named(), report);
  return report.finish(name_of_input(path));
}

std::vector<ClassifierResult> classifier_results(const ClassifierModels& models, LabelledRatios positives,
                                                 LabelledRatios negatives, double threshold) {
  std::vector<ClassifierResult> results;
  results.push_back({"models", {std::move(positives.of_models), std::move(negatives.of_models)}, threshold});
  if (models.have_ngrams())
    results.push_back({models.name_of_ngrams(), {std::move(positives.of_ngrams), std::move(negatives.of_ngrams)}, threshold});
  return results;
}

std::vector<RocCurve> curves_of(const std::vector<ClassifierResult>& results) {
  std::vector<RocCurve> curves;
  for (const ClassifierResult& result : results) curves.push_back({result.name, result.roc});
  return curves;
}

}  // namespace microgpt
