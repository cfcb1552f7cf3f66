// SPDX-License-Identifier: MIT
#include "microgpt/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>
#include <unordered_set>
#include <utility>

#include "inference/calibration.h"
#include "io/atomic_file.h"
#include "io/file.h"
#include "library/classifier_parts.h"
#include "library/model_parts.h"
#include "library/run_session.h"
#include "library/train_options.h"
#include "microgpt/error.h"
#include "parallel/at_once.h"
#include "parallel/thread_team.h"
#include "scoring/line_scorer.h"
#include "text/corpus_checks.h"
#include "text/hashes.h"
#include "text/labels.h"
#include "training/class_runs.h"
#include "training/default_settings.h"
#include "training/fit_classes.h"
#include "training/train_loop.h"
#include "training/training_memory.h"

namespace microgpt {
namespace {

ClassMethod method_of(const ClassifierParts& parts) {
  if (parts.file) return ClassMethod::all;
  const bool have_mixtures = std::all_of(parts.models.begin(), parts.models.end(),
                                         [](const Model& model) { return model.has(PredictorKind::mixture); });
  return have_mixtures ? ClassMethod::mixture : ClassMethod::gpt;
}

void require_mixtures(const std::string& folder, const ClassifierParts& parts) {
  for (std::size_t c = 0; c < parts.models.size(); ++c)
    if (!parts.models[c].has(PredictorKind::mixture))
      throw Error(
          fmt::format("{}: the model of {} has no mixture with an n-gram, which the classifier weighs: restore its files "
                      "from a copy",
                      folder, parts.labels[c]));
}

// Only two models may differ in their characters.
std::shared_ptr<const ClassifierParts> checked(std::shared_ptr<const ClassifierParts> parts) {
  const Tokenizer& first = parts->models.front().tokenizer();
  for (const Model& model : parts->models) {
    const Tokenizer& tokenizer = model.tokenizer();
    if (tokenizer.encoding() != first.encoding())
      throw Error("one of the models is of bytes, and another of UTF-8: train them with the same encoding");
    if (parts->models.size() > 2 && tokenizer.characters() != first.characters())
      throw Error("the models have different characters, and were not trained together: train a classifier of these classes");
  }
  return parts;
}

}  // namespace

struct Classifier::State {
  // What one thread works with.
  struct ThreadScorer {
    std::vector<std::unique_ptr<Engine>> engines;
    std::optional<LineScorer> scorer;
  };

  State(const ClassifierParts& given_parts, std::size_t threads)
      : parts(given_parts),
        method(method_of(parts)),
        weigher(parts.file ? parts.file->weights : default_class_weights(parts.models.size()),
                parts.file ? parts.file->shares() : std::vector<double>(parts.models.size(), 1.0)),
        team(threads),
        scorers(threads) {
    const PredictorKind predictor = method == ClassMethod::gpt ? PredictorKind::gpt : PredictorKind::mixture;
    for (const Model& model : parts.models) evidence_models.push_back({model.config().vocab_size, predictor});
  }

  ThreadScorer make_scorer() const {
    ThreadScorer made;
    std::vector<LineModel> models;
    for (const Model& model : parts.models) {
      const ModelParts& of_model = model.parts();
      made.engines.push_back(engine_of(of_model));
      const Mixture* const mixture = method == ClassMethod::gpt ? nullptr : &*of_model.mixture;
      models.push_back({{made.engines.back().get(), mixture},
                        &model.tokenizer(),
                        model.corpus_kind(),
                        of_model.ngram ? &*of_model.ngram : nullptr});
    }
    made.scorer.emplace(models, KeptLosses{.parts = method == ClassMethod::all, .linear = parts.linear.get()});
    return made;
  }

