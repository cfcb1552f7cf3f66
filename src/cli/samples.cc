// SPDX-License-Identifier: MIT
#include "cli/samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "cli/arguments.h"
#include "cli/terminal.h"
#include "microgpt/error.h"
#include "report/numbers.h"
#include "report/records.h"

namespace microgpt {
namespace {

constexpr Range kSampleLength{1, 1'000'000'000};

RecordFormat record_format(SampleFormat format) {
  switch (format) {
    case SampleFormat::jsonl:
      return RecordFormat::jsonl;
    case SampleFormat::csv:
      return RecordFormat::csv;
    default:
      return RecordFormat::tsv;
  }
}

class Printer {
 public:
  explicit Printer(const SampleSettings& settings)
      : settings_(settings),
        records_({record_format(settings.format)}),
        scores_({record_format(settings.format)}, {.per = Per::document}) {}

  void begin() const {
    if (settings_.format == SampleFormat::lines) return;
    std::string header;
    records_.header(header, {});
    print(settings_.with_score ? scores_.header() : header);
    flush_output();  // the first document may take long
  }

  void document(const FoundDocument& document) {
    if (settings_.format != SampleFormat::lines) return print(record(document));
    if (settings_.kind == CorpusKind::text && !std::exchange(is_first_, false)) print("---\n");
    print(document.text + "\n");
  }

 private:
  std::string record(const FoundDocument& document) const {
    std::string out;
    if (settings_.with_score) {
      scores_.record(out, document.text, {document.loss});
      return out;
    }
    records_.record(out, document.text, [](std::string&) {});
    return out;
  }

  const SampleSettings& settings_;
  Records records_;
  ScoreRecords scores_;
  bool is_first_ = true;
};

void sort(std::vector<FoundDocument>& documents, SampleOrder order) {
  std::stable_sort(documents.begin(), documents.end(), [&](const FoundDocument& a, const FoundDocument& b) {
    return order == SampleOrder::likeliest ? a.loss.nats < b.loss.nats : a.loss.nats > b.loss.nats;
  });
}

std::string describe_shortfall(const SampleSettings& settings, const SearchResult& result) {
  const std::string found =
      fmt::format("found {} of {} in {}", result.found, settings.count, plural(result.attempts, "attempt"));
  if (settings.temperature == 0.0) return found + ", which are all the same at a temperature of 0; choose a higher one";
  return found + "; a greater --budget tries longer, a higher --temperature makes more different documents";
}

}  // namespace

void add_max_length(Command& command, std::optional<std::size_t>& max_length) {
  add_integer(command, "--max-length", kSampleLength, into(max_length),
              fmt::format("Maximum characters per sample [the context length, or {} for one long text]", kTextSampleLength));
}

std::size_t longest_sample(const SampleSettings& settings, const Config& config) {
  return settings.max_length.value_or(settings.kind == CorpusKind::text ? kTextSampleLength : config.block_size);
}

SearchOptions search_options(const SampleSettings& settings, const Config& config) {
  return {.sampler = {.temperature = settings.temperature,
                      .filter = settings.filter,
                      .seed = settings.seed,
                      .prompt = settings.prompt,
                      .prompt_after_bos = settings.kind != CorpusKind::text || settings.prompt.empty(),
                      .min_length = settings.min_length,
                      .max_length = longest_sample(settings, config),
                      .mixture = settings.mixture},
          .kind = settings.kind,
          .constraints = settings.constraints,
          .count = settings.count,
          .budget = settings.budget.value_or(default_budget(settings.count, settings.temperature)),
          .with_loss = settings.with_score || settings.order,
          .exact_conditional = settings.exact_conditional,
          .ngram = settings.ngram};
}

void print_samples(std::span<Engine* const> engines, const Tokenizer& tokenizer, const SampleSettings& settings,
                   const Interruption& interruption) {
  SearchOptions options = search_options(settings, engines.front()->config());
  options.sampler.between_steps = [&] { interruption.check(); };
  Printer printer(settings);
  std::vector<FoundDocument> to_sort;
  printer.begin();
  const SearchResult result = find_documents(engines, tokenizer, options, [&](FoundDocument document) {
    if (settings.order)
      to_sort.push_back(std::move(document));
    else
      printer.document(document);
  });
  if (settings.order) sort(to_sort, *settings.order);
  for (const FoundDocument& document : to_sort) printer.document(document);
  if (result.effective_candidates)
    inform(fmt::format("chosen by weight from {}, which say as much as {:.0f} of equal weight",
                       plural(result.attempts, "candidate"), *result.effective_candidates));
  if (result.found < settings.count) throw Error(describe_shortfall(settings, result));
}

}  // namespace microgpt
