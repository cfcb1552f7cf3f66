// SPDX-License-Identifier: MIT
#include "web/workbench.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/libm_variant.h"
#include "engine/loss.h"
#include "inference/explain_document.h"
#include "io/json.h"
#include "library/model_parts.h"
#include "library/version.h"
#include "microgpt/error.h"
#include "microgpt/explain.h"
#include "microgpt/sample.h"
#include "microgpt/score.h"
#include "model/ranges.h"
#include "report/explanation/explanation_json.h"
#include "report/numbers.h"
#include "simd/target.h"
#include "text/format_names.h"
#include "text/hashes.h"
#include "text/split.h"
#include "training/reference_run.h"
#include "training/setting_values.h"
#include "web/answer_json.h"
#include "web/json_request.h"
#include "web/sliced_run.h"

namespace microgpt::web {
namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
constexpr double kDefaultMilliseconds = 50.0;  // of a slice of training

template <typename Value, typename Entries>
Value value_of(const JsonRequest& request, const char* name, const Entries& entries, Value usual) {
  const std::optional<std::string> given = request.text(name);
  if (!given) return usual;
  for (const auto& entry : entries)
    if (entry.name == *given) return entry.value;
  throw Error(fmt::format("the request's {} is none of {}", name, list_names(entries)));
}

constexpr std::array<Named<PredictorKind>, 3> kPredictors{
    {{PredictorKind::mixture, "mixture"}, {PredictorKind::gpt, "gpt"}, {PredictorKind::ngram, "ngram"}}};

std::optional<PredictorKind> predictor_of(const JsonRequest& request) {
  if (!request.text("predictor")) return std::nullopt;
  return value_of(request, "predictor", kPredictors, PredictorKind::gpt);
}

Setting setting_of(const std::string& name, const Json& value) {
  if (value.is_boolean()) return value.boolean();
  if (value.is_whole()) return value.whole();
  if (value.is_real()) return value.number();
  if (value.is_number()) return static_cast<std::int64_t>(value.number());
  if (value.is_text()) return value.text();
  throw ConfigError(name, "is neither true or false, nor a number, nor a word");
}

TrainOptions train_options_of(const JsonRequest& request) {
  TrainOptions options{.preset = request.text("preset"), .seconds = request.number("seconds"), .threads = 1};
  if (const Json* const settings = request.field("settings"))
    for (const auto& [name, value] : settings->fields())
      if (!value.is_null()) options.settings.emplace(name, setting_of(name, value));
  return options;
}

const char* name_of_part(CorpusPart part) {
  switch (part) {
    case CorpusPart::training:
      return "training";
    case CorpusPart::validation:
      return "validation";
    default:
      return "test";
  }
}

Message json_message(const Json& json) { return {dump(json, std::nullopt, JsonCharacters::utf8)}; }

}  // namespace

struct Workbench::State {
  std::optional<Corpus> corpus;
  std::unordered_map<std::string_view, CorpusPart> part_of;  // of the corpus's documents, for the model
  std::unique_ptr<SlicedRun> run;
  std::optional<Model> model;
  std::optional<Corpus> reference_corpus;
  std::unique_ptr<ReferenceRun> reference;

  const Corpus& the_corpus() const {
    if (!corpus) throw Error("there is no corpus yet: give one");
    return *corpus;
  }
  SlicedRun& the_run() const {
    if (!run) throw Error("no training was begun");
    return *run;
  }
  const Model& the_model() const {
    if (!model) throw Error("there is no model yet: train one, or open one");
    return *model;
  }

  Message about(const JsonRequest&, const std::string&) {
    return json_message(Json::object({{"version", kVersion},
                                      {"target", name_of(best_target())},
                                      {"mathematics", describe(probe_libm())},
                                      {"settings", setting_names()}}));
  }

  Message take_corpus(const JsonRequest& request, const std::string& bytes) {
    CorpusFormat format;
    format.kind = value_of(request, "kind", kCorpusKindNames, CorpusKind::lines);
    format.encoding = value_of(request, "encoding", kEncodingNames, Encoding::utf8);
    format.invalid = value_of(request, "invalid", kInvalidUtf8Names, InvalidUtf8::error);
    format.fold_case = request.is_set("fold_case");
    Corpus read(request.text("name").value_or("the text"), bytes, format);
    const Tokenizer tokenizer(read);
    run = nullptr;
    part_of.clear();
    corpus.emplace(std::move(read));
    if (model) find_parts();
    std::size_t positions = 0, longest = 0;
    std::unordered_set<std::string_view> different;
    for (std::size_t d = 0; d < corpus->size(); ++d) {
      const std::string_view document = (*corpus)[d];
      const std::size_t length = tokenizer.encode(std::string(document)).size() - 1;
      positions += length;
      longest = std::max(longest, length);
      different.insert(document);
    }
    return json_message(Json::object({{"name", corpus->name()},
                                      {"documents", corpus->size()},
                                      {"different", different.size()},
                                      {"positions", positions},
                                      {"longest", longest},
                                      {"vocab_size", tokenizer.vocab_size()},
                                      {"symbols", symbols_of(tokenizer)},
                                      {"replaced", corpus->invalid_bytes().sequences},
                                      {"sha256", corpus->sha256()}}));
  }

