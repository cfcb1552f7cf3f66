// SPDX-License-Identifier: MIT
#include "microgpt/train.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "inference/classifier_file.h"
#include "io/json.h"
#include "library/model_parts.h"
#include "library/run_session.h"
#include "library/train_options.h"
#include "microgpt/error.h"
#include "training/default_settings.h"
#include "training/more_characters.h"
#include "training/setting_values.h"
#include "training/settings.h"
#include "training/train_loop.h"

namespace microgpt {
namespace {

// Keeps the records of a run and its checkpoints, and hands everything on.
class RecordingObserver final : public TrainObserver {
 public:
  RecordingObserver(RunSession& session, TrainObserver* next) : session_(session), next_(next == nullptr ? nothing_ : *next) {}

  void on_steps_begin() override {
    begin_ = Clock::now();
    tell([&] { next_.on_steps_begin(); });
  }
  void on_steps_end() override {
    seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count();
    tell([&] { next_.on_steps_end(); });
  }
  void on_step(std::size_t step, double loss) override {
    session_.records().take_step(step, loss);
    tell([&] { next_.on_step(step, loss); });
  }
  void on_teacher_done() override {
    tell([&] { next_.on_teacher_done(); });
  }
  void on_report(std::size_t step, const std::optional<MeanLoss>& validation) override {
    session_.records().log(validation, seconds_);
    tell([&] { next_.on_report(step, validation); });
  }
  void on_checkpoint() override {
    session_.save();
    tell([&] { next_.on_checkpoint(); });
  }
  void check() override {
    tell([&] { next_.check(); });
  }
  EvaluationWatch watch_validation() override { return next_.watch_validation(); }
  EvaluationWatch watch_teacher() override { return next_.watch_teacher(); }

  // Whether it was the caller's observer that ended the training, after a whole step.
  bool has_cancelled() const { return has_cancelled_; }

 private:
  using Clock = std::chrono::steady_clock;

  template <typename Tell>
  void tell(const Tell& tell_next) {
    has_cancelled_ = true;
    tell_next();
    has_cancelled_ = false;
  }

