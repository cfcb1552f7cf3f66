// SPDX-License-Identifier: MIT
#include "cli/line_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <utility>

#include "cli/arguments.h"
#include "cli/interruption.h"
#include "cli/terminal.h"
#include "io/input_stream.h"
#include "microgpt/error.h"
#include "parallel/cores.h"
#include "report/quantity.h"
#include "scoring/line_scorer_team.h"
#include "scoring/unseen.h"
#include "text/format_names.h"
#include "text/line_stream.h"
#include "training/settings.h"

namespace microgpt {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBytesAtATime = 65536;
constexpr auto kTimeBetweenChecks = 100ms;  // for signals, while there is no input

std::vector<TeamModel> team_models(const std::vector<NamedModel>& models) {
  std::vector<TeamModel> scored;
  for (const NamedModel& named : models) {
    scored.push_back(named.model->team_model());
    scored.back().model.beside = named.beside;
  }
  return scored;
}

class LineLoop {
 public:
  LineLoop(const std::string& name, const LineOptions& options, const std::vector<NamedModel>& models, LineReport& report)
      : name_(name),
        options_(options),
        models_(models),
        report_(report),
        scorers_(options.threads == 0 ? default_threads() : options.threads, team_models(models), options.kept),
        gatherer_({[this](LineChunk chunk) { take_chunk(std::move(chunk)); },
                   [this](std::string_view piece) { score_piece(piece); }, [this] { end_line(); }}),
        lines_(name_, tokenizer().encoding(), options.invalid,
               {[this](std::string_view piece) { gatherer_.take_piece(piece); }, [this] { gatherer_.end_line(); }}) {}

  void run(InputStream& input) {
    run([&] {
      while (read_some(input)) {
      }
    });
  }

  void run(std::string_view text) {
    run([&] { lines_.feed(text); });
  }

 private:
  template <typename Feed>
  void run(Feed feed) {
    try {
      feed();
      lines_.finish();
    } catch (const Error&) {
      flush();  // the lines before are whole
      throw;
    }
    flush();
    interruption_.check();
    report_invalid();
    report_unseen();
  }

  const Tokenizer& tokenizer() const { return models_.front().model->saved.tokenizer; }

  bool read_some(InputStream& input) {
    if (!input.wait(0ms)) wait(input);
    const std::size_t count = input.read(buffer_);
    lines_.feed({buffer_.data(), count});
    interruption_.check();
    return count > 0;
  }

  void wait(InputStream& input) {
    flush();
    flush_output();
    while (!input.wait(kTimeBetweenChecks)) interruption_.check();
  }

  void flush() {
    gatherer_.flush();
    score_waiting();
  }

  void take_chunk(LineChunk chunk) {
    waiting_.push_back(std::move(chunk));
    if (waiting_.size() == scorers_.chunks_at_once()) score_waiting();
  }

  void score_waiting() { score(std::exchange(waiting_, {})); }

  void score(const std::vector<LineChunk>& chunks) {
    const auto score_one = [this](LineScorer& scorer, const LineChunk& chunk) {
      interruption_.check();
      LineScorerTeam::Scored scored{scorer.score(chunk), {}};
      scored.formatted = report_.format(chunk, scored.lines);
      return scored;
    };
    scorers_.score(chunks, score_one, [this](const LineChunk& chunk, const LineScorerTeam::Scored& scored) {
      if (options_.unseen == Unseen::error) require_all_seen(chunk, scored.lines);
      check(scored.lines);
      report_.take(chunk, scored.lines, scored.formatted);
      interruption_.check();
    });
  }

  // Where something is unseen, the lines before are reported first.
  void require_all_seen(const LineChunk& chunk, const ScoredLines& lines) {
    const std::vector<DocumentLoss>& losses = lines.by_model.front();
    const auto found = std::find_if(losses.begin(), losses.end(), [](const DocumentLoss& loss) { return loss.unseen > 0; });
    if (found == losses.end()) return;
    std::vector<LineChunk> before(1);
    const auto seen = static_cast<std::size_t>(found - losses.begin());
    for (std::size_t line = 0; line < seen; ++line) before.front().add(chunk[line]);
    if (seen > 0) score(before);
    require_seen(chunk[seen], lines_done_ + 1);
  }

