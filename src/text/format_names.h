// SPDX-License-Identifier: MIT
// What kinds of corpora and encodings are called, in files and on the command line.
#pragma once

#include <array>
#include <string_view>

#include "microgpt/corpus.h"

namespace microgpt {

struct CorpusKindName {
  CorpusKind value;
  std::string_view name;
};

inline constexpr std::array<CorpusKindName, 3> kCorpusKindNames{{
    {CorpusKind::lines, "lines"},
    {CorpusKind::text, "text"},
    {CorpusKind::tail, "tail"},
}};

struct EncodingName {
  Encoding value;
  std::string_view name;
};

inline constexpr std::array<EncodingName, 2> kEncodingNames{{
    {Encoding::utf8, "utf-8"},
    {Encoding::bytes, "bytes"},
}};

}  // namespace microgpt
