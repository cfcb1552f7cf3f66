// The loss of a document laid open, as JSON.
#pragma once

#include <string>

#include "inference/explain.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// The fields text, positions, loss_sum, loss_mean and loss_random (nats), unseen. A position has input, target, probability,
// nats, bits, and alternatives with token and probability; tokens are texts as in the table, and an unseen target has a field
// "unseen": true.
std::string explanation_json(const Explanation& explanation, const Tokenizer& tokenizer, const std::string& text);

}  // namespace microgpt
