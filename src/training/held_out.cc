#include "training/held_out.h"

#include <cassert>

#include "microgpt/batch.h"

namespace microgpt {
namespace {

// Appends documents from `next` on until the chunk is full; returns the first that is not in it.
std::size_t append_chunk(const TokenizedDocuments& documents, std::size_t next, HeldOutChunk chunk, std::size_t block_size,
                         Batch& batch) {
  while (next < documents.size() && batch.documents() < chunk.documents && batch.positions() < chunk.positions)
    documents.append(next++, block_size, batch);
  return next;
}

}  // namespace

MeanLoss held_out_loss(Engine& engine, const TokenizedDocuments& documents, HeldOutChunk chunk) {
  assert(documents.size() > 0 && chunk.documents > 0 && chunk.positions > 0);
  MeanLoss sum{0.0, 0.0};
  std::size_t positions = 0;
  Batch batch;
  for (std::size_t next = 0; next < documents.size(); batch.clear()) {
    next = append_chunk(documents, next, chunk, engine.config().block_size, batch);
    const MeanLoss mean = mean_loss(engine, batch);
    sum.document_mean += mean.document_mean * static_cast<double>(batch.documents());
    sum.token_mean += mean.token_mean * static_cast<double>(batch.positions());
    positions += batch.positions();
  }
  return {sum.document_mean / static_cast<double>(documents.size()), sum.token_mean / static_cast<double>(positions)};
}

}  // namespace microgpt
