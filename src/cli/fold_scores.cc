// SPDX-License-Identifier: MIT
#include "cli/fold_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "cli/interruption.h"
#include "cli/model_arguments.h"
#include "cli/step_progress.h"
#include "io/file.h"
#include "library/run_session.h"
#include "library/train_options.h"
#include "microgpt/corpus.h"
#include "microgpt/error.h"
#include "model/saved_model.h"
#include "text/document_stream.h"
#include "text/folds.h"
#include "text/line_stream.h"
#include "text/pattern.h"
#include "text/split.h"
#include "training/run_folder.h"
#include "training/train_loop.h"

namespace microgpt {
namespace {

// The lines of one fold in their order, as another model scores them.
class FoldReport final : public LineReport {
 public:
  // The lines must outlive the report.
  explicit FoldReport(std::vector<FoldLine*> lines) : lines_(std::move(lines)) {}

  void begin() override {}
  std::string format(const LineChunk&, const ScoredLines&) const override { return {}; }
  void take(const LineChunk&, const ScoredLines& lines, const std::string&) override { take_lines(lines); }
  void take_piece(std::string_view) override {}
  void end_line(const ScoredLines& line) override { take_lines(line); }

 private:
  void take_lines(const ScoredLines& scored) {
    std::size_t at = 0;
    for (const DocumentLoss& loss : scored.by_model.front()) {
      FoldLine& line = *lines_[next_++];
      line.loss = loss;
      if (scored.positions.empty()) continue;
      const auto begin = scored.positions.begin() + static_cast<std::ptrdiff_t>(at);
      line.nats.assign(begin, begin + static_cast<std::ptrdiff_t>(loss.positions));
      at += loss.positions;
    }
  }

  std::vector<FoldLine*> lines_;
  std::size_t next_ = 0;
};

class FoldObserver final : public TrainObserver {
 public:
  FoldObserver(const TrainingRun& run, const Interruption& interruption, std::string label)
      : run_(run), interruption_(interruption), progress_(run, interruption, std::move(label), true) {}

  void on_steps_begin() override { progress_.begin(); }
  void on_steps_end() override { progress_.end(); }
  void on_step(std::size_t, double loss) override { progress_.take_step(loss); }
  void check() override { interruption_.check(); }
  EvaluationWatch watch_validation() override { return watch("validating", *run_.validation()); }
  EvaluationWatch watch_teacher() override { return watch("the teacher", run_.training()); }

 private:
  EvaluationWatch watch(std::string label, const TokenizedDocuments& documents) {
    progress_.wipe_bar();
    return show_evaluation(std::move(label), documents.all_positions(), interruption_, true);
  }

