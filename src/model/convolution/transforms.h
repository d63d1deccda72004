// The transforms of Winograd's minimal filtering between values, kernels, results and their parts.
//
// A polynomial of degree 5 is determined by its values at six points: here 0, ±p, ±q and infinity.
// A kernel of R taps gives M = 7 - R results from 6 values. Each transform is written in one
// dimension, with the common terms of +p and -p computed once; `transform_2d` applies it to the
// columns and then the rows of a tile.
//
// The usual points are 0, ±1, ±2; with these the largest error is a third of theirs, and as small
// as that of direct convolution (on the choice of points, see Barabasz et al., "Error analysis and
// improving the accuracy of Winograd convolution", 2018).

#pragma once

#include "../simd/vectors.h"

namespace mnist_tch {
namespace INSTRUCTIONS {
namespace {

constexpr int POINTS = 6;

// The widest vector: one value for each of WIDTH channels.
using Wide = Floats<WIDTH>;

// p² and q², then p and q.
constexpr float PP = 0.5f, QQ = 2.0f;
constexpr float P = 0.70710678f, Q = 1.41421356f;

// Reciprocal denominators of the Lagrange polynomials at 0, ±p and ±q.
constexpr float AT_0 = 1 / (PP * QQ), AT_P = 1 / (2 * PP * (PP - QQ)),
                AT_Q = 1 / (2 * QQ * (QQ - PP));

[[gnu::always_inline]] inline void values_to_parts(const Wide (&x)[POINTS], Wide (&y)[POINTS]) {
  const Wide even_p = x[4] - QQ * x[2], odd_p = P * (x[3] - QQ * x[1]);
  const Wide even_q = x[4] - PP * x[2], odd_q = Q * (x[3] - PP * x[1]);
  y[0] = x[4] - (PP + QQ) * x[2] + (PP * QQ) * x[0];
  y[1] = even_p + odd_p;
  y[2] = even_p - odd_p;
  y[3] = even_q + odd_q;
  y[4] = even_q - odd_q;
  y[5] = x[5] - (PP + QQ) * x[3] + (PP * QQ) * x[1];
}

[[gnu::always_inline]] inline void parts_to_values(const Wide (&y)[POINTS], Wide (&x)[POINTS]) {
  const Wide even_p = y[1] + y[2], odd_p = P * (y[1] - y[2]);
  const Wide even_q = y[3] + y[4], odd_q = Q * (y[3] - y[4]);
  x[0] = (PP * QQ) * y[0];
  x[1] = (PP * QQ) * y[5] - QQ * odd_p - PP * odd_q;
  x[2] = -(PP + QQ) * y[0] - QQ * even_p - PP * even_q;
  x[3] = odd_p + odd_q - (PP + QQ) * y[5];
  x[4] = y[0] + even_p + even_q;
  x[5] = y[5];
}

template <int M>
[[gnu::always_inline]] inline void parts_to_results(const Wide (&y)[POINTS], Wide (&x)[M]) {
  const Wide even_p = y[1] + y[2], odd_p = P * (y[1] - y[2]);
  const Wide even_q = y[3] + y[4], odd_q = Q * (y[3] - y[4]);
  x[0] = y[0] + even_p + even_q;
  x[1] = odd_p + odd_q;
  if constexpr (M == 4) {
    x[2] = PP * even_p + QQ * even_q;
    x[3] = PP * odd_p + QQ * odd_q;
  }
  x[M - 1] += y[5];
}

template <int M>
[[gnu::always_inline]] inline void results_to_parts(const Wide (&x)[M], Wide (&y)[POINTS]) {
  Wide even_p = x[0], odd_p = x[1], even_q = x[0], odd_q = x[1];
  if constexpr (M == 4) {
    even_p += PP * x[2];
    odd_p += PP * x[3];
    even_q += QQ * x[2];
    odd_q += QQ * x[3];
  }
  y[0] = x[0];
  y[1] = even_p + P * odd_p;
  y[2] = even_p - P * odd_p;
  y[3] = even_q + Q * odd_q;
  y[4] = even_q - Q * odd_q;
  y[5] = x[M - 1];
}

template <int R>
[[gnu::always_inline]] inline void kernel_to_parts(const Wide (&x)[R], Wide (&y)[POINTS]) {
  Wide even_p = x[0] + PP * x[2], odd_p = x[1], even_q = x[0] + QQ * x[2], odd_q = x[1];
  if constexpr (R == 5) {
    even_p += (PP * PP) * x[4];
    odd_p += PP * x[3];
    even_q += (QQ * QQ) * x[4];
    odd_q += QQ * x[3];
  }
  y[0] = AT_0 * x[0];
  y[1] = AT_P * (even_p + P * odd_p);
  y[2] = AT_P * (even_p - P * odd_p);
  y[3] = AT_Q * (even_q + Q * odd_q);
  y[4] = AT_Q * (even_q - Q * odd_q);
  y[5] = x[R - 1];
}

template <int R>
[[gnu::always_inline]] inline void parts_to_kernel(const Wide (&y)[POINTS], Wide (&x)[R]) {
  const Wide even_p = AT_P * (y[1] + y[2]), odd_p = (AT_P * P) * (y[1] - y[2]);
  const Wide even_q = AT_Q * (y[3] + y[4]), odd_q = (AT_Q * Q) * (y[3] - y[4]);
  x[0] = AT_0 * y[0] + even_p + even_q;
  x[1] = odd_p + odd_q;
  x[2] = PP * even_p + QQ * even_q;
  if constexpr (R == 5) {
    x[3] = PP * odd_p + QQ * odd_q;
    x[4] = (PP * PP) * even_p + (QQ * QQ) * even_q;
  }
  x[R - 1] += y[5];
}

// Transforms the columns of a FROM×FROM tile, then the rows of the result. `load(row, column)`
// returns the input values, `store(row, column, value)` takes those of the TO×TO result.
template <int FROM, int TO, typename Map, typename Load, typename Store>
[[gnu::always_inline]] inline void transform_2d(const Map& map, const Load& load,
                                                const Store& store) {
  Wide columns[FROM][TO];
  for (int column = 0; column < FROM; ++column) {
    Wide x[FROM];
    for (int row = 0; row < FROM; ++row) x[row] = load(row, column);
    map(x, columns[column]);
  }
  for (int row = 0; row < TO; ++row) {
    Wide x[FROM], y[TO];
    for (int column = 0; column < FROM; ++column) x[column] = columns[column][row];
    map(x, y);
    for (int column = 0; column < TO; ++column) store(row, column, y[column]);
  }
}

}  // namespace
}  // namespace INSTRUCTIONS
}  // namespace mnist_tch
