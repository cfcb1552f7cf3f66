// SPDX-License-Identifier: MIT
#include "training/class_defaults.h"

#include <string_view>

namespace microgpt {
namespace {

constexpr LengthForMany kLengthForMany{14, 3500};
constexpr std::size_t kEnoughToStop = 1000;  // documents, of which some 50 validate

}  // namespace

TrainSettings class_defaults() {
  TrainSettings options;
  options.held_out = 0.05;
  options.training.ngram_share = 0.0;
  return options;
}

std::vector<TrainSettings> settings_of_classes(std::vector<TrainingSize> sizes, const IsGiven& is_given,
                                               const TrainSettings& run) {
  TrainingSize largest = sizes.front();
  for (const TrainingSize& size : sizes) largest = largest.or_larger(size);
  const auto is_fixed = [&](std::string_view setting) { return setting == "ngram_share" || is_given(setting); };
  TrainSettings shaped = run;
  fit(largest, is_fixed, shaped, kLengthForMany);
  const auto is_fixed_or_shape = [&](std::string_view setting) { return is_of_shape(setting) || is_fixed(setting); };
  std::vector<TrainSettings> runs;
  for (TrainingSize& size : sizes) {
    size.vocab_size = largest.vocab_size;
    runs.push_back(shaped);
    fit(size, is_fixed_or_shape, runs.back(), kLengthForMany);
    // A model that begins anew after its teacher is worse at first, and few documents that validate are a matter of chance.
    const bool may_stop = run.training.teacher_part == 0.0 && size.documents >= kEnoughToStop;
    if (!is_given("patience")) runs.back().patience = may_stop ? 3 : 0;
  }
  return runs;
}

}  // namespace microgpt
