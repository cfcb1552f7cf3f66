// SPDX-License-Identifier: MIT
// What kinds of corpora, encodings and what becomes of invalid bytes are called, in files and on the command line.
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

struct InvalidUtf8Name {
  InvalidUtf8 value;
  std::string_view name;
};

inline constexpr std::array<InvalidUtf8Name, 3> kInvalidUtf8Names{{
    {InvalidUtf8::error, "error"},
    {InvalidUtf8::replace, "replace"},
    {InvalidUtf8::skip, "skip"},
}};

}  // namespace microgpt
