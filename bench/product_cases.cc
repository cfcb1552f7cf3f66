// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "bench/kernel_cases.h"
#include "bench/matrix.h"

namespace microgpt::bench {
namespace {

struct ProductShape {
  const char* name;
  std::size_t k;
  std::size_t features;
  fast::Epilogue epilogue;
  bool adds;  // to what is there
};

struct ProductData {
  ProductShape shape;
  Matrix a;
  Matrix b;
  Matrix init;
  Matrix gate;
  Matrix c;
};

double finished(double sum, fast::Epilogue epilogue) { return epilogue == fast::Epilogue::relu ? std::max(sum, 0.0) : sum; }

double product_error(const ProductData& data) {
  PlainMatrix expected(data.c.rows(), data.c.features());
  for (std::size_t r = 0; r < data.c.rows(); ++r)
    for (std::size_t f = 0; f < data.c.features(); ++f) {
      double sum = data.shape.adds ? data.init.at(r, f) : 0.0;
      for (std::size_t k = 0; k < data.shape.k; ++k) sum += data.a.at(r, k) * data.b.at(k, f);
      expected.at(r, f) = finished(sum, data.shape.epilogue);
    }
  return error_of(data.c, expected);
}

PreparedKernel prepare_product(const ProductShape& shape, std::size_t rows) {
  PythonRandom random(1);
  auto data = std::make_shared<ProductData>(
      ProductData{shape, Matrix::random(rows, shape.k, random), Matrix::random(shape.k, shape.features, random),
                  Matrix::random(rows, shape.features, random), Matrix(rows, shape.features), Matrix(rows, shape.features)});
  const auto run = [data, rows](const Kernels& kernels) {
    kernels.product({.a = data->a.view(),
                     .b = data->b.view(),
                     .c = data->c.view(),
                     .rows = rows,
                     .k = data->shape.k,
                     .init = data->shape.adds ? data->init.view().data : nullptr,
                     .gate = data->gate.view().data,
                     .epilogue = data->shape.epilogue});
  };
  return {run, [data] { return product_error(*data); }};
}

struct GradientData {
  Matrix a;
  Matrix b;
  Matrix c;
};

double gradient_error(const GradientData& data) {
  PlainMatrix expected(data.c.rows(), data.c.features());
  for (std::size_t m = 0; m < data.c.rows(); ++m)
    for (std::size_t f = 0; f < data.c.features(); ++f) {
      double sum = 0.0;
      for (std::size_t r = 0; r < data.a.rows(); ++r) sum += data.a.at(r, m) * data.b.at(r, f);
      expected.at(m, f) = sum;
    }
  return error_of(data.c, expected);
}

PreparedKernel prepare_gradient(const ProductShape& shape, std::size_t rows) {
  PythonRandom random(2);
  auto data = std::make_shared<GradientData>(GradientData{
      Matrix::random(rows, shape.k, random), Matrix::random(rows, shape.features, random), Matrix(shape.k, shape.features)});
  const auto run = [data](const Kernels& kernels) {
    kernels.transposed_product(
        {.a = data->a.view(), .b = data->b.view(), .c = data->c.view(), .m = data->a.features(), .rows = data->a.rows()});
  };
  return {run, [data] { return gradient_error(*data); }};
}

}  // namespace

void add_product_cases(std::vector<KernelCase>& cases) {
  for (const std::size_t width : kDefaultWidths) {
    const ProductShape shapes[] = {{"qkv", width, 3 * width, fast::Epilogue::store, false},
                                   {"wo", width, width, fast::Epilogue::store, true},
                                   {"fc1", width, 4 * width, fast::Epilogue::relu, false},
                                   {"fc2", 4 * width, width, fast::Epilogue::store, true},
                                   {"logits", width, kDefaultVocabSize, fast::Epilogue::store, false}};
    for (const ProductShape& shape : shapes) {
      const double operations = 2.0 * static_cast<double>(kDefaultRows * shape.k * shape.features);
      cases.push_back({fmt::format("product/{}/width:{}", shape.name, width), operations, 0.0,
                       [shape](const Kernels&) { return prepare_product(shape, kDefaultRows); }});
      cases.push_back({fmt::format("transposed_product/{}/width:{}", shape.name, width), operations, 0.0,
                       [shape](const Kernels&) { return prepare_gradient(shape, kDefaultRows); }});
    }
  }
}

}  // namespace microgpt::bench