  const TrainingRun& run_;
  const Interruption& interruption_;
  StepProgress progress_;
};

// Calls feed(bytes) until there are no more, and finish().
template <typename Stream>
void feed_all(InputStream& input, Stream& stream) {
  std::string buffer(65536, '\0');
  while (const std::size_t size = input.read(buffer)) stream.feed(std::string_view(buffer).substr(0, size));
  stream.finish();
}

FoldLines read_lines(const LineOptions& options, Encoding encoding) {
  InputStream input(options.path);
  FoldLines all;
  if (const auto layout = layout_of(options.layout, encoding)) {
    const auto take = [&](const StreamedDocument& document) {
      all.lines.push_back({std::string(document.text), std::string(document.record), document.line});
    };
    DocumentStream stream(input.name(), encoding, options.invalid, *layout,
                          {take, [&](std::string_view header) { all.headers.emplace_back(header); }});
    feed_all(input, stream);
    inform_of_invalid(input.name(), options.invalid, stream.invalid());
    return all;
  }
  std::string line;
  LineStream stream(input.name(), encoding, options.invalid,
                    {[&](std::string_view piece) { line += piece; },
                     [&] {
                       all.lines.push_back({std::exchange(line, {}), {}, all.lines.size()});
                     }});
  feed_all(input, stream);
  inform_of_invalid(input.name(), options.invalid, stream.invalid());
  return all;
}

// What the model was trained with. Throws Error where folds cannot be trained likewise.
TrainState state_of_model(const std::string& folder) {
  std::optional<TrainState> state = load_train_state(folder);
  if (!state) load_model(folder);  // which says what the folder is, where it is no model's
  if (!state)
    throw Error(
        fmt::format("{}: how the model was trained is not known, as it has no train_state.json; --folds trains models "
                    "like it: name one that microgpt train has made",
                    folder));
  if (state->init)
    throw Error(
        fmt::format("{}: its training began with the model {}, which may have seen the lines; --folds needs one that "
                    "was trained from the beginning",
                    folder, state->init->path));
  if (state->corpus.format.kind == CorpusKind::text)
    throw Error(fmt::format("{} is a model of a running text: --folds divides lines", folder));
  return std::move(*state);
}

// What is not blank, of the lines for which `belongs` holds.
template <typename Belongs>
std::vector<std::string_view> documents_of(const std::vector<FoldLine>& lines, Belongs belongs) {
  std::vector<std::string_view> documents;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (belongs(i) && !lines[i].text.empty()) documents.emplace_back(lines[i].text);
  return documents;
}

// Whatever is in them, line ends, too: as records of one quoted field.
Corpus corpus_of(const std::string& name, const std::vector<std::string_view>& documents, CorpusFormat format) {
  std::string records;
  for (const std::string_view document : documents) {
    records += '"';
    for (const char c : document) records.append(c == '"' ? 2 : 1, c);
    records += "\"\n";
  }
  format.layout = {DocumentLayout::Kind::columns, "1", ',', false, ""};
  return {name, std::move(records), format};
}

// That of the model, or where a part would have no document of so few ones the least greater share with which none is empty.
double share_with_all_parts(const std::string& name, const std::string& label, const CorpusToSplit& split, double held_out) {
  try {
    split_corpus(*split.corpus, split.seed, held_out);
    return held_out;
  } catch (const EmptyPart& error) {
    if (const auto share = share_for_all_parts({&split, 1}, held_out)) return *share;
    throw Error(fmt::format("{}: without {}: {}; ask for more folds, or give more lines", name, label, error.problem()));
  }
}

LoadedModel train_without(std::size_t fold, const std::vector<FoldLine>& lines, const std::vector<std::size_t>& fold_of_line,
                          const LineOptions& line_options, const FoldOptions& options, const TrainState& state) {
  const auto is_in = [&](std::size_t i) { return fold_of_line[i] == fold; };
  const auto others = documents_of(lines, [&](std::size_t i) { return !is_in(i); });
  const auto own = documents_of(lines, is_in);
  const std::string name = name_of_input(line_options.path);
  Corpus corpus = corpus_of(name, others, state.corpus.format);
  corpus.set_group(state.corpus.division.group);
  // The characters of a model are those of its corpus, those that are held out too.
  if (!own.empty()) {
    const Corpus test = corpus_of(name, own, state.corpus.format);
    corpus = corpus.with_held_out(nullptr, &test);
  }
  const RunInputs inputs{.resources = {.target = target_from_environment(), .threads = line_options.threads},
                         .with_baseline = true};
  const Interruption interruption;
  const std::string label = fmt::format("fold {} of {}", fold + 1, options.count);
  TrainSettings settings = state.options;
  const CorpusToSplit split{&corpus, settings.seed};
  if (settings.held_out > 0.0) settings.held_out = share_with_all_parts(name, label, split, settings.held_out);
  RunSession session(corpus, {source_of(corpus), settings}, inputs, nullptr);
  session.begin();
  FoldObserver observer(session.run(), interruption, label);
  train_to_end(session.run(), {}, observer);
  session.complete();
  return loaded_of(session.model(), options.engine, options.predictor);
}

}  // namespace

FoldLines score_by_folds(const LineOptions& line_options, const FoldOptions& options) {
  const TrainState state = state_of_model(options.folder);
  const Encoding encoding = state.corpus.format.encoding;
  FoldLines all = read_lines(line_options, encoding);
  std::vector<FoldLine>& lines = all.lines;
  LineOptions as_lines = line_options;  // which the documents of a fold are scored as
  as_lines.layout = {};
  std::vector<std::string_view> texts;
  for (const FoldLine& line : lines) texts.emplace_back(line.text);
  std::optional<Pattern> group;
  if (!state.corpus.division.group.empty()) group.emplace(state.corpus.division.group, encoding);
  const std::vector<std::size_t> fold_of_line =
      fold_of_documents(texts, options.count, state.options.seed, group ? &*group : nullptr);
  for (std::size_t fold = 0; fold < options.count; ++fold) {
    std::vector<FoldLine*> own;
    std::vector<std::string_view> documents;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (fold_of_line[i] != fold) continue;
      own.push_back(&lines[i]);
      documents.emplace_back(lines[i].text);
    }
    const LoadedModel model = train_without(fold, lines, fold_of_line, line_options, options, state);
    FoldReport report(std::move(own));
    score_documents(name_of_input(line_options.path), documents, as_lines, {{&model, options.folder}}, report);
  }
  return all;
}

}  // namespace microgpt
