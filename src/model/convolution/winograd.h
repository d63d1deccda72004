// Convolutions of many channels, by way of their parts (see kernels.h).

#pragma once

#include "../simd/greatest.h"
#include "kernels.h"
#include "matrix.h"
#include "transforms.h"

namespace mnist_tch {
namespace INSTRUCTIONS {
namespace {

// Squares whose parts are at work together: few enough for a core's cache.
constexpr int64_t BLOCK = 24;

// The same matrix for each part.
struct Parts {
  float* data;
  int64_t rows, columns;

  [[gnu::always_inline]] Matrix operator[](int64_t part) const {
    return {data + part * matrix_size(rows, columns), rows, columns};
  }

  float* end() const { return data + PARTS * matrix_size(rows, columns); }
};

// What a thread works with: parts of values and of results, and a pixel of zeros.
struct Space {
  Parts values, results;
  float* zeros;

  Space(const ConvolutionShape& shape, float* space)
      : values{space, BLOCK, shape.inputs},
        results{values.end(), BLOCK, shape.outputs},
        zeros(results.end()) {
    std::memset(zeros, 0, shape.inputs * sizeof(float));
  }
};

int64_t space(const ConvolutionShape& shape) {
  return PARTS * (matrix_size(BLOCK, shape.inputs) + matrix_size(BLOCK, shape.outputs)) +
         shape.inputs;
}

// Where a square lies: its image, and the first of its results.
struct Place {
  int64_t image, row, column;

  [[gnu::always_inline]] Place(const ConvolutionShape& shape, int64_t square, int64_t step) {
    const int64_t in_image = square % (shape.down * shape.across);
    image = square / (shape.down * shape.across);
    row = in_image / shape.across * step;
    column = in_image % shape.across * step;
  }
};

template <int R>
struct Loops {
  static constexpr int STEP = POINTS + 1 - R;

  static void weights_to_parts(const float* weights, int64_t tap, int64_t row, int64_t rows,
                               int64_t columns, float* parts, int64_t begin, int64_t end) {
    const Parts all{parts, rows, columns};
    for (int64_t r = begin; r < end; ++r) {
      for (int64_t c = 0; c < columns; c += WIDTH) {
        both_ways<R, POINTS>(
            kernel_to_parts<R>,
            [&](int i, int j) { return read<Wide>(weights + (i * R + j) * tap + r * row + c); },
            [&](int i, int j, Wide part) { write(all[i * POINTS + j].at(r, c), part); });
      }
    }
  }

  static void parts_to_weights(const float* parts, int64_t rows, int64_t columns, float* weights,
                               int64_t begin, int64_t end) {
    const Parts all{const_cast<float*>(parts), rows, columns};
    for (int64_t r = begin; r < end; ++r) {
      for (int64_t c = 0; c < columns; c += WIDTH) {
        both_ways<POINTS, R>(
            parts_to_kernel<R>,
            [&](int i, int j) { return read<Wide>(all[i * POINTS + j].at(r, c)); },
            [&](int i, int j, Wide weight) {
              write(weights + ((i * R + j) * rows + r) * columns + c, weight);
            });
      }
    }
  }

  // Fills a row of parts for each square.
  static void take_values(const ConvolutionShape& shape, const float* values, const Space& space,
                          int64_t begin, int64_t end) {
    const int64_t channels = shape.inputs;
    for (int64_t square = begin; square < end; ++square) {
      const Place place(shape, square, STEP);
      const float* pixels[POINTS][POINTS];
      for (int i = 0; i < POINTS; ++i) {
        for (int j = 0; j < POINTS; ++j) {
          const int64_t y = place.row - shape.padding + i, x = place.column - shape.padding + j;
          const bool inside = y >= 0 && y < shape.height && x >= 0 && x < shape.width;
          const int64_t pixel = (place.image * shape.height + y) * shape.width + x;
          pixels[i][j] = inside ? values + pixel * channels : space.zeros;
        }
      }
      for (int64_t c = 0; c < channels; c += WIDTH) {
        both_ways<POINTS, POINTS>(
            values_to_parts, [&](int i, int j) { return read<Wide>(pixels[i][j] + c); },
            [&](int i, int j, Wide part) {
              write(space.values[i * POINTS + j].at(square - begin, c), part);
            });
      }
    }
  }

