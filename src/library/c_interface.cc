// SPDX-License-Identifier: MIT
// The interface for C, made of the one for C++: errors become texts, and options are read from JSON.
#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/json.h"
#include "library/version.h"
#include "microgpt.h"
#include "microgpt/microgpt.h"
#include "model/ranges.h"
#include "scoring/mixture.h"
#include "text/format_names.h"

struct microgpt_context {
  std::string error;
};

struct microgpt_model {
  microgpt::Model model;
};

struct microgpt_scorer {
  microgpt::Scorer scorer;
  std::vector<std::string_view> documents;
  std::vector<microgpt::Score> scores;
};

struct microgpt_classifier {
  microgpt::Classifier classifier;
  std::vector<std::string_view> documents;
};

namespace microgpt {
namespace {

// Does the work, whose result it returns; `failed` where something is thrown, of which the context then knows.
template <typename Result, typename Work>
Result guarded(microgpt_context& context, Result failed, const Work& work) noexcept {
  try {
    context.error.clear();
    return work();
  } catch (const std::bad_alloc&) {
    context.error = "out of memory";  // which has space in itself
  } catch (const std::exception& error) {
    try {
      context.error = error.what();
    } catch (...) {
      context.error = "out of memory";
    }
  } catch (...) {
    context.error = "unknown";
  }
  return failed;
}

// Throws Error where it is null.
template <typename Handle>
Handle& required(Handle* handle, const char* what) {
  if (handle == nullptr)
    throw Error(fmt::format("the {} is null: give one, or look at the error of the call that should have made it", what));
  return *handle;
}

char* copy_of(const std::string& text) {
  char* const copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy == nullptr) throw std::bad_alloc();
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

Json parse_options(const char* text) {
  try {
    return parse_json("options", text);
  } catch (const Damaged& error) {
    throw Error(error.problem() + "; give a JSON object, as in {\"threads\": 1}");
  }
}

// The options of a call, each of which is taken once; what is left in the end is unknown.
class Options {
 public:
  explicit Options(const char* text) : options_(text == nullptr ? Json::object() : parse_options(text)) {
    if (!options_.is_object()) throw Error("options: expected a JSON object, as in {\"threads\": 1}");
  }

  // Its value, or null where it is not there.
  const Json* take(std::string_view name) {
    if (std::find(taken_.begin(), taken_.end(), name) == taken_.end()) taken_.push_back(name);
    const Json* const value = options_.find(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  void take(std::string_view name, bool& to) {
    const Json* const value = take(name);
    if (value == nullptr) return;
    if (!value->is_boolean()) fail(name, "true or false");
    to = value->boolean();
  }
  void take(std::string_view name, double& to) {
    const Json* const value = take(name);
    if (value == nullptr) return;
    if (!value->is_number()) fail(name, "a number");
    to = value->number();
  }
  template <std::unsigned_integral Number>
  void take(std::string_view name, Number& to) {
    const Json* const value = take(name);
    if (value == nullptr) return;
    if (!value->is_whole()) fail(name, "a whole number of 0 or more");
    to = value->whole();
  }
  void take(std::string_view name, std::string& to) {
    const Json* const value = take(name);
    if (value == nullptr) return;
    if (!value->is_text()) fail(name, "a text");
    to = value->text();
  }
  template <typename Value>
  void take(std::string_view name, std::optional<Value>& to) {
    if (take(name) == nullptr) return;
    Value value{};
    take(name, value);
    to = std::move(value);
  }

  // The value of a name in a table like kPredictorNames.
  template <typename Entries, typename To>
  void take_name(std::string_view name, const Entries& entries, To& to) {
    std::string given;
    take(name, given);
    if (given.empty()) return;
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.name == given; });
    if (found == entries.end()) fail(name, list_names(entries));
    to = found->value;
  }

  void require_no_others() const {
    for (const auto& field : options_.fields())
      if (std::find(taken_.begin(), taken_.end(), field.name) == taken_.end())
        throw ConfigError(field.name, fmt::format("is no option here: there are {}", fmt::join(taken_, ", ")));
  }

