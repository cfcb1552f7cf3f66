// SPDX-License-Identifier: MIT
// What a Classifier holds.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inference/classifier_file.h"
#include "microgpt/model.h"
#include "scoring/linear_model.h"

namespace microgpt {

struct ClassifierParts {
  std::vector<std::string> labels;
  std::vector<Model> models;
  std::shared_ptr<const LinearModel> linear = {};  // of these, or null
  std::optional<ClassifierFile> file = {};  // of models that were fitted together; without hashes and folders where not saved
};

}  // namespace microgpt
