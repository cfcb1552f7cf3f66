// SPDX-License-Identifier: MIT
// What the shared library shows of itself: all else of it is hidden.
#pragma once

#if defined(__GNUC__)
#define MICROGPT_API __attribute__((visibility("default")))
#else
#define MICROGPT_API
#endif
