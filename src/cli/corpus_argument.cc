// SPDX-License-Identifier: MIT
#include "cli/corpus_argument.h"

#include <fmt/format.h>

#include <utility>

#include "cli/arguments.h"
#include "cli/terminal.h"
#include "io/file.h"
#include "report/numbers.h"
#include "text/embedded_names.h"
#include "text/hashes.h"
#include "text/labels.h"

namespace microgpt {

namespace {

struct LoadedFile {
  Corpus corpus;
  FileSource source;
};

std::optional<LoadedFile> load_file(const std::optional<FileSource>& file, const CorpusFormat& format) {
  if (!file) return std::nullopt;
  Corpus corpus = read_corpus(file->path, format);
  FileSource source{file->path, corpus.sha256()};
  return LoadedFile{std::move(corpus), std::move(source)};
}

void require_same_file(const std::optional<FileSource>& loaded, const std::optional<FileSource>& source,
                       const std::string& folder) {
  if (loaded != source)
    throw Error(fmt::format("{} is not the file that {} was begun with: its SHA-256 is {} and not {}", source->path, folder,
                            loaded->sha256, source->sha256));
}

}  // namespace

LoadedCorpus load_corpus(const std::optional<std::string>& path, const CorpusFormat& format, const std::string& label) {
  if (path) return corpus_of_bytes(*path, read_corpus_bytes(*path, format.kind), format, label);
  Corpus corpus("the embedded US names of 2018", std::string(embedded_names_text()), format);
  CorpusSource source{path, corpus.sha256(), format};
  return {std::move(corpus), std::move(source)};
}

LoadedCorpus corpus_of_bytes(const std::string& path, std::string bytes, const CorpusFormat& format, const std::string& label) {
  if (label.empty()) {
    Corpus corpus(name_of_input(path), std::move(bytes), format);
    CorpusSource source{path, corpus.sha256(), format};
    return {std::move(corpus), std::move(source)};
  }
  CorpusSource source{path, sha256(bytes), format, {}, label};
  return {Corpus(fmt::format("{}, {}", name_of_input(path), label), lines_of_label(bytes, label), format), std::move(source)};
}

LoadedCorpus divided(LoadedCorpus loaded, const CorpusDivision& division) {
  const std::optional<LoadedFile> validation = load_file(division.validation, loaded.source.format);
  const std::optional<LoadedFile> test = load_file(division.test, loaded.source.format);
  loaded.source.division.group = division.group;
  loaded.corpus.set_group(division.group);
  if (!validation && !test) return loaded;
  if (validation) loaded.source.division.validation = validation->source;
  if (test) loaded.source.division.test = test->source;
  for (const auto& file : {&validation, &test})
    if (*file) loaded.held_out.emplace_back((*file)->corpus.name(), (*file)->corpus.invalid_bytes());
  loaded.corpus = loaded.corpus.with_held_out(validation ? &validation->corpus : nullptr, test ? &test->corpus : nullptr);
  return loaded;
}

bool update_source(const LoadedCorpus& loaded, CorpusSource& source) {
  const CorpusSource before = source;
  if (loaded.source.path != "-") source.path = loaded.source.path;
  source.division = loaded.source.division;
  return source.path != before.path || source.division.validation != before.division.validation ||
         source.division.test != before.division.test;
}

void inform_of_invalid_bytes(const LoadedCorpus& loaded) {
  const auto inform_of = [&](const std::string& name, const InvalidBytes& bytes) {
    if (bytes.sequences > 0)
      inform(fmt::format("{}: {} of bytes that are not UTF-8, in {}, {}", name, plural(bytes.sequences, "sequence"),
                         plural(bytes.lines, "line"),
                         loaded.source.format.invalid == InvalidUtf8::skip ? "left out" : "replaced by U+FFFD"));
  };
  inform_of(loaded.corpus.name(), loaded.corpus.invalid_bytes());
  for (const auto& [name, bytes] : loaded.held_out) inform_of(name, bytes);
}

std::string remedy_of_empty_part(std::span<const CorpusToSplit> corpora, double held_out, NothingHeldOut nothing) {
  for (const CorpusToSplit& each : corpora) {
    if (each.corpus->own_size() < each.corpus->size()) return "give other documents to --validation and --test";
    if (!each.corpus->group().empty()) return "choose a --group that tells three groups apart at least";
  }
  const std::optional<double> share = share_for_all_parts(corpora, held_out);
  const bool may_be_nothing = nothing == NothingHeldOut::possible;
  if (share && may_be_nothing) return fmt::format("hold out more with --held-out {}, or nothing with --held-out 0", *share);
  if (share) return fmt::format("hold out more with --held-out {}", *share);
  return may_be_nothing ? "hold nothing out with --held-out 0" : "give more documents";
}

LoadedCorpus load_corpus_again(const std::string& command, const CorpusSource& source, const std::optional<std::string>& given,
                               const std::string& folder, const std::optional<std::string>& input) {
  if (source.path == "-" && !given)
    throw UsageError(
        fmt::format("--resume {}: its corpus came from standard input; give it again, as in {} --resume {} - < FILE", folder,
                    command, folder));
  LoadedCorpus loaded = divided(input ? corpus_of_bytes("-", *input, source.format, source.label)
                                      : load_corpus(given ? given : source.path, source.format, source.label),
                                source.division);
  require_same_file(loaded.source.division.validation, source.division.validation, folder);
  require_same_file(loaded.source.division.test, source.division.test, folder);
  if (loaded.source.sha256 != source.sha256)
    throw Error(
        fmt::format("{} is not the corpus that {} was trained on: its SHA-256 is {} and not {}; to go on with other documents, "
                    "begin another run with {}",
                    loaded.corpus.name(), folder, loaded.source.sha256, source.sha256, command == "train" ? "--init" : "-o"));
  return loaded;
}

}  // namespace microgpt
