// SPDX-License-Identifier: MIT
// The two revisions of microgpt.py that are in circulation, each as the list of what it does its own way.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "microgpt/config.h"
#include "model/initialize.h"
#include "training/trainer.h"

namespace microgpt {

struct Revision {
  std::string_view name;
  Activation activation;
  InitialStd initial_std;
  std::size_t block_size;
  TrainingOptions training;
  std::string_view step_line_end;
  std::string_view sample_heading;
};

inline constexpr std::array<Revision, 2> kRevisions{{
    {"final",
     Activation::relu,
     {0.08, 0.08},
     16,
     {.num_steps = 1000, .schedule = Schedule::linear, .adam = {0.85, 0.99, 1e-8}},
     "\r",
     "--- inference (new, hallucinated names) ---"},
    {"first",
     Activation::squared_relu,
     {0.02, 0.0},
     8,
     {.num_steps = 500, .schedule = Schedule::cosine, .adam = {0.9, 0.95, 1e-8}},
     "\n",
     "--- inference ---"},
}};

inline constexpr const Revision& kFinalRevision = kRevisions[0];

}  // namespace microgpt
