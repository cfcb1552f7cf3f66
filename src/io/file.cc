#include "io/file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <new>

#include "microgpt/error.h"

namespace microgpt {

void fail_to(const char* verb, const std::string& path, int reason) {
  throw Error(fmt::format("cannot {} {}: {}", verb, path, std::strerror(reason)));
}

namespace {

std::string read_stream(std::FILE* stream, const std::string& path, std::size_t max_size) {
  std::string content;
  std::array<char, 1 << 16> buffer;
  try {
    while (std::feof(stream) == 0 && std::ferror(stream) == 0) {
      content.append(buffer.data(), std::fread(buffer.data(), 1, buffer.size(), stream));
      if (content.size() > max_size)
        throw Error(fmt::format("cannot read {}: it has more than {} bytes, the most that are expected there", path, max_size));
    }
  } catch (const std::bad_alloc&) {
    throw Error(fmt::format("cannot read {}: {} bytes and more do not fit in memory", path, content.size()));
  }
  if (std::ferror(stream) != 0) fail_to("read", path, errno);
  return content;
}

}  // namespace

std::string read_file(const std::string& path, std::size_t max_size) {
  if (path == "-") return read_stream(stdin, "standard input", max_size);
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  if (!file) fail_to("read", path, errno);
  // fopen opens a directory, and only reading it fails, on some systems with another reason.
  struct stat status {};
  if (fstat(fileno(file.get()), &status) == 0 && S_ISDIR(status.st_mode)) fail_to("read", path, EISDIR);
  return read_stream(file.get(), path, max_size);
}

Corpus read_corpus(const std::string& path, ByteOrderMark byte_order_mark) {
  return Corpus::from_lines(path == "-" ? "standard input" : path, read_file(path), byte_order_mark);
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

}  // namespace microgpt
