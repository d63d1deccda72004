// Products of matrices that fit into the processor's cache.
//
// Columns are stored in panels of two vectors: [panel][row][column in it]. The products then read
// memory contiguously, and no two rows compete for the same cache set.

#pragma once

#include "../simd/vectors.h"

namespace mnist_tch {
namespace INSTRUCTIONS {
namespace {

constexpr int64_t PANEL = 2 * WIDTH;

inline int64_t lesser(int64_t a, int64_t b) { return a < b ? a : b; }

// The number of columns is a multiple of WIDTH.
struct Matrix {
  float* data;
  int64_t rows, columns;

  [[gnu::always_inline]] float* at(int64_t row, int64_t column) const {
    return data + (column / PANEL * rows + row) * PANEL + column % PANEL;
  }
};

// Size of a matrix in floats, with padding of a cache line, so that consecutive matrices do not all
// start in the same cache set.
inline int64_t matrix_size(int64_t rows, int64_t columns) {
  return (columns + PANEL - 1) / PANEL * PANEL * rows + 16;
}

// Accumulators for a few rows and vectors of columns, in registers.
template <int ROWS, int VECTORS>
struct Tile {
  Floats<WIDTH> sums[ROWS][VECTORS];

  // Each row starts with zeros, or with the values at `start`.
  [[gnu::always_inline]] explicit Tile(const float* start = nullptr) {
    for (auto& row : sums) {
      for (int v = 0; v < VECTORS; ++v) {
        row[v] = start ? read<Floats<WIDTH>>(start + v * WIDTH) : Floats<WIDTH>{};
      }
    }
  }

  // Adds the outer product of a column, `left(row)`, and the row at `right`.
  template <typename Left>
  [[gnu::always_inline]] void add(const Left& left, const float* right) {
    Floats<WIDTH> values[VECTORS];
    for (int v = 0; v < VECTORS; ++v) values[v] = read<Floats<WIDTH>>(right + v * WIDTH);
    for (int r = 0; r < ROWS; ++r) {
      // Scalar times vector: one broadcast instruction.
      const float factor = left(r);
      for (int v = 0; v < VECTORS; ++v) sums[r][v] += factor * values[v];
    }
  }

  // Writes the rows, `stride` floats apart.
  [[gnu::always_inline]] void store(float* to, int64_t stride) const {
    for (int r = 0; r < ROWS; ++r) {
      for (int v = 0; v < VECTORS; ++v) write(to + r * stride + v * WIDTH, sums[r][v]);
    }
  }

  // Adds the rows to memory.
  [[gnu::always_inline]] void add_to(float* to, int64_t stride) const {
    for (int r = 0; r < ROWS; ++r) {
      for (int v = 0; v < VECTORS; ++v) {
        float* place = to + r * stride + v * WIDTH;
        write(place, read<Floats<WIDTH>>(place) + sums[r][v]);
      }
    }
  }
};

// Calls `action` with the number of vectors in each panel of columns, and its first column.
template <typename Action>
[[gnu::always_inline]] inline void for_each_panel(int64_t columns, const Action& action) {
  for (int64_t column = 0; column < columns; column += PANEL) {
    if (columns - column > WIDTH) {
      action(column, Count<2>{});
    } else {
      action(column, Count<1>{});
    }
  }
}

// Calls `action` for all of `count` rows, as many at once as fit into registers.
template <typename Action>
[[gnu::always_inline]] inline void for_each_tile(int64_t count, const Action& action) {
  int64_t row = 0;
  for (; row + 6 <= count; row += 6) action(row, Count<6>{});
  for (; row + 4 <= count; row += 4) action(row, Count<4>{});
  for (; row + 2 <= count; row += 2) action(row, Count<2>{});
  for (; row < count; ++row) action(row, Count<1>{});
}

// The first rows of a·b.
inline void product(const Matrix& a, const Matrix& b, const Matrix& result, int64_t rows) {
  for_each_panel(b.columns, [&](int64_t column, auto vectors) __attribute__((always_inline)) {
    for_each_tile(rows, [&](int64_t row, auto count) __attribute__((always_inline)) {
      Tile<count.value, vectors.value> tile{};
      const float* right = b.at(0, column);
      for (int64_t depth = 0; depth < a.columns; depth += PANEL) {
        const float* left = a.at(row, depth);
        const float* end = left + lesser(PANEL, a.columns - depth);
        for (; left < end; ++left, right += PANEL) {
          tile.add([&](int r) { return left[r * PANEL]; }, right);
        }
      }
      tile.store(result.at(row, column), PANEL);
    });
  });
}

// Adds aᵀ·b to the result, over their first rows.
inline void add_transposed_product(const Matrix& a, const Matrix& b, const Matrix& result,
                                   int64_t rows) {
  for_each_panel(b.columns, [&](int64_t column, auto vectors) __attribute__((always_inline)) {
    for (int64_t panel = 0; panel < a.columns; panel += PANEL) {
      const int64_t count = lesser(PANEL, a.columns - panel);
      for_each_tile(count, [&](int64_t first, auto taken) __attribute__((always_inline)) {
        Tile<taken.value, vectors.value> tile{};
        const float* left = a.at(0, panel + first);
        const float* right = b.at(0, column);
        for (int64_t row = 0; row < rows; ++row, left += PANEL, right += PANEL) {
          tile.add([&](int r) { return left[r]; }, right);
        }
        tile.add_to(result.at(panel + first, column), PANEL);
      });
    }
  });
}

}  // namespace
}  // namespace INSTRUCTIONS
}  // namespace mnist_tch
