// SPDX-License-Identifier: MIT
#include "report/run/model_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/loss.h"
#include "io/file.h"
#include "report/markdown.h"
#include "report/numbers.h"
#include "report/run/verdict.h"
#include "text/names.h"
#include "training/run_folder.h"
#include "training/settings.h"

namespace microgpt {
namespace {

std::string describe_layout(const DocumentLayout& layout) {
  switch (layout.kind) {
    case DocumentLayout::Kind::columns:
      return fmt::format("each field of the column {}", markdown_text(layout.column));
    case DocumentLayout::Kind::separated:
      return fmt::format("the lines between those that are {}",
                         layout.separator == kBlankLine ? std::string("blank") : "as " + markdown_text(layout.separator));
    case DocumentLayout::Kind::fasta:
      return "each sequence of FASTA";
    default:
      return "each line that is not blank";
  }
}

const PartComparison* find_part(const RunLosses& losses, std::string_view name) {
  const auto found =
      std::find_if(losses.parts.begin(), losses.parts.end(), [&](const PartComparison& part) { return part.part == name; });
  return found == losses.parts.end() ? nullptr : &*found;
}

// A visitor that makes a row of a table of each setting.
class RowsOfSettings {
 public:
  explicit RowsOfSettings(std::string& rows) : rows_(rows) {}

  template <typename Number>
  void integer(const char* name, const Number& value, Range, SettingHelp help, const char* = nullptr) {
    add(name, text_of(value), help.meaning);
  }
  template <typename Number>
  void real(const char* name, const Number& value, RealRange, SettingHelp help, const char* = nullptr) {
    add(name, text_of(value), help.meaning);
  }
  void inverse_flag(const char* name, bool value, SettingHelp help) { add(name, value ? "no" : "yes", help.meaning); }
  template <typename Value, typename Entries>
  void choice(const char* name, Value value, const Entries& entries, SettingHelp help) {
    add(name, std::string(name_in(entries, value)), help.meaning);
  }

 private:
  template <typename Number>
  static std::string text_of(const Number& value) {
    return fmt::format("{}", value);
  }
  template <typename Number>
  static std::string text_of(const std::optional<Number>& value) {
    return value ? text_of(*value) : kNone;
  }

  void add(const char* name, const std::string& value, const char* meaning) {
    rows_ += fmt::format("| `{}` | {} | {} |\n", name, value, markdown_text(meaning));
  }

