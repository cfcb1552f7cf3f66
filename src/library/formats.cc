// SPDX-License-Identifier: MIT
#include "microgpt/formats.h"

#include <string_view>

#include "export/arpa.h"
#include "export/gpt_onnx.h"
#include "library/model_parts.h"
#include "microgpt/error.h"

namespace microgpt {

std::string onnx_bytes(const Model& model, const OnnxOptions& options) { return gpt_to_onnx(model.parts().saved, options); }

std::string arpa_text(const Model& model) {
  const ModelParts& parts = model.parts();
  if (!parts.ngram) throw Error("the model has no n-gram: train the model again");
  std::string text;
  write_arpa(*parts.ngram, parts.saved.tokenizer, [&](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace microgpt