  // Those that were not taken.
  std::vector<Json::Field> others() const {
    std::vector<Json::Field> left;
    for (const auto& field : options_.fields())
      if (std::find(taken_.begin(), taken_.end(), field.name) == taken_.end()) left.push_back(field);
    return left;
  }

 private:
  [[noreturn]] void fail(std::string_view name, std::string_view expected) const {
    throw ConfigError(std::string(name), fmt::format("is {}, and not {}", dump(*options_.find(name)), expected));
  }

  Json options_;
  std::vector<std::string_view> taken_;
};

Setting setting_of(const std::string& name, const Json& value) {
  if (value.is_boolean()) return value.boolean();
  if (value.is_whole()) return value.whole();
  if (value.is_number()) return value.number();
  if (value.is_text()) return value.text();
  throw ConfigError(name, "is neither a number, nor a text, nor true or false");
}

Model train_on(std::string_view lines, const char* text) {
  Options given(text);
  CorpusFormat format;
  TrainOptions options;
  given.take_name("kind", kCorpusKindNames, format.kind);
  given.take_name("encoding", kEncodingNames, format.encoding);
  given.take("preset", options.preset);
  given.take("seconds", options.seconds);
  given.take("threads", options.threads);
  for (const Json::Field& field : given.others())
    options.settings.insert_or_assign(field.name, setting_of(field.name, field.value));
  return train(Corpus("lines", std::string(lines), format), options);
}

SampleOptions sample_options(const char* text) {
  Options given(text);
  SampleOptions options;
  given.take("count", options.count);
  given.take("temperature", options.temperature);
  given.take("top_k", options.top_k);
  given.take("top_p", options.top_p);
  given.take("min_p", options.min_p);
  given.take("seed", options.seed);
  given.take("prompt", options.prompt);
  given.take("min_length", options.min_length);
  given.take("max_length", options.max_length);
  given.take("contains", options.contains);
  given.take("match", options.match);
  given.take("exact_conditional", options.exact_conditional);
  given.take("unique", options.unique);
  given.take("budget", options.budget);
  given.take("with_score", options.with_score);
  given.take("threads", options.threads);
  given.take_name("predictor", kPredictorNames, options.predictor);
  given.require_no_others();
  return options;
}

std::string samples_as_json(const std::vector<Sample>& samples) {
  Json array = Json::array();
  for (const Sample& each : samples) {
    Json object = Json::object({{"text", each.text}});
    if (each.score) object["bits"] = each.score->bits;
    array.push_back(std::move(object));
  }
  return dump(array, std::nullopt, JsonCharacters::utf8);
}

void set_documents(std::vector<std::string_view>& views, const char* const* documents, const std::size_t* sizes,
                   std::size_t count) {
  views.clear();
  for (std::size_t d = 0; d < count; ++d)
    views.emplace_back(&required(documents[d], "document"), sizes == nullptr ? std::strlen(documents[d]) : sizes[d]);
}

void score_documents(microgpt_scorer& scorer, const char* const* documents, const std::size_t* sizes, std::span<double> bits) {
  set_documents(scorer.documents, documents, sizes, bits.size());
  scorer.scores.resize(bits.size());
  scorer.scorer.score(scorer.documents, scorer.scores);
  std::transform(scorer.scores.begin(), scorer.scores.end(), bits.begin(), [](const Score& score) { return score.bits; });
}

}  // namespace
}  // namespace microgpt

