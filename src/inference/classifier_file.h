// SPDX-License-Identifier: MIT
// classifier.json, which makes the models in the folders beside it, and the linear model in linear.bin, a classifier;
// docs/classifier.md describes both.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inference/class_weights.h"
#include "scoring/linear_model.h"

namespace microgpt {

struct ClassOfFile {
  std::string name;
  std::string folder;               // of its model, in that of the file
  std::size_t documents = 0;        // different ones of its corpus; 0 until it is trained
  std::string sha256 = {};          // of model.safetensors; empty until it is trained
  std::vector<double> lowest = {};  // of two classes, the lowest ratios of documents of this one that were held out, ascending
};

struct ClassifierFile {
  bool is_pair = false;  // of a positive class and a negative one, in this order, which a threshold tells apart
  std::vector<ClassOfFile> classes;
  std::size_t fitted_to = 0;  // documents; 0: the weights are the usual ones
  ClassWeights weights;
  std::string linear_sha256 = {};  // of linear.bin; empty where there is none

  // Of each class among all different documents. REQUIRES: all classes are trained.
  std::vector<double> shares() const;
};

// So many ratios are kept: where a threshold may be raised and lose nothing is a matter of the lowest.
inline constexpr std::size_t kMaxLowest = 256;

// The command that makes such a classifier, and goes on with it.
inline const char* command_of(const ClassifierFile& classifier) { return classifier.is_pair ? "train-pair" : "train-classes"; }

std::string classifier_path(const std::string& folder);
std::string linear_path(const std::string& folder);

// A folder for the model of a class: its name, with what file systems or people may stumble over as %XX. Throws Error: it would
// be too long.
std::string folder_of_class(std::string_view name);

// The file's text, and what it says. Throws Error: `text` is damaged; `file` stands for it in error messages.
std::string classifier_to_json(const ClassifierFile& classifier);
ClassifierFile classifier_from_json(const std::string& file, std::string_view text);

// Whether a folder has that file; and what it says. Throws as above, and Error where it cannot be read.
bool holds_classifier(const std::string& folder);
ClassifierFile load_classifier(const std::string& folder);

// The class whose model, in its folder of `folders`, is not the one that was fitted, or null. Throws Error: it cannot be read.
const ClassOfFile* find_other_model(const ClassifierFile& classifier, std::span<const std::string> folders);

// The linear model of a classifier in its folder, or null where it has none. Throws Error: it is not there, damaged, another
// one, or of another vocabulary.
std::shared_ptr<const LinearModel> load_linear_model(const ClassifierFile& classifier, const std::string& folder,
                                                     std::size_t vocab_size);

// As load_classifier(). Throws Error, too, where it is not finished, or a model is another one.
ClassifierFile load_complete_classifier(const std::string& folder);

}  // namespace microgpt
