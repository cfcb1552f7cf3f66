// SPDX-License-Identifier: MIT
// Parts of answers in JSON, as web/src/module/messages.ts describes them.
#pragma once

#include "io/json.h"
#include "microgpt/config.h"
#include "microgpt/tokenizer.h"
#include "report/run/model_card.h"

namespace microgpt::web {

// JSON has neither infinities nor what is no number: they are "inf", "-inf" and "nan".
Json loss_json(double loss);

Json config_json(const Config& config);

// How well each predictor does on each part.
Json parts_json(const RunLosses& losses);

// What to show for each token.
Json symbols_of(const Tokenizer& tokenizer);

}  // namespace microgpt::web
