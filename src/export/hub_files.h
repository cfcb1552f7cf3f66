// SPDX-License-Identifier: MIT
// The folder around a graph of ONNX, in the layout that transformers.js loads from the hub of Hugging Face; docs/formats.md
// describes it.
#pragma once

#include <vector>

#include "microgpt/formats.h"
#include "model/saved_model.h"

namespace microgpt {

// The names of the files, which may be in a folder of that one, and their bytes; config.json is the last. With a cache the
// model calls itself a gpt2, whose inputs and outputs it has, as nobody generates with a type that is unknown. Without one it
// does not, as transformers.js would generate wrong tokens without a word: it gives only the last token to a graph. Throws as
// onnx_bytes().
std::vector<FileBeside> hub_files(const SavedModel& model, const OnnxOptions& options);

}  // namespace microgpt