  std::string& rows_;
};

// For whoever collects models; the figures are those of the test.
std::string front_matter(const ModelCard& card) {
  std::string text = fmt::format(
      "{}license: mit\n"
      "pipeline_tag: text-generation\n"
      "tags:\n"
      "- microgpt\n"
      "- {}-level\n",
      kModelCardBeginning, card.state.corpus.format.encoding == Encoding::bytes ? "byte" : "character");
  if (const PartComparison* test = find_part(card.losses, "test")) {
    const Evaluation& model = test->comparison.model;
    text += fmt::format(
        "model-index:\n"
        "- name: microgpt\n"
        "  results:\n"
        "  - task:\n"
        "      type: text-generation\n"
        "    dataset:\n"
        "      type: text\n"
        "      name: {}\n"
        "      split: test\n"
        "    metrics:\n",
        yaml_text(last_part(card.corpus)));
    const auto add_metric = [&](const char* type, const char* name, double value) {
      text += fmt::format("    - type: {}\n      name: {}\n      value: {:.4f}\n", type, name, value);
    };
    add_metric("loss", "nats, mean over tokens", model.loss.token_mean);
    add_metric("loss", "nats, mean over documents", model.loss.document_mean);
    add_metric("bits_per_character", "bits per character", model.bits_per_character());
    add_metric("perplexity", "perplexity", model.perplexity());
  }
  return text + "---\n";
}

std::string describe_model(const ModelCard& card) {
  const Config& config = card.config;
  const bool is_bytes = card.state.corpus.format.encoding == Encoding::bytes;
  std::string rows = fmt::format(
      "| | |\n"
      "| --- | --- |\n"
      "| shape | {}, {}, {}, a context of {}, {} |\n"
      "| parameters | {}, {} |\n"
      "| tokens | {}: {}, and BOS, which begins and ends a document |\n",
      plural(config.n_layer, "layer"), plural(config.n_head, "head"), plural(config.n_embd, "feature"), config.block_size,
      name_in(kActivationNames, config.activation), card.parameter_count,
      card.precision == Precision::float32 ? "float32" : "float64", config.vocab_size,
      plural(config.vocab_size - 1, is_bytes ? "different byte" : "different character"));
  const Progress& progress = card.progress;
  rows += fmt::format("| trained for | {} of {}", progress.step, plural(card.state.options.training.num_steps, "step"));
  if (progress.best_step)
    rows += fmt::format("; the parameters are those of step {}, whose validation loss was the lowest", *progress.best_step);
  rows += " |\n";
  const TrainingOptions& training = card.state.options.training;
  if (progress.teacher_step && progress.best_step.value_or(progress.step) > training.teacher_steps())
    rows += fmt::format("| learned from | the documents, and {} of a teacher, which the first {} trained |\n",
                        training.teacher_share, plural(training.teacher_steps(), "step"));
  if (const auto& init = card.state.init)
    rows += fmt::format("| began with | the parameters of {} (SHA-256 of its model.safetensors: {}){} |\n",
                        markdown_text(last_part(init->path)), init->sha256,
                        init->known_in_test == 0
                            ? ""
                            : fmt::format(", which was trained on {} of the test: the figures of the test are too good",
                                          plural(init->known_in_test, "document")));
  return rows;
}

void add_row(std::string& rows, const std::string& name, const std::string& documents, const Evaluation& evaluation) {
  rows += fmt::format("| {} | {} | {} | {:.4f} | {:.4f} | {:.4f} | {:.4f} |\n", name, documents, evaluation.positions,
                      evaluation.loss.document_mean, evaluation.loss.token_mean, evaluation.bits_per_character(),
                      evaluation.perplexity());
}

std::string table_of(const RunLosses& losses) {
  std::string rows =
      fmt::format("| loss, nats | {} | tokens | document mean | token mean | bits per character | perplexity |\n",
                  losses.unit()) +
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (const PartComparison& part : losses.parts) {
    const Evaluation& model = part.comparison.model;
    const std::string documents = losses.count(part);
    add_row(rows, part.part, documents, model);
    if (part.comparison.ngram)
      add_row(rows, fmt::format("{}, {}", part.part, name_of_ngram(losses.ngram_order)), documents, *part.comparison.ngram);
    if (part.comparison.mixture)
      add_row(rows, fmt::format("{}, {}", part.part, kNameOfMixture), documents, *part.comparison.mixture);
  }
  return rows;
}

std::string explain_losses(const ModelCard& card) {
  std::string text = fmt::format(
      "Random guessing costs ln {} = {:.4f} nats a token. Bits per character are all bits, those of the end\n"
      "included, over the characters; perplexity is e to the token mean.\n",
      card.config.vocab_size, uniform_loss(card.config.vocab_size));
  const PartComparison* test = find_part(card.losses, "test");
  if (test == nullptr) return text + "Nothing was held out: how well the model predicts what it has not seen is not known.\n";
  text += "Validation chose which step's parameters these are; the test chose nothing.\n";
  if (!test->comparison.ngram) return text;
  const double difference = test->comparison.ngram->loss.token_mean - test->comparison.model.loss.token_mean;
  return text + fmt::format(
                    "The {}-gram is interpolated modified Kneser-Ney, counted on the same training part; validation chose its\n"
                    "order. It predicts the test {} than the model, by {:.4f} nats a token.\n",
                    card.losses.ngram_order, difference > 0 ? "worse" : "better", std::abs(difference));
}

// How the corpus's own documents are split.
std::string describe_split(const CorpusSource& corpus, const TrainSettings& options) {
  if (options.held_out == 0.0) return "nothing is held out";
  if (corpus.format.kind == CorpusKind::text)
    return fmt::format(
        "a running text in three stretches: the last {} of its characters are the test, and as many before it validation",
        options.held_out);
  if (corpus.format.kind == CorpusKind::tail)
    return fmt::format(
        "lines in the order of time: the last {} of them are the test, and as many before it validation; what was trained on "
        "is not held out again",
        options.held_out);
  const std::string& group = corpus.division.group;
  return fmt::format(
      "by {}: of u = SipHash-2-4({}; seed {}) / 2^64, u < {} is validation, u < {} the test, and the rest is "
      "trained on; equal documents are on one side, and held out each counts once",
      group.empty() ? "content" : "group", group.empty() ? "document" : "what " + group + " finds in it", options.seed,
      options.held_out, 2 * options.held_out);
}

std::string describe_file(const char* part, const std::optional<FileSource>& file) {
  if (!file) return "";
  return fmt::format("| {} | all of {}, in place of a share of the corpus (SHA-256: {}) |\n", part,
                     markdown_text(last_part(file->path)), file->sha256);
}

std::string describe_corpus(const ModelCard& card) {
  const CorpusSource& corpus = card.state.corpus;
  const bool is_text = corpus.format.kind == CorpusKind::text;
  std::string rows = fmt::format(
      "| | |\n"
      "| --- | --- |\n"
      "| corpus | {} |\n"
      "| SHA-256 | {} |\n"
      "| documents | {}, as {} |\n"
      "| split | {} |\n",
      markdown_text(last_part(card.corpus)), corpus.sha256,
      is_text ? "all of it one running text" : describe_layout(corpus.format.layout),
      corpus.format.encoding == Encoding::bytes ? "bytes" : "characters of UTF-8",
      markdown_text(describe_split(corpus, card.state.options)));
  rows += describe_file("validation is", corpus.division.validation) + describe_file("the test is", corpus.division.test);
  const auto add_part = [&](const char* name, std::size_t documents, std::size_t positions) {
    rows += fmt::format("| {} | {} |\n", name, is_text ? plural(positions, "token") : plural(documents, "document"));
  };
  add_part("trained on", card.losses.training_documents, card.losses.training_positions);
  for (const char* name : {"validation", "test"})
    if (const PartComparison* part = find_part(card.losses, name))
      add_part(name, part->comparison.model.documents, part->comparison.model.positions);
  if (card.state.long_documents.longer > 0) rows += fmt::format("| context | {} |\n", describe(card.state.long_documents));
  return rows;
}

std::string table_of_settings(const TrainState& state) {
  std::string rows =
      "| setting | value | what it says |\n"
      "| --- | --- | --- |\n";
  CorpusFormat format = state.corpus.format;
  TrainSettings options = state.options;
  visit_corpus_settings(format, RowsOfSettings(rows));
  visit_settings(options, RowsOfSettings(rows));
  return rows;
}

// Each line as without_folders() has it.
std::string commands_without_folders(const std::string& lines) {
  std::string text;
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    text += without_folders(std::string_view(lines).substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return text;
}

std::string command_block(const std::string& lines) { return fmt::format("```sh\n{}```\n", lines); }

}  // namespace

std::string RunLosses::count(const PartComparison& part) const {
  const bool is_text = kind == CorpusKind::text;
  const Evaluation& model = part.comparison.model;
  const std::size_t count = is_text ? model.characters : model.documents;
  const std::size_t all = is_text ? training_positions : training_documents;
  const std::size_t counted = is_text ? model.positions : count;
  return fmt::format("{}", count) + (part.part == "training" && counted < all ? fmt::format(" of {}", all) : "");
}

std::string model_card(const ModelCard& card) {
  const bool is_text = card.state.corpus.format.kind == CorpusKind::text;
  std::string text = front_matter(card);
  text += fmt::format("\n# microgpt: {}\n\n", markdown_text(last_part(card.corpus)));
  text += fmt::format("A GPT that reads and writes one {} at a time, trained by `microgpt train`.\n\n",
                      card.state.corpus.format.encoding == Encoding::bytes ? "byte" : "character");
  text += describe_model(card);
  text += "\n## How well it predicts\n\n" + table_of(card.losses) + "\n" + explain_losses(card);
  if (const std::string remarks = verdict(card.state.options, card.state.init.has_value(), card.progress, card.losses);
      !remarks.empty())
    text += "\n" + remarks;
  text += "\n## What it was trained on\n\n" + describe_corpus(card);
  text += "\n## How it was trained\n\n";
  if (!card.state.command_line.empty()) text += command_block(commands_without_folders(card.state.command_line)) + "\n";
  text += table_of_settings(card.state);
  text += "\n## How to use it\n\nDIR is this folder.\n\n";
  text +=
      command_block(fmt::format("microgpt sample DIR{}\n"
                                "microgpt eval DIR CORPUS{}\n"
                                "microgpt explain DIR TEXT\n",
                                is_text ? " --max-length 1000" : " -n 20", is_text ? " --split text" : ""));
  return text +
         "\n`sample` makes up new documents, `eval` says how well it predicts those of a file, and `explain` lays the loss of\n"
         "one open, position by position. The parameters are in the safetensors format, which many programs read.\n"
         "\nThe licence in the first lines is that of microgpt, which made the model. Whether it suits a model of this\n"
         "corpus, the corpus's own licence says: change the line where it does not.\n";
}

}  // namespace microgpt
