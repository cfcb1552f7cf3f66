// SPDX-License-Identifier: MIT
// An engine computes the GPT: the loss of a batch, its gradient, and the logits of one token after another.
//
// It owns the parameters and their gradient, each one flat buffer in the engine's own layout and precision. The layout is the
// engine's secret: `load` and `store` translate from and to the order of the ParameterTable, and whatever works element by
// element (the optimizer) works on `buffers()` and does not need to know it.
//
// Engines know nothing of each other. The graph engine is the oracle: it is the one that can be read beside microgpt.py, and
// every other engine is compared with it.
//
// Threads: one thread at a time uses an engine and its streams; different engines are independent, but for a team of threads
// that they may share, which works for one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/score.h"
#include "microgpt/token.h"
#include "parallel/thread_team.h"
#include "simd/target.h"
#include "text/batch.h"

namespace microgpt {

// Parameters and gradient, element by element, in the engine's layout.
template <typename Real>
struct Buffers {
  std::span<Real> parameters;
  std::span<const Real> gradient;
  ThreadTeam* team = nullptr;  // who has computed the gradient, and may share work on these; null: the calling thread alone
};
using AnyBuffers = std::variant<Buffers<double>, Buffers<float>>;

// Numbers in an engine's layout and precision, one for each parameter, such as the optimizer's moments.
using AnyNumbers = std::variant<std::span<double>, std::span<float>>;
using AnyConstNumbers = std::variant<std::span<const double>, std::span<const float>>;

// One document as it grows: a cache of keys and values that takes a token and gives the logits of the next.
class Stream {
 public:
  virtual ~Stream() = default;

  // The logits after `token` at the next position, [vocab_size]; valid until the next call.
  // REQUIRES: fewer than block_size tokens were fed; the engine lives and its parameters are those of the first token.
  virtual std::span<const double> feed(Token token) = 0;
};

// Documents that grow in lock step, each with its own cache. What is computed for one does not depend on the others.
class Streams {
 public:
  virtual ~Streams() = default;

  virtual std::size_t size() const = 0;

  // Stream i forgets its tokens and begins a new document.
  virtual void restart(std::size_t i) = 0;

  // Feeds tokens[i] to stream i. REQUIRES: size() tokens; each stream was fed fewer than block_size since it began; the engine
  // lives and its parameters are those of when the streams were opened.
  virtual void feed(std::span<const Token> tokens) = 0;

  // The logits of stream i's next token, [vocab_size]; valid until the next feed(). One that is made minus infinity before
  // draw() is that of a token which is not drawn. REQUIRES: a token was fed.
  virtual std::span<float> logits(std::size_t i) = 0;

  // Draws each stream's next token: tokens[i] is the first one at which the running sum of softmax(logits / temperature) passes
  // uniforms[i]. False where some probabilities are not numbers, as the temperature is too close to 0.
  // REQUIRES: a token was fed; temperature > 0; size() of both; 0 <= uniforms[i] < 1.
  virtual bool draw(double temperature, std::span<const float> uniforms, std::span<Token> tokens) = 0;
};

// What the first layer computes before attention depends on the token and its position alone. It may be computed once for all
// of them, when streams are opened, and looked up: the same bits.
enum class FirstLayer {
  computed,
  looked_up,  // takes vocab_size * block_size * 4 * n_embd floats; engines may compute it all the same
};

// Dropout of a training step, inverted (Srivastava et al. 2014): with probability `rate` a value of the embeddings' sum, or of
// what a layer's attention or MLP adds to the residual stream, becomes 0; the others are multiplied by 1/(1 - rate). Which ones
// is a function of the seed, the step and the value's index, the same in all engines. The rate is rounded to a multiple of
// 2^-16, and to at most 1 - 2^-16. Documents of a batch that begin alike are not computed together then.
struct Dropout {
  double rate = 0.0;  // from 0, which is none, to below 1
  std::uint64_t seed = 0;
  std::uint64_t step = 0;  // below 2^32
};

// What makes the logits at each position of a batch into others.
struct LogitChange {
  // Of each position: where documents begin alike, and have equal keys there, their logits become the same.
  std::span<const std::uint32_t> keys;

  // Gets the logits of a position, [vocab_size], and leaves finite ones. Called by several threads at once. Empty: they stay
  // as they are.
  std::function<void(std::size_t position, std::span<float> logits)> apply;