  Message begin(const JsonRequest& request, const std::string&) {
    run = nullptr;
    run = std::make_unique<SlicedRun>(the_corpus(), train_options_of(request));
    TrainingRun& training = run->run();
    const InitialLoss initial = run->session().take_initial_loss();
    Json settings = Json::object();
    const RunSettings all{corpus->format(), training.options()};
    for (const std::string& name : setting_names()) settings[name] = setting_value(all, name);
    std::optional<double> ngram_loss;
    if (training.baseline() && training.validation())
      ngram_loss = evaluate(*training.baseline(), *training.validation()).loss.of(training.options().training.loss_mean);
    const auto size = [](const std::optional<TokenizedDocuments>& part) { return part ? part->size() : 0; };
    return json_message(Json::object({{"steps", training.trainer().num_steps()},
                                      {"teacher_steps", training.options().training.teacher_steps()},
                                      {"parameters", training.table().parameter_count()},
                                      {"config", config_json(training.config())},
                                      {"settings", std::move(settings)},
                                      {"training_documents", training.own_documents()},
                                      {"validation_documents", size(training.validation())},
                                      {"test_documents", size(training.test())},
                                      {"ngram_order", training.baseline() ? Json(training.baseline()->order()) : Json()},
                                      {"ngram_loss", ngram_loss},
                                      {"uniform_loss", initial.uniform},
                                      {"initial_loss", loss_json(initial.mean)}}));
  }

  Message train(const JsonRequest& request, const std::string&) {
    const Slice slice = the_run().advance(static_cast<std::size_t>(request.whole("steps").value_or(kNoLimit)),
                                          request.number("milliseconds").value_or(kDefaultMilliseconds));
    TrainingRun& training = run->run();
    Json steps = Json::array(), validations = Json::array();
    for (const auto& [step, loss] : slice.steps) steps.push_back(Json::array({step, loss_json(loss)}));
    for (const auto& [step, loss] : slice.validations) validations.push_back(Json::array({step, loss_json(loss)}));
    const Progress progress = training.progress();
    return json_message(Json::object({{"step", progress.step},
                                      {"losses", std::move(steps)},
                                      {"validations", std::move(validations)},
                                      {"best_step", progress.best_step},
                                      {"best_loss", progress.best_step ? loss_json(progress.best_loss) : Json()},
                                      {"learning_rate", progress.step > 0 ? Json(training.trainer().last_rate()) : Json()},
                                      {"trained_positions", training.trained_positions()},
                                      {"is_finished", training.is_finished()}}));
  }

  Message finish(const JsonRequest&, const std::string&) {
    RunSession& session = the_run().session();
    if (session.run().trainer().step() == 0) throw Error("no step was taken: train first");
    session.complete();
    model.emplace(session.model());
    const RunLosses& losses = session.records().losses();
    Json answer = describe_model();
    answer["kept_step"] = session.run().progress().best_step.value_or(session.run().trainer().step());
    answer["parts"] = parts_json(losses);
    find_parts();
    run = nullptr;
    return json_message(answer);
  }

  Message stop(const JsonRequest&, const std::string&) {
    run = nullptr;
    reference = nullptr;
    return json_message(Json::object());
  }

  Json describe_model() {
    const ModelParts& parts = the_model().parts();
    std::string hash;
    for (const FileBeside& file : files_of(parts.saved))
      if (file.name == "model.safetensors") hash = sha256(file.bytes);
    Json predictors = Json::array();
    for (const auto& entry : kPredictors)
      if (model->has(entry.value)) predictors.push_back(entry.name);
    return Json::object({{"config", config_json(model->config())},
                         {"parameters", model->parameters().size()},
                         {"symbols", symbols_of(model->tokenizer())},
                         {"kind", name_in(kCorpusKindNames, model->corpus_kind())},
                         {"ngram_order", model->ngram_order()},
                         {"predictors", std::move(predictors)},
                         {"tells_p_values", parts.held_out.has_value()},
                         {"warning", model->warning()},
                         {"sha256", hash}});
  }

