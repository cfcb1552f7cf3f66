// SPDX-License-Identifier: MIT
#include "ngram/ngram_file.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "io/atomic_file.h"
#include "io/file.h"
#include "microgpt/config.h"
#include "text/hashes.h"
#include "text/little_endian.h"

namespace microgpt {
namespace {

using Node = NgramTrie::Node;

constexpr std::string_view kMagic = "microgpt n-gram\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderSize = kMagic.size() + 3 * sizeof(std::uint32_t);
constexpr std::size_t kChecksumSize = sizeof(std::uint64_t);
constexpr std::size_t kBytesOfNode = 2;  // at least: a token, and a count or how many children there are
constexpr unsigned kVarintBits = 7;      // a byte
constexpr unsigned kMoreBytes = 1U << kVarintBits;

std::uint64_t checksum_of(std::string_view bytes) { return siphash(bytes, {0, 0}); }

// --- Writing ---

void append_varint(std::string& bytes, std::uint32_t value) {
  for (; value >= kMoreBytes; value >>= kVarintBits) bytes.push_back(static_cast<char>(value | kMoreBytes));
  bytes.push_back(static_cast<char>(value));
}

// How many there are, and of each how many tokens lie between it and the one before.
void append_children(std::string& bytes, const NgramTrie& trie, Node parent) {
  const Node begin = trie.first_child(parent);
  const Node end = trie.first_child(parent + 1);
  append_varint(bytes, end - begin);
  Token least = 0;
  for (Node node = begin; node < end; ++node) {
    append_varint(bytes, static_cast<std::uint32_t>(trie.token(node) - least));
    least = trie.token(node) + 1;
  }
}

// --- Reading ---

class Reader {
 public:
  Reader(const std::string& name, std::string_view bytes) : name_(name), bytes_(bytes) {}

  NgramModel read() {
    const auto [order, vocab_size] = read_header();
    NgramTrie trie(vocab_size);
    trie.reserve(1 + vocab_size + (end_ - at_) / kBytesOfNode);
    while (trie.levels() < order) read_level(trie);
    std::vector<std::uint32_t> counts = read_counts(trie);
    if (at_ != end_) throw damaged(fmt::format("{} has {} bytes that belong to nothing", name_, end_ - at_));
    return NgramModel(trie, order, std::move(counts));
  }

 private:
  struct Header {
    std::uint32_t order;
    std::uint32_t vocab_size;
  };

  Header read_header() {
    if (!bytes_.starts_with(kMagic)) throw damaged(fmt::format("{} is no n-gram model", name_));
    if (bytes_.size() < kHeaderSize + kChecksumSize) throw cut_off();
    const std::uint32_t version = header_number(0);
    if (version != kVersion)
      throw damaged(fmt::format("{} is of version {}, and this program reads version {}", name_, version, kVersion));
    end_ = bytes_.size() - kChecksumSize;
    if (load_little_endian<std::uint64_t>(bytes_, end_) != checksum_of(bytes_.substr(0, end_)))
      throw damaged(fmt::format("{} is not as it was written: its checksum is another", name_));
    at_ = kHeaderSize;
    const Header header{header_number(1), header_number(2)};
    require_in_range("order", header.order, {1, kMaxNgramOrder});
    require_in_range("vocab_size", header.vocab_size, Config::kVocabSize);
    // Each token of the vocabulary takes a byte at least: its count, or how many children it has.
    if (header.vocab_size > end_ - at_)
      throw damaged(
          fmt::format("{} is cut off: it has {} bytes, and its vocabulary {} tokens", name_, bytes_.size(), header.vocab_size));
    return header;
  }

  std::uint32_t header_number(std::size_t i) const {
    return load_little_endian<std::uint32_t>(bytes_, kMagic.size() + i * sizeof(std::uint32_t));
  }

  void require_in_range(const char* field, std::uint32_t value, Range range) const {
    if (value < range.min || value > range.max)
      throw damaged(
          fmt::format("{}: {} {} is out of range: it must be from {} to {}", name_, field, value, range.min, range.max));
  }

  std::uint32_t read_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 5 * kVarintBits; shift += kVarintBits) {
      if (at_ == end_) throw cut_off();
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= static_cast<std::uint64_t>(byte & (kMoreBytes - 1)) << shift;
      if (byte >= kMoreBytes) continue;
      if (value > UINT32_MAX || (byte == 0 && shift > 0)) break;
      return static_cast<std::uint32_t>(value);
    }
    throw damaged(fmt::format("{}: no number of 32 bits ends at byte {}", name_, at_));
  }

