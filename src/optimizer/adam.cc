#include "optimizer/adam.h"

#include <cassert>
#include <cmath>

namespace microgpt {

Adam::Adam(const AdamOptions& options, std::size_t parameter_count)
    : options_(options), m_(parameter_count), v_(parameter_count) {}

void Adam::step(std::span<double> parameters, std::span<const double> gradient, double learning_rate) {
  assert(parameters.size() == m_.size() && gradient.size() == m_.size());
  ++steps_;
  const auto [beta1, beta2, epsilon] = options_;
  const double m_correction = 1.0 - std::pow(beta1, static_cast<double>(steps_));
  const double v_correction = 1.0 - std::pow(beta2, static_cast<double>(steps_));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const double g = gradient[i];
    m_[i] = beta1 * m_[i] + (1.0 - beta1) * g;
    v_[i] = beta2 * v_[i] + (1.0 - beta2) * std::pow(g, 2.0);
    const double m_hat = m_[i] / m_correction;
    const double v_hat = v_[i] / v_correction;
    parameters[i] -= learning_rate * m_hat / (std::pow(v_hat, 0.5) + epsilon);
  }
}

}  // namespace microgpt
