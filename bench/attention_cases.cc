// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <numeric>

#include "bench/kernel_cases.h"
#include "bench/matrix.h"

namespace microgpt::bench {
namespace {

constexpr std::size_t kHeads = 4;

struct AttentionShape {
  const char* name;
  std::size_t width;
  std::size_t documents;
  std::size_t positions;  // of each

  std::size_t rows() const { return documents * positions; }
};

struct AttentionData {
  explicit AttentionData(const AttentionShape& s, PythonRandom& random)
      : shape(s),
        qkv(Matrix::random(s.rows(), 3 * fast::round_up_to_vector(s.width), random)),
        out(s.rows(), s.width),
        dout(Matrix::random(s.rows(), s.width, random)),
        dqkv(s.rows(), 3 * fast::round_up_to_vector(s.width)),
        row_numbers(s.rows()),
        probabilities(s.documents * fast::attention_probabilities_size(s.width, kHeads, 0, s.positions)),
        scratch(fast::attention_scratch(s.width, kHeads, s.positions)) {
    std::iota(row_numbers.begin(), row_numbers.end(), 0);
    for (std::size_t d = 0; d < s.documents; ++d) documents.push_back({row_numbers.data() + d * s.positions, 0, s.positions});
  }

  fast::AttentionCall call() const {
    return {documents, shape.width, kHeads, qkv.view(), out.view(), probabilities.data(), scratch.data()};
  }

  AttentionShape shape;
  Matrix qkv;
  Matrix out;
  Matrix dout;
  Matrix dqkv;
  std::vector<std::int32_t> row_numbers;
  std::vector<fast::AttentionDocument> documents;
  AlignedBuffer<float> probabilities;
  AlignedBuffer<float> scratch;
};

// One head of one document: its rows begin at `row` and its features at `feature`.
struct PlainHead {
  const AttentionData& data;
  std::size_t row;
  std::size_t feature;

  std::size_t head_dim() const { return data.shape.width / kHeads; }
  double scale() const { return 1.0 / std::sqrt(static_cast<double>(head_dim())); }
  std::size_t column(std::size_t part, std::size_t j) const {
    return part * fast::round_up_to_vector(data.shape.width) + feature + j;
  }
  double value(std::size_t part, std::size_t t, std::size_t j) const { return data.qkv.at(row + t, column(part, j)); }

  std::vector<double> probabilities(std::size_t t) const {
    std::vector<double> p(t + 1);
    double sum = 0.0;
    for (std::size_t s = 0; s <= t; ++s) {
      double logit = 0.0;
      for (std::size_t j = 0; j < head_dim(); ++j) logit += value(0, t, j) * value(1, s, j);
      sum += p[s] = std::exp(logit * scale());
    }
    for (double& x : p) x /= sum;
    return p;
  }

  void forward(PlainMatrix& out) const {
    for (std::size_t t = 0; t < data.shape.positions; ++t) {
      const std::vector<double> p = probabilities(t);
      for (std::size_t s = 0; s <= t; ++s)
        for (std::size_t j = 0; j < head_dim(); ++j) out.at(row + t, feature + j) += p[s] * value(2, s, j);
    }
  }

  void backward(PlainMatrix& dqkv) const {
    for (std::size_t t = 0; t < data.shape.positions; ++t) {
      const std::vector<double> p = probabilities(t);
      std::vector<double> dp(t + 1);
      double mean = 0.0;
      for (std::size_t s = 0; s <= t; ++s) {
        for (std::size_t j = 0; j < head_dim(); ++j) {
          const double dout = data.dout.at(row + t, feature + j);
          dp[s] += dout * value(2, s, j);
          dqkv.at(row + s, column(2, j)) += p[s] * dout;
        }
        mean += p[s] * dp[s];
      }
      for (std::size_t s = 0; s <= t; ++s) {
        const double dlogit = p[s] * (dp[s] - mean) * scale();
        for (std::size_t j = 0; j < head_dim(); ++j) {
          dqkv.at(row + t, column(0, j)) += dlogit * value(1, s, j);
          dqkv.at(row + s, column(1, j)) += dlogit * value(0, t, j);
        }
      }
    }
  }
};

template <typename Visit>
void for_each_head(const AttentionData& data, const Visit& visit) {
  for (std::size_t d = 0; d < data.shape.documents; ++d)
    for (std::size_t h = 0; h < kHeads; ++h) visit(PlainHead{data, d * data.shape.positions, h * (data.shape.width / kHeads)});
}

double forward_error(const AttentionData& data) {
  PlainMatrix expected(data.out.rows(), data.out.features());
  for_each_head(data, [&](const PlainHead& head) { head.forward(expected); });
  return error_of(data.out, expected);
}

double backward_error(const AttentionData& data) {
  PlainMatrix expected(data.dqkv.rows(), data.dqkv.features());
  for_each_head(data, [&](const PlainHead& head) { head.backward(expected); });
  return error_of(data.dqkv, expected);
}

std::shared_ptr<AttentionData> make_data(const AttentionShape& shape) {
  PythonRandom random(3);
  return std::make_shared<AttentionData>(shape, random);
}

PreparedKernel prepare_forward(const AttentionShape& shape) {
  const auto data = make_data(shape);
  return {[data](const Kernels& kernels) { kernels.attention(data->call()); }, [data] { return forward_error(*data); }};
}

PreparedKernel prepare_backward(const AttentionShape& shape, const Kernels& forward) {
  const auto data = make_data(shape);
  forward.attention(data->call());
  const auto run = [data](const Kernels& kernels) {
    kernels.attention_backward({data->call(), data->dout.view(), data->dqkv.view()});
  };
  return {run, [data] { return backward_error(*data); }};
}

}  // namespace

void add_attention_cases(std::vector<KernelCase>& cases) {
  std::vector<AttentionShape> shapes;
  for (const std::size_t width : kDefaultWidths) shapes.push_back({"16_names", width, 16, 7});
  shapes.push_back({"12_windows", 128, 12, 64});
  for (const AttentionShape& shape : shapes) {
    const double pairs = static_cast<double>(shape.documents * shape.positions * (shape.positions + 1)) / 2.0;
    const double operations = 4.0 * static_cast<double>(shape.width) * pairs;
    cases.push_back({fmt::format("attention/{}/width:{}", shape.name, shape.width), operations, 0.0,
                     [shape](const Kernels&) { return prepare_forward(shape); }});
    cases.push_back({fmt::format("attention_backward/{}/width:{}", shape.name, shape.width), 2.0 * operations, 0.0,
                     [shape](const Kernels& kernels) { return prepare_backward(shape, kernels); }});
  }
}

}  // namespace microgpt::bench