  RunSession& session_;
  TrainObserver nothing_;
  TrainObserver& next_;
  Clock::time_point begin_{};
  double seconds_ = 0.0;
  bool has_cancelled_ = false;
};

// What was reached is kept; the caller is told of what ended the training, and not of a disk that is full, too.
void keep(RunSession& session) {
  try {
    session.save();
    session.records().draw_picture();
  } catch (const Error&) {
    return;
  }
}

Json to_json(const Setting& setting) {
  return std::visit([](const auto& value) { return Json(value); }, setting.value);
}

std::string describe(const Setting& setting) {
  const double* const number = std::get_if<double>(&setting.value);
  return number != nullptr && !std::isfinite(*number) ? fmt::format("{}", *number) : dump(to_json(setting));
}

}  // namespace

TrainObserver::~TrainObserver() = default;

RunSettings settings_of(const TrainOptions& options, const Corpus& corpus, const TrainSettings& usual) {
  RunSettings settings{corpus.format(), usual};
  if (options.preset) {
    const auto preset =
        std::find_if(kPresetNames.begin(), kPresetNames.end(), [&](const auto& each) { return each.name == *options.preset; });
    if (preset == kPresetNames.end())
      throw ConfigError("preset", fmt::format("\"{}\" is not {}", *options.preset, list_names(kPresetNames)));
    apply(preset->value, settings.options);
  }
  const std::vector<std::string> names = setting_names(), of_corpus = corpus_setting_names();
  for (const auto& [name, value] : options.settings) {
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw ConfigError(name, fmt::format("is no setting; there are {}", fmt::join(names, ", ")));
    if (std::find(of_corpus.begin(), of_corpus.end(), name) != of_corpus.end())
      throw ConfigError(name, "is the corpus's: give it when the corpus is read");
    if (const auto expected = set_setting(settings, name, to_json(value)))
      throw ConfigError(name, fmt::format("is {}, and not {}", describe(value), *expected));
  }
  if (options.seconds && options.settings.contains("num_steps"))
    throw ConfigError("seconds", "does not go with num_steps: both say how long the training is");
  if (options.seconds && !(*options.seconds > 0.0 && std::isfinite(*options.seconds)))
    throw ConfigError("seconds", fmt::format("{} is no number above 0", *options.seconds));
  settings.options.seconds = options.seconds;
  return settings;
}

CorpusSource source_of(const Corpus& corpus) {
  CorpusSource source{corpus.origin(), corpus.sha256(), corpus.format()};
  source.division.group = corpus.group();
  return source;
}

void require_corpus_of(const CorpusSource& source, const Corpus& corpus) {
  if (source.sha256 != corpus.sha256())
    throw Error(fmt::format("{} is not the corpus that was trained on: its SHA-256 is {} and not {}", corpus.name(),
                            corpus.sha256(), source.sha256));
  const CorpusFormat &was = source.format, &is = corpus.format();
  if (was.kind != is.kind || was.encoding != is.encoding || was.invalid != is.invalid || was.layout != is.layout ||
      was.fold_case != is.fold_case || source.division.group != corpus.group())
    throw Error(fmt::format("{} is read otherwise than when it was trained on: give the same kind, encoding, layout and groups",
                            corpus.name()));
  if (!source.label.empty() || source.division.validation || source.division.test ||
      corpus.given_validation() + corpus.given_test() > 0)
    throw Error(
        fmt::format("{}: documents were held out by files or labels of their own, which only the program microgpt reads again",
                    corpus.name()));
}

namespace {

// The shape is the initial model's; a setting that says otherwise is refused.
void take_initial_model(const Model& init, const Corpus& corpus, const Settings& given, TrainSettings& run, RunInputs& inputs) {
  if (init.tokenizer().folds_case() != corpus.format().fold_case)
    throw Error(fmt::format(
        "{}: the case of the corpus and that of the model that training begins with must both be folded, or neither",
        corpus.name()));
  if (init.tokenizer().encoding() != corpus.encoding())
    throw Error(fmt::format("{}: the corpus is of another encoding than the model that training begins with", corpus.name()));
  const Config& config = init.config();
  const auto take = [&](const char* name, auto& setting, const auto& value) {
    if (given.contains(name) && setting != value)
      throw ConfigError(name, "is another one than that of the model that training begins with; leave it out");
    setting = value;
  };
  take("n_layer", run.n_layer, config.n_layer);
  take("n_embd", run.n_embd, config.n_embd);
  take("n_head", run.n_head, config.n_head);
  take("block_size", run.block_size, config.block_size);
  take("activation", run.activation, config.activation);
  const InitialModel model{init.tokenizer(), {init.parameters().begin(), init.parameters().end()}};
  inputs.init = std::make_shared<const InitialModel>(with_characters_of(corpus, model, config, run.seed));
}

// Where the parameters came from, as far as that is a folder.
std::optional<ModelSource> init_of(const TrainOptions& options) {
  if (!options.init || options.init->parts().folder.empty()) return std::nullopt;
  return ModelSource{options.init->parts().folder, options.init->parts().saved.parameters_sha256};
}

Model train_session(RunSession& session, TrainObserver* observer) {
  RecordingObserver recording(session, observer);
  if (session.run().trainer().step() == 0) session.take_initial_loss();
  try {
    train_to_end(session.run(), {}, recording);
  } catch (...) {
    if (recording.has_cancelled()) keep(session);
    throw;
  }
  session.save();
  session.complete();
  return session.model();
}

}  // namespace

TrainingPlan plan_training(const Corpus& corpus, const TrainOptions& options) {
  chosen_threads(options.threads);
  RunSettings settings = settings_of(options, corpus, {});
  RunInputs inputs{.resources = {.threads = options.threads}, .with_baseline = true};
  if (options.init) take_initial_model(*options.init, corpus, options.settings, settings.options, inputs);
  if (!options.preset) {
    const auto is_given = [&](std::string_view name) { return options.settings.contains(std::string(name)); };
    if (!is_given("num_steps") && !options.seconds) set_default_patience(settings.options);
    fit(training_size(corpus, settings.options, inputs.init.get()), is_given, settings.options, {}, inputs.has_parameters());
  }
  return {{source_of(corpus), settings.options, init_of(options)}, inputs};
}

Model train(const Corpus& corpus, const TrainOptions& options, TrainObserver* observer) {
  const auto [state, inputs] = plan_training(corpus, options);
  std::optional<RunFolder> folder;
  if (options.folder) {
    require_path(*options.folder);
    if (corpus.given_validation() + corpus.given_test() > 0)
      throw Error(
          "a corpus with documents given as held out is trained on in memory alone: leave the folder out, and save the model");
    if (holds_classifier(*options.folder))
      throw Error(fmt::format("{} holds a classifier: name another folder", *options.folder));
    folder.emplace(*options.folder, RunFolder::Purpose::begin);
    if (!options.overwrite) require_no_model(*options.folder);
  }
  RunSession session(corpus, state, inputs, folder ? &*folder : nullptr);
  session.begin();
  return train_session(session, observer);
}

Model resume_training(const std::string& folder, const Corpus& corpus, std::size_t threads, TrainObserver* observer) {
  chosen_threads(threads);
  require_path(folder);
  RunFolder run_folder(folder, RunFolder::Purpose::resume);
  const TrainState state = run_folder.read_state();
  require_corpus_of(state.corpus, corpus);
  RunInputs inputs{.resources = {.threads = threads}};
  inputs.init = std::make_shared<const InitialModel>(InitialModel{load_tokenizer(folder), {}});  // its vocabulary
  RunSession session(corpus, state, inputs, &run_folder);
  session.resume();
  if (!session.is_complete()) return train_session(session, observer);
  return Model::load(folder);
}

}  // namespace microgpt
