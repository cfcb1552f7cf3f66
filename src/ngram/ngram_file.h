// SPDX-License-Identifier: MIT
// An n-gram model as the bytes of ngram.bin; docs/ngram.md describes them.
//
// Stored is which n-grams there are and how often the longest occur; all else follows from that. The same model makes the same
// bytes, and bytes that are read make the model whose bytes they are, with the same probabilities to the last bit.
#pragma once

#include <string>
#include <string_view>

#include "ngram/ngram_model.h"

namespace microgpt {

std::string ngram_to_bytes(const NgramModel& model);

// `name` stands for the file in error messages. Throws Error, as damaged(): anything but the bytes that ngram_to_bytes() makes
// of some model. Memory: in proportion to the bytes, whatever they claim to hold.
NgramModel ngram_from_bytes(const std::string& name, std::string_view bytes);

// The same as a file, which is replaced as a whole. Throws Error: what the system does not write or read, and as above.
void write_ngram(const std::string& path, const NgramModel& model);
NgramModel read_ngram(const std::string& path);

}  // namespace microgpt
