// SPDX-License-Identifier: MIT
#include "text/pattern_automaton.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "text/pattern.h"

namespace microgpt {
namespace {

// What is not an automaton here, or too large for one.
struct NoAutomaton {};

constexpr std::size_t kMaxInstructions = 100'000;
constexpr std::size_t kMaxDepth = 200;          // of groups within groups
constexpr std::size_t kMaxWaiting = 2'000'000;  // instructions of all states together
constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

struct Node {
  enum class Kind { empty, set, begin, end, concatenation, alternation, repetition };
  Kind kind = Kind::empty;
  std::size_t set = 0;
  std::size_t min = 0, max = 0;  // of a repetition
  std::vector<Node> parts = {};
};

struct Flags {
  bool fold_case = false;
  bool dot_is_line_end = true;
  bool by_lines = false;
};

// Which characters each literal and class matches.
class Sets {
 public:
  Sets(Encoding encoding, std::span<const std::string> characters) : encoding_(encoding), characters_(characters) {}

  std::size_t set_of(std::string_view expression, const Flags& flags) {
    std::string whole = flags.fold_case ? "(?i" : "(?";
    whole += flags.dot_is_line_end ? "s:" : "-s:";
    (whole += expression) += ')';
    const auto [found, is_new] = number_of_.try_emplace(std::move(whole), sets_.size());
    if (!is_new) return found->second;
    const Pattern pattern(found->first, encoding_);
    std::vector<bool>& set = sets_.emplace_back();
    for (const std::string& character : characters_) set.push_back(pattern.matches(character));
    return found->second;
  }

  const std::vector<std::vector<bool>>& sets() const { return sets_; }

 private:
  Encoding encoding_;
  std::span<const std::string> characters_;
  std::map<std::string, std::size_t> number_of_;
  std::vector<std::vector<bool>> sets_;  // [sets][characters]
};

// By recursive descent. The expression is known to be well-formed.
class Parser {
 public:
  Parser(std::string_view expression, Encoding encoding, Sets& sets) : rest_(expression), encoding_(encoding), sets_(sets) {}

  Node parse() { return alternation(Flags{}); }

 private:
  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view take_character() {
    std::size_t size = 1;
    if (encoding_ == Encoding::utf8)
      while (size < rest_.size() && (static_cast<unsigned char>(rest_[size]) & 0xC0) == 0x80) ++size;
    return take(size);
  }

  // Flags that are set hold up to the end of the group, for all alternatives that follow.
  Node alternation(Flags flags) {
    Node all{.kind = Node::Kind::alternation};
    do {
      Node alternative{.kind = Node::Kind::concatenation};
      while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') alternative.parts.push_back(repetition(flags));
      all.parts.push_back(std::move(alternative));
    } while (skip("|"));
    return all;
  }

  // After what is nothing, such as flags, RE2 repeats what stands before that.
  Node repetition(Flags& flags) {
    Node node = atom(flags);
    const bool is_nothing = node.kind == Node::Kind::empty;
    for (std::size_t min = 0, max = 0; take_repetition(min, max);) {
      if (is_nothing) throw NoAutomaton{};
      Node repeated{.kind = Node::Kind::repetition, .min = min, .max = max};
      repeated.parts.push_back(std::move(node));
      node = std::move(repeated);
    }
    return node;
  }

  // Whether fewer or more are preferred does not matter to what matches.
  bool take_repetition(std::size_t& min, std::size_t& max) {
    if (skip("*"))
      min = 0, max = kUnlimited;
    else if (skip("+"))
      min = 1, max = kUnlimited;
    else if (skip("?"))
      min = 0, max = 1;
    else if (!take_counts(min, max))
      return false;
    skip("?");
    return true;
  }

