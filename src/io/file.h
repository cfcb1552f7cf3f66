// SPDX-License-Identifier: MIT
// Reading whole files and writing results, with errors that name the path and the system's reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "io/resource_limits.h"
#include "microgpt/corpus.h"
#include "microgpt/error.h"

namespace microgpt {

// Throws Error: "cannot VERB PATH: ", and the system's reason, an errno.
[[noreturn]] void fail_to(const char* verb, const std::string& path, int reason);

// Everything in the file, or on standard input where `path` is "-". Throws Error: no such file, a directory, no permission,
// a read that fails, a file that does not fit in memory or has more than `max_size` bytes, of which no more are read; what
// git-lfs has left in the place of a file.
std::string read_file(const std::string& path, std::size_t max_size = std::string::npos);

// What a corpus takes at most until training begins: its text, its tokens and those of its windows take so much for each byte
// of the file, and of lines each one, be it blank, so much more. Not counted is the rest of what a vocabulary of more than
// 65535 and windows of less than 16 positions take.
inline constexpr std::size_t kCorpusMemoryPerByte = 6;
inline constexpr std::size_t kCorpusMemoryPerLine = 32;

// read_file, for a corpus. Throws Error also where that would take more than `memory` bytes: by its size before anything is
// read, where it is a file, and by its lines before they are looked at.
std::string read_corpus_bytes(const std::string& path, CorpusKind kind, std::uint64_t memory = usable_memory());

// The corpus of these bytes. Throws Error as both do.
Corpus read_corpus(const std::string& path, const CorpusFormat& format, std::uint64_t memory);

std::string path_in(const std::string& folder, std::string_view name);

// The last part of a path, without the folders before it: "names.txt" of "/home/anna/names.txt".
std::string last_part(const std::string& path);

// What stands for the path in messages: itself, or "standard input".
std::string name_of_input(const std::string& path);

// A file that is written front to back. What was there is gone as soon as the object exists, so that a run which fails leaves
// no older result behind.
class OutputFile {
 public:
  // Throws Error if the file cannot be created.
  explicit OutputFile(std::string path);

  // Throws Error if the system does not take the bytes.
  void write(std::string_view text);

  // Hands everything to the system. Throws Error if it does not take it. Without this call, errors of the last write are lost.
  void close();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  [[noreturn]] void fail() const;

  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
};

// Afterwards there is no such file. Throws Error where the system does not let it go.
void remove_file(const std::string& path);

// Files that only grow, a line at a time.
enum class Durability {
  when_convenient,  // the system writes it to the disk when it likes to
  at_once,          // it is on the disk when the call returns
};

// Appends the bytes to the file, which is created where there is none. Throws Error where the system does not take them: some
// may then be there. A file that is to survive a power cut must be there before.
void append(const std::string& path, std::string_view bytes, Durability durability);

// The error for what is read back and cannot be what was once written.

inline constexpr std::string_view kRestore = "restore the file from a copy or save the model again";

class Damaged : public Error {
 public:
  Damaged(const std::string& problem, std::string_view remedy)
      : Error(problem + "; " + std::string(remedy)), problem_(problem) {}

  // Up to what to do about it, which whoever reads the file may know better.
  const std::string& problem() const { return problem_; }

 private:
  std::string problem_;
};

// `problem` names the file and what is wrong with it.
inline Damaged damaged(const std::string& problem, std::string_view remedy = kRestore) { return {problem, remedy}; }

// A file or standard input, read as its bytes come: for input of any size, and for input that is waited for.
class InputStream {
 public:
  // Standard input where `path` is "-". Throws Error: no such file, a directory, no permission.
  explicit InputStream(const std::string& path);
  ~InputStream();
  InputStream(const InputStream&) = delete;
  InputStream& operator=(const InputStream&) = delete;

  // What stands for it in messages.
  const std::string& name() const { return name_; }

  // Whether read() has an answer at once, or gets one within so long; false also where a signal comes first.
  bool wait(std::chrono::milliseconds longest) const;

  // Up to buffer.size() bytes, as many as there are; 0 at the end. Throws Error: what the system does not read.
  std::size_t read(std::span<char> buffer);

 private:
  std::string name_;
  int descriptor_;
};

}  // namespace microgpt
