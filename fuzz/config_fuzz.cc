// SPDX-License-Identifier: MIT
// Any bytes are one of a model's JSON files or an Error, and so is a valid one with some bytes replaced; what is read is
// written as a text that says the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz.h"
#include "inference/classifier_file.h"
#include "model/model_json.h"
#include "model/tokenizer_json.h"
#include "scoring/mixture.h"

namespace microgpt::fuzz {
namespace {

constexpr std::size_t kOrder = 3;

ClassifierFile some_classifier() {
  ClassifierFile file{.classes = {{"spam", "spam", 3}, {"ham", "ham", 5}}};
  file.weights = default_class_weights(file.classes.size());
  return file;
}

struct Texts {
  std::string config = config_to_json({});
  std::string tokenizer = tokenizer_to_json(Tokenizer::from_characters(U"ab\u00EB"));
  std::string mixture = mixture_to_json(default_mixture_weights(kOrder));
  std::string classifier = classifier_to_json(some_classifier());
};

void check_config(const std::string& text) {
  allow_error([&] {
    const Config config = config_from_json("input", text).config;
    validate(config);
    const std::string again = config_to_json(config);
    require(config_to_json(config_from_json("output", again).config) == again);
  });
}

void check_tokenizer(const std::string& text) {
  allow_error([&] {
    const std::string again = tokenizer_to_json(tokenizer_from_json("input", text));
    require(tokenizer_to_json(tokenizer_from_json("output", again)) == again);
  });
}

void check_mixture(const std::string& text) {
  allow_error([&] {
    const std::string again = mixture_to_json(mixture_from_json("input", text, kOrder));
    require(mixture_to_json(mixture_from_json("output", again, kOrder)) == again);
  });
}

void check_classifier(const std::string& text) {
  allow_error([&] {
    const std::string again = classifier_to_json(classifier_from_json("input", text));
    require(classifier_to_json(classifier_from_json("output", again)) == again);
  });
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace microgpt::fuzz;
  static const Texts texts;
  Input input(data, size);
  const std::size_t kind = input.byte() % 8;
  const std::string rest(input.rest());
  const auto text = [&](const std::string& valid) { return kind < 4 ? rest : edited(valid, rest); };
  switch (kind % 4) {
    case 0:
      check_config(text(texts.config));
      break;
    case 1:
      check_tokenizer(text(texts.tokenizer));
      break;
    case 2:
      check_mixture(text(texts.mixture));
      break;
    default:
      check_classifier(text(texts.classifier));
  }
  return 0;
}
