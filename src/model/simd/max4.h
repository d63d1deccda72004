// The maximum of the four values of a 2×2 window.

#pragma once

#include "vectors.h"

namespace mnist_tch {
namespace INSTRUCTIONS {
namespace {

// The winner where none of the four is above the floor.
constexpr uint8_t NONE = 4;

template <int N>
struct Max4 {
  Floats<N> value;
  // The index of the maximum, or NONE.
  Mask<N> winner;
};

// Where `other` replaces `first`: NaN exceeds all other values, so that it propagates to the loss.
template <int N>
inline Mask<N> exceeds(Floats<N> other, Floats<N> first) {
  return (other > first) | (other != other);
}

// At least `floor`. The four values are those of the upper row, then those of the lower one.
template <int N>
[[gnu::always_inline]] inline Max4<N> max4(Floats<N> first, Floats<N> second,
                                                   Floats<N> third, Floats<N> fourth, float floor) {
  const Mask<N> right_above = exceeds<N>(second, first);
  const Mask<N> right_below = exceeds<N>(fourth, third);
  const Floats<N> above = right_above ? second : first;
  const Floats<N> below = right_below ? fourth : third;
  const Mask<N> lies_below = exceeds<N>(below, above);
  const Floats<N> value = lies_below ? below : above;
  const Mask<N> none = value <= floor;
  // A mask is -1 where it is true.
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
