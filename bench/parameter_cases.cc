// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "bench/kernel_cases.h"
#include "bench/matrix.h"

namespace microgpt::bench {
namespace {

// Vectors are matrices of 16 features, whose panels have no gaps.
std::span<float> floats(const Matrix& vector) { return {vector.view().data, vector.rows() * fast::kVectorLanes}; }

struct AdamData {
  Matrix parameters;
  Matrix gradient;
  Matrix m;
  Matrix v;
  PlainMatrix before;
};

constexpr double kBeta1 = 0.85;
constexpr double kBeta2 = 0.99;
constexpr double kEpsilon = 1e-8;
constexpr double kRate = 0.01;

// Of clipping and decay, where there are any.
struct AdamFactors {
  float gradient = 1.0F;
  float keep = 1.0F;
};

// The first step, in which both moments begin at 0.
double adam_error(const AdamData& data, const AdamFactors& factors) {
  PlainMatrix expected(data.before);
  for (std::size_t r = 0; r < expected.rows(); ++r)
    for (std::size_t f = 0; f < expected.features(); ++f) {
      const double g = static_cast<double>(factors.gradient) * data.gradient.at(r, f);
      expected.at(r, f) *= static_cast<double>(factors.keep);
      expected.at(r, f) -= kRate * (1.0 - kBeta1) * g / (std::sqrt((1.0 - kBeta2) * g * g) + kEpsilon);
    }
  return error_of(data.parameters, expected);
}

PreparedKernel prepare_adam(std::size_t size, const AdamFactors& factors) {
  PythonRandom random(7);
  const std::size_t rows = size / fast::kVectorLanes;
  Matrix parameters = Matrix::random(rows, fast::kVectorLanes, random);
  PlainMatrix before(parameters);
  const auto data = std::make_shared<AdamData>(AdamData{std::move(parameters), Matrix::random(rows, fast::kVectorLanes, random),
                                                        Matrix(rows, fast::kVectorLanes), Matrix(rows, fast::kVectorLanes),
                                                        std::move(before)});
  const auto run = [data, factors](const Kernels& kernels) {
    kernels.optimizer.adam_f32({floats(data->parameters), floats(data->gradient), floats(data->m), floats(data->v),
                                static_cast<float>(kBeta1), static_cast<float>(kBeta2), static_cast<float>(kRate),
                                static_cast<float>(kEpsilon), factors.gradient, factors.keep});
  };
  return {run, [data, factors] { return adam_error(*data, factors); }};
}

PreparedKernel prepare_transpose(std::size_t rows, std::size_t features) {
  PythonRandom random(8);
  const auto a = std::make_shared<Matrix>(Matrix::random(rows, features, random));
  const auto b = std::make_shared<Matrix>(features, rows);
  const auto run = [a, b, rows](const Kernels& kernels) { kernels.transpose({a->view(), rows, b->view()}); };
  const auto error = [a, b] {
    PlainMatrix expected(a->features(), a->rows());
    for (std::size_t r = 0; r < a->rows(); ++r)
      for (std::size_t f = 0; f < a->features(); ++f) expected.at(f, r) = a->at(r, f);
    return error_of(*b, expected);
  };
  return {run, error};
}

PreparedKernel prepare_add(std::size_t size) {
  PythonRandom random(9);
  const auto sum = std::make_shared<Matrix>(Matrix::random(size / fast::kVectorLanes, fast::kVectorLanes, random));
  const auto addend = std::make_shared<Matrix>(Matrix::random(size / fast::kVectorLanes, fast::kVectorLanes, random));
  const auto before = std::make_shared<PlainMatrix>(*sum);
  const auto run = [sum, addend](const Kernels& kernels) { kernels.add(floats(*sum), floats(*addend)); };
  const auto error = [sum, addend, before] {
    PlainMatrix expected(*before);
    for (std::size_t r = 0; r < expected.rows(); ++r)
      for (std::size_t f = 0; f < expected.features(); ++f) expected.at(r, f) += addend->at(r, f);
    return error_of(*sum, expected);
  };
  return {run, error};
}

}  // namespace

void add_parameter_cases(std::vector<KernelCase>& cases) {
  for (const std::size_t width : kDefaultWidths) {
    const std::size_t parameters = 12 * width * width + (2 * 32 + 16) * width;  // about those of one layer
    const auto bytes = static_cast<double>(parameters * sizeof(float));
    cases.push_back({fmt::format("adam/parameters:{}", parameters), 0.0, 7.0 * bytes,
                     [parameters](const Kernels&) { return prepare_adam(parameters, {}); }});
    cases.push_back(
        {fmt::format("adam/clipped_and_decaying/parameters:{}", parameters), 0.0, 7.0 * bytes, [parameters](const Kernels&) {
           return prepare_adam(parameters, {0.375F, 0.96875F});
         }});
    cases.push_back({fmt::format("transpose/fc1/width:{}", width), 0.0,
                     2.0 * static_cast<double>(4 * width * width * sizeof(float)),
                     [width](const Kernels&) { return prepare_transpose(width, 4 * width); }});
    cases.push_back({fmt::format("add/width:{}", width), 0.0, 3.0 * static_cast<double>(48 * width * sizeof(float)),
                     [width](const Kernels&) { return prepare_add(48 * width); }});
  }
}

}  // namespace microgpt::bench
