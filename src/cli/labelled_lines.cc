// SPDX-License-Identifier: MIT
#include "cli/labelled_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "cli/terminal.h"
#include "cli/training_documents.h"
#include "io/file.h"
#include "io/json.h"
#include "microgpt/error.h"
#include "report/numbers.h"
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

}  // namespace microgpt
