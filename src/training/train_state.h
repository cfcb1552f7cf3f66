// SPDX-License-Identifier: MIT
// What a run of `train` was begun with: all settings and which corpus, as the file train_state.json, from which it is resumed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "text/corpus_checks.h"
#include "training/training_run.h"

namespace microgpt {

// Where a file was read, and the SHA-256 of its bytes.
struct FileSource {
  std::string path;
  std::string sha256;

  bool operator==(const FileSource&) const = default;
};

// What says which documents are held out beside their content or place: groups (Corpus::set_group), and files of their own.
struct CorpusDivision {
  std::string group;  // empty: there is none
  std::optional<FileSource> validation;
  std::optional<FileSource> test;
};

// Where the corpus was read, "-" being standard input and nothing the embedded names; the SHA-256 of its bytes; how they are
// read; and what is held out of it.
struct CorpusSource {
  std::optional<std::string> path;
  std::string sha256;
  CorpusFormat format;
  CorpusDivision division = {};
  std::string label = {};  // of a file of several classes (text/labels.h): that of the lines that are read; empty: all are

  // Whether the bytes are the same, of all files. Not where they are.
  bool is_same(const CorpusSource& other) const;
};

// A saved model whose parameters a run began with: its folder then, and the SHA-256 of its model.safetensors.
struct ModelSource {
  std::string path;
  std::string sha256;
  std::size_t known_in_test = 0;  // documents of the run's test that the model was trained on, as far as is known
};

struct TrainState {
  CorpusSource corpus;
  TrainSettings options;                 // with the number of steps that `seconds` came to
  std::optional<ModelSource> init = {};  // nothing: the parameters were drawn
  std::string command_line = {};         // of a shell, for the model card; a line for each time that the run was made longer
  LongDocuments long_documents = {};     // for readers of the card and of `info`
};

// ASCII. The same state gives the same bytes.
std::string train_state_to_json(const TrainState& state);

// Throws Error: `text` is damaged, or a value is out of its range. `file` stands for it in error messages.
TrainState train_state_from_json(const std::string& file, std::string_view text);

}  // namespace microgpt