  // The same of the results' gradients, which are also added to those of the bias.
  static void take_gradients(const ConvolutionShape& shape, Results gradients, float* of_bias,
                             const Space& space, int64_t begin, int64_t end) {
    for (int64_t square = begin; square < end; ++square) {
      const Place place(shape, square, STEP);
      for (int64_t c = 0; c < shape.outputs; c += WIDTH) {
        Wide own[STEP][STEP], sum{};
        if (shape.pooled) {
          for_each_pool(shape, place, c, [&](int i, int j, bool inside, int64_t at) {
            const Wide gradient = inside ? read<Wide>(gradients.values + at) : Wide{};
            const auto winner = inside ? read_winner<WIDTH>(gradients.winners + at) : Mask<WIDTH>{};
            for (int corner = 0; corner < 4; ++corner) {
              own[i + corner / 2][j + corner % 2] = winner == corner ? gradient : Wide{};
            }
          });
        } else {
          for_each_result(shape, place, c, [&](int i, int j, bool inside, int64_t at) {
            own[i][j] = inside ? read<Wide>(gradients.values + at) : Wide{};
          });
        }
        both_ways<STEP, POINTS>(
            results_to_parts<STEP>,
            [&](int i, int j) {
              sum += own[i][j];
              return own[i][j];
            },
            [&](int i, int j, Wide part) {
              write(space.results[i * POINTS + j].at(square - begin, c), part);
            });
        write(of_bias + c, read<Wide>(of_bias + c) + sum);
      }
    }
  }

  static void give_results(const ConvolutionShape& shape, const Space& space, const float* bias,
                           Results results, int64_t begin, int64_t end) {
    for (int64_t square = begin; square < end; ++square) {
      const Place place(shape, square, STEP);
      for (int64_t c = 0; c < shape.outputs; c += WIDTH) {
        const Wide shift = bias ? read<Wide>(bias + c) : Wide{};
        Wide own[STEP][STEP];
        both_ways<POINTS, STEP>(
            parts_to_results<STEP>,
            [&](int i, int j) {
              return read<Wide>(space.results[i * POINTS + j].at(square - begin, c));
            },
            [&](int i, int j, Wide result) { own[i][j] = result + shift; });
        if (shape.pooled) {
          for_each_pool(shape, place, c, [&](int i, int j, bool inside, int64_t at) {
            if (!inside) return;
            const auto best = greatest<WIDTH>(own[i][j], own[i][j + 1], own[i + 1][j],
                                              own[i + 1][j + 1], shape.floor);
            write(results.values + at, best.value);
            if (results.winners) write_winner<WIDTH>(results.winners + at, best.winner);
          });
        } else {
          for_each_result(shape, place, c, [&](int i, int j, bool inside, int64_t at) {
            if (inside) write(results.values + at, own[i][j]);
          });
        }
      }
    }
  }

  // Calls `action` for each result of a square: its row and column there, whether it is in the
  // image, and where it is in memory.
  template <typename Action>
  [[gnu::always_inline]] static void for_each_result(const ConvolutionShape& shape,
                                                     const Place& place, int64_t channel,
                                                     const Action& action) {
    const int64_t rows = shape.rows - place.row, columns = shape.columns - place.column;
    const int64_t first = (place.image * shape.rows + place.row) * shape.columns + place.column;
    for (int i = 0; i < STEP; ++i) {
      for (int j = 0; j < STEP; ++j) {
        const int64_t pixel = first + i * shape.columns + j;
        action(i, j, i < rows && j < columns, pixel * shape.outputs + channel);
      }
    }
  }

