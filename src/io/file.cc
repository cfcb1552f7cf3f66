// SPDX-License-Identifier: MIT
#include "io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>
#include <optional>
#include <utility>

#include "microgpt/error.h"
#include "text/foreign_format.h"

namespace microgpt {
namespace {

// 0, or the system's reason.
int append_to(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = write(descriptor, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      return errno;
  }
  return 0;
}

}  // namespace

void fail_to(const char* verb, const std::string& path, int reason) {
  throw Error(fmt::format("cannot {} {}: {}", verb, path, std::strerror(reason)));
}

namespace {

struct SizeLimit {
  std::size_t most;
  std::string reason;  // reads on from "more than 4096 bytes, "
};

// What is still to be read of a regular file; nothing of a pipe or a device.
std::optional<std::size_t> size_ahead(std::FILE* stream) {
  struct stat status {};
  if (fstat(fileno(stream), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const auto at = std::max<off_t>(0, ftello(stream));
  return static_cast<std::size_t>(std::max<off_t>(0, status.st_size - at));
}

std::string read_stream(std::FILE* stream, const std::string& path, const SizeLimit& limit) {
  std::string content;
  std::array<char, 1 << 16> buffer;
  const std::optional<std::size_t> size = size_ahead(stream);
  if (size > limit.most)
    throw Error(fmt::format("cannot read {}: it has {} bytes, more than {} bytes, {}", path, *size, limit.most, limit.reason));
  try {
    content.reserve(size.value_or(0));
    while (std::feof(stream) == 0 && std::ferror(stream) == 0) {
      content.append(buffer.data(), std::fread(buffer.data(), 1, buffer.size(), stream));
      if (content.size() > limit.most)
        throw Error(fmt::format("cannot read {}: it has more than {} bytes, {}", path, limit.most, limit.reason));
    }
  } catch (const std::bad_alloc&) {
    throw Error(fmt::format("cannot read {}: {} bytes and more do not fit in memory", path,
                            std::max(content.size(), size.value_or(0))));
  }
  if (std::ferror(stream) != 0) fail_to("read", path, errno);
  require_no_git_lfs_pointer(path, content);
  return content;
}

std::string read_within(const std::string& path, const SizeLimit& limit) {
  if (path == "-") return read_stream(stdin, name_of_input(path), limit);
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  if (!file) fail_to("read", path, errno);
  // fopen opens a directory, and only reading it fails, on some systems with another reason.
  struct stat status {};
  if (fstat(fileno(file.get()), &status) == 0 && S_ISDIR(status.st_mode)) fail_to("read", path, EISDIR);
  return read_stream(file.get(), path, limit);
}

// Of the text alone: its lines are not known before it is read.
SizeLimit limit_by_size(std::uint64_t memory) {
  return {
      static_cast<std::size_t>(memory / kCorpusMemoryPerByte),
      fmt::format("the most for which there is memory ({}, and a corpus takes {} bytes for each of its own); take a part of it",
                  describe_memory(static_cast<double>(memory)), kCorpusMemoryPerByte)};
}

void require_memory_for_lines(const std::string& path, std::string_view text, std::uint64_t memory) {
  const std::size_t lines =
      1 + static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }));
  const double bytes = static_cast<double>(kCorpusMemoryPerByte) * static_cast<double>(text.size()) +
                       static_cast<double>(kCorpusMemoryPerLine) * static_cast<double>(lines);
  if (bytes <= static_cast<double>(memory)) return;
  throw Error(fmt::format("cannot read {}: its {} bytes in {} lines take {} of memory, and there are {}; take a part of it",
                          name_of_input(path), text.size(), lines, describe_memory(bytes),
                          describe_memory(static_cast<double>(memory))));
}

}  // namespace

std::string path_in(const std::string& folder, std::string_view name) {
  return (std::filesystem::path(folder) / name).string();
}

std::string last_part(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return path;
  const std::size_t slash = path.rfind('/', end);
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  return path.substr(begin, end + 1 - begin);
}

std::string name_of_input(const std::string& path) { return path == "-" ? "standard input" : path; }

std::string read_file(const std::string& path, std::size_t max_size) {
  return read_within(path, {max_size, "the most that are expected there"});
}

std::string read_corpus_bytes(const std::string& path, CorpusKind kind, std::uint64_t memory) {
  std::string bytes = read_within(path, limit_by_size(memory));
  if (kind != CorpusKind::text) require_memory_for_lines(path, bytes, memory);
  return bytes;
}

Corpus read_corpus(const std::string& path, const CorpusFormat& format) { return read_corpus(path, format, usable_memory()); }

Corpus read_corpus(const std::string& path, const CorpusFormat& format, std::uint64_t memory) {
  Corpus corpus(name_of_input(path), read_corpus_bytes(path, format.kind, memory), format);
  corpus.origin_ = path;
  return corpus;
}

OutputFile::OutputFile(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb")) {
  if (!file_) fail();
}

void OutputFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) fail();
}

void OutputFile::close() {
  if (std::fclose(file_.release()) != 0) fail();
}

void OutputFile::fail() const { fail_to("write", path_, errno); }

void remove_file(const std::string& path) {
  std::error_code reason;
  std::filesystem::remove(path, reason);
  if (reason) fail_to("replace", path, reason.value());
}

void append(const std::string& path, std::string_view bytes, Durability durability) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) fail_to("write", path, errno);
  int reason = append_to(descriptor, bytes);
  if (reason == 0 && durability == Durability::at_once && fsync(descriptor) != 0) reason = errno;
  if (close(descriptor) != 0 && reason == 0) reason = errno;
  if (reason != 0) fail_to("write", path, reason);
}

InputStream::InputStream(const std::string& path)
    : name_(name_of_input(path)), descriptor_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail_to("read", name_, errno);
  struct stat status {};
  if (fstat(descriptor_, &status) != 0 || !S_ISDIR(status.st_mode)) return;
  if (descriptor_ != STDIN_FILENO) close(descriptor_);
  fail_to("read", name_, EISDIR);
}

InputStream::~InputStream() {
  if (descriptor_ != STDIN_FILENO) close(descriptor_);
}

bool InputStream::wait(std::chrono::milliseconds longest) const {
  pollfd request{descriptor_, POLLIN, 0};
  return poll(&request, 1, static_cast<int>(longest.count())) > 0;
}

std::size_t InputStream::read(std::span<char> buffer) {
  for (;;) {
    const ssize_t count = ::read(descriptor_, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) fail_to("read", name_, errno);
  }
}

}  // namespace microgpt
