// SPDX-License-Identifier: MIT
// A trained model: a GPT, its tokenizer, and beside it an n-gram and how the two are mixed.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/export.h"
#include "microgpt/parameters.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// What predicts documents: the GPT and its n-gram mixed, or one of the two.
enum class PredictorKind {
  mixture,
  gpt,
  ngram,
};

// What a model holds; of the library alone.
struct ModelParts;

// A value that does not change after it is made. Copies share what they hold and are cheap; any number of threads may use one.
class MICROGPT_API Model {
 public:
  // The model that a folder holds (docs/saved_model.md). Throws Error that names the file and the remedy: no complete model; a
  // file that cannot be read or is damaged. Memory: in proportion to the files, whatever they claim to hold.
  static Model load(const std::string& folder);

  // Writes the model into a folder, which is created where there is none; load() and the commands read it. A model that was
  // saved there is replaced; a kill in between leaves a folder that holds no complete model. Such a folder holds no checkpoint:
  // a run that is to be resumed names its folder when it begins (TrainOptions::folder). Throws Error: what the system does not
  // write; the folder holds a run that can be resumed, or files of something else that would be lost.
  void save(const std::string& folder) const;

  const Config& config() const;
  const Tokenizer& tokenizer() const;

  // The names and shapes of the parameters; all of them, in the order of the table; and those of one tensor, [rows][columns],
  // row by row. Throws Error: there is no tensor of that name. Valid as long as a copy of the model lives.
  const ParameterTable& table() const;
  std::span<const double> parameters() const;
  std::span<const double> parameters(std::string_view tensor) const;

  // Of what it was trained on: lines, or a running text.
  CorpusKind corpus_kind() const;

  // The most tokens of an n-gram; nothing where there is no n-gram.
  std::optional<std::size_t> ngram_order() const;

  // What predicts where nothing is asked for: the mixture where there is one, or else the GPT; and whether it can be another.
  PredictorKind predictor() const;
  bool has(PredictorKind predictor) const;

  // What must be said of a model that is not good, as some lines; empty where there is nothing to say.
  const std::string& warning() const;

  // Copied where others are moved, so that there is no empty one.
  Model(const Model&) = default;
  Model& operator=(const Model&) = default;

  // For the library.
  explicit Model(std::shared_ptr<const ModelParts> parts) : parts_(std::move(parts)) {}
  const ModelParts& parts() const { return *parts_; }

 private:
  std::shared_ptr<const ModelParts> parts_;
};

}  // namespace microgpt
