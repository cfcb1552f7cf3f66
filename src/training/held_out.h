// The loss on documents that the model is not trained on, however many there are.
#pragma once

#include <cstddef>

#include "engine/mean_loss.h"
#include "microgpt/engine.h"
#include "text/tokenized_documents.h"

namespace microgpt {

// How much goes into one batch: so many documents, and no further one after so many positions.
struct HeldOutChunk {
  std::size_t documents = 64;
  std::size_t positions = 4096;
};

// The document mean and the token mean over all documents, in nats, computed forward only, chunk by chunk. Chunks of another
// size change the result by rounding alone.
// Documents that are longer than the context are cut to it, as training cuts them: their later positions do not count.
// Throws what Engine::losses() throws. REQUIRES: there is a document; the documents' tokens are those of the engine's
// vocabulary; the numbers of the chunk are at least 1.
MeanLoss held_out_loss(Engine& engine, const TokenizedDocuments& documents, HeldOutChunk chunk = {});

}  // namespace microgpt
