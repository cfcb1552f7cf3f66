// SPDX-License-Identifier: MIT
// The two kinds of scalar that the GPT is written for.
//
// A Value is a node of the graph, used as a number is used. It mirrors the class of the same name in microgpt.py, expression
// for expression: `a - b` is `a + (-b)`, `a / b` is `a * b**-1`, and a plain number in an operation becomes a leaf on the
// right, whichever side it was written on.
//
// A Number is computed by the same rules, so it has the same bits, but remembers nothing: for losses and logits that need
// no gradient.
#pragma once

#include <cmath>
#include <concepts>

#include "engine/graph/tape.h"

namespace microgpt::graph {

struct Value {
  Tape* tape;
  Tape::Index index;

  double data() const { return tape->data(index); }
};

inline Value operator+(Value a, Value b) { return {a.tape, a.tape->add(a.index, b.index)}; }
inline Value operator*(Value a, Value b) { return {a.tape, a.tape->multiply(a.index, b.index)}; }
inline Value pow(Value v, double exponent) { return {v.tape, v.tape->power(v.index, exponent)}; }
inline Value log(Value v) { return {v.tape, v.tape->log(v.index)}; }
inline Value exp(Value v) { return {v.tape, v.tape->exp(v.index)}; }
inline Value relu(Value v) { return {v.tape, v.tape->relu(v.index)}; }

inline Value operator+(Value v, double number) { return v + Value{v.tape, v.tape->leaf(number)}; }
inline Value operator*(Value v, double number) { return v * Value{v.tape, v.tape->leaf(number)}; }

struct Number {
  double value;

  double data() const { return value; }
};

inline Number operator+(Number a, Number b) { return {a.value + b.value}; }
inline Number operator*(Number a, Number b) { return {a.value * b.value}; }
inline Number pow(Number n, double exponent) { return {std::pow(n.value, exponent)}; }
inline Number log(Number n) { return {std::log(n.value)}; }
inline Number exp(Number n) { return {std::exp(n.value)}; }
inline Number relu(Number n) { return {n.value > 0.0 ? n.value : 0.0}; }

inline Number operator+(Number n, double number) { return {n.value + number}; }
inline Number operator*(Number n, double number) { return {n.value * number}; }

template <typename T>
concept Scalar = std::same_as<T, Value> || std::same_as<T, Number>;

// The rest of the arithmetic is made of the operations above.
template <Scalar S>
S operator+(double number, S s) {
  return s + number;
}
template <Scalar S>
S operator*(double number, S s) {
  return s * number;
}
template <Scalar S>
S operator-(S s) {
  return s * -1.0;
}
template <Scalar S>
S operator-(S s, double number) {
  return s + (-number);
}
template <Scalar S>
S operator/(S a, S b) {
  return a * pow(b, -1.0);
}
template <Scalar S>
S operator/(S s, double number) {
  return s * std::pow(number, -1.0);
}

}  // namespace microgpt::graph
