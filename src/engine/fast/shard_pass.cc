// SPDX-License-Identifier: MIT
#include "engine/fast/shard_pass.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/fast/kernels/attention_sizes.h"
#include "engine/loss.h"

namespace microgpt::fast {

void ShardPass::reserve(std::size_t documents, std::size_t positions, std::size_t longest, bool adds_gradients) {
  const std::size_t scratch = team_.size() * attention_scratch(model_.config.n_embd, model_.config.n_head, longest);
  activations_.reserve(positions, probabilities_of(positions), scratch, KeptLayers::all);
  rows_.reserve(documents, positions);
  if (adds_gradients && embeddings_gradient_.size() == 0)
    embeddings_gradient_ = AlignedBuffer<float>(model_.packing.embeddings_size());
}

void ShardPass::reserve_for_losses(std::size_t positions) {
  activations_.reserve(positions, probabilities_of(positions), 0, KeptLayers::last);
}

// Of attention over short documents, that so many positions take at most: the longest of them takes most a position; where the
// context is longer, documents still may be short.
std::size_t ShardPass::probabilities_of(std::size_t positions) const {
  const Config& config = model_.config;
  const std::size_t longest_short = std::min(config.block_size, kMaxShortDocument);
  const std::size_t of_longest = attention_probabilities_size(config.n_embd, config.n_head, 0, longest_short);
  return of_longest * (positions / longest_short + 1);
}

double ShardPass::loss_and_gradient(const BatchSlice& part, const GradientSlot& slot) {
  prepare(part, KeptLayers::all);
  forward(part);
  const double loss = softmax_and_loss(part);
  backward(part, slot);
  return loss;
}

void ShardPass::losses(const BatchSlice& part, std::span<double> losses) {
  prepare(part, KeptLayers::last);
  forward(part);
  softmax(nullptr);
  take_losses(part, losses);
}

void ShardPass::changed_losses(const BatchSlice& part, const LogitChange& change, std::span<double> losses,
                               std::span<ExpectedLoss> expected) {
  const std::size_t first = part.batch.offsets[part.begin];
  const std::size_t positions = rows_.row_of_position().size();
  changed_rows_.build(rows_, change.keys.subspan(first, positions));
  const std::size_t padded_rows = round_up_to_vector(changed_rows_.size());
  const std::size_t most_rows = std::max(padded_rows, activations_.rows());  // so that few parts need more than those before
  if (changed_normalisers_.size() < padded_rows) {
    changed_logits_ = AlignedBuffer<float>(panels_size(most_rows, model_.config.vocab_size));
    changed_normalisers_ = AlignedBuffer<float>(most_rows);
  }
  if (!expected.empty() && expected_means_.size() < padded_rows) {
    expected_means_ = AlignedBuffer<float>(most_rows);
    expected_variances_ = AlignedBuffer<float>(most_rows);
  }
  const Panels logits = change_logits(change, first);
  model_.kernels.softmax({logits, changed_rows_.size(), model_.config.vocab_size, nullptr, changed_normalisers_.data(),
                          expected.empty() ? nullptr : expected_means_.data(), expected_variances_.data()});
  const Token* const targets = part.batch.targets.data() + first;
  for (std::size_t i = 0; i < positions; ++i) {
    const std::size_t row = changed_rows_.row_of_position(i);
    losses[i] = static_cast<double>(changed_normalisers_.data()[row]) -
                static_cast<double>(logits.element(row, static_cast<std::size_t>(targets[i])));
    if (!expected.empty())
      expected[i] = {static_cast<double>(expected_means_.data()[row]), static_cast<double>(expected_variances_.data()[row])};
  }
}

// The logits of the changed rows. `first` is the batch's number of the part's first position.
Panels ShardPass::change_logits(const LogitChange& change, std::size_t first) {
  const std::size_t vocab_size = model_.config.vocab_size;
  const std::size_t padded_rows = round_up_to_vector(changed_rows_.size());
  const ConstPanels from = activations_.logits;
  const Panels logits = Panels::make(changed_logits_.data(), padded_rows, vocab_size);
  changed_numbers_.resize(round_up_to_vector(vocab_size));
  const std::span<float> numbers = changed_numbers_;
  for (std::size_t i = 0; i < changed_rows_.size(); ++i) {
    const auto [position, row] = changed_rows_[i];
    for (std::size_t v = 0; v < from.vectors; ++v) std::copy_n(from.at(row, v), kVectorLanes, &numbers[v * kVectorLanes]);
    if (change.apply) change.apply(first + position, std::span(numbers).first(vocab_size));
    for (std::size_t v = 0; v < from.vectors; ++v) std::copy_n(&numbers[v * kVectorLanes], kVectorLanes, logits.at(i, v));
  }
  return logits;
}

void ShardPass::take_losses(const BatchSlice& part, std::span<double> losses) const {
  const Activations& a = activations_;
  const std::span<const std::int32_t> row_of_position = rows_.row_of_position();
  const Token* const targets = part.batch.targets.data() + part.batch.offsets[part.begin];
  for (std::size_t i = 0; i < row_of_position.size(); ++i) {
    const auto row = static_cast<std::size_t>(row_of_position[i]);
    const float logit = a.logits.element(row, static_cast<std::size_t>(targets[i]));
    losses[i] = static_cast<double>(a.lse[row]) - static_cast<double>(logit);
  }
}

void ShardPass::prepare(const BatchSlice& part, KeptLayers kept) {
  rows_.build(part.batch, part.begin, part.end, part.shares_prefixes);
  const auto [width, heads] = std::pair(model_.config.n_embd, model_.config.n_head);
  std::size_t probabilities = 0;
  for (const AttentionDocument& document : rows_.documents())
    probabilities += attention_probabilities_size(width, heads, document.first, document.size);
  attention_scratch_ = attention_scratch(width, heads, rows_.documents());
  if (team_.size() > 1) attention_cuts_ = attention_cuts(width, heads, rows_.documents());
  activations_.reserve(rows_.size(), probabilities, team_.size() * attention_scratch_, kept);
}

// c = a * weights, with what `call` says of the rest.
void ShardPass::product(ConstPanels a, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer, Panels c,
                        ProductCall call) {
  call.a = a;
  call.b = weights.in(buffer.data());
  call.c = c;
  call.k = k;
  call.rows = rows_.size();
  call.exceeds_cache = model_.exceeds_cache();
  if (team_.size() == 1) return model_.kernels.product(call);  // small models feel a copy of the call
  team_.for_rows(rows_.size(), [&](std::size_t begin, std::size_t end) { model_.kernels.product(rows_of(call, begin, end)); });
}

// The same with the transposed weights, of which `copy` says where the model's copy is. Without one it is made now: beside the
// products of a large model that takes no time.
void ShardPass::product_with_transposed(ConstPanels a, std::size_t k, const PackedMatrix& weights, const PackedMatrix& copy,
                                        Panels c, ProductCall call) {
  if (!model_.transposed.empty()) return product(a, k, copy, model_.transposed, c, call);
  const PackedMatrix here{0, copy.rows, copy.features};
  const ConstPanels from = weights.in(model_.parameters.data());
  const Panels to = here.in(transposed_.data());
  team_.for_panels(from, [&](std::size_t first, std::size_t last) {
    model_.kernels.transpose({from.panels(first, last), weights.padded_rows(), to.from_row(first * from.width)});
  });
  product(a, k, here, transposed_.span(), c, call);
}

void ShardPass::norm(ConstPanels x, Panels y, float* scale) {
  team_.for_rows(rows_.size(), [&](std::size_t begin, std::size_t end) {
    model_.kernels.rms_norm({x.from_row(begin), y.from_row(begin), scale + begin, end - begin, model_.config.n_embd});
  });
}

// Softmax of the logits, which become their gradient where there are weights of rows.
void ShardPass::softmax(const float* weight) {
  const Activations& a = activations_;
  team_.for_rows(rows_.size(), [&](std::size_t begin, std::size_t end) {
    model_.kernels.softmax({a.logits.from_row(begin), end - begin, model_.config.vocab_size,
                            weight == nullptr ? nullptr : weight + begin, a.lse + begin});
  });
}

// y = init + x with some values dropped and the others larger. REQUIRES: rows without prefix sharing.
void ShardPass::drop(ConstPanels x, const float* init, Panels y, DropoutSite site, const BatchSlice& part) {
  const std::span<const AttentionDocument> documents = rows_.documents();
  team_.for_each(documents.size(), [&](std::size_t d, std::size_t) {
    const auto row = static_cast<std::size_t>(*documents[d].rows);
    model_.kernels.dropout({part.mask, site, documents.subspan(d, 1), part.begin + d, x.from_row(row),
                            init == nullptr ? nullptr : init + row * x.width, y.from_row(row)});
  });
}

// x = x_before + the product, of which dropout takes some: product(c, call).
template <typename Product>
void ShardPass::add_branch(Panels x_before, DropoutSite site, const BatchSlice& part, const Product& product) {
  const Activations& activations = activations_;
  if (!part.mask.drops()) return product(activations.x, ProductCall{.init = x_before.data});
  product(activations.branch, ProductCall{});
  drop(activations.branch, x_before.data, activations.x, site, part);
}

void ShardPass::forward(const BatchSlice& part) {
  const std::span<const float> parameters = model_.parameters;
  Activations& a = activations_;
  team_.for_rows(rows_.size(), [&](std::size_t begin, std::size_t end) {
    model_.kernels.embedding({model_.packing.wte.in(parameters.data()), model_.packing.wpe.in(parameters.data()),
                              rows_.tokens().subspan(begin, end - begin), rows_.positions().subspan(begin, end - begin),
                              a.embedded.from_row(begin)});
  });
  if (part.mask.drops()) drop(a.embedded, nullptr, a.embedded, embedding_site(), part);
  norm(a.embedded, a.embedded, a.embedded_scale);
  Panels x_before = a.embedded;
  for (std::size_t i = 0; i < model_.config.n_layer; ++i) {
    forward_layer(i, x_before, part);
    x_before = a.x;
  }
  product(a.x, model_.config.n_embd, model_.packing.lm_head, parameters, a.logits);
}

// Calls compute(call) for some calls that make up all of the attention of a layer.
template <typename Compute>
void ShardPass::for_attention(LayerActivations& layer, const Compute& compute) {
  const Config& config = model_.config;
  AttentionCall all{rows_.documents(),
                    config.n_embd,
                    config.n_head,
                    layer.qkv,
                    layer.attention,
                    layer.probabilities,
                    activations_.attention_scratch};
  if (team_.size() == 1) return compute(all);
  const std::size_t cuts_of_heads = config.n_head / attention_cuts_.heads;
  const std::size_t cuts_of_documents = attention_cuts_.documents ? all.documents.size() : 1;
  team_.for_each(cuts_of_heads * cuts_of_documents, [&](std::size_t i, std::size_t thread) {
    AttentionCall part = all;
    part.head_begin = i % cuts_of_heads * attention_cuts_.heads;
    part.head_end = part.head_begin + attention_cuts_.heads;
    part.scratch += thread * attention_scratch_;
    if (cuts_of_documents > 1) {
      part.documents = all.documents.subspan(i / cuts_of_heads, 1);
      for (const AttentionDocument& before : all.documents.first(i / cuts_of_heads))
        part.probabilities += attention_probabilities_size(config.n_embd, config.n_head, before.first, before.size);
    }
    compute(part);
  });
}

// x = wo * attention(norm(x)) + x, then x = fc2 * act(fc1 * norm(x)) + x.
void ShardPass::forward_layer(std::size_t index, Panels x_before, const BatchSlice& part) {
  const PackedLayer& weights = model_.packing.layers[index];
  const std::span<const float> parameters = model_.parameters;
  const std::size_t width = model_.config.n_embd;
  const Panels x = activations_.x;
  LayerActivations& layer = activations_.layers[index];

  norm(x_before, layer.attention_input, layer.attention_scale);
  product(layer.attention_input, width, weights.qkv, parameters, layer.qkv);
  for_attention(layer, [&](const AttentionCall& call) { model_.kernels.attention(call); });
  add_branch(x_before, attention_site(index), part,
             [&](Panels c, const ProductCall& call) { product(layer.attention, width, weights.wo, parameters, c, call); });

  norm(x, layer.mlp_input, layer.mlp_scale);
  const bool squared = model_.config.activation == Activation::squared_relu;
  product(layer.mlp_input, width, weights.fc1, parameters, layer.hidden,
          {.gate = layer.rectified.data, .epilogue = squared ? Epilogue::squared_relu : Epilogue::relu});
  add_branch(x, mlp_site(index), part, [&](Panels c, const ProductCall& call) {
    product_with_transposed(layer.hidden, model_.config.hidden_dim(), weights.fc2, model_.packing.layers_transposed[index].fc2,
                            c, call);
  });
}

// The mean over the batch's positions that count, as the loss counts them, in double precision, of
// term(row, position in the batch, weight of the position), as far as the part contributes to it.
template <typename Term>
double ShardPass::mean_over_positions(const BatchSlice& part, Term term) const {
  const Batch& batch = part.batch;
  const LossDivisor divisors(batch, part.mean);
  const std::int32_t* row = rows_.row_of_position().data();
  double mean = 0.0;
  for (std::size_t d = part.begin; d < part.end; ++d) {
    const std::size_t size = batch.offsets[d + 1] - batch.offsets[d];
    const std::size_t divisor = divisors.of(d);
    const float weight = 1.0F / static_cast<float>(divisor);
    double sum = 0.0;
    for (std::size_t t = batch.context_of(d); t < size; ++t)
      sum += term(static_cast<std::size_t>(row[t]), batch.offsets[d] + t, weight);
    row += size;
    mean += sum / static_cast<double>(divisor);
  }
  return mean;
}

// Calls take(logit, probability) for each token that a position must predict, where `row` has its logits.
template <typename Take>
void ShardPass::for_each_target(const Batch& batch, std::size_t position, std::size_t row, const Take& take) const {
  const std::size_t* const offsets = activations_.logit_offsets.data();
  float* const logits = activations_.logits.data + row * activations_.logits.width;
  if (batch.soft_targets.empty()) return take(logits[offsets[static_cast<std::size_t>(batch.targets[position])]], 1.0F);
  const std::size_t vocab_size = model_.config.vocab_size;
  const float* const probabilities = batch.soft_targets.data() + position * vocab_size;
  for (std::size_t token = 0; token < vocab_size; ++token) take(logits[offsets[token]], probabilities[token]);
}

// The loss; the logits become their gradient.
double ShardPass::softmax_and_loss(const BatchSlice& part) {
  const Activations& a = activations_;
  std::fill_n(a.weight, round_up_to_vector(rows_.size()), 0.0F);
  const double mean_logit = mean_over_positions(part, [&](std::size_t row, std::size_t position, float weight) {
    a.weight[row] += weight;
    double expected = 0.0;
    for_each_target(part.batch, position, row, [&expected](float& logit, float probability) {
      expected += static_cast<double>(probability) * static_cast<double>(logit);
    });
    return expected;
  });
  softmax(a.weight);
  const double mean_lse = mean_over_positions(part, [&](std::size_t row, std::size_t position, float weight) {
    for_each_target(part.batch, position, row, [weight](float& logit, float probability) { logit -= weight * probability; });
    return static_cast<double>(a.lse[row]);
  });
  return mean_lse - mean_logit;
}

// dweights = a^T b, or b^T a as the weights lie, and what of the tree of shards is complete with it.
void ShardPass::weight_gradient(ConstPanels a, ConstPanels b, const PackedMatrix& weights, const GradientSlot& slot) {
  TransposedProductCall call{.a = a,
                             .b = b,
                             .c = weights.in(slot.stack[slot.first].data()),
                             .m = weights.rows,
                             .rows = rows_.size(),
                             .exceeds_cache = model_.exceeds_cache()};
  for (std::size_t i = slot.first; i < slot.last; ++i)
    call.addends[call.addend_count++] = weights.in(slot.stack[i].data()).data;
  if (team_.size() == 1) return model_.kernels.transposed_product(call);
  team_.for_panels(
      call.c, [&](std::size_t first, std::size_t last) { model_.kernels.transposed_product(panels_of(call, first, last)); });
}

// The gradient of a norm's input; added to dx or in its place.
void ShardPass::add_norm_backward(ConstPanels y, const float* scale, ConstPanels dy, bool add) {
  team_.for_rows(rows_.size(), [&](std::size_t begin, std::size_t end) {
    model_.kernels.rms_norm_backward({y.from_row(begin), scale + begin, dy.from_row(begin), activations_.dx.from_row(begin),
                                      end - begin, model_.config.n_embd, add});
  });
}

// The gradient of what a branch added to x, from that of x.
Panels ShardPass::branch_gradient(DropoutSite site, const BatchSlice& part) {
  const Activations& a = activations_;
  if (!part.mask.drops()) return a.dx;
  drop(a.dx, nullptr, a.branch, site, part);
  return a.branch;
}

void ShardPass::backward(const BatchSlice& part, const GradientSlot& slot) {
  Activations& a = activations_;
  weight_gradient(a.x, a.logits, model_.packing.lm_head, slot);
  product_with_transposed(a.logits, model_.config.vocab_size, model_.packing.lm_head, model_.packing.lm_head_transposed, a.dx);
  for (std::size_t i = model_.config.n_layer; i-- > 0;) backward_layer(i, part, slot);
  add_norm_backward(a.embedded, a.embedded_scale, a.dx, false);
  if (part.mask.drops()) drop(a.dx, nullptr, a.dx, embedding_site(), part);
  backward_embeddings(slot);
}

void ShardPass::backward_layer(std::size_t index, const BatchSlice& part, const GradientSlot& slot) {
  const PackedLayer& weights = model_.packing.layers[index];
  const PackedLayer& transposed = model_.packing.layers_transposed[index];
  LayerActivations& layer = activations_.layers[index];
  const Activations& a = activations_;
  const std::size_t width = model_.config.n_embd;
  const std::size_t hidden = model_.config.hidden_dim();

  const Panels dmlp = branch_gradient(mlp_site(index), part);
  weight_gradient(dmlp, layer.hidden, weights.fc2, slot);
  const bool squared = model_.config.activation == Activation::squared_relu;
  product(dmlp, width, weights.fc2, model_.parameters, layer.dhidden,
          {.gate = layer.rectified.data, .epilogue = squared ? Epilogue::squared_relu_backward : Epilogue::relu_backward});
  weight_gradient(layer.mlp_input, layer.dhidden, weights.fc1, slot);
  product_with_transposed(layer.dhidden, hidden, weights.fc1, transposed.fc1, a.dnormed);
  add_norm_backward(layer.mlp_input, layer.mlp_scale, a.dnormed, true);

  const Panels dattention_branch = branch_gradient(attention_site(index), part);
  weight_gradient(layer.attention, dattention_branch, weights.wo, slot);
  product_with_transposed(dattention_branch, width, weights.wo, transposed.wo, layer.dattention);
  for_attention(layer, [&](const AttentionCall& call) {
    model_.kernels.attention_backward({call, layer.dattention, layer.dqkv});
  });
  weight_gradient(layer.attention_input, layer.dqkv, weights.qkv, slot);
  product_with_transposed(layer.dqkv, weights.qkv.features, weights.qkv, transposed.qkv, a.dnormed);
  add_norm_backward(layer.attention_input, layer.attention_scale, a.dnormed, true);
}

void ShardPass::backward_embeddings(const GradientSlot& slot) {
  const std::size_t size = model_.packing.embeddings_size();
  const bool is_first = slot.first == slot.last;
  float* const own = is_first ? slot.stack[slot.first].data() : embeddings_gradient_.data();
  std::fill_n(own, size, 0.0F);
  const Panels dx = activations_.dx;
  team_.for_panels(dx, [&](std::size_t first, std::size_t last) {
    model_.kernels.embedding_backward({dx.panels(first, last), rows_.tokens(), rows_.positions(),
                                       model_.packing.wte.in(own).panels(first, last),
                                       model_.packing.wpe.in(own).panels(first, last)});
  });
  if (is_first) return;
  for (std::size_t i = slot.last; i-- > slot.first + 1;) model_.kernels.add({own, size}, slot.stack[i].span().first(size));
  model_.kernels.add(slot.stack[slot.first].span().first(size), {own, size});
}

}  // namespace microgpt::fast
