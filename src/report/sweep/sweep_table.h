// SPDX-License-Identifier: MIT
// The results of a sweep: as comma-separated values for a spreadsheet or a program, and as tables for the terminal. Nothing in
// them depends on the clock.
#pragma once

#include <string>

#include "report/sweep/sweep_report.h"

namespace microgpt {

// A header, and a row for each configuration in the order of the report; fields are quoted where RFC 4180 wants it, and lines
// end in "\n". Losses in nats. What a configuration whose training went wrong does not have is empty.
std::string sweep_csv(const SweepReport& report);

// A field: in quotes where it has a comma, a quote or a line end.
std::string csv_field(const std::string& text);

// A row for each configuration, one for each n-gram, and what went wrong with those whose training did. Where that is wider
// than `max_columns`, without parameters and steps. REQUIRES: a row.
std::string sweep_table(const SweepReport& report, std::size_t max_columns = std::string::npos);

// A row for each mean over seeds, with that of the n-grams' tests; empty where there are none.
std::string seed_table(const SweepReport& report);

// What validation chooses, one configuration or with several seeds what some have in common, and what the test says of it;
// nothing where all trainings went wrong.
std::string describe_choice(const SweepReport& report);

}  // namespace microgpt
