#include "engine/fast/fast_engine.h"

#include <algorithm>
#include <cassert>

#include "engine/fast/denormals_as_zero.h"
#include "engine/fast/fast_stream.h"
#include "engine/fast/kernels/attention_room.h"
#include "engine/mean_loss.h"

namespace microgpt {
namespace {

const Config& validated(const Config& config) {
  validate(config);
  return config;
}

// Positions that a shard of any batch of so many documents can have.
std::size_t most_shard_positions(std::size_t documents, std::size_t block_size) {
  const std::size_t positions = documents * block_size;
  return std::min(positions, std::max(2 * kLeastShardPositions, positions / kMaxShards) + block_size);
}

}  // namespace

FastEngine::FastEngine(const Config& config, const FastEngineOptions& options)
    : FastEngine(config, kernels_for(options.target), options.prefix_sharing) {}

FastEngine::FastEngine(const Config& config, const Kernels& kernels, PrefixSharing prefix_sharing)
    : config_(validated(config)),
      kernels_(kernels),
      prefix_sharing_(prefix_sharing),
      packing_(config),
      parameters_(packing_.size()),
      transposed_(packing_.transposed_size()),
      activations_(config) {
  gradients_.emplace_back(packing_.size());
}

void FastEngine::load(std::span<const double> parameters) {
  packing_.pack(parameters, parameters_.span());
  parameters_changed();
}

void FastEngine::store(std::span<double> parameters) const { packing_.unpack(parameters_.span(), parameters); }

void FastEngine::store_gradient(std::span<double> gradient) const { packing_.unpack(gradients_.front().span(), gradient); }

void FastEngine::pack(std::span<const double> in_table_order, AnyNumbers packed) const {
  packing_.pack(in_table_order, std::get<std::span<float>>(packed));
}

void FastEngine::unpack(AnyConstNumbers packed, std::span<double> in_table_order) const {
  packing_.unpack(std::get<std::span<const float>>(packed), in_table_order);
}

AnyBuffers FastEngine::buffers() { return Buffers<float>{parameters_.span(), gradients_.front().span()}; }

void FastEngine::parameters_changed() { packing_.transpose_all(kernels_, parameters_.span(), transposed_.span()); }

double FastEngine::loss_and_gradient(const Batch& batch, const Dropout& dropout, LossMean mean) {
  assert(batch.documents() >= 1);
  const DenormalsAsZero scope;
  const std::size_t shards = shard_count(batch.positions(), packing_.table().parameter_count());
  reserve(batch, shards);
  const DropoutMask mask(dropout);
  const bool share = prefix_sharing_ == PrefixSharing::where_it_pays && !mask.drops();
  double loss = 0.0;
  for (std::size_t shard = 0; shard < shards; ++shard) {
    const Part part{batch, shard_begin(batch, shard, shards), shard_begin(batch, shard + 1, shards), mean};
    const PartDropout part_dropout{mask, part.begin};
    prepare(part, share);
    forward(part_dropout);
    loss += softmax_and_loss(part);
    backward(tree_place(shard), part_dropout);
  }
  return loss;
}

// Buffers for this batch and, as documents are of different lengths, for others of as many documents; yet not for much more
// than four times of what this one takes.
void FastEngine::reserve(const Batch& batch, std::size_t shards) {
  const std::size_t positions = std::min(most_shard_positions(batch.documents(), config_.block_size),
                                         4 * (batch.positions() / shards + config_.block_size));
  // The longest of the short documents takes most a position; where the context is longer, documents still may be short.
  const std::size_t longest_short = std::min(config_.block_size, kLongestShortDocument);
  std::size_t room = attention_room(config_.n_embd, config_.n_head, 0, longest_short);
  room *= positions / longest_short + 1;
  activations_.reserve(positions, room, attention_scratch(config_.n_embd, config_.n_head, config_.block_size));
  rows_.reserve(batch.documents(), positions);
  const std::size_t most_positions = std::min(batch.documents() * config_.block_size, 4 * batch.positions());
  const std::size_t most_shards = shard_count(most_positions, packing_.table().parameter_count());
  while (gradients_.size() < tree_buffers(most_shards)) gradients_.emplace_back(packing_.size());
  if (most_shards > 1 && embeddings_gradient_.size() == 0) embeddings_gradient_ = FloatBuffer(packing_.embeddings_size());
}

void FastEngine::prepare(const Part& part, bool share) {
  rows_.build(part.batch, part.begin, part.end, share);
  std::size_t room = 0;
  std::size_t longest = 0;
  for (const AttentionDocument& document : rows_.documents()) {
    room += attention_room(config_.n_embd, config_.n_head, document.first, document.size);
    longest = std::max(longest, document.size);
  }
  activations_.reserve(rows_.size(), room, attention_scratch(config_.n_embd, config_.n_head, longest));
}

// c = a * weights, with what `call` says of the rest.
void FastEngine::product(ConstPanels a, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer, Panels c,
                         ProductCall call) {
  call.a = a;
  call.b = weights.in(buffer.data());
  call.c = c;
  call.rows = rows_.size();
  call.k = k;
  kernels_.product(call);
}

// y = init + x with some values dropped and the others larger. REQUIRES: rows without prefix sharing.
void FastEngine::drop(ConstPanels x, const float* init, Panels y, DropoutSite site, const PartDropout& dropout) {
  kernels_.dropout({dropout.mask, site, rows_.documents(), dropout.first_document, x, init, y});
}

// x = x_before + a * weights, of which dropout takes some.
void FastEngine::add_branch(ConstPanels a, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer,
                            Panels x_before, DropoutSite site, const PartDropout& dropout) {
  const Activations& activations = activations_;
  if (!dropout.mask.drops()) return product(a, k, weights, buffer, activations.x, {.init = x_before.data});
  product(a, k, weights, buffer, activations.branch);
  drop(activations.branch, x_before.data, activations.x, site, dropout);
}

void FastEngine::forward(const PartDropout& dropout) {
  const std::span<const float> parameters = parameters_.span();
  const std::size_t rows = rows_.size();
  Activations& a = activations_;
  kernels_.embedding(
      {packing_.wte.in(parameters.data()), packing_.wpe.in(parameters.data()), rows_.tokens(), rows_.positions(), a.embedded});
  if (dropout.mask.drops()) drop(a.embedded, nullptr, a.embedded, embedding_site(), dropout);
  kernels_.rms_norm({a.embedded, a.embedded, a.embedded_scale, rows, config_.n_embd});
  Panels x_before = a.embedded;
  for (std::size_t i = 0; i < config_.n_layer; ++i) {
    forward_layer(i, x_before, dropout);
    x_before = a.x;
  }
  product(a.x, config_.n_embd, packing_.lm_head, parameters, a.logits);
}

AttentionCall FastEngine::attention_call(LayerActivations& layer) {
  return {rows_.documents(),
          config_.n_embd,
          config_.n_head,
          layer.qkv,
          layer.attention,
          layer.probabilities,
          activations_.attention_scratch};
}

// x = wo * attention(norm(x)) + x, then x = fc2 * act(fc1 * norm(x)) + x.
void FastEngine::forward_layer(std::size_t index, Panels x_before, const PartDropout& dropout) {
  const PackedLayer& weights = packing_.layers[index];
  const std::span<const float> parameters = parameters_.span();
  const std::size_t width = config_.n_embd;
  const std::size_t rows = rows_.size();
  const Panels x = activations_.x;
  LayerActivations& layer = activations_.layers[index];

  kernels_.rms_norm({x_before, layer.attention_input, layer.attention_scale, rows, width});
  product(layer.attention_input, width, weights.qkv, parameters, layer.qkv);
  kernels_.attention(attention_call(layer));
  add_branch(layer.attention, width, weights.wo, parameters, x_before, attention_site(index), dropout);

  kernels_.rms_norm({x, layer.mlp_input, layer.mlp_scale, rows, width});
  const bool squared = config_.activation == Activation::squared_relu;
  product(layer.mlp_input, width, weights.fc1, parameters, layer.hidden,
          {.gate = layer.rectified.data, .epilogue = squared ? Epilogue::squared_relu : Epilogue::relu});
  add_branch(layer.hidden, config_.hidden_dim(), packing_.layers_transposed[index].fc2, transposed_.span(), x, mlp_site(index),
             dropout);
}

// The mean over the batch's positions, as the loss counts them, in double precision, of
// term(row, where the target's logit lies in a row, weight of the position), as far as the part contributes to it.
template <typename Term>
double FastEngine::mean_over_positions(const Part& part, Term term) const {
  const Batch& batch = part.batch;
  const std::int32_t* row = rows_.row_of_position().data();
  const Token* target = batch.targets.data() + batch.offsets[part.begin];
  const std::size_t* const offsets = activations_.logit_offsets.data();
  double mean = 0.0;
  for (std::size_t d = part.begin; d < part.end; ++d) {
    const std::size_t size = batch.offsets[d + 1] - batch.offsets[d];
    const std::size_t divisor = loss_divisor(batch, d, part.mean);
    const float weight = 1.0F / static_cast<float>(divisor);
    double sum = 0.0;
    for (std::size_t t = 0; t < size; ++t)
      sum += static_cast<double>(term(static_cast<std::size_t>(*row++), offsets[static_cast<std::size_t>(*target++)], weight));
    mean += sum / static_cast<double>(divisor);
  }
  return mean;
}

// The loss; the logits become their gradient.
double FastEngine::softmax_and_loss(const Part& part) {
  const Activations& a = activations_;
  std::fill_n(a.weight, round_up_to_vector(rows_.size()), 0.0F);
  const double mean_logit = mean_over_positions(part, [&a](std::size_t row, std::size_t offset, float weight) {
    a.weight[row] += weight;
    return a.logits.data[row * a.logits.width + offset];
  });
  kernels_.softmax({a.logits, rows_.size(), config_.vocab_size, a.weight, a.lse});
  const double mean_lse = mean_over_positions(part, [&a](std::size_t row, std::size_t offset, float weight) {
    a.logits.data[row * a.logits.width + offset] -= weight;
    return a.lse[row];
  });
  return mean_lse - mean_logit;
}

// dweights = a^T b, or b^T a as the weights lie, and what of the tree of shards is complete with it.
void FastEngine::weight_gradient(ConstPanels a, ConstPanels b, const PackedMatrix& weights, TreePlace place) {
  TransposedProductCall call{
      .a = a, .b = b, .c = weights.in(gradients_[place.first].data()), .m = weights.rows, .rows = rows_.size()};
  for (std::size_t i = place.first; i < place.last; ++i)
    call.addends[call.addend_count++] = weights.in(gradients_[i].data()).data;
  kernels_.transposed_product(call);
}

// The gradient of a norm's input; added to dx or in its place.
void FastEngine::add_norm_backward(ConstPanels y, const float* scale, ConstPanels dy, bool add) {
  kernels_.rms_norm_backward({y, scale, dy, activations_.dx, rows_.size(), config_.n_embd, add});
}

// The gradient of what a branch added to x, from that of x.
Panels FastEngine::branch_gradient(DropoutSite site, const PartDropout& dropout) {
  const Activations& a = activations_;
  if (!dropout.mask.drops()) return a.dx;
  drop(a.dx, nullptr, a.branch, site, dropout);
  return a.branch;
}

void FastEngine::backward(TreePlace place, const PartDropout& dropout) {
  while (gradients_.size() <= place.first) gradients_.emplace_back(packing_.size());
  Activations& a = activations_;
  weight_gradient(a.x, a.logits, packing_.lm_head, place);
  product(a.logits, config_.vocab_size, packing_.lm_head_transposed, transposed_.span(), a.dx);
  for (std::size_t i = config_.n_layer; i-- > 0;) backward_layer(i, place, dropout);
  add_norm_backward(a.embedded, a.embedded_scale, a.dx, false);
  if (dropout.mask.drops()) drop(a.dx, nullptr, a.dx, embedding_site(), dropout);
  backward_embeddings(place);
}

void FastEngine::backward_layer(std::size_t index, TreePlace place, const PartDropout& dropout) {
  const PackedLayer& weights = packing_.layers[index];
  const PackedLayer& transposed = packing_.layers_transposed[index];
  LayerActivations& layer = activations_.layers[index];
  const Activations& a = activations_;
  const std::size_t width = config_.n_embd;
  const std::size_t hidden = config_.hidden_dim();

  const Panels dmlp = branch_gradient(mlp_site(index), dropout);
  weight_gradient(dmlp, layer.hidden, weights.fc2, place);
  const bool squared = config_.activation == Activation::squared_relu;
  product(dmlp, width, weights.fc2, parameters_.span(), a.dhidden,
          {.gate = layer.rectified.data, .epilogue = squared ? Epilogue::squared_relu_backward : Epilogue::relu_backward});
  weight_gradient(layer.mlp_input, a.dhidden, weights.fc1, place);
  product(a.dhidden, hidden, transposed.fc1, transposed_.span(), a.dnormed);
  add_norm_backward(layer.mlp_input, layer.mlp_scale, a.dnormed, true);

  const Panels dattention_branch = branch_gradient(attention_site(index), dropout);
  weight_gradient(layer.attention, dattention_branch, weights.wo, place);
  product(dattention_branch, width, transposed.wo, transposed_.span(), a.dattention);
  kernels_.attention_backward({attention_call(layer), a.dattention, a.dqkv});
  weight_gradient(layer.attention_input, a.dqkv, weights.qkv, place);
  product(a.dqkv, weights.qkv.features, transposed.qkv, transposed_.span(), a.dnormed);
  add_norm_backward(layer.attention_input, layer.attention_scale, a.dnormed, true);
}

void FastEngine::backward_embeddings(TreePlace place) {
  const std::size_t size = packing_.embeddings_size();
  const bool is_first = place.first == place.last;
  float* const own = is_first ? gradients_[place.first].data() : embeddings_gradient_.data();
  std::fill_n(own, size, 0.0F);
  kernels_.embedding_backward({activations_.dx, rows_.tokens(), rows_.positions(), packing_.wte.in(own), packing_.wpe.in(own)});
  if (is_first) return;
  for (std::size_t i = place.last; i-- > place.first + 1;) kernels_.add({own, size}, gradients_[i].span().first(size));
  kernels_.add(gradients_[place.first].span().first(size), {own, size});
}

std::vector<double> FastEngine::losses(const Batch& batch) {
  const DenormalsAsZero scope;
  std::vector<double> losses;
  losses.reserve(batch.positions());
  for (std::size_t begin = 0; begin < batch.documents();) {
    std::size_t end = begin + 1;
    while (end < batch.documents() && batch.offsets[end + 1] - batch.offsets[begin] <= 2 * kLeastShardPositions) ++end;
    prepare({batch, begin, end}, prefix_sharing_ == PrefixSharing::where_it_pays);
    forward(PartDropout{DropoutMask({}), begin});
    kernels_.softmax({activations_.logits, rows_.size(), config_.vocab_size, nullptr, activations_.lse});
    const std::span<const std::int32_t> row_of_position = rows_.row_of_position();
    for (std::size_t i = 0; i < row_of_position.size(); ++i) {
      const auto row = static_cast<std::size_t>(row_of_position[i]);
      const auto target = static_cast<std::size_t>(batch.targets[batch.offsets[begin] + i]);
      losses.push_back(static_cast<double>(activations_.lse[row]) -
                       static_cast<double>(activations_.logits.element(row, target)));
    }
    begin = end;
  }
  return losses;
}

FastModel FastEngine::model() const { return {config_, kernels_, packing_, parameters_.span(), transposed_.span()}; }

std::unique_ptr<Stream> FastEngine::open_stream() { return std::make_unique<FastStream>(model()); }

std::unique_ptr<Streams> FastEngine::open_streams(std::size_t count, FirstLayer first_layer) {
  return std::make_unique<FastStreams>(model(), count, first_layer);
}

std::unique_ptr<Engine> make_fast_engine(const Config& config, const FastEngineOptions& options) {
  return std::make_unique<FastEngine>(config, options);
}

}  // namespace microgpt
