// SPDX-License-Identifier: MIT
// A model in formats of other programs; docs/formats.md describes them.
//
// Each holds a part of a model: ONNX the GPT, and ARPA the n-gram. The mixture of both is in neither. The same model makes the
// same bytes. Threads: any number may export one model.
#pragma once

#include <string>

#include "microgpt/export.h"
#include "microgpt/model.h"

namespace microgpt {

struct OnnxOptions {
  // Whether the graph takes the keys and values of the tokens before, and gives those of its own: to generate token by token.
  // Without them the bits of a document do not depend on how it is cut, or on what is computed beside it.
  bool with_cache = false;

  // Whether it computes in double precision, as the exact engine does, and not in single precision.
  bool doubles = false;
};

// The GPT as the bytes of a file of ONNX. Throws Error: a parameter is too large for single precision; the file would be larger
// than the format can be.
MICROGPT_API std::string onnx_bytes(const Model& model, const OnnxOptions& options = {});

// The n-gram as the text of a file of ARPA. Throws Error where the model has none.
MICROGPT_API std::string arpa_text(const Model& model);

}  // namespace microgpt
