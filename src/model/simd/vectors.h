// Vector types. Compilers vectorise these on any processor, which they do not always do with loops.
//
// For files that are compiled once for each instruction set, with its name as INSTRUCTIONS.

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

// Reads a vector from any address, aligned or not.
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

// A compile-time number.
template <int N>
struct Count {
  static constexpr int value = N;
};

}  // namespace
}  // namespace INSTRUCTIONS
}  // namespace mnist_tch
