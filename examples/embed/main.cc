// SPDX-License-Identifier: MIT
// Lines of standard input that are odd among the names of the United States: those of more bits than 99 in 100 names have.
#include <microgpt/microgpt.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

int main() try {
  const microgpt::Corpus names = microgpt::embedded_names();
  const microgpt::Model model = microgpt::train(names, {.settings = {{"num_steps", 100}}});
  microgpt::Scorer scorer(model);
  std::vector<double> known;
  for (std::size_t i = 0; i < names.size(); i += 50) known.push_back(scorer.score(names[i]).bits_per_character());
  const auto limit = known.begin() + static_cast<std::ptrdiff_t>(known.size() * 99 / 100);
  std::nth_element(known.begin(), limit, known.end());
  for (std::string line; std::getline(std::cin, line);)
    if (scorer.score(line).bits_per_character() > *limit) std::cout << line << '\n';
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
