// SPDX-License-Identifier: MIT
// Where attention looks, as a part of the picture of an explanation.
#pragma once

#include <string>

#include "report/explanation/attention_layers.h"

namespace microgpt {

struct AttentionDrawing {
  std::string svg;
  double height;
};

// For each layer a table for each head, side by side from `left` to `right`, below `top`; as attention_html(). The classes of
// its style sheet are those of kAttentionStyle. REQUIRES: space for a column.
AttentionDrawing draw_attention(const AttentionLayers& layers, double left, double right, double top);

inline constexpr const char* kAttentionStyle = R"(  <style>
    .weight { fill: #3b82f6; }
    .input { font: 600 12px ui-monospace, monospace; }
    .input.short { font-size: 10px; } .input.name { font-size: 6.4px; }
    .percent { font-size: 11px; text-anchor: middle; }
    .heading { font-size: 14px; font-weight: 600; }
  </style>
)";

}  // namespace microgpt
