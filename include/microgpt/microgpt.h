// SPDX-License-Identifier: MIT
// All of the library. docs/library.md is a tour.
#pragma once

#include "microgpt/classify.h"
#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/error.h"
#include "microgpt/explain.h"
#include "microgpt/formats.h"
#include "microgpt/model.h"
#include "microgpt/parameters.h"
#include "microgpt/sample.h"
#include "microgpt/score.h"
#include "microgpt/tokenizer.h"
#include "microgpt/train.h"
