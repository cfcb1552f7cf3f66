// SPDX-License-Identifier: MIT
// New documents from a model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/export.h"
#include "microgpt/model.h"
#include "microgpt/score.h"

namespace microgpt {

// What makes a sample is a function of the model, these options and its number: not of the number of threads.
struct SampleOptions {
  std::size_t count = 10;
  double temperature = 0.5;               // 0 always takes the likeliest token
  std::optional<std::size_t> top_k = {};  // only the so many likeliest tokens; at least 1
  double top_p = 1.0;                     // only the fewest likeliest tokens of at least this probability together; above 0
  double min_p = 0.0;                     // only tokens of at least this share of the likeliest one's probability; 0 to 1
  std::uint64_t seed = 42;
  std::string prompt = {};                     // what each document begins with
  std::size_t min_length = 0;                  // in characters
  std::optional<std::size_t> max_length = {};  // in characters, the prompt included; nothing: the context, or of a text 500

  // What documents shall be: drawn so, token by token, unless the regular expression asks for boundaries of words or lines, or
  // its automaton is very large.
  std::optional<std::string> contains = {};  // it has this somewhere in it
  std::optional<std::string> match = {};     // it matches this regular expression of RE2, as a whole
  bool exact_conditional = false;  // they have the distribution of samples that happen to be so: chosen by weight from `budget`

  // Documents that do not meet these are rejected.
  const Corpus* not_in = nullptr;  // it is none of these; read during the call alone
  bool unique = false;             // it was not found before
  std::optional<std::uint64_t> budget =
      {};  // the most attempts, where there are such; nothing: 100 a document, 10,000 at least

  bool with_score = false;                      // also what each document costs
  std::function<void()> check = {};             // called often, by all threads: throws where the caller has cancelled
  std::optional<PredictorKind> predictor = {};  // nothing: Model::predictor()
  std::size_t threads = 1;                      // 0: as many as there are cores
};

struct Sample {
  std::string text;
  std::optional<Score> score = {};  // where it is asked for
};

// Throws Error: an option that does not go with the model, by its name; characters in the prompt that the model does not have;
// no document can be as `contains` and `match` say; fewer documents than `count` were found within the budget.
MICROGPT_API std::vector<Sample> sample(const Model& model, const SampleOptions& options = {});

// The same one after another, as they are found: what `take` throws ends the search. Returns how many were found, which may be
// fewer than `count` and is no error.
MICROGPT_API std::size_t sample(const Model& model, const SampleOptions& options, const std::function<void(Sample)>& take);

}  // namespace microgpt
