// The kernels in plain C++: one number at a time.
#include "engine/exact/kernels/kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace microgpt::exact {
namespace {

void product(const ProductCall& call) {
  const std::size_t columns = call.x.features;
  for (std::size_t p = 0; p < call.positions; ++p)
    for (std::size_t o = 0; o < call.rows; ++o) {
      double sum = 0.0;
      for (std::size_t i = 0; i < columns; ++i) sum += call.weights[o * columns + i] * call.x.element(i, p);
      double& y = call.y.element(o, p);
      if (call.addend != nullptr) sum += call.addend[&y - call.y.data];
      y = sum;
    }
}

void backward_product(const BackwardProductCall& call) {
  const std::size_t columns = call.dx.features;
  for (std::size_t p = 0; p < call.positions; ++p)
    for (std::size_t i = 0; i < columns; ++i) {
      double sum = 0.0;
      for (const RowRun& run : call.runs)
        for (std::size_t o = run.count; o-- > 0;) sum += run.weights[o * columns + i] * run.dy.element(run.first + o, p);
      call.dx.element(i, p) = sum;
    }
}

void target_row(const TargetRowCall& call) {
  for (std::size_t p = 0; p < call.targets.size(); ++p) {
    const double* row = call.weights + static_cast<std::size_t>(call.targets[p]) * call.dx.features;
    for (std::size_t i = 0; i < call.dx.features; ++i) call.dx.element(i, p) += row[i] * call.dy[p];
  }
}

void transpose(const TransposeCall& call) {
  const std::size_t stride = round_up_to_block(call.x.features);
  for (std::size_t p = 0; p < call.positions; ++p)
    for (std::size_t i = 0; i < stride; ++i) call.y[p * stride + i] = i < call.x.features ? call.x.element(i, p) : 0.0;
}

void weight_gradient(const WeightGradientCall& call) {
  const std::size_t stride = round_up_to_block(call.columns);
  for (std::size_t o = 0; o < call.dy.features; ++o)
    for (std::size_t i = 0; i < call.columns; ++i) {
      double& dw = call.dw[o * call.columns + i];
      double sum = call.add ? dw : 0.0;
      for (std::size_t p = call.positions; p-- > 0;) sum += call.x[p * stride + i] * call.dy.element(o, p);
      dw = sum;
    }
}

void embedding(const EmbeddingCall& call) {
  const std::size_t columns = call.x.features;
  for (std::size_t p = 0; p < call.tokens.size(); ++p)
    for (std::size_t i = 0; i < columns; ++i)
      call.x.element(i, p) = call.wte[static_cast<std::size_t>(call.tokens[p]) * columns + i] + call.wpe[p * columns + i];
}

void embedding_backward(const EmbeddingBackwardCall& call) {
  const std::size_t stride = round_up_to_block(call.columns);
  for (std::size_t p = call.tokens.size(); p-- > 0;)
    for (std::size_t i = 0; i < call.columns; ++i) {
      call.dwte[static_cast<std::size_t>(call.tokens[p]) * call.columns + i] += call.dx[p * stride + i];
      call.dwpe[p * call.columns + i] += call.dx[p * stride + i];
    }
}

void norm(const NormCall& call) {
  const std::size_t n = call.x.features;
  const double per_feature = std::pow(static_cast<double>(n), -1.0);
  for (std::size_t p = 0; p < call.positions; ++p) {
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) sum += call.x.element(i, p) * call.x.element(i, p);
    call.u[p] = sum * per_feature + 1e-5;
    call.scale[p] = std::pow(call.u[p], -0.5);
    for (std::size_t i = 0; i < n; ++i) call.y.element(i, p) = call.x.element(i, p) * call.scale[p];
  }
}

void norm_backward(const NormBackwardCall& call) {
  const std::size_t n = call.x.features;
  const double per_feature = std::pow(static_cast<double>(n), -1.0);
  for (std::size_t p = 0; p < call.positions; ++p) {
    double sum = 0.0;
    for (std::size_t i = n; i-- > 0;) sum += call.x.element(i, p) * call.dy.element(i, p);
    const double g = per_feature * ((-0.5 * std::pow(call.u[p], -1.5)) * sum);
    for (std::size_t i = 0; i < n; ++i) {
      double& dx = call.dx.element(i, p);
      const double residual = call.residual == nullptr ? 0.0 : call.residual[&dx - call.dx.data];
      const double x = call.x.element(i, p);
      dx = ((residual + call.scale[p] * call.dy.element(i, p)) + x * g) + x * g;
    }
  }
}

void activation(const ActivationCall& call) {
  for (std::size_t p = 0; p < call.positions; ++p)
    for (std::size_t i = 0; i < call.x.features; ++i) {
      double& x = call.x.element(i, p);
      x = x > 0.0 ? x : 0.0;
      if (call.activation == Activation::squared_relu) call.y.element(i, p) = std::pow(x, 2.0);
    }
}

void activation_backward(const ActivationBackwardCall& call) {
  for (std::size_t p = 0; p < call.positions; ++p)
    for (std::size_t i = 0; i < call.r.features; ++i) {
      const double r = call.r.element(i, p);
      double& dy = call.dy.element(i, p);
      if (call.activation == Activation::squared_relu) dy = (2.0 * r) * dy;
      dy = (r > 0.0 ? 1.0 : 0.0) * dy;
    }
}

