// SPDX-License-Identifier: MIT
#include "microgpt/sample.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "engine/loss.h"
#include "inference/sample_search.h"
#include "library/model_parts.h"
#include "microgpt/error.h"
#include "text/pattern.h"

namespace microgpt {
namespace {

// The tokens of a text, without BOS.
std::vector<Token> encode_option(const Tokenizer& tokenizer, const std::string& option, const std::string& text) {
  require_valid(tokenizer, option, text);
  try {
    const std::vector<Token> tokens = tokenizer.encode(text);
    return {tokens.begin() + 1, tokens.end() - 1};
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}; take others", option, error.what()));
  }
}

void require_ranges(const SampleOptions& options, const SearchOptions& search) {
  if (!(options.temperature >= 0.0)) throw ConfigError("temperature", fmt::format("{} is below 0", options.temperature));
  if (options.top_k == std::size_t{0}) throw ConfigError("top_k", "0 leaves no token to draw; it is at least 1");
  if (!(options.top_p > 0.0 && options.top_p <= 1.0))
    throw ConfigError("top_p", fmt::format("{} is not above 0 and at most 1", options.top_p));
  const std::size_t longest = *search.sampler.max_length;
  if (!(options.min_p >= 0.0 && options.min_p <= 1.0))
    throw ConfigError("min_p", fmt::format("{} is not from 0 to 1", options.min_p));
  if (options.exact_conditional && !options.contains && !options.match)
    throw ConfigError("exact_conditional", "says nothing without what documents shall match or contain");
  if (options.exact_conditional && options.temperature == 0.0)
    throw ConfigError("exact_conditional", "does not go with a temperature of 0, at which all documents are the same");
  if (search.sampler.prompt.size() >= longest)
    throw ConfigError("prompt", fmt::format("has {} characters, which leave no space in a max_length of {}",
                                            search.sampler.prompt.size(), longest));
  if (options.min_length > longest)
    throw ConfigError("min_length", fmt::format("{} is above the max_length of {}", options.min_length, longest));
}

Constraints constraints_of(const SampleOptions& options, const Tokenizer& tokenizer) {
  Constraints constraints{.unique = options.unique};
  // In the model's characters, or it would never be found.
  if (options.contains) constraints.contains = tokenizer.decode(encode_option(tokenizer, "contains", *options.contains));
  if (options.match) try {
      constraints.pattern = std::make_shared<const Pattern>(*options.match, tokenizer.encoding());
    } catch (const Error& error) {
      throw Error(fmt::format("match: {}", error.what()));
    }
  if (options.not_in != nullptr) constraints.known = std::make_shared<const KnownDocuments>(*options.not_in);
  return constraints;
}

SearchOptions search_of(const Model& model, const SampleOptions& options, PredictorKind predictor) {
  const ModelParts& parts = model.parts();
  const bool is_text = model.corpus_kind() == CorpusKind::text;
  SearchOptions search{.kind = model.corpus_kind(),
                       .constraints = constraints_of(options, model.tokenizer()),
                       .count = options.count,
                       .budget = options.budget.value_or(default_budget(options.count, options.temperature)),
                       .with_loss = options.with_score,
                       .exact_conditional = options.exact_conditional,
                       .ngram = predictor == PredictorKind::ngram ? &*parts.ngram : nullptr};
  search.sampler = {.temperature = options.temperature,
                    .filter = {options.top_k, options.top_p, options.min_p},
                    .seed = options.seed,
                    .prompt = encode_option(model.tokenizer(), "prompt", options.prompt),
                    .prompt_after_bos = !is_text || options.prompt.empty(),
                    .min_length = options.min_length,
                    .max_length = options.max_length.value_or(is_text ? kTextSampleLength : model.config().block_size),
                    .between_steps = options.check};
  return search;
}

}  // namespace

std::size_t sample(const Model& model, const SampleOptions& options, const std::function<void(Sample)>& take) {
  if (!take) throw Error("what takes the samples is empty: give a function");
  const PredictorKind predictor = chosen_predictor(model, options.predictor);
  SearchOptions search = search_of(model, options, predictor);
  require_ranges(options, search);
  std::optional<Mixture> ngram_alone;
  if (search.ngram != nullptr) ngram_alone.emplace(*search.ngram, ngram_only_weights(search.ngram->order()));
  if (predictor == PredictorKind::mixture) search.sampler.mixture = &*model.parts().mixture;
  if (ngram_alone) search.sampler.mixture = &*ngram_alone;
  std::vector<std::unique_ptr<Engine>> engines;
  std::vector<Engine*> pointers;
  for (std::size_t n = engines_for(search, chosen_threads(options.threads)); n > 0; --n)
    pointers.push_back(engines.emplace_back(engine_of(model.parts())).get());
  const SearchResult result = find_documents(pointers, model.tokenizer(), search, [&](FoundDocument document) {
    const DocumentLoss& loss = document.loss;
    Sample found{std::move(document.text)};
    if (options.with_score) found.score = {nats_to_bits(loss.nats), loss.positions, loss.characters, loss.unseen};
    take(std::move(found));
  });
  return result.found;
}

std::vector<Sample> sample(const Model& model, const SampleOptions& options) {
  std::vector<Sample> samples;
  const std::size_t found = sample(model, options, [&](Sample each) { samples.push_back(std::move(each)); });
  if (found < options.count)
    throw Error(
        fmt::format("found {} of {} samples that meet the constraints: a greater budget tries longer, a higher "
                    "temperature makes more different ones",
                    found, options.count));
  return samples;
}

}  // namespace microgpt