  void score_piece(std::string_view piece) {
    score_waiting();
    if (options_.unseen == Unseen::error) require_seen(piece, lines_done_ + 1);
    scorers_.scorer().append(piece);
    report_.take_piece(piece);
    interruption_.check();
  }

  void end_line() {
    const ScoredLines line = scorers_.scorer().end_line();
    check(line);
    report_.end_line(line);
  }

  void check(const ScoredLines& lines) {
    for (std::size_t m = 0; m < models_.size(); ++m)
      for (const DocumentLoss& loss : lines.by_model[m])
        if (std::isnan(loss.nats))
          throw Error(
              fmt::format("{}: the loss is not a number; the parameters of the model are too large", models_[m].folder));
    const std::vector<DocumentLoss>& losses = lines.by_model.front();
    for (std::size_t line = 0; line < losses.size(); ++line) {
      ++lines_done_;
      if (losses[line].unseen == 0) continue;
      unseen_ += losses[line].unseen;
      ++lines_with_unseen_;
    }
  }

  void require_seen(std::string_view text, std::size_t line) const {
    for (const NamedModel& named : models_) try {
        named.model->saved.tokenizer.for_each_token(text, [](Token) {});
      } catch (const Error& error) {
        throw Error(
            fmt::format("{}: line {}: {}, {}; leave --unseen error out to count it", name_, line, error.what(), named.folder));
      }
  }

  void report_invalid() const {
    if (lines_.invalid() > 0)
      inform(fmt::format("{}: {} of bytes that are not UTF-8 {}", name_, plural(lines_.invalid(), "sequence"),
                         options_.invalid == InvalidUtf8::skip ? "left out" : "replaced by U+FFFD"));
  }

  void report_unseen() const {
    if (unseen_ == 0) return;
    const std::string what = fmt::format("{}: {} in {} unseen by the model", name_, plural(unseen_, "character"),
                                         plural(lines_with_unseen_, "line"));
    const std::size_t vocab_size = tokenizer().vocab_size();
    inform(models_.size() > 1 ? what + "s; they count for none"
                              : fmt::format("{}; each costs {:.3f} bits", what, nats_to_bits(unseen_loss(vocab_size))));
  }

  std::string name_;
  const LineOptions& options_;
  const std::vector<NamedModel>& models_;
  LineReport& report_;
  Interruption interruption_;
  std::array<char, kBytesAtATime> buffer_;
  LineScorerTeam scorers_;
  std::vector<LineChunk> waiting_;
  LineGatherer gatherer_;
  LineStream lines_;
  std::size_t lines_done_ = 0;
  std::size_t unseen_ = 0;
  std::size_t lines_with_unseen_ = 0;
};

}  // namespace

void add_line_flags(Command& command, LineOptions& options, std::function<void(std::string)> set_file) {
  if (!set_file) set_file = into(options.path);
  command.add_argument("FILE", std::move(set_file), "Documents, one per line; - reads standard input [-]");
  add_choice(command, "--invalid", kInvalidUtf8Names, options.invalid, kMeaningOfInvalid).in("Data").rare();
  add_unseen(command, options.unseen);
  add_integer(command, "--threads", kThreads, options.threads,
              "Threads; the result is the same with any number; 0 uses all cores")
      .in("General");
}

void score_lines(const LineOptions& options, const std::vector<NamedModel>& models, LineReport& report) {
  InputStream input(options.path);
  LineLoop loop(input.name(), options, models, report);
  // Of a classifier's models it matters what they tell apart together.
  if (!options.kept.parts)
    for (const NamedModel& model : models) inform_of_warning(model.folder);
  report.begin();
  loop.run(input);
}

void score_text(const std::string& name, std::string_view text, const LineOptions& options,
                const std::vector<NamedModel>& models, LineReport& report) {
  LineLoop loop(name, options, models, report);
  report.begin();
  loop.run(text);
}

}  // namespace microgpt