  // {2}, {2,} or {2,3}; another brace is a literal.
  bool take_counts(std::size_t& min, std::size_t& max) {
    if (!rest_.starts_with('{')) return false;
    const std::size_t end = rest_.find('}');
    if (end == std::string_view::npos) return false;
    const std::string_view counts = rest_.substr(1, end - 1);
    const std::size_t comma = counts.find(',');
    // Of other digits RE2 makes literals.
    const auto read = [](std::string_view digits, std::size_t& number) {
      if (digits.size() > 8 || (digits.size() > 1 && digits.front() == '0')) return false;
      const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
      return error == std::errc{} && stop == digits.data() + digits.size();
    };
    if (!read(counts.substr(0, comma), min)) return false;
    if (comma == std::string_view::npos)
      max = min;
    else if (comma + 1 == counts.size())
      max = kUnlimited;
    else if (!read(counts.substr(comma + 1), max))
      return false;
    rest_.remove_prefix(end + 1);
    return true;
  }

  Node set_of(std::string_view expression, const Flags& flags) const {
    return {.kind = Node::Kind::set, .set = sets_.set_of(expression, flags)};
  }

  Node literal(std::string_view character, const Flags& flags) const { return set_of(quote(character), flags); }

  static std::string quote(std::string_view character) {
    const char first = character.front();
    const bool is_word = first == '_' || (first >= '0' && first <= '9') || ((first | 0x20) >= 'a' && (first | 0x20) <= 'z') ||
                         (static_cast<unsigned char>(first) & 0x80) != 0;
    if (first == '\0') return "\\x00";
    return (is_word ? "" : "\\") + std::string(character);
  }

  Node atom(Flags& flags) {
    switch (rest_.front()) {
      case '(':
        return group(flags);
      case '[':
        return set_of(take_class(), flags);
      case '\\':
        return escape(flags);
      case '.':
        return set_of(take(1), flags);
      case '^':
        take(1);
        return place(Node::Kind::begin, flags.by_lines);
      case '$':
        take(1);
        return place(Node::Kind::end, flags.by_lines);
      default:
        return literal(take_character(), flags);
    }
  }

  static Node place(Node::Kind kind, bool is_within) {
    if (is_within) throw NoAutomaton{};
    return {.kind = kind};
  }

  Node group(Flags& flags) {
    skip("(");
    Flags inner = flags;
    if (skip("?P<") || skip("?<")) {
      take(rest_.find('>') + 1);
    } else if (skip("?")) {
      bool is_set = true;
      while (rest_.front() != ':' && rest_.front() != ')') {
        const char flag = take(1).front();
        if (flag == '-') is_set = false;
        if (flag == 'i') inner.fold_case = is_set;
        if (flag == 's') inner.dot_is_line_end = is_set;
        if (flag == 'm') inner.by_lines = is_set;
      }
      if (skip(")")) {
        flags = inner;
        return {};
      }
      skip(":");
    }
    if (++depth_ > kMaxDepth) throw NoAutomaton{};
    Node node = alternation(inner);
    --depth_;
    skip(")");
    return node;
  }

  // All of it, to the bracket that ends it.
  std::string_view take_class() {
    std::size_t at = 1;
    if (rest_.substr(at).starts_with('^')) ++at;
    if (rest_.substr(at).starts_with(']')) ++at;
    while (rest_[at] != ']') {
      const std::size_t end_of_name = rest_.substr(at).starts_with("[:") ? rest_.find(":]", at + 2) : std::string_view::npos;
      if (end_of_name != std::string_view::npos)
        at = end_of_name + 2;
      else
        at += rest_[at] == '\\' ? 2 : 1;
    }
    return take(at + 1);
  }

  Node escape(const Flags& flags) {
    const std::string_view all = rest_;
    skip("\\");
    const std::string_view character = take_character();
    const auto whole = [&] { return all.substr(0, all.size() - rest_.size()); };
    const auto is_octal = [&] { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '7'; };
    switch (character.front()) {
      case 'A':
        return {.kind = Node::Kind::begin};
      case 'z':
        return {.kind = Node::Kind::end};
      case 'b':
      case 'B':
      case 'C':
        throw NoAutomaton{};
      case 'Q':
        return quoted(flags);
      case 'p':
      case 'P':
        if (rest_.starts_with('{'))
          take(rest_.find('}') + 1);
        else
          take_character();
        break;
      case 'x':
        take(rest_.starts_with('{') ? rest_.find('}') + 1 : 2);
        break;
      default:
        if (character.front() >= '0' && character.front() <= '7')
          for (int digit = 0; digit < 2 && is_octal(); ++digit) take(1);
    }
    return set_of(whole(), flags);
  }