  // Which documents of the corpus the model was trained on, and which were held out.
  void find_parts() {
    part_of.clear();
    const std::optional<TrainState>& trained = model->parts().state;
    if (!corpus || !trained || trained->corpus.sha256 != corpus->sha256() || corpus->kind() == CorpusKind::text) return;
    const Split split = split_corpus(*corpus, trained->options.seed, trained->options.held_out);
    for (const std::size_t d : split.validation) part_of.emplace((*corpus)[d], CorpusPart::validation);
    for (const std::size_t d : split.test) part_of.emplace((*corpus)[d], CorpusPart::test);
    for (const std::size_t d : split.training) part_of.emplace((*corpus)[d], CorpusPart::training);
  }

  Json part_json(std::string_view document) const {
    const auto found = part_of.find(document);
    return found == part_of.end() ? Json() : Json(name_of_part(found->second));
  }

  Message explain(const JsonRequest& request, const std::string&) {
    const std::string text = request.text("text").value_or("");
    const auto alternatives = static_cast<std::size_t>(request.whole("alternatives").value_or(kAlternatives));
    if (request.is_set("live")) {
      TrainingRun& training = the_run().run();
      const Explanation explanation = microgpt::explain(training.engine(), training.tokenizer(), text, alternatives);
      return {explanation_json(explanation, training.tokenizer(), text)};
    }
    const ExplainOptions options{
        .alternatives = alternatives, .attention = request.is_set("attention"), .predictor = predictor_of(request)};
    return {to_json(microgpt::explain(the_model(), text, options), *model, text)};
  }

  Message score(const JsonRequest& request, const std::string& bytes) {
    const CorpusFormat format{.encoding = the_model().tokenizer().encoding()};
    const Corpus lines(request.text("name").value_or("the lines"), bytes, format);
    const std::optional<PredictorKind> predictor = predictor_of(request);
    Scorer scorer(*model, {predictor});
    const std::optional<HeldOutSurprise>& held_out = model->parts().held_out;
    const bool tells = held_out && predictor.value_or(model->predictor()) == model->predictor();
    Json scored = Json::array();
    for (std::size_t d = 0; d < lines.size(); ++d) {
      const std::span<const double> bits = scorer.position_bits(lines[d]);
      DocumentLoss loss{.positions = bits.size()};  // the characters, and the end
      for (const double each : bits) {
        const double nats = each * std::log(2.0);
        loss.nats += nats;
        loss.cubes += nats * nats * nats;
      }
      const double all_bits = nats_to_bits(loss.nats);
      Json record = Json::object({{"text", lines[d]},
                                  {"bits", loss_json(all_bits)},
                                  {"bits_per_character", loss_json(all_bits / static_cast<double>(bits.size() - 1))},
                                  {"position_bits", std::vector<double>(bits.begin(), bits.end())},
                                  {"part", part_json(lines[d])}});
      if (tells) {
        record["oddness"] = loss_json(held_out->oddness(loss));
        record["p_value"] = held_out->p_value(loss);
      }
      scored.push_back(std::move(record));
    }
    return json_message(Json::object({{"lines", std::move(scored)}}));
  }

  Message sample(const JsonRequest& request, const std::string&) {
    const auto size = [&](const char* name) -> std::optional<std::size_t> {
      const auto given = request.whole(name);
      return given ? std::optional(static_cast<std::size_t>(*given)) : std::nullopt;
    };
    SampleOptions options{.count = size("count").value_or(10),
                          .temperature = request.number("temperature").value_or(0.5),
                          .top_k = size("top_k"),
                          .top_p = request.number("top_p").value_or(1.0),
                          .min_p = request.number("min_p").value_or(0.0),
                          .seed = request.whole("seed").value_or(42),
                          .prompt = request.text("prompt").value_or(""),
                          .min_length = size("min_length").value_or(0),
                          .max_length = size("max_length"),
                          .contains = request.text("contains"),
                          .unique = request.is_set("unique"),
                          .budget = request.whole("budget"),
                          .with_score = true,
                          .predictor = predictor_of(request)};
    if (request.is_set("not_in")) options.not_in = &the_corpus();
    Json samples = Json::array();
    const std::size_t found = microgpt::sample(the_model(), options, [&](const Sample& each) {
      samples.push_back(
          Json::object({{"text", each.text}, {"bits", loss_json(each.score->bits)}, {"part", part_json(each.text)}}));
    });
    return json_message(Json::object({{"found", found}, {"samples", std::move(samples)}}));
  }

  Message save(const JsonRequest&, const std::string&) {
    std::vector<FileBeside> files = files_of(the_model().parts().saved);
    for (FileBeside& file : files_of(model->parts().records())) files.push_back(std::move(file));
    Message answer;
    Json names = Json::array();
    for (const FileBeside& file : files) {
      names.push_back(Json::object({{"name", file.name}, {"size", file.bytes.size()}}));
      answer.bytes += file.bytes;
    }
    answer.json = dump(Json::object({{"files", std::move(names)}}), std::nullopt, JsonCharacters::utf8);
    return answer;
  }

