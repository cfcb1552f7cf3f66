// SPDX-License-Identifier: MIT
#include "export/gpt_onnx.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "export/onnx_graph.h"
#include "microgpt/error.h"
#include "microgpt/parameters.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxBytes = std::numeric_limits<std::int32_t>::max();  // of a message of protocol buffers
constexpr std::size_t kMaxOfTheRest = std::size_t{1} << 24;                  // more than all but the parameters takes

// The matrix [columns][rows], each element multiplied by the factor.
std::vector<double> transposed(std::span<const double> matrix, std::size_t rows, std::size_t columns, double factor) {
  std::vector<double> result(matrix.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) result[j * rows + i] = factor * matrix[i * columns + j];
  return result;
}

class GptGraph {
 public:
  GptGraph(const SavedModel& model, const OnnxOptions& options)
      : model_(model),
        config_(model.config),
        table_(config_),
        has_cache_(options.with_cache),
        graph_(options.doubles ? OnnxType::float64 : OnnxType::float32) {}

  std::string take() {
    add_interface();
    add_constants();
    const std::string tokens = graph_.add("Gather", {embedding("wte"), "input_ids"});
    std::string x = norm(graph_.add("Add", {tokens, graph_.add("Gather", {embedding("wpe"), positions()})}));
    const std::string mask = causal_mask();
    for (std::size_t layer = 0; layer < config_.n_layer; ++layer) {
      x = graph_.add("Add", {attention(layer, norm(x), mask), x});
      x = graph_.add("Add", {mlp(layer, norm(x)), x});
    }
    graph_.add("MatMul", {x, weights("lm_head")}, {}, "logits");
    return graph_.take("microgpt", "The GPT alone, without the n-gram that microgpt mixes it with.");
  }

 private:
  void add_interface() {
    graph_.add_input("input_ids", OnnxType::int64, {"batch", "time"});
    graph_.add_output("logits", graph_.numbers(), {"batch", "time", config_.vocab_size});
    if (!has_cache_) return;
    for (std::size_t layer = 0; layer < config_.n_layer; ++layer)
      for (const char* what : {"key", "value"}) add_cache(layer, what);
  }

  void add_cache(std::size_t layer, const char* what) {
    graph_.add_input(past_name(layer, what), graph_.numbers(), {"batch", config_.n_head, "past", config_.head_dim()});
    graph_.add_output(present_name(layer, what), graph_.numbers(), {"batch", config_.n_head, "total", config_.head_dim()});
  }

  std::string integer(const std::string& name, std::int64_t value) { return graph_.add_integers(name, {}, std::array{value}); }

  void add_constants() {
    one_ = integer("one", 1);
    first_axis_ = graph_.add_integers("first_axis", {1}, std::array<std::int64_t, 1>{0});
    const auto heads = static_cast<std::int64_t>(config_.n_head), size = static_cast<std::int64_t>(config_.head_dim());
    split_ = graph_.add_integers("shape_in_heads", {4}, std::array<std::int64_t, 4>{0, 0, heads, size});
    joined_ = graph_.add_integers("shape_of_all_heads", {3}, std::array<std::int64_t, 3>{0, 0, heads * size});
    epsilon_ = graph_.add_numbers("epsilon", {}, std::array{kNormEpsilon});
    time_ = graph_.add("Gather", {graph_.add("Shape", {"input_ids"}), one_}, {}, "time");
    if (!has_cache_) return;
    zero_ = integer("zero", 0);
    past_ = graph_.add("Gather", {graph_.add("Shape", {past_name(0, "key")}), integer("two", 2)}, {}, "past");
  }

  std::span<const double> numbers_of(const Tensor& tensor) const {
    return std::span(model_.parameters).subspan(tensor.offset, tensor.size());
  }

  std::string embedding(const std::string& name) {
    const Tensor& tensor = table_.find(name);
    return graph_.add_numbers(name, {tensor.rows, tensor.columns}, numbers_of(tensor));
  }

  std::string weights(const std::string& name, double factor = 1.0) {
    const Tensor& tensor = table_.find(name);
    return graph_.add_numbers(name, {tensor.columns, tensor.rows},
                              transposed(numbers_of(tensor), tensor.rows, tensor.columns, factor));
  }

  // The numbers of the positions. Of a Range that goes into Gather as it is, onnxruntime makes a Slice, and that does not fail
  // past the end of the context, but ends there.
  std::string positions() {
    if (has_cache_) return graph_.add("Add", {graph_.add("Range", {zero_, time_, one_}), past_});
    return graph_.add("Sub", {graph_.add("Range", {one_, graph_.add("Add", {time_, one_}), one_}), one_});
  }