  // Calls take(i, its evidence) for each document, by several threads at once.
  template <typename Take>
  void with_evidence(std::span<const std::string_view> documents, const Take& take) {
    const std::vector<std::size_t> begins = parts_of_documents(parts.models.front().tokenizer(), documents, team.size());
    std::vector<LineChunk> chunks(begins.size() - 1);
    for (std::size_t i = 0; i < chunks.size(); ++i)
      for (std::size_t d = begins[i]; d < begins[i + 1]; ++d) chunks[i].add(as_in_corpus(parts.models.front(), documents[d]));
    team.for_each(chunks.size(), [&](std::size_t i, std::size_t thread) {
      if (!scorers[thread]) scorers[thread] = make_scorer();
      try {
        const ScoredLines lines = scorers[thread]->scorer->score(chunks[i]);
        for (std::size_t line = 0; line < chunks[i].size(); ++line)
          take(begins[i] + line, evidence_of(lines, line, evidence_models, method == ClassMethod::all));
      } catch (...) {
        scorers[thread].reset();  // it stopped in the midst of a document
        throw;
      }
    });
  }

  const ClassifierParts& parts;
  ClassMethod method;
  EvidenceClassifier weigher;
  std::vector<EvidenceModel> evidence_models;
  ThreadTeam team;
  std::vector<std::optional<ThreadScorer>> scorers;  // of each thread that had something to do
};

Classifier::Classifier(std::shared_ptr<const ClassifierParts> parts, std::size_t threads)
    : parts_(checked(std::move(parts))), state_(std::make_unique<State>(*parts_, chosen_threads(threads))) {}

Classifier::Classifier(const Model& positive, const Model& negative, std::size_t threads)
    : Classifier(std::make_shared<const ClassifierParts>(
                     ClassifierParts{{std::string(kPositive), std::string(kNegative)}, {positive, negative}}),
                 threads) {}

Classifier Classifier::load(const std::string& folder, std::size_t threads) {
  require_path(folder);
  if (!holds_classifier(folder))
    throw Error(fmt::format("{} holds no classifier: train one with microgpt train-pair or train-classes", folder));
  ClassifierParts parts;
  parts.file = load_complete_classifier(folder);
  const std::vector<ClassOfFile>& classes = parts.file->classes;
  std::vector<std::optional<Model>> models(classes.size());
  for_each_at_once(classes.size(), chosen_threads(threads),
                   [&](std::size_t c, std::size_t) { models[c] = Model::load(path_in(folder, classes[c].folder)); });
  for (std::size_t c = 0; c < classes.size(); ++c) {
    parts.labels.push_back(classes[c].name);
    parts.models.push_back(std::move(*models[c]));
  }
  require_mixtures(folder, parts);
  parts.linear = load_linear_model(*parts.file, folder, parts.models.front().tokenizer().vocab_size());
  return {std::make_shared<const ClassifierParts>(std::move(parts)), threads};
}

Classifier::Classifier(const Classifier& other) : Classifier(other.parts_, other.state_->team.size()) {}
Classifier& Classifier::operator=(const Classifier& other) { return *this = Classifier(other); }
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&& other) noexcept {
  state_ = std::move(other.state_);  // before what it refers to
  parts_ = std::move(other.parts_);
  return *this;
}
Classifier::~Classifier() = default;

void Classifier::save(const std::string& folder) const {
  if (!parts_->file) throw Error("the models were not fitted together: save each of them, or train a classifier");
  require_path(folder);
  require_writable_folder(folder);
  remove_file(classifier_path(folder));
  ClassifierFile file = *parts_->file;
  for (std::size_t c = 0; c < file.classes.size(); ++c) {
    ClassOfFile& each = file.classes[c];
    each.folder = folder_of_class(each.name);
    const std::string path = path_in(folder, each.folder);
    model(c).save(path);
    each.sha256 = sha256(read_file(parameters_path(path)));
  }
  if (parts_->linear) {
    const std::string bytes = parts_->linear->to_bytes();
    write_atomically(linear_path(folder), bytes);
    file.linear_sha256 = sha256(bytes);
  }
  write_atomically(classifier_path(folder), classifier_to_json(file));
}

