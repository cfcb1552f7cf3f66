// SPDX-License-Identifier: MIT
// What a Classifier holds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inference/classifier_file.h"
#include "microgpt/model.h"

namespace microgpt {

struct ClassifierParts {
  std::vector<std::string> labels;
  std::vector<Model> models;
  std::optional<ClassifierFile> file = {};  // of models that were fitted together; without hashes and folders where not saved
};

}  // namespace microgpt