  Message open(const JsonRequest& request, const std::string& bytes) {
    FileSet::InMemory files;
    std::size_t at = 0;
    const Json* const given = request.field("files");
    if (given == nullptr || !given->is_array()) throw Error("the request has no list of files");
    for (const Json& each : given->elements()) {
      const Json *const name = each.find("name"), *const size = each.find("size");
      if (name == nullptr || !name->is_text() || size == nullptr || !size->is_whole() || size->whole() > bytes.size() - at)
        throw Error("the request's files are not those that came with it");
      files[name->text()] = bytes.substr(at, static_cast<std::size_t>(size->whole()));
      at += static_cast<std::size_t>(size->whole());
    }
    const std::shared_ptr<ModelParts> parts = load_model_parts({request.text("name").value_or("the folder"), std::move(files)});
    parts->folder = "";  // there is none
    model.emplace(parts);
    find_parts();
    return json_message(describe_model());
  }

  Message begin_reference(const JsonRequest& request, const std::string& bytes) {
    const std::string revision = request.text("revision").value_or(std::string(kFinalRevision.name));
    ReferenceOptions options;
    options.seed = request.whole("seed").value_or(42);
    for (const Revision& each : kRevisions)
      if (each.name == revision) options.revision = &each;
    if (options.revision->name != revision) throw Error("there are the revisions final and first");
    if (const auto steps = request.whole("steps")) options.num_steps = static_cast<std::size_t>(*steps);
    reference = nullptr;
    reference_corpus.emplace(request.text("name").value_or("the text"), bytes,
                             CorpusFormat{.byte_order_mark = ByteOrderMark::keep});
    reference = std::make_unique<ReferenceRun>(*reference_corpus, options);
    return json_message(Json::object({{"steps", reference->trainer().num_steps()},
                                      {"documents", reference_corpus->size()},
                                      {"vocab_size", reference->tokenizer().vocab_size()},
                                      {"parameters", reference->table().parameter_count()}}));
  }

  // As `reference --params FILE` writes them.
  std::string parameter_lines() const {
    std::vector<double> parameters(reference->table().parameter_count());
    reference->engine().store(parameters);
    std::string lines;
    for (const double parameter : parameters) lines += hex_float(parameter) + "\n";
    return lines;
  }

  Message replay(const JsonRequest& request, const std::string&) {
    if (reference == nullptr) throw Error("no replay was begun");
    Trainer& trainer = reference->trainer();
    const std::size_t end =
        std::min<std::uint64_t>(trainer.num_steps(), trainer.step() + request.whole("steps").value_or(trainer.num_steps()));
    Json losses = Json::array(), exact = Json::array();
    while (trainer.step() < end) {
      const double loss = trainer.train_step();
      losses.push_back(loss);
      exact.push_back(hex_float(loss));
    }
    const bool is_finished = trainer.step() == trainer.num_steps();
    std::string lines;
    if (is_finished || request.is_set("with_parameters")) lines = parameter_lines();
    return {dump(Json::object({{"step", trainer.step()},
                               {"losses", std::move(losses)},
                               {"exact", std::move(exact)},
                               {"parameters_sha256", lines.empty() ? Json() : Json(sha256(lines))},
                               {"is_finished", is_finished}}),
                 std::nullopt, JsonCharacters::utf8),
            request.is_set("with_parameters") ? lines : ""};
  }
};

Workbench::Workbench() : state_(std::make_unique<State>()) {}
Workbench::~Workbench() = default;

Message Workbench::answer(const Message& message) {
  struct Handler {
    std::string_view name;
    Message (State::*answer)(const JsonRequest&, const std::string&);
  };
  static constexpr std::array<Handler, 13> kHandlers{{{"about", &State::about},
                                                      {"corpus", &State::take_corpus},
                                                      {"begin", &State::begin},
                                                      {"train", &State::train},
                                                      {"finish", &State::finish},
                                                      {"stop", &State::stop},
                                                      {"explain", &State::explain},
                                                      {"score", &State::score},
                                                      {"sample", &State::sample},
                                                      {"save", &State::save},
                                                      {"open", &State::open},
                                                      {"begin_reference", &State::begin_reference},
                                                      {"replay", &State::replay}}};
  const JsonRequest request(message.json);
  const std::string name = request.text("do").value_or("");
  for (const Handler& handler : kHandlers)
    if (handler.name == name) return (state_.get()->*handler.answer)(request, message.bytes);
  throw Error(fmt::format("there is no request {}", quote(name)));
}

}  // namespace microgpt::web
