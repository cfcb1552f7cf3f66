// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "bench/kernel_cases.h"
#include "bench/matrix.h"

namespace microgpt::bench {
namespace {

constexpr std::size_t kPositions = 16;

double mean_product(const Matrix& a, const Matrix& b, std::size_t row) {
  double sum = 0.0;
  for (std::size_t f = 0; f < a.features(); ++f) sum += a.at(row, f) * b.at(row, f);
  return sum / static_cast<double>(a.features());
}

struct NormData {
  Matrix x;   // or dy
  Matrix y;   // or dx
  Matrix dy;  // of the gradient
  AlignedBuffer<float> scale;
};

std::shared_ptr<NormData> norm_data(std::size_t width) {
  PythonRandom random(4);
  auto data = std::make_shared<NormData>(NormData{Matrix::random(kDefaultRows, width, random), Matrix(kDefaultRows, width),
                                                  Matrix::random(kDefaultRows, width, random),
                                                  AlignedBuffer<float>(kDefaultRows + 2 * fast::kRowPadding)});
  return data;
}

PreparedKernel prepare_norm(std::size_t width) {
  const auto data = norm_data(width);
  const auto run = [data, width](const Kernels& kernels) {
    kernels.rms_norm({data->x.view(), data->y.view(), data->scale.data(), kDefaultRows, width});
  };
  const auto error = [data, width] {
    PlainMatrix expected(kDefaultRows, width);
    for (std::size_t r = 0; r < kDefaultRows; ++r)
      for (std::size_t f = 0; f < width; ++f)
        expected.at(r, f) = data->x.at(r, f) / std::sqrt(mean_product(data->x, data->x, r) + 1e-5);
    return error_of(data->y, expected);
  };
  return {run, error};
}

PreparedKernel prepare_norm_backward(std::size_t width) {
  const auto data = norm_data(width);  // here x is the norm's result and y the gradient of its input
  for (std::size_t r = 0; r < kDefaultRows; ++r) data->scale.data()[r] = 0.5F + static_cast<float>(r) / 100.0F;
  const auto run = [data, width](const Kernels& kernels) {
    kernels.rms_norm_backward({data->x.view(), data->scale.data(), data->dy.view(), data->y.view(), kDefaultRows, width, true});
  };
  const auto error = [data, width] {
    PlainMatrix expected(kDefaultRows, width);
    for (std::size_t r = 0; r < kDefaultRows; ++r)
      for (std::size_t f = 0; f < width; ++f)
        expected.at(r, f) = static_cast<double>(data->scale.data()[r]) *
                            (data->dy.at(r, f) - data->x.at(r, f) * mean_product(data->x, data->dy, r));
    return error_of(data->y, expected);
  };
  return {run, error};
}

struct SoftmaxData {
  Matrix logits;
  PlainMatrix before;
  AlignedBuffer<float> weight;
  AlignedBuffer<float> lse;
};

double softmax_error(const SoftmaxData& data) {
  PlainMatrix expected(data.logits.rows(), data.logits.features());
  for (std::size_t r = 0; r < expected.rows(); ++r) {
    double sum = 0.0;
    for (std::size_t f = 0; f < expected.features(); ++f) sum += std::exp(data.before.at(r, f));
    if (!(std::abs(static_cast<double>(data.lse.data()[r]) - std::log(sum)) <= kKernelTolerance)) return HUGE_VAL;
    for (std::size_t f = 0; f < expected.features(); ++f)
      expected.at(r, f) = static_cast<double>(data.weight.data()[r]) * std::exp(data.before.at(r, f)) / sum;
  }
  return error_of(data.logits, expected);
}

PreparedKernel prepare_softmax(std::size_t vocab_size) {
  PythonRandom random(5);
  Matrix logits = Matrix::random(kDefaultRows, vocab_size, random);
  PlainMatrix before(logits);
  const std::size_t padded_rows = kDefaultRows + 2 * fast::kRowPadding;
  const auto data = std::make_shared<SoftmaxData>(
      SoftmaxData{std::move(logits), std::move(before), AlignedBuffer<float>(padded_rows), AlignedBuffer<float>(padded_rows)});
  std::fill_n(data->weight.data(), kDefaultRows, 0.01F);
  const auto run = [data, vocab_size](const Kernels& kernels) {
    kernels.softmax({data->logits.view(), kDefaultRows, vocab_size, data->weight.data(), data->lse.data()});
  };
  return {run, [data] { return softmax_error(*data); }};
}

struct EmbeddingData {
  Matrix wte;  // or its gradient
  Matrix wpe;
  Matrix x;  // or its gradient
  std::vector<Token> tokens;
  std::vector<std::int32_t> positions;
};

std::shared_ptr<EmbeddingData> embedding_data(std::size_t width, bool backward) {
  PythonRandom random(6);
  const auto matrix = [&](std::size_t rows, bool filled) {
    return filled ? Matrix::random(rows, width, random) : Matrix(rows, width);
  };
  auto data = std::make_shared<EmbeddingData>(EmbeddingData{
      matrix(kDefaultVocabSize, !backward), matrix(kPositions, !backward), matrix(kDefaultRows, backward), {}, {}});
  for (std::size_t r = 0; r < kDefaultRows; ++r) {
    data->tokens.push_back(static_cast<Token>(random.randbelow(kDefaultVocabSize)));
    data->positions.push_back(static_cast<std::int32_t>(r % 7));
  }
  return data;
}

std::size_t token_of(const EmbeddingData& data, std::size_t row) { return static_cast<std::size_t>(data.tokens[row]); }
std::size_t position_of(const EmbeddingData& data, std::size_t row) { return static_cast<std::size_t>(data.positions[row]); }

PreparedKernel prepare_embedding(std::size_t width) {
  const auto data = embedding_data(width, false);
  const auto run = [data](const Kernels& kernels) {
    kernels.embedding({data->wte.view(), data->wpe.view(), data->tokens, data->positions, data->x.view()});
  };
  const auto error = [data, width] {
    PlainMatrix expected(kDefaultRows, width);
    for (std::size_t r = 0; r < kDefaultRows; ++r)
      for (std::size_t f = 0; f < width; ++f)
        expected.at(r, f) = data->wte.at(token_of(*data, r), f) + data->wpe.at(position_of(*data, r), f);
    return error_of(data->x, expected);
  };
  return {run, error};
}

PreparedKernel prepare_embedding_backward(std::size_t width) {
  const auto data = embedding_data(width, true);
  const auto run = [data](const Kernels& kernels) {
    kernels.embedding_backward({data->x.view(), data->tokens, data->positions, data->wte.view(), data->wpe.view()});
  };
  const auto error = [data, width] {
    PlainMatrix dwte(kDefaultVocabSize, width);
    PlainMatrix dwpe(kPositions, width);
    for (std::size_t r = 0; r < kDefaultRows; ++r)
      for (std::size_t f = 0; f < width; ++f) {
        dwte.at(token_of(*data, r), f) += data->x.at(r, f);
        dwpe.at(position_of(*data, r), f) += data->x.at(r, f);
      }
    return std::max(error_of(data->wte, dwte), error_of(data->wpe, dwpe));
  };
  return {run, error};
}

}  // namespace

void add_row_cases(std::vector<KernelCase>& cases) {
  for (const std::size_t width : kDefaultWidths) {
    const double matrix = static_cast<double>(kDefaultRows * width * sizeof(float));
    const auto add = [&](const char* name, double matrices, PreparedKernel (*prepare)(std::size_t)) {
      cases.push_back({fmt::format("{}/width:{}", name, width), 0.0, matrices * matrix,
                       [prepare, width](const Kernels&) { return prepare(width); }});
    };
    add("rms_norm", 2.0, prepare_norm);
    add("rms_norm_backward", 4.0, prepare_norm_backward);
    add("embedding", 3.0, prepare_embedding);
    add("embedding_backward", 5.0, prepare_embedding_backward);
  }
  for (const std::size_t vocab_size : {kDefaultVocabSize, std::size_t{65}}) {
    const double bytes = 2.0 * static_cast<double>(kDefaultRows * vocab_size * sizeof(float));
    cases.push_back({fmt::format("softmax/tokens:{}", vocab_size), 0.0, bytes,
                     [vocab_size](const Kernels&) { return prepare_softmax(vocab_size); }});
  }
}

}  // namespace microgpt::bench