void softmax_loss(const SoftmaxLossCall& call) {
  for (std::size_t p = 0; p < call.targets.size(); ++p) {
    double largest = call.logits.element(0, p);
    for (std::size_t o = 0; o < call.logits.features; ++o) largest = std::max(largest, call.logits.element(o, p));
    double total = 0.0;
    for (std::size_t o = 0; o < call.logits.features; ++o) {
      double& e = call.logits.element(o, p);
      e = std::exp(e + -largest);
      total += e;
    }
    call.total[p] = total;
    call.inverse[p] = std::pow(total, -1.0);
    const double e = call.logits.element(static_cast<std::size_t>(call.targets[p]), p);
    call.losses[p] = std::log(e * call.inverse[p]) * -1.0;
  }
}

void softmax_loss_backward(const SoftmaxLossBackwardCall& call) {
  for (std::size_t p = 0; p < call.targets.size(); ++p) {
    double& e = call.e.element(static_cast<std::size_t>(call.targets[p]), p);
    const double gp = (1.0 / (e * call.inverse[p])) * (-1.0 * call.g);
    const double gtot = (-1.0 * std::pow(call.total[p], -2.0)) * (e * gp);
    call.target_gradient[p] = e * (call.inverse[p] * gp + gtot);
    e = 0.0;
    for (std::size_t o = 0; o < call.e.features; ++o) call.e.element(o, p) *= gtot;
  }
}

double inverse_root(std::size_t head_dim) { return std::pow(std::pow(static_cast<double>(head_dim), 0.5), -1.0); }

double* exponentials_of(const AttentionCall& call, std::size_t head, std::size_t p) {
  const std::size_t block = p / kBlock;
  return call.exponentials + head * exponentials_offset(blocks_of(call.positions)) + exponentials_offset(block) + p % kBlock;
}

void attention(const AttentionCall& call) {
  const std::size_t head_dim = call.q.features / call.n_head;
  const double isq = inverse_root(head_dim);
  for (std::size_t h = 0; h < call.n_head; ++h)
    for (std::size_t p = 0; p < call.positions; ++p) {
      const std::size_t first = h * head_dim;
      double* e = exponentials_of(call, h, p);
      double largest = 0.0;
      for (std::size_t t = 0; t <= p; ++t) {
        double sum = 0.0;
        for (std::size_t j = 0; j < head_dim; ++j) sum += call.q.element(first + j, p) * call.k.element(first + j, t);
        e[t * kBlock] = sum * isq;
        largest = t == 0 ? e[0] : std::max(largest, e[t * kBlock]);
      }
      double total = 0.0;
      for (std::size_t t = 0; t <= p; ++t) {
        e[t * kBlock] = std::exp(e[t * kBlock] + -largest);
        total += e[t * kBlock];
      }
      const double inverse = std::pow(total, -1.0);
      for (std::size_t j = 0; j < head_dim; ++j) {
        double sum = 0.0;
        for (std::size_t t = 0; t <= p; ++t) sum += (e[t * kBlock] * inverse) * call.v.element(first + j, t);
        call.out.element(first + j, p) = sum;
      }
      call.total[h * round_up_to_block(call.positions) + p] = total;
      call.inverse[h * round_up_to_block(call.positions) + p] = inverse;
    }
}

void attention_backward(const AttentionBackwardCall& call) {
  const AttentionCall& forward = call.forward;
  const std::size_t head_dim = forward.q.features / forward.n_head;
  const double isq = inverse_root(head_dim);
  for (std::size_t t = 0; t < forward.positions; ++t)
    for (std::size_t i = 0; i < forward.q.features; ++i) call.dk.element(i, t) = call.dv.element(i, t) = 0.0;
  for (std::size_t h = 0; h < forward.n_head; ++h)
    for (std::size_t p = forward.positions; p-- > 0;) {
      const std::size_t first = h * head_dim;
      const double* e = exponentials_of(forward, h, p);
      const double inverse = forward.inverse[h * round_up_to_block(forward.positions) + p];
      const double c = -1.0 * std::pow(forward.total[h * round_up_to_block(forward.positions) + p], -2.0);
      double* gw = call.scratch;
      double gtot = 0.0;
      for (std::size_t t = p + 1; t-- > 0;) {
        gw[t] = 0.0;
        for (std::size_t j = head_dim; j-- > 0;) gw[t] += forward.v.element(first + j, t) * call.dout.element(first + j, p);
        gtot += c * (e[t * kBlock] * gw[t]);
      }
      for (std::size_t j = 0; j < head_dim; ++j) call.dq.element(first + j, p) = 0.0;
      for (std::size_t t = p + 1; t-- > 0;) {
        const double gl = isq * (e[t * kBlock] * (inverse * gw[t] + gtot));
        for (std::size_t j = 0; j < head_dim; ++j) {
          call.dq.element(first + j, p) += forward.k.element(first + j, t) * gl;
          call.dk.element(first + j, t) += forward.q.element(first + j, p) * gl;
          call.dv.element(first + j, t) += (e[t * kBlock] * inverse) * call.dout.element(first + j, p);
        }
      }
    }
}

}  // namespace

const Kernels& kernels_for(Target) {
  static constexpr Kernels kPlain{
      .product = product,
      .backward_product = backward_product,
      .target_row = target_row,
      .transpose = transpose,
      .weight_gradient = weight_gradient,
      .embedding = embedding,
      .embedding_backward = embedding_backward,
      .norm = norm,
      .norm_backward = norm_backward,
      .activation = activation,
      .activation_backward = activation_backward,
      .softmax_loss = softmax_loss,
      .softmax_loss_backward = softmax_loss_backward,
      .attention = attention,
      .attention_backward = attention_backward,
  };
  return kPlain;
}

}  // namespace microgpt::exact
