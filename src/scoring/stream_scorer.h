// SPDX-License-Identifier: MIT
// The lines of a stream and what they cost a model, or several, in constant memory.
//
// Where no input waits, all lines so far are scored and reported: a program that writes a line and waits for the answer gets
// it. What is reported is the same, to the last bit, with any number of threads.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.h"
#include "microgpt/tokenizer.h"
#include "scoring/line_scorer.h"
#include "scoring/line_scorer_team.h"
#include "text/document_stream.h"
#include "text/line_chunks.h"
#include "text/line_stream.h"

namespace microgpt {

// What is made of lines and what they cost.
class LineReport {
 public:
  virtual ~LineReport() = default;

  // Before the first line, when the input is open.
  virtual void begin() = 0;

  // Of records with columns: the first one, where it has their names.
  virtual void take_header(std::string_view) {}

  // What is printed of whole lines. Several threads call it at once.
  virtual std::string format(const LineChunk& chunk, const ScoredLines& lines) const = 0;

  // The same lines, in their order.
  virtual void take(const LineChunk& chunk, const ScoredLines& lines, const std::string& formatted) = 0;

  // A line, in its order, that is too long to be held.
  virtual void take_piece(std::string_view piece) = 0;
  virtual void end_line(const ScoredLines& line) = 0;
};

// A model, and its folder, which stands for it in messages. The tokenizer must outlive the scorer.
struct StreamModel {
  TeamModel model;
  const Tokenizer* tokenizer;
  std::string folder;
};

struct StreamOptions {
  InvalidUtf8 invalid = InvalidUtf8::error;
  DocumentLayout layout = {};    // REQUIRES: it is valid (text/document_stream.h)
  bool unseen_is_error = false;  // characters that a model has never seen
  KeptLosses kept = {};          // beside those of the lines
  std::size_t threads = 1;

  // Called often, by several threads: throws where the caller has cancelled.
  std::function<void()> check = [] {};

  // Called before the scorer waits for input: all lines so far are reported.
  std::function<void()> before_waiting = [] {};
};

class StreamScorer {
 public:
  // `name` stands for the stream in messages. The report must outlive this. Throws as LineScorerTeam. REQUIRES: a model; all
  // have one vocabulary.
  StreamScorer(std::string name, std::vector<StreamModel> models, StreamOptions options, LineReport& report);

  StreamScorer(const StreamScorer&) = delete;
  StreamScorer& operator=(const StreamScorer&) = delete;

  // Scores every line, once. Throws Error: what cannot be read; bytes that are not UTF-8, and unseen characters, where they are
  // an error, after the lines before; a loss that is not a number. Throws what `check` throws.
  void run(InputStream& input);
  void run(std::string_view text);

  // The same of documents, whatever is in them. REQUIRES: valid in the encoding of the tokenizers.
  void run(std::span<const std::string_view> documents);

  // Sequences of bytes that are not UTF-8; characters that no model has seen, and lines with such.
  std::size_t invalid() const { return documents_ ? documents_->invalid() : lines_.invalid(); }
  std::size_t unseen() const { return unseen_; }
  std::size_t lines_with_unseen() const { return lines_with_unseen_; }

 private:
  static constexpr std::size_t kBytesAtATime = 65536;

  void finish();
  bool read_some(InputStream& input);
  void wait(InputStream& input);
  void feed(std::string_view bytes);
  void end_input();
  void flush();
  void take_chunk(LineChunk chunk);
  void score_waiting();
  void score(const std::vector<LineChunk>& chunks);
  void require_all_seen(const LineChunk& chunk, const ScoredLines& lines);
  void score_piece(std::string_view piece);
  void end_line();
  void require_numbers(const ScoredLines& lines);
  void count_unseen(const ScoredLines& lines);
  void require_seen(std::string_view text, std::size_t line) const;

  std::string name_;
  std::vector<StreamModel> models_;
  StreamOptions options_;
  LineReport& report_;
  std::array<char, kBytesAtATime> buffer_;
  LineScorerTeam scorers_;
  std::vector<LineChunk> waiting_;
  LineGatherer gatherer_;
  LineStream lines_;  // where each is a document, or else
  std::optional<DocumentStream> documents_;
  std::size_t lines_done_ = 0;
  std::size_t unseen_ = 0;
  std::size_t lines_with_unseen_ = 0;
};

}  // namespace microgpt
