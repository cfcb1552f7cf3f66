// SPDX-License-Identifier: MIT
// The GPT of a model as a graph of ONNX; docs/formats.md describes its inputs and outputs.
//
// The graph is what src/engine/graph/gpt.h computes, for all positions of a batch at once. The factor 1 / sqrt(head_dim) is in
// attn_wq, as onnxruntime makes a factor of its own, in single precision, of one in the graph. There is no mask for what is
// no document: those of a batch have one length.
#pragma once

#include <string>

#include "microgpt/formats.h"
#include "model/saved_model.h"

namespace microgpt {

// Throws as onnx_bytes().
std::string gpt_to_onnx(const SavedModel& model, const OnnxOptions& options);

// The names of the inputs and outputs that hold the keys and values of a layer.
std::string past_name(std::size_t layer, const char* what);
std::string present_name(std::size_t layer, const char* what);

}  // namespace microgpt
