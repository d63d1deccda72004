// Vectors of values. Compilers translate these for any processor, which they do not always for
// loops.
//
// For files that are compiled once for each set of instructions, with its name as INSTRUCTIONS.

#pragma once

#include <cstdint>
#include <cstring>

namespace mnist_tch {
namespace INSTRUCTIONS {
namespace {

// Floats in the widest register.
#if defined(__AVX512F__)
constexpr int WIDTH = 16;
#elif defined(__AVX2__)
constexpr int WIDTH = 8;
#else
constexpr int WIDTH = 4;
#endif

// Vectors of N values.
template <int N>
struct Vector {
  typedef float Floats __attribute__((vector_size(4 * N)));
  typedef int32_t Mask __attribute__((vector_size(4 * N)));
  typedef uint32_t Words __attribute__((vector_size(4 * N)));
  typedef uint16_t Halves __attribute__((vector_size(2 * N)));
  typedef uint8_t Bytes __attribute__((vector_size(N)));
};

template <int N>
using Floats = typename Vector<N>::Floats;
template <int N>
using Mask = typename Vector<N>::Mask;
template <int N>
using Words = typename Vector<N>::Words;
template <int N>
using Halves = typename Vector<N>::Halves;
template <int N>
using Bytes = typename Vector<N>::Bytes;

// The bits that lie there, as a vector of this type: at any address.
template <typename V>
inline V read(const void* from) {
  V vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

template <typename V>
inline void write(void* to, V vector) {
  std::memcpy(to, &vector, sizeof vector);
}

template <int N>
inline Floats<N> all(float value) {
  return Floats<N>{} + value;
}

// A number that the compiler knows, for what is done at once.
template <int N>
struct Count {
  static constexpr int value = N;
};

}  // namespace
}  // namespace INSTRUCTIONS
}  // namespace mnist_tch
