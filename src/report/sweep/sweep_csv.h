// SPDX-License-Identifier: MIT
// The results of a sweep as comma-separated values, for a spreadsheet or a program.
#pragma once

#include <string>

#include "report/sweep/sweep_report.h"

namespace microgpt {

// A header, and a row for each configuration in the order of the report; fields are quoted where RFC 4180 wants it, and lines
// end in "\n". Losses in nats. What a configuration whose training went wrong does not have is empty.
std::string sweep_csv(const SweepReport& report);

// A field: in quotes where it has a comma, a quote or a line end.
std::string csv_field(const std::string& text);

}  // namespace microgpt
