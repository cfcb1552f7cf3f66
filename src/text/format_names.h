// SPDX-License-Identifier: MIT
// What kinds of corpora, encodings and what becomes of invalid bytes are called, in files and on the command line.
#pragma once

#include <array>
#include <string_view>

#include "microgpt/corpus.h"
#include "text/names.h"

namespace microgpt {

inline constexpr std::array<Named<CorpusKind>, 3> kCorpusKindNames{{
    {CorpusKind::lines, "lines"},
    {CorpusKind::text, "text"},
    {CorpusKind::tail, "tail"},
}};

inline constexpr std::array<Named<Encoding>, 2> kEncodingNames{{
    {Encoding::utf8, "utf-8"},
    {Encoding::bytes, "bytes"},
}};

inline constexpr std::array<Named<InvalidUtf8>, 3> kInvalidUtf8Names{{
    {InvalidUtf8::error, "error"},
    {InvalidUtf8::replace, "replace"},
    {InvalidUtf8::skip, "skip"},
}};

}  // namespace microgpt