  // Up to \E or the end. What repeats it repeats its last character.
  Node quoted(const Flags& flags) {
    Node all{.kind = Node::Kind::concatenation};
    while (!rest_.empty() && !rest_.starts_with("\\E")) all.parts.push_back(literal(take_character(), flags));
    skip("\\E");
    std::size_t min = 0, max = 0;
    if (all.parts.empty()) return {};
    if (!take_repetition(min, max)) return all;
    Node repeated{.kind = Node::Kind::repetition, .min = min, .max = max};
    repeated.parts.push_back(std::move(all.parts.back()));
    all.parts.back() = std::move(repeated);
    return all;
  }

  std::string_view rest_;
  Encoding encoding_;
  Sets& sets_;
  std::size_t depth_ = 0;
};

// Instructions of a nondeterministic automaton. Those that are no sets are passed without a symbol.
struct Instruction {
  enum class Kind { match, set, begin, end, split };
  Kind kind = Kind::match;
  std::size_t set = 0;
  std::vector<std::uint32_t> next = {};
};

class Program {
 public:
  explicit Program(const Node& node) { first_ = build(node, add({})); }

  std::uint32_t first() const { return first_; }
  const Instruction& operator[](std::uint32_t i) const { return instructions_[i]; }
  std::size_t size() const { return instructions_.size(); }

 private:
  std::uint32_t add(Instruction instruction) {
    if (instructions_.size() == kMaxInstructions) throw NoAutomaton{};
    instructions_.push_back(std::move(instruction));
    return static_cast<std::uint32_t>(instructions_.size() - 1);
  }

  // Where a node begins that goes on at `next`.
  std::uint32_t build(const Node& node, std::uint32_t next) {
    switch (node.kind) {
      case Node::Kind::empty:
        return next;
      case Node::Kind::set:
        return add({Instruction::Kind::set, node.set, {next}});
      case Node::Kind::begin:
        return add({Instruction::Kind::begin, 0, {next}});
      case Node::Kind::end:
        return add({Instruction::Kind::end, 0, {next}});
      case Node::Kind::concatenation:
        for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part) next = build(*part, next);
        return next;
      case Node::Kind::alternation: {
        std::vector<std::uint32_t> all;
        for (const Node& part : node.parts) all.push_back(build(part, next));
        return add({Instruction::Kind::split, 0, std::move(all)});
      }
      case Node::Kind::repetition:
        return build_repetition(node, next);
    }
    return next;
  }

  std::uint32_t build_repetition(const Node& node, std::uint32_t next) {
    const Node& part = node.parts.front();
    std::uint32_t entry = next;
    if (node.max == kUnlimited) {
      entry = add({Instruction::Kind::split, 0, {next}});
      const std::uint32_t again = build(part, entry);
      instructions_[entry].next.push_back(again);
    } else {
      for (std::size_t i = node.min; i < node.max; ++i) entry = add({Instruction::Kind::split, 0, {build(part, entry), next}});
    }
    for (std::size_t i = 0; i < node.min; ++i) entry = build(part, entry);
    return entry;
  }

  std::vector<Instruction> instructions_;
  std::uint32_t first_ = 0;
};

class SubsetConstruction {
 public:
  SubsetConstruction(const Program& program, const std::vector<std::vector<bool>>& sets, std::size_t symbols)
      : program_(program), sets_(sets), seen_(program.size(), 0) {
    std::map<std::vector<bool>, std::uint32_t> group_of_signature;
    for (std::size_t symbol = 0; symbol < symbols; ++symbol) {
      std::vector<bool> signature;
      for (const std::vector<bool>& set : sets_) signature.push_back(set[symbol]);
      const auto [found, is_new] =
          group_of_signature.try_emplace(std::move(signature), static_cast<std::uint32_t>(example_of_group_.size()));
      if (is_new) example_of_group_.push_back(symbol);
      group_of_symbol_.push_back(found->second);
    }
  }

