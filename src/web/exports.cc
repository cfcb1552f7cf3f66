// SPDX-License-Identifier: MIT
// What the module of WebAssembly exports to JavaScript, and the little of the system that it needs beside the C library.
//
// A call: microgpt_take() for the bytes of the request's JSON and those beside it, which are then written to where it says;
// microgpt_answer(), and microgpt_given() says where the answer is and how long. 32-bit addresses and sizes.
#include <cstddef>
#include <exception>
#include <new>
#include <string>

#include "io/json.h"
#include "microgpt/error.h"
#include "web/workbench.h"

#ifndef __wasm__
#error "this is for WebAssembly"
#endif

#define MICROGPT_EXPORT(name) __attribute__((export_name(name), used))

namespace microgpt::web {
namespace {

struct Call {
  Workbench workbench;
  Message request;
  Message answer;
};

// Made by the first call, after the C library has begun; it lives as long as the module.
Call& call() {
  static Call* const only = new Call;
  return *only;
}

std::string error_answer(const char* kind, const char* what) {
  return dump(Json::object({{"error", Json::object({{"kind", kind}, {"message", what}})}}), std::nullopt, JsonCharacters::utf8);
}

}  // namespace
}  // namespace microgpt::web

extern "C" {

using microgpt::web::call;

// Where `size` bytes of the request are to be written: of its JSON, or of what is beside it. Null where there is no memory.
MICROGPT_EXPORT("microgpt_take") char* microgpt_take(int is_beside, std::size_t size) {
  std::string& text = is_beside != 0 ? call().request.bytes : call().request.json;
  try {
    text.assign(size, '\0');
  } catch (const std::exception&) {
    return nullptr;
  }
  return text.data();
}

MICROGPT_EXPORT("microgpt_answer") void microgpt_answer() {
  using namespace microgpt;
  auto& [workbench, request, answer] = call();
  try {
    answer = workbench.answer(request);
  } catch (const ConfigError& error) {
    answer = {web::error_answer("setting", error.what())};
  } catch (const std::bad_alloc&) {
    answer = {web::error_answer("memory", "the browser gives no more memory: take fewer lines, or a smaller model")};
  } catch (const std::exception& error) {
    answer = {web::error_answer("error", error.what())};
  }
  request = {};
}

MICROGPT_EXPORT("microgpt_given") const char* microgpt_given(int is_beside) {
  return is_beside != 0 ? call().answer.bytes.data() : call().answer.json.data();
}

MICROGPT_EXPORT("microgpt_given_size") std::size_t microgpt_given_size(int is_beside) {
  return is_beside != 0 ? call().answer.bytes.size() : call().answer.json.size();
}
}
