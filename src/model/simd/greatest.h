// The greatest of the four values of a 2×2 square.

#pragma once

#include "vectors.h"

namespace mnist_tch {
namespace INSTRUCTIONS {
namespace {

// Stands for a winner where none of the four is above the floor.
constexpr uint8_t NONE = 4;

template <int N>
struct Greatest {
  Floats<N> value;
  // Which of the four it is, or NONE.
  Mask<N> winner;
};

// Where `other` takes the place of `first`: what is no number is greater than all others, as a loss
// that is none has to show.
template <int N>
inline Mask<N> exceeds(Floats<N> other, Floats<N> first) {
  return (other > first) | (other != other);
}

// Not less than `floor`. The four are those of the upper row, then those of the lower one.
template <int N>
[[gnu::always_inline]] inline Greatest<N> greatest(Floats<N> first, Floats<N> second,
                                                   Floats<N> third, Floats<N> fourth, float floor) {
  const Mask<N> right_above = exceeds<N>(second, first);
  const Mask<N> right_below = exceeds<N>(fourth, third);
  const Floats<N> above = right_above ? second : first;
  const Floats<N> below = right_below ? fourth : third;
  const Mask<N> lies_below = exceeds<N>(below, above);
  const Floats<N> value = lies_below ? below : above;
  const Mask<N> none = value <= floor;
  // A mask is -1 where it holds.
  const Mask<N> winner = lies_below ? 2 - right_below : -right_above;
  return {none ? all<N>(floor) : value, none ? Mask<N>{} + NONE : winner};
}

template <int N>
[[gnu::always_inline]] inline void write_winner(uint8_t* to, Mask<N> winner) {
  write(to, __builtin_convertvector(winner, Bytes<N>));
}

template <int N>
[[gnu::always_inline]] inline Mask<N> read_winner(const uint8_t* from) {
  return __builtin_convertvector(read<Bytes<N>>(from), Mask<N>);
}

}  // namespace
}  // namespace INSTRUCTIONS
}  // namespace mnist_tch