  // The first state alone is at the beginning of a text, and is never come back to.
  Automaton run() {
    states_.push_back(closure({program_.first()}, true));
    accepts_.push_back(reaches_match(states_.front(), true));
    for (std::size_t state = 0; state < states_.size(); ++state)
      for (const std::size_t symbol : example_of_group_) next_.push_back(step(state, symbol));
    return {std::move(group_of_symbol_), example_of_group_.size(), std::move(next_), std::move(accepts_)};
  }

 private:
  using Subset = std::vector<std::uint32_t>;  // of instructions that wait for a symbol or the end, ascending

  Automaton::State step(std::size_t state, std::size_t symbol) {
    Subset to;
    for (const std::uint32_t i : states_[state])
      if (program_[i].kind == Instruction::Kind::set && sets_[program_[i].set][symbol]) to.push_back(program_[i].next.front());
    if (to.empty()) return Automaton::kNone;
    const auto [found, is_new] =
        state_of_subset_.try_emplace(closure(to, false), static_cast<Automaton::State>(states_.size()));
    if (!is_new) return found->second;
    waiting_ += found->first.size();
    states_.push_back(found->first);
    accepts_.push_back(reaches_match(found->first, false));
    if (states_.size() > Automaton::kMaxStates || states_.size() * example_of_group_.size() > Automaton::kMaxTransitions ||
        waiting_ > kMaxWaiting)
      throw NoAutomaton{};
    return found->second;
  }

  // What is passed without a symbol, followed; `visit` says of an instruction whether it is passed.
  template <typename Visit>
  void follow(const Subset& from, Visit visit) {
    ++round_;
    std::vector<std::uint32_t> open(from.begin(), from.end());
    while (!open.empty()) {
      const std::uint32_t i = open.back();
      open.pop_back();
      if (std::exchange(seen_[i], round_) == round_ || !visit(i)) continue;
      open.insert(open.end(), program_[i].next.begin(), program_[i].next.end());
    }
  }

  Subset closure(const Subset& from, bool at_begin) {
    Subset waiting;
    follow(from, [&](std::uint32_t i) {
      const Instruction::Kind kind = program_[i].kind;
      if (kind == Instruction::Kind::set || kind == Instruction::Kind::end || kind == Instruction::Kind::match)
        waiting.push_back(i);
      return kind == Instruction::Kind::split || (kind == Instruction::Kind::begin && at_begin);
    });
    std::sort(waiting.begin(), waiting.end());
    return waiting;
  }

  // At the end of a text.
  bool reaches_match(const Subset& from, bool at_begin) {
    bool found = false;
    follow(from, [&](std::uint32_t i) {
      const Instruction::Kind kind = program_[i].kind;
      found = found || kind == Instruction::Kind::match;
      return kind == Instruction::Kind::split || kind == Instruction::Kind::end ||
             (kind == Instruction::Kind::begin && at_begin);
    });
    return found;
  }

  const Program& program_;
  const std::vector<std::vector<bool>>& sets_;
  std::vector<std::uint32_t> seen_;  // in which round each instruction was
  std::uint32_t round_ = 0;
  std::vector<std::uint32_t> group_of_symbol_;
  std::vector<std::size_t> example_of_group_;
  std::vector<Subset> states_;
  std::size_t waiting_ = 0;  // in all of them
  std::map<Subset, Automaton::State> state_of_subset_;
  std::vector<Automaton::State> next_;
  std::vector<bool> accepts_;
};

}  // namespace

std::optional<Automaton> automaton_of_pattern(const std::string& pattern, Encoding encoding,
                                              std::span<const std::string> characters) {
  try {
    Sets sets(encoding, characters);
    const Program program(Parser(pattern, encoding, sets).parse());
    return SubsetConstruction(program, sets.sets(), characters.size()).run();
  } catch (const NoAutomaton&) {
    return std::nullopt;
  }
}

}  // namespace microgpt
