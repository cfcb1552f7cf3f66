// SPDX-License-Identifier: MIT
// A file or standard input, read as its bytes come: for input of any size, and for input that is waited for.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

namespace microgpt {

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