  bool with_expected = false;  // whether to say what was expected, too
};

// What a distribution expects of -ln P of its own draws: the mean, which is its entropy, in nats, and the variance.
struct ExpectedLoss {
  double mean = 0.0;
  double variance = 0.0;
};

// Of each position of a batch, in nats: -ln P(target) of the engine's logits, and of what they were made into; and what the
// latter expect, where that is wanted.
struct LossesOfBoth {
  std::vector<double> plain;
  std::vector<double> changed;
  std::vector<ExpectedLoss> expected;
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual const Config& config() const = 0;

  // Parameters from and to table order, and the gradient to it. REQUIRES: sizes of parameter_count().
  virtual void load(std::span<const double> parameters) = 0;
  virtual void store(std::span<double> parameters) const = 0;
  virtual void store_gradient(std::span<double> gradient) const = 0;

  // The same of one tensor of the table, for any numbers of buffers()' size and precision. What is only padding in the layout
  // stays as it is, and must be 0. REQUIRES: tensor is below the number of tensors; `numbers` has its size.
  virtual void pack(std::size_t tensor, std::span<const double> numbers, AnyNumbers packed) const = 0;
  virtual void unpack(AnyConstNumbers packed, std::size_t tensor, std::span<double> numbers) const = 0;

  // The mean of -ln P(target), in nats, and its gradient, which replaces the last. Where the batch has soft targets, it is the
  // mean of -ln P(token) over the tokens with their probabilities.
  // Throws ConfigError: a rate of dropout for an engine that has none.
  // REQUIRES: the batch has a document; no document has more than block_size positions; tokens are below vocab_size; soft
  // targets are for the fast engine alone.
  virtual double loss_and_gradient(const Batch& batch, const Dropout& dropout = {}, LossMean mean = LossMean::document) = 0;

  // -ln P(target) of each position of the batch, in nats, end to end as in the batch; forward only. REQUIRES: as above; as many
  // losses as positions.
  virtual void losses(const Batch& batch, std::span<double> losses) = 0;
  std::vector<double> losses(const Batch& batch) {
    std::vector<double> all(batch.positions());
    losses(batch, all);
    return all;
  }

  // The same, and what they are with other logits, which are of single precision there. The vectors take their size.
  // REQUIRES: as above.
  virtual void losses(const Batch& batch, const LogitChange& change, LossesOfBoth& losses) = 0;
  LossesOfBoth losses(const Batch& batch, const LogitChange& change) {
    LossesOfBoth both;
    losses(batch, change, both);
    return both;
  }

  virtual std::unique_ptr<Stream> open_stream() = 0;

  virtual std::unique_ptr<Streams> open_streams(std::size_t count, FirstLayer first_layer = FirstLayer::computed) = 0;

  // Where the optimizer works, valid until the next call of another function; call parameters_changed() after the work.
  virtual AnyBuffers buffers() = 0;
  virtual void parameters_changed() = 0;

  // The parameters of buffers(), for a caller that wants no gradient: among ranks each has a slice of it, and buffers() makes
  // it whole.
  virtual AnyNumbers parameters() {
    return std::visit([](auto buffers) -> AnyNumbers { return buffers.parameters; }, buffers());
  }
};

inline constexpr std::string_view kGraphEngineName = "graph";

// The oracle: microgpt.py's own algorithm on a graph of scalars, in double precision. Throws ConfigError as validate() does,
// and, then or when a document comes that is too long for it, where its graph would not fit into this machine's memory.
std::unique_ptr<Engine> make_graph_engine(const Config& config);

inline constexpr std::string_view kExactEngineName = "exact";
inline constexpr std::string_view kNoDropout = "the exact engine has no dropout; choose the engine fast or graph";

// The bits of the graph engine, hundreds of times as fast: derived by hand, vectorised, in double precision. It has no dropout.
// The same bits on every target. Throws ConfigError as validate() does, and, then or when a document comes that is too long for
// it, where what it keeps of it would not fit into this machine's memory.
std::unique_ptr<Engine> make_exact_engine(const Config& config, Target target = best_target());

inline constexpr std::string_view kFastEngineName = "fast";

// Whether documents of a batch that begin alike are computed together; the loss and the gradient are the same sums in another
// order.
enum class PrefixSharing {
  where_it_pays,
  never,
};

struct FastEngineOptions {
  Target target = best_target();
  PrefixSharing prefix_sharing = PrefixSharing::where_it_pays;
  ThreadTeam* team = nullptr;  // what computes, or null: the calling thread alone; it must outlive the engine
};

// The engine to train with: float32, batched, vectorised. The same bits on every target and with any number of threads and
// ranks. Throws ConfigError as validate() does.
std::unique_ptr<Engine> make_fast_engine(const Config& config, const FastEngineOptions& options = {});

}  // namespace microgpt
