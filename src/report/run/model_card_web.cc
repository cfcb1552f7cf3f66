// SPDX-License-Identifier: MIT
// A page has no folder to put a card in.
#include "report/run/model_card.h"

namespace microgpt {

std::string model_card(const ModelCard&) { return ""; }

}  // namespace microgpt