const std::vector<std::string>& Classifier::labels() const { return parts_->labels; }
const Model& Classifier::model(std::size_t label) const {
  if (label >= labels().size())
    throw Error(fmt::format("there is no class {}: they are numbered from 0 to {}", label, labels().size() - 1));
  return parts_->models[label];
}
bool Classifier::is_fitted() const { return parts_->file.has_value(); }

void Classifier::probabilities(std::span<const std::string_view> documents, std::span<double> probabilities) {
  const std::size_t classes = labels().size();
  if (probabilities.size() != documents.size() * classes)
    throw Error(fmt::format("{} probabilities are not as many as {} documents times {} classes", probabilities.size(),
                            documents.size(), classes));
  state_->with_evidence(documents, [&](std::size_t d, const Evidence& evidence) {
    const std::vector<double> logs = state_->weigher.log_probabilities(state_->method, evidence);
    require_number(logs.front());
    std::transform(logs.begin(), logs.end(), probabilities.subspan(d * classes).begin(),
                   [](double log) { return std::exp(log); });
  });
}

std::vector<double> Classifier::probabilities(std::string_view document) {
  std::vector<double> all(labels().size());
  probabilities({&document, 1}, all);
  return all;
}

const std::string& Classifier::label(std::string_view document) {
  const std::vector<double> all = probabilities(document);
  return labels()[static_cast<std::size_t>(std::max_element(all.begin(), all.end()) - all.begin())];
}

double Classifier::ratio(std::string_view document) {
  if (labels().size() != 2) throw Error(fmt::format("a ratio is of two classes, and there are {}", labels().size()));
  double ratio = 0.0;
  state_->with_evidence(
      {&document, 1}, [&](std::size_t, const Evidence& evidence) { ratio = state_->weigher.ratio(state_->method, evidence); });
  return ratio;
}

namespace {

void require_classes(std::span<const LabelledCorpus> classes) {
  if (classes.size() < 2) throw Error(fmt::format("a classifier needs two classes or more, and there are {}", classes.size()));
  std::unordered_set<std::string_view> labels;
  for (const LabelledCorpus& each : classes) {
    require_class_name("label", each.label);
    folder_of_class(each.label);
    if (!labels.insert(each.label).second) throw Error(fmt::format("there are two classes of the label {}", each.label));
    if (each.corpus.encoding() != classes.front().corpus.encoding() || each.corpus.kind() != CorpusKind::lines)
      throw Error(fmt::format("{}: the corpora of a classifier are of lines and of one encoding", each.label));
  }
}

// Ends one training where another one has ended, or the caller wants to.
class StoppingObserver final : public TrainObserver {
 public:
  struct Stopped {};

  StoppingObserver(const std::atomic<bool>& stop, const std::function<void()>& check) : stop_(stop), check_(check) {}

  void on_step(std::size_t, double) override { check(); }
  void check() override {
    if (stop_) throw Stopped{};
    if (check_) check_();
  }
  EvaluationWatch watch_validation() override {
    return [this](std::size_t) { check(); };
  }
  EvaluationWatch watch_teacher() override { return watch_validation(); }

