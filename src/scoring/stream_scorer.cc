// SPDX-License-Identifier: MIT
#include "scoring/stream_scorer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "microgpt/error.h"

namespace microgpt {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeBetweenChecks = 100ms;  // while there is no input

std::vector<TeamModel> team_models(const std::vector<StreamModel>& models) {
  std::vector<TeamModel> scored;
  for (const StreamModel& each : models) scored.push_back(each.model);
  return scored;
}

}  // namespace

StreamScorer::StreamScorer(std::string name, std::vector<StreamModel> models, StreamOptions options, LineReport& report)
    : name_(std::move(name)),
      models_(std::move(models)),
      options_(std::move(options)),
      report_(report),
      scorers_(options_.threads, team_models(models_), options_.kept),
      gatherer_({[this](LineChunk chunk) { take_chunk(std::move(chunk)); },
                 [this](std::string_view piece) { score_piece(piece); }, [this] { end_line(); }}),
      lines_(name_, models_.front().tokenizer->encoding(), options_.invalid,
             {[this](std::string_view piece) { gatherer_.take_piece(piece); }, [this] { gatherer_.end_line(); }}) {
  if (options_.layout.kind != DocumentLayout::Kind::lines)
    documents_.emplace(name_, models_.front().tokenizer->encoding(), options_.invalid, options_.layout,
                       DocumentStream::Sink{[this](const StreamedDocument& document) { gatherer_.take_document(document); },
                                            [this](std::string_view header) { report_.take_header(header); }});
}

void StreamScorer::feed(std::string_view bytes) { documents_ ? documents_->feed(bytes) : lines_.feed(bytes); }

void StreamScorer::end_input() { documents_ ? documents_->finish() : lines_.finish(); }

void StreamScorer::run(InputStream& input) {
  try {
    while (read_some(input)) {
    }
    end_input();
  } catch (const Error&) {
    flush();  // the lines before are whole
    throw;
  }
  finish();
}

void StreamScorer::run(std::string_view text) {
  try {
    feed(text);
    end_input();
  } catch (const Error&) {
    flush();
    throw;
  }
  finish();
}

void StreamScorer::run(std::span<const std::string_view> documents) {
  for (const std::string_view document : documents) {
    gatherer_.take_piece(document);
    gatherer_.end_line();
  }
  finish();
}

void StreamScorer::finish() {
  flush();
  options_.check();
}

bool StreamScorer::read_some(InputStream& input) {
  if (!input.wait(0ms)) wait(input);
  const std::size_t count = input.read(buffer_);
  feed({buffer_.data(), count});
  options_.check();
  return count > 0;
}

void StreamScorer::wait(InputStream& input) {
  flush();
  options_.before_waiting();
  while (!input.wait(kTimeBetweenChecks)) options_.check();
}

void StreamScorer::flush() {
  gatherer_.flush();
  score_waiting();
}

void StreamScorer::take_chunk(LineChunk chunk) {
  waiting_.push_back(std::move(chunk));
  if (waiting_.size() == scorers_.chunks_at_once()) score_waiting();
}

void StreamScorer::score_waiting() { score(spread_evenly(std::exchange(waiting_, {}), options_.threads)); }

void StreamScorer::score(const std::vector<LineChunk>& chunks) {
  const auto score_one = [this](LineScorer& scorer, const LineChunk& chunk) {
    options_.check();
    LineScorerTeam::Scored scored{scorer.score(chunk), {}};
    scored.formatted = report_.format(chunk, scored.lines);
    return scored;
  };
  scorers_.score(chunks, score_one, [this](const LineChunk& chunk, const LineScorerTeam::Scored& scored) {
    if (options_.unseen_is_error) require_all_seen(chunk, scored.lines);
    require_numbers(scored.lines);
    count_unseen(scored.lines);
    report_.take(chunk, scored.lines, scored.formatted);
    options_.check();
  });
}

// Where something is unseen, the lines before are reported first.
void StreamScorer::require_all_seen(const LineChunk& chunk, const ScoredLines& lines) {
  const std::vector<DocumentLoss>& losses = lines.by_model.front();
  const auto found = std::find_if(losses.begin(), losses.end(), [](const DocumentLoss& loss) { return loss.unseen > 0; });
  if (found == losses.end()) return;
  const auto seen = static_cast<std::size_t>(found - losses.begin());
  LineChunk before(chunk.number(0));
  for (std::size_t line = 0; line < seen; ++line) before.add_from(chunk, line);
  if (seen > 0) score({before});
  require_seen(chunk[seen], chunk.number(seen) + 1);
}

void StreamScorer::score_piece(std::string_view piece) {
  score_waiting();
  if (options_.unseen_is_error) require_seen(piece, lines_done_ + 1);
  scorers_.scorer().append(piece);
  report_.take_piece(piece);
  options_.check();
}

void StreamScorer::end_line() {
  const ScoredLines line = scorers_.scorer().end_line();
  require_numbers(line);
  count_unseen(line);
  report_.end_line(line);
}

void StreamScorer::require_numbers(const ScoredLines& lines) {
  for (std::size_t m = 0; m < models_.size(); ++m)
    for (const DocumentLoss& loss : lines.by_model[m])
      if (std::isnan(loss.nats))
        throw Error(fmt::format("{}: the loss is not a number; the parameters of the model are too large", models_[m].folder));
}

void StreamScorer::count_unseen(const ScoredLines& lines) {
  for (const DocumentLoss& loss : lines.by_model.front()) {
    ++lines_done_;
    if (loss.unseen == 0) continue;
    unseen_ += loss.unseen;
    ++lines_with_unseen_;
  }
}

void StreamScorer::require_seen(std::string_view text, std::size_t line) const {
  for (const StreamModel& each : models_) try {
      each.tokenizer->for_each_token(text, [](Token) {});
    } catch (const Error& error) {
      throw Error(
          fmt::format("{}: line {}: {}, {}; leave --unseen error out to count it", name_, line, error.what(), each.folder));
    }
}

}  // namespace microgpt