  void read_level(NgramTrie& trie) {
    const std::size_t parents = trie.levels();
    const Node end = trie.end(parents);
    trie.add_level();
    for (Node parent = trie.begin(parents); parent < end; ++parent) read_children(trie, parent);
  }

  void read_children(NgramTrie& trie, Node parent) {
    const std::uint32_t children = read_varint();
    if (children == 0) return;
    // The suffixes are children of one node, too, and in the same order: each is sought behind the one before.
    const Node shorter = trie.suffix(parent);
    Node suffix = trie.first_child(shorter);
    const Node end = trie.first_child(shorter + 1);
    std::uint64_t token = 0;
    for (std::uint32_t i = 0; i < children; ++i, ++token) {
      token += read_varint();
      if (token >= trie.vocab_size())
        throw damaged(fmt::format("{}: an n-gram of {} tokens has the token {}, and there are {}", name_, trie.levels(), token,
                                  trie.vocab_size()));
      const auto found = trie.find_among(suffix, end, static_cast<Token>(token));
      if (!found) throw damaged(fmt::format("{}: an n-gram of {} tokens has an end that is missing", name_, trie.levels()));
      if (trie.size() == NgramTrie::kMaxNodes) throw damaged(fmt::format("{} has too many n-grams", name_));
      trie.append(parent, static_cast<Token>(token), *found);
      suffix = *found + 1;
    }
  }

  // Those of the last level are stored.
  std::vector<std::uint32_t> read_counts(const NgramTrie& trie) {
    std::vector<std::uint32_t> counts(trie.size());
    const std::size_t order = trie.levels();
    for (Node node = trie.begin(order); node < trie.end(order); ++node) counts[node] = read_varint();
    for (std::size_t level = order; level >= 2; --level) {
      require_occurrences(trie, level, counts);
      add_continuations(trie, level, counts, counts);
    }
    return counts;
  }

  // In documents that are not empty BOS alone is context only. All other n-grams are there because they occur.
  void require_occurrences(const NgramTrie& trie, std::size_t level, const std::vector<std::uint32_t>& counts) const {
    const std::optional<Node> bos_alone = find_bos_alone(trie, level);
    for (Node node = trie.begin(level); node < trie.end(level); ++node)
      if (counts[node] == 0 && node != bos_alone)
        throw damaged(fmt::format("{}: an n-gram of {} tokens never occurs", name_, level));
  }

  static std::optional<Node> find_bos_alone(const NgramTrie& trie, std::size_t level) {
    const auto bos = static_cast<Token>(trie.vocab_size() - 1);
    std::optional<Node> node = NgramTrie::kRoot;
    for (; level > 0 && node; --level) node = trie.find_child(*node, bos);
    return node;
  }

  Error cut_off() const { return damaged(fmt::format("{} is cut off: it has {} bytes", name_, bytes_.size())); }

  const std::string& name_;
  std::string_view bytes_;
  std::size_t at_ = 0;   // the next byte
  std::size_t end_ = 0;  // of all but the checksum
};

}  // namespace

std::string ngram_to_bytes(const NgramModel& model) {
  const NgramTrie trie = model.trie();
  std::string bytes(kMagic);
  append_little_endian(bytes, kVersion);
  append_little_endian(bytes, static_cast<std::uint32_t>(model.order()));
  append_little_endian(bytes, static_cast<std::uint32_t>(model.vocab_size()));
  for (Node parent = trie.begin(1); parent < trie.begin(model.order()); ++parent) append_children(bytes, trie, parent);
  for (Node node = trie.begin(model.order()); node < trie.end(model.order()); ++node)
    append_varint(bytes, model.counts()[node]);
  append_little_endian(bytes, checksum_of(bytes));
  return bytes;
}

NgramModel ngram_from_bytes(const std::string& name, std::string_view bytes) { return Reader(name, bytes).read(); }

void write_ngram(const std::string& path, const NgramModel& model) {
  AtomicFile file(path);
  file.write(ngram_to_bytes(model));
  file.commit();
}

NgramModel read_ngram(const std::string& path) { return ngram_from_bytes(path, read_file(path)); }

}  // namespace microgpt
