// SPDX-License-Identifier: MIT
// What predicts documents: the GPT and its n-gram mixed (mixture.h), or one of the two.
#pragma once

#include <array>
#include <string_view>

#include "text/names.h"

namespace microgpt {

enum class PredictorKind {
  mixture,
  gpt,
  ngram,
};

inline constexpr std::array<Named<PredictorKind>, 3> kPredictorNames{{
    {PredictorKind::mixture, "mixture"},
    {PredictorKind::gpt, "gpt"},
    {PredictorKind::ngram, "ngram"},
}};

}  // namespace microgpt
