// SPDX-License-Identifier: MIT
#include "text/folds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "microgpt/error.h"
#include "text/hashes.h"

namespace microgpt {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_of_word(char c) {
  return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// So many of one form are near-copies, however few documents there are.
constexpr std::size_t kFewDocuments = 3;

// Documents that must be in one fold.
struct Unit {
  std::uint64_t hash;
  std::string_view key;
  std::size_t documents;
};

std::vector<std::string> keys_of(std::span<const std::string_view> documents, std::size_t count, const Pattern* group) {
  std::vector<std::string> keys;
  keys.reserve(documents.size());
  std::unordered_map<std::string, std::size_t> documents_of_form;
  for (const std::string_view document : documents) {
    const auto found = group == nullptr ? std::nullopt : group->find(document);
    keys.push_back(found ? "group " + std::string(*found) : "form " + form_of(document));
    if (!found) ++documents_of_form[keys.back()];
  }
  std::unordered_map<std::string_view, std::size_t> copies_of_document;
  const std::size_t most = std::max(kFewDocuments, documents.size() / (20 * count));
  for (std::size_t d = 0; d < documents.size(); ++d) {
    const auto found = documents_of_form.find(keys[d]);
    if (found == documents_of_form.end() || found->second <= most) continue;
    keys[d] = "document " + std::string(documents[d]);
    // Of one that is common itself all models see some copies.
    std::size_t& copies = copies_of_document[documents[d]];
    if (++copies > most) keys[d] += fmt::format(" {}", copies % count);
  }
  return keys;
}

}  // namespace

std::string form_of(std::string_view document) {
  std::string form;
  std::size_t begin = 0;  // of the word in the form
  bool in_word = false, has_digit = false;
  for (const char c : document) {
    if (!is_of_word(c)) {
      in_word = false;
      continue;
    }
    if (!in_word) {
      form += ' ';
      begin = form.size();
      has_digit = false;
    }
    in_word = true;
    if (is_digit(c) && !has_digit) {
      has_digit = true;
      form.resize(begin);
      form += '0';
    }
    if (!has_digit) form += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return form;
}

std::vector<std::size_t> fold_of_documents(std::span<const std::string_view> documents, std::size_t count, std::uint64_t seed,
                                           const Pattern* group) {
  assert(count >= 1);
  const std::vector<std::string> keys = keys_of(documents, count, group);
  std::unordered_map<std::string_view, std::size_t> documents_of_key;
  for (const std::string& key : keys) ++documents_of_key[key];
  if (documents_of_key.size() < count)
    throw Error(fmt::format("there {} {} different document{}, which cannot be divided into {} folds",
                            documents_of_key.size() == 1 ? "is" : "are", documents_of_key.size(),
                            documents_of_key.size() == 1 ? "" : "s", count));
  std::vector<Unit> units;
  units.reserve(documents_of_key.size());
  for (const auto& [key, size] : documents_of_key) units.push_back({siphash(key, {seed, 0}), key, size});
  std::sort(units.begin(), units.end(),
            [](const Unit& a, const Unit& b) { return std::tie(a.hash, a.key) < std::tie(b.hash, b.key); });
  std::vector<std::size_t> sizes(count);
  std::unordered_map<std::string_view, std::size_t> fold_of_key;
  for (const Unit& unit : units) {
    const auto smallest = std::min_element(sizes.begin(), sizes.end());
    *smallest += unit.documents;
    fold_of_key[unit.key] = static_cast<std::size_t>(smallest - sizes.begin());
  }
  std::vector<std::size_t> folds;
  folds.reserve(documents.size());
  for (const std::string& key : keys) folds.push_back(fold_of_key.at(key));
  return folds;
}

}  // namespace microgpt
