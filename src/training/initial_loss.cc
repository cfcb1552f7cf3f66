#include "training/initial_loss.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/mean_loss.h"

namespace microgpt {

InitialLoss check_initial_loss(Engine& engine, const Batch& batch) {
  const std::size_t vocab_size = engine.config().vocab_size;
  return {batch.documents(), vocab_size, mean_loss(engine, batch).document_mean, uniform_loss(vocab_size)};
}

std::string describe(const InitialLoss& loss) {
  const std::string found = fmt::format("The loss of {} documents is {:.3f}; random guessing costs ln {} = {:.3f}",
                                        loss.documents, loss.document_mean, loss.vocab_size, loss.uniform);
  if (loss.suspicious())
    return fmt::format(
        "{}. Warning: {:+.0f}% is too far above it for a fresh model. The usual causes: initial values that are too "
        "large, targets that are not the next tokens, or a model that is not fresh",
        found, 100.0 * loss.excess());
  return fmt::format("{} ({:+.1f}%): as it should be, a fresh model knows nothing", found, 100.0 * loss.excess());
}

}  // namespace microgpt
