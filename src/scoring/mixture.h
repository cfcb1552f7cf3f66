// SPDX-License-Identifier: MIT
// Two predictors mixed: w P + (1 - w) Q at each position, computed from their losses alone.
//
// As both are probabilities over the same vocabulary, so is the mixture. A character that is unseen costs both the same
// (unseen.h), and so it costs the mixture.
#pragma once

#include <span>

namespace microgpt {

// -ln(w e^-a + (1 - w) e^-b) in nats, without underflow. Infinite where both are, or the one with all the weight is.
// REQUIRES: 0 <= w <= 1; a, b >= 0.
double mixed_loss(double a, double b, double w);

// The same position by position. REQUIRES: as many of each; `mixed` may be one of the others.
void mix_losses(std::span<const double> a, std::span<const double> b, double w, std::span<double> mixed);

// The w, a multiple of 1/100, for which the mean of the mixed losses is lowest; of several the smallest. The mean is convex in
// w. REQUIRES: as many of each.
double best_share(std::span<const double> a, std::span<const double> b);

}  // namespace microgpt