  // [time][past + time]: minus infinity where a position would see a later one.
  std::string causal_mask() {
    const double infinity = std::numeric_limits<double>::infinity();
    const std::string minus_infinity = graph_.add_numbers("minus_infinity", {}, std::array{-infinity});
    const std::string total = has_cache_ ? graph_.add("Add", {past_, time_}) : time_;
    const std::string rows = graph_.add("Unsqueeze", {time_, first_axis_});
    const std::string columns = graph_.add("Unsqueeze", {total, first_axis_});
    const std::string shape = graph_.add("Concat", {rows, columns}, {{"axis", 0}});
    const std::string first_hidden = has_cache_ ? graph_.add("Add", {past_, one_}) : one_;
    return graph_.add("Trilu", {graph_.add("Expand", {minus_infinity, shape}), first_hidden}, {{"upper", 1}}, "mask");
  }

  std::string norm(const std::string& x) {
    const std::string squares = graph_.add("Mul", {x, x});
    const std::string mean = graph_.add("ReduceMean", {squares}, {{"axes", std::vector<std::int64_t>{-1}}, {"keepdims", 1}});
    return graph_.add("Div", {x, graph_.add("Sqrt", {graph_.add("Add", {mean, epsilon_})})});
  }

  // [batch][head][time][head_dim]
  std::string in_heads(const std::string& x, const std::string& matrix) {
    const std::string split = graph_.add("Reshape", {graph_.add("MatMul", {x, matrix}), split_});
    return graph_.add("Transpose", {split}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
  }

  // Those of the past and, behind them, of x.
  std::string with_past(std::size_t layer, const char* what, const std::string& x) {
    if (!has_cache_) return x;
    return graph_.add("Concat", {past_name(layer, what), x}, {{"axis", 2}}, present_name(layer, what));
  }

  std::string attention(std::size_t layer, const std::string& x, const std::string& mask) {
    const auto name = [&](const char* tensor) { return layer_tensor(layer, tensor); };
    const double factor = 1.0 / std::sqrt(static_cast<double>(config_.head_dim()));
    const std::string queries = in_heads(x, weights(name("attn_wq"), factor));
    const std::string keys = with_past(layer, "key", in_heads(x, weights(name("attn_wk"))));
    const std::string values = with_past(layer, "value", in_heads(x, weights(name("attn_wv"))));
    const std::string across = graph_.add("Transpose", {keys}, {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
    const std::string logits = graph_.add("Add", {graph_.add("MatMul", {queries, across}), mask});
    const std::string attended = graph_.add("MatMul", {graph_.add("Softmax", {logits}, {{"axis", -1}}), values});
    const std::string side_by_side = graph_.add("Transpose", {attended}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
    return graph_.add("MatMul", {graph_.add("Reshape", {side_by_side, joined_}), weights(name("attn_wo"))});
  }

  std::string mlp(std::size_t layer, const std::string& x) {
    std::string hidden = graph_.add("Relu", {graph_.add("MatMul", {x, weights(layer_tensor(layer, "mlp_fc1"))})});
    if (config_.activation == Activation::squared_relu) hidden = graph_.add("Mul", {hidden, hidden});
    return graph_.add("MatMul", {hidden, weights(layer_tensor(layer, "mlp_fc2"))});
  }

  const SavedModel& model_;
  const Config& config_;
  ParameterTable table_;
  bool has_cache_;
  OnnxGraph graph_;
  std::string zero_, one_, first_axis_, split_, joined_, epsilon_;  // constants
  std::string time_, past_;                                         // how many tokens there are, and were before
};

void require_space(const SavedModel& model, const OnnxOptions& options) {
  const std::size_t most = (kMaxBytes - kMaxOfTheRest) / (options.doubles ? sizeof(double) : sizeof(float));
  if (model.parameters.size() > most)
    throw Error(
        fmt::format("the model has {} parameters, and a file of ONNX space for {} of {} precision: export a smaller model",
                    model.parameters.size(), most, options.doubles ? "double" : "single"));
}

}  // namespace

std::string past_name(std::size_t layer, const char* what) { return fmt::format("past_key_values.{}.{}", layer, what); }

std::string present_name(std::size_t layer, const char* what) { return fmt::format("present.{}.{}", layer, what); }

std::string gpt_to_onnx(const SavedModel& model, const OnnxOptions& options) {
  require_space(model, options);
  return GptGraph(model, options).take();
}

}  // namespace microgpt
