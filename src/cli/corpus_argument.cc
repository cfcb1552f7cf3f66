#include "cli/corpus_argument.h"

#include <utility>

#include "io/file.h"
#include "io/sha256.h"
#include "text/embedded_names.h"

namespace microgpt {

LoadedCorpus load_corpus(const std::optional<std::string>& path, const CorpusFormat& format) {
  std::string bytes = path ? read_corpus_bytes(*path, format.kind) : std::string(embedded_names_text());
  CorpusSource source{path, sha256(bytes), format};
  return {Corpus(path ? name_of_input(*path) : "the embedded US names of 2018", std::move(bytes), format), std::move(source)};
}

}  // namespace microgpt
