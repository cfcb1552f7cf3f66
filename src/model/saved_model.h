// SPDX-License-Identifier: MIT
// A model as a folder, in the layout of Hugging Face: model.safetensors, tokenizer.json, config.json, and for other programs
// tokenizer_config.json.
//
// docs/saved_model.md describes the files. config.json is written last: a folder without it is no complete model.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_set.h"
#include "io/safetensors.h"
#include "microgpt/config.h"
#include "microgpt/parameters.h"
#include "microgpt/tokenizer.h"
#include "model/table_numbers.h"

namespace microgpt {

struct SavedModel {
  Config config;
  Tokenizer tokenizer;
  std::vector<double> parameters;  // in table order
  Precision precision;             // in which they are, or will be, stored

  // In the config.json that was read: fields that other programs write, and that say nothing here.
  std::vector<std::string> unknown_fields = {};

  // The SHA-256 of model.safetensors, where load_model() was asked for it.
  std::string parameters_sha256 = {};
};

enum class HashParameters { no, yes };

struct FileBeside {
  std::string name;
  std::string bytes;
};

// Creates the folder where there is none. A model that is there is replaced as a whole: it is untouched until all of the new
// one is on the disk, and a kill in the moment when the files change places leaves a folder without config.json, never a
// mixture. Throws Error: a parameter that is not finite in this precision; what the system does not write. REQUIRES: the
// configuration is valid, and tokenizer and parameters are of its sizes; one writer of a folder at a time.
//
// `beside` are files that are replaced with it, and `removed` the names of files of another model that go when it comes.
void save_model(const std::string& folder, const SavedModel& model, const std::vector<FileBeside>& beside = {},
                std::span<const char* const> removed = {});

// The files that a model has, as save_model() writes them.
std::vector<FileBeside> files_of(const SavedModel& model);

// Replaces the parameters of a model that is there. Throws Error as save_model().
void save_parameters(const std::string& folder, const Config& config, const TableNumbers& parameters, Precision precision);

// From here on the folder holds no complete model. Throws Error where the system does not let go of it.
void remove_model(const std::string& folder);

// Whether there is a complete model.
bool holds_model(const std::string& folder);

// Throws Error where there is a file in the place of a folder: a file of a model or of a sweep is often named for its folder.
void require_no_file(const std::string& folder);

// The file that names the fields of unknown_fields.
std::string config_path(const std::string& folder);

// To be asked before long work: creates the folder where there is none, and throws Error where it takes no files.
void require_writable_folder(const std::string& folder);

// Throws Error that names the file, and the field or tensor: no complete model; a file that cannot be read, is damaged, or does
// not go with the others. Memory: in proportion to the files' sizes, whatever they claim to hold.
SavedModel load_model(const FileSet& files, HashParameters hash = HashParameters::no);

// The tokenizer alone, whatever became of the parameters. Throws Error as load_model().
Tokenizer load_tokenizer(const FileSet& files);

// The file of its parameters.
std::string parameters_path(const std::string& folder);

// The parameters in table order. Throws Error: a tensor that is missing, unknown or of another shape than the table's; tensors
// of different precisions; an element that is not finite.
std::vector<double> parameters_of(const Safetensors& file, const ParameterTable& table);

// The numbers of the tensors whose names are `prefix` and a name of the table; there may be others. The file must outlive them.
// Throws Error: as above, but for unknown ones; and when an element is read that is not finite.
TableNumbers numbers_of(const Safetensors& file, const ParameterTable& table, std::string_view prefix);

// The tensors of numbers, to be written under such names.
std::vector<TensorToWrite> tensors_of(const ParameterTable& table, std::string_view prefix, Precision precision,
                                      const TableNumbers& numbers);

}  // namespace microgpt