  // The same for each 2×2 of them, and what is kept of it.
  template <typename Action>
  [[gnu::always_inline]] static void for_each_pool(const ConvolutionShape& shape,
                                                   const Place& place, int64_t channel,
                                                   const Action& action) {
    const int64_t rows = shape.rows - place.row, columns = shape.columns - place.column;
    const int64_t height = shape.rows / 2, width = shape.columns / 2;
    const int64_t first = (place.image * height + place.row / 2) * width + place.column / 2;
    for (int i = 0; i < STEP; i += 2) {
      for (int j = 0; j < STEP; j += 2) {
        const int64_t pixel = first + i / 2 * width + j / 2;
        action(i, j, i + 1 < rows && j + 1 < columns, pixel * shape.outputs + channel);
      }
    }
  }

  // Adds to the values' gradients; squares of values overlap.
  static void give_gradients(const ConvolutionShape& shape, const Space& space, float* of_values,
                             int64_t begin, int64_t end) {
    const int64_t channels = shape.inputs;
    for (int64_t square = begin; square < end; ++square) {
      const Place place(shape, square, STEP);
      const int64_t row = place.row - shape.padding, column = place.column - shape.padding;
      const int64_t first = (place.image * shape.height + row) * shape.width + column;
      for (int64_t c = 0; c < channels; c += WIDTH) {
        both_ways<POINTS, POINTS>(
            parts_to_values,
            [&](int i, int j) {
              return read<Wide>(space.values[i * POINTS + j].at(square - begin, c));
            },
            [&](int i, int j, Wide gradient) {
              const int64_t y = row + i, x = column + j;
              if (y >= 0 && y < shape.height && x >= 0 && x < shape.width) {
                float* to = of_values + (first + i * shape.width + j) * channels + c;
                write(to, read<Wide>(to) + gradient);
              }
            });
      }
    }
  }

  static void forward(const ConvolutionShape& shape, const float* values, const float* weights,
                      const float* bias, Results results, float* memory, int64_t begin,
                      int64_t end) {
    const Space space(shape, memory);
    const Parts kernels{const_cast<float*>(weights), shape.inputs, shape.outputs};
    for (int64_t first = begin; first < end; first += BLOCK) {
      const int64_t last = lesser(end, first + BLOCK);
      take_values(shape, values, space, first, last);
      for (int64_t part = 0; part < PARTS; ++part) {
        product(space.values[part], kernels[part], space.results[part], last - first);
      }
      give_results(shape, space, bias, results, first, last);
    }
  }

  static void backward(const ConvolutionShape& shape, const float* values, const float* weights,
                       Results gradients, float* of_values, float* of_weights, float* of_bias,
                       float* memory, int64_t begin, int64_t end) {
    const Space space(shape, memory);
    const Parts kernels{const_cast<float*>(weights), shape.outputs, shape.inputs};
    const Parts of_kernels{of_weights, shape.inputs, shape.outputs};
    const int64_t squares = shape.down * shape.across;
    for (int64_t first = begin * squares; first < end * squares; first += BLOCK) {
      const int64_t last = lesser(end * squares, first + BLOCK), count = last - first;
      take_values(shape, values, space, first, last);
      take_gradients(shape, gradients, of_bias, space, first, last);
      for (int64_t part = 0; part < PARTS; ++part) {
        add_transposed_product(space.values[part], space.results[part], of_kernels[part], count);
        // The parts of values are no longer needed, and make room for those of their gradients.
        if (of_values) product(space.results[part], kernels[part], space.values[part], count);
      }
      if (of_values) give_gradients(shape, space, of_values, first, last);
    }
  }

  static constexpr Winograd TABLE{
      STEP, WIDTH, matrix_size, space, weights_to_parts, parts_to_weights, forward, backward};
};

}  // namespace
}  // namespace INSTRUCTIONS
}  // namespace mnist_tch