extern "C" {

const char* microgpt_version(void) { return microgpt::kVersion; }

microgpt_context* microgpt_new(void) { return new (std::nothrow) microgpt_context; }
void microgpt_free(microgpt_context* m) { delete m; }
const char* microgpt_error(const microgpt_context* m) { return m == nullptr ? "out of memory" : m->error.c_str(); }

microgpt_model* microgpt_open(microgpt_context* m, const char* folder) {
  return microgpt::guarded<microgpt_model*>(
      *m, nullptr, [&] { return new microgpt_model{microgpt::Model::load(&microgpt::required(folder, "folder"))}; });
}

microgpt_model* microgpt_train(microgpt_context* m, const char* lines, size_t size, const char* options) {
  return microgpt::guarded<microgpt_model*>(*m, nullptr, [&] {
    return new microgpt_model{microgpt::train_on({size == 0 ? "" : &microgpt::required(lines, "text"), size}, options)};
  });
}

int microgpt_save(microgpt_context* m, const microgpt_model* model, const char* folder) {
  return microgpt::guarded(*m, 1, [&] {
    microgpt::required(model, "model").model.save(&microgpt::required(folder, "folder"));
    return 0;
  });
}

void microgpt_model_free(microgpt_model* model) { delete model; }

microgpt_scorer* microgpt_scorer_new(microgpt_context* m, const microgpt_model* model, const char* options) {
  return microgpt::guarded<microgpt_scorer*>(*m, nullptr, [&] {
    microgpt::Options given(options);
    microgpt::ScoreOptions score;
    given.take("threads", score.threads);
    given.take_name("predictor", microgpt::kPredictorNames, score.predictor);
    given.require_no_others();
    return new microgpt_scorer{microgpt::Scorer(microgpt::required(model, "model").model, score), {}, {}};
  });
}

void microgpt_scorer_free(microgpt_scorer* scorer) { delete scorer; }

int microgpt_score(microgpt_context* m, microgpt_scorer* scorer, const char* const* documents, const size_t* sizes,
                   size_t count, double* bits) {
  return microgpt::guarded(*m, 1, [&] {
    microgpt::score_documents(microgpt::required(scorer, "scorer"), documents, sizes, {bits, count});
    return 0;
  });
}

microgpt_classifier* microgpt_classifier_open(microgpt_context* m, const char* folder, const char* options) {
  return microgpt::guarded<microgpt_classifier*>(*m, nullptr, [&] {
    microgpt::Options given(options);
    std::size_t threads = 1;
    given.take("threads", threads);
    given.require_no_others();
    return new microgpt_classifier{microgpt::Classifier::load(&microgpt::required(folder, "folder"), threads), {}};
  });
}

size_t microgpt_classifier_classes(const microgpt_classifier* classifier) { return classifier->classifier.labels().size(); }

const char* microgpt_classifier_label(const microgpt_classifier* classifier, size_t label) {
  const std::vector<std::string>& labels = classifier->classifier.labels();
  return label < labels.size() ? labels[label].c_str() : nullptr;
}

void microgpt_classifier_free(microgpt_classifier* classifier) { delete classifier; }

int microgpt_classify(microgpt_context* m, microgpt_classifier* classifier, const char* const* documents, const size_t* sizes,
                      size_t count, double* probabilities) {
  return microgpt::guarded(*m, 1, [&] {
    microgpt::required(classifier, "classifier");
    microgpt::set_documents(classifier->documents, documents, sizes, count);
    classifier->classifier.probabilities(classifier->documents,
                                         {probabilities, count * microgpt_classifier_classes(classifier)});
    return 0;
  });
}

char* microgpt_sample(microgpt_context* m, const microgpt_model* model, const char* options) {
  return microgpt::guarded<char*>(*m, nullptr, [&] {
    return microgpt::copy_of(microgpt::samples_as_json(
        microgpt::sample(microgpt::required(model, "model").model, microgpt::sample_options(options))));
  });
}

char* microgpt_explain(microgpt_context* m, const microgpt_model* model, const char* document, size_t size,
                       const char* options) {
  return microgpt::guarded<char*>(*m, nullptr, [&] {
    microgpt::Options given(options);
    microgpt::ExplainOptions explain;
    given.take("alternatives", explain.alternatives);
    given.take("attention", explain.attention);
    given.take("head", explain.head);
    given.take_name("predictor", microgpt::kPredictorNames, explain.predictor);
    given.require_no_others();
    const std::string_view text(size == 0 ? "" : &microgpt::required(document, "document"), size);
    return microgpt::copy_of(microgpt::to_json(microgpt::explain(microgpt::required(model, "model").model, text, explain),
                                               microgpt::required(model, "model").model, text));
  });
}

void microgpt_text_free(char* text) { std::free(text); }

}  // extern "C"
