// SPDX-License-Identifier: MIT
#include "cli/picture_files.h"

#include <fmt/format.h>

#include <string_view>

#include "cli/terminal.h"
#include "io/file.h"

namespace microgpt {
namespace {

constexpr std::string_view kPictureOutput = "-";

}  // namespace

bool PictureFiles::has_output() const { return svg == kPictureOutput || html == kPictureOutput; }

void add_pictures(Command& command, PictureFiles& files) {
  command.add_text("--svg", "FILE", into(files.svg), "Draw a picture; - writes to standard output").in("Output");
  command
      .add_text("--html", "FILE", into(files.html),
                "Write the picture and the numbers as a web page; - writes to standard output")
      .in("Output");
}

void require_apart(const PictureFiles& files, bool json) {
  const bool has_svg = files.svg == kPictureOutput, has_html = files.html == kPictureOutput;
  if (has_svg + has_html + json > 1)
    throw UsageError(fmt::format("{} -: {} goes to standard output, too; name a file", has_svg ? "--svg" : "--html",
                                 json ? "--json" : "--html"));
  if (files.svg && files.svg == files.html)
    throw UsageError(fmt::format("--html {}: --svg goes there; name another file", *files.html));
}

void write_picture(const std::string& path, const std::string& picture) {
  if (path == kPictureOutput) return print(picture);
  OutputFile file(path);
  file.write(picture);
  file.close();
}

}  // namespace microgpt