 private:
  const std::atomic<bool>& stop_;
  const std::function<void()>& check_;
};

// The trainings of all classes, each in memory.
class ClassSessions {
 public:
  ClassSessions(std::span<const LabelledCorpus> classes, const TrainOptions& options) : sessions_(classes.size()) {
    const RunSettings given = settings_of(options, classes.front().corpus, class_defaults());
    Tokenizer vocabulary(classes.front().corpus);
    std::vector<TrainingSize> sizes;
    for (const LabelledCorpus& each : classes) {
      vocabulary = Tokenizer::merge(vocabulary, Tokenizer(each.corpus));
      sizes.push_back(training_size(each.corpus, given.options));
    }
    const auto is_given = [&](std::string_view name) { return options.settings.contains(std::string(name)); };
    const std::vector<TrainSettings> runs = settings_of_classes(std::move(sizes), is_given, given.options);
    const Concurrency concurrency = concurrency_for(classes.size(), options.threads);
    at_once_ = concurrency.at_once;
    const RunInputs inputs{.resources = {.threads = concurrency.threads},
                           .init = std::make_shared<const InitialModel>(InitialModel{std::move(vocabulary), {}}),
                           .with_baseline = true};
    std::vector<double> bytes;
    for (std::size_t c = 0; c < classes.size(); ++c)
      bytes.push_back(RunMemory(classes[c].corpus, inputs.init->tokenizer.vocab_size(), concurrency.threads).bytes(runs[c]));
    require_memory_together("all models at the same time", bytes, 1, "choose smaller sizes, or fewer documents");
    for_each_at_once(classes.size(), at_once_, [&](std::size_t c, std::size_t) {
      const Corpus& corpus = classes[c].corpus;
      sessions_[c] = std::make_unique<RunSession>(corpus, TrainState{source_of(corpus), runs[c]}, inputs, nullptr);
    });
  }

  // Where one throws, the others stop, too.
  void train(const std::function<void()>& check) {
    std::atomic<bool> stop = false;
    for_each_at_once(sessions_.size(), at_once_, [&](std::size_t c, std::size_t) {
      try {
        StoppingObserver observer(stop, check);
        train_to_end(sessions_[c]->run(), {}, observer);
        sessions_[c]->complete();
      } catch (const StoppingObserver::Stopped&) {
        return;  // the one that has thrown says why
      } catch (...) {
        stop = true;
        throw;
      }
    });
  }

  std::vector<ClassRun> runs() const {
    std::vector<ClassRun> runs;
    for (const auto& session : sessions_)
      runs.push_back({&session->run(), [each = session.get()]() -> const Mixture& { return *each->records().mixture(); }});
    return runs;
  }

  // What each model says of what all held out to validate; nothing where nothing is.
  EvidenceByClass validation(const LinearModel& linear, const std::function<void()>& check) const {
    return evidence_of(runs(), linear, HeldOutPart::validation, at_once_, check);
  }

  Model model(std::size_t c) { return sessions_[c]->model(); }

 private:
  std::size_t at_once_ = 1;
  std::vector<std::unique_ptr<RunSession>> sessions_;
};

}  // namespace

Classifier train_classifier(std::span<const LabelledCorpus> classes, const TrainOptions& options,
                            const std::function<void()>& check) {
  require_classes(classes);
  chosen_threads(options.threads);
  for (const auto& [name, is_set] :
       {std::pair("preset", options.preset.has_value()), std::pair("init", options.init.has_value()),
        std::pair("folder", options.folder.has_value())})
    if (is_set) throw ConfigError(name, "does not go with a classifier; leave it out");
  ClassSessions sessions(classes, options);
  sessions.train(check);
  auto linear = std::make_shared<const LinearModel>(fit_linear_model(sessions.runs(), check));
  const EvidenceByClass validation = sessions.validation(*linear, check);
  ClassifierParts parts;
  ClassifierFile file{false, {}, 0, default_class_weights(classes.size())};
  for (std::size_t c = 0; c < classes.size(); ++c) {
    parts.labels.push_back(classes[c].label);
    parts.models.push_back(sessions.model(c));
    file.classes.push_back({classes[c].label, folder_of_class(classes[c].label), count_different(classes[c].corpus)});
    file.fitted_to += validation[c].size();
  }
  if (file.fitted_to > 0) file.weights = fit_class_weights(validation, shares_in(validation));
  parts.linear = std::move(linear);
  parts.file = std::move(file);
  return {std::make_shared<const ClassifierParts>(std::move(parts)), options.threads};
}

}  // namespace microgpt
