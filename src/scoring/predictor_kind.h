// SPDX-License-Identifier: MIT
// What predicts documents: the GPT and its n-gram mixed (mixture.h), or one of the two.
#pragma once

#include <array>
#include <string_view>

namespace microgpt {

enum class PredictorKind {
  mixture,
  gpt,
  ngram,
};

struct PredictorName {
  PredictorKind value;
  std::string_view name;
};

inline constexpr std::array<PredictorName, 3> kPredictorNames{{
    {PredictorKind::mixture, "mixture"},
    {PredictorKind::gpt, "gpt"},
    {PredictorKind::ngram, "ngram"},
}};

}  // namespace microgpt
