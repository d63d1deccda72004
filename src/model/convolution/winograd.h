// Winograd convolutions of many channels (see kernels.h).

#pragma once

#include "../simd/max4.h"
#include "kernels.h"
#include "matrix.h"
#include "transforms.h"

namespace mnist_tch {
namespace INSTRUCTIONS {
namespace {

// Tiles that are processed together: few enough for a core's cache.
constexpr int64_t BLOCK = 24;

// A matrix of the same size for each part.
struct Parts {
  float* data;
  int64_t rows, columns;

  [[gnu::always_inline]] Matrix operator[](int64_t part) const {
    return {data + part * matrix_size(rows, columns), rows, columns};
  }

  float* end() const { return data + PARTS * matrix_size(rows, columns); }
};

// The workspace of a thread: parts of values and of results, and a pixel of zeros.
struct Workspace {
  Parts values, results;
  float* zeros;

  Workspace(const ConvolutionShape& shape, float* workspace)
      : values{workspace, BLOCK, shape.inputs},
        results{values.end(), BLOCK, shape.outputs},
        zeros(results.end()) {
    std::memset(zeros, 0, shape.inputs * sizeof(float));
  }
};

int64_t workspace(const ConvolutionShape& shape) {
  return PARTS * (matrix_size(BLOCK, shape.inputs) + matrix_size(BLOCK, shape.outputs)) +
         shape.inputs;
}

// The position of a tile: its image, and its first result there.
struct TilePosition {
  int64_t image, row, column;

  [[gnu::always_inline]] TilePosition(const ConvolutionShape& shape, int64_t tile, int64_t step) {
    const int64_t in_image = tile % (shape.down * shape.across);
    image = tile / (shape.down * shape.across);
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
        transform_2d<R, POINTS>(
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
        transform_2d<POINTS, R>(
            parts_to_kernel<R>,
            [&](int i, int j) { return read<Wide>(all[i * POINTS + j].at(r, c)); },
            [&](int i, int j, Wide weight) {
              write(weights + ((i * R + j) * rows + r) * columns + c, weight);
            });
      }
    }
  }

  // Transforms the input of each tile to a row of parts.
  static void load_inputs(const ConvolutionShape& shape, const float* values,
                          const Workspace& workspace, int64_t begin, int64_t end) {
    const int64_t channels = shape.inputs;
    for (int64_t tile = begin; tile < end; ++tile) {
      const TilePosition place(shape, tile, STEP);
      const float* pixels[POINTS][POINTS];
      for (int i = 0; i < POINTS; ++i) {
        for (int j = 0; j < POINTS; ++j) {
          const int64_t y = place.row - shape.padding + i, x = place.column - shape.padding + j;
          const bool inside = y >= 0 && y < shape.height && x >= 0 && x < shape.width;
          const int64_t pixel = (place.image * shape.height + y) * shape.width + x;
          pixels[i][j] = inside ? values + pixel * channels : workspace.zeros;
        }
      }
      for (int64_t c = 0; c < channels; c += WIDTH) {
        transform_2d<POINTS, POINTS>(
            values_to_parts, [&](int i, int j) { return read<Wide>(pixels[i][j] + c); },
            [&](int i, int j, Wide part) {
              write(workspace.values[i * POINTS + j].at(tile - begin, c), part);
            });
      }
    }
  }

  // The same for the gradients of the results, which are also added to that of the bias.
  static void load_gradients(const ConvolutionShape& shape, Results gradients, float* of_bias,
                             const Workspace& workspace, int64_t begin, int64_t end) {
    for (int64_t tile = begin; tile < end; ++tile) {
      const TilePosition place(shape, tile, STEP);
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
        transform_2d<STEP, POINTS>(
            results_to_parts<STEP>,
            [&](int i, int j) {
              sum += own[i][j];
              return own[i][j];
            },
            [&](int i, int j, Wide part) {
              write(workspace.results[i * POINTS + j].at(tile - begin, c), part);
            });
        write(of_bias + c, read<Wide>(of_bias + c) + sum);
      }
    }
  }

  static void store_outputs(const ConvolutionShape& shape, const Workspace& workspace,
                            const float* bias, Results results, int64_t begin, int64_t end) {
    for (int64_t tile = begin; tile < end; ++tile) {
      const TilePosition place(shape, tile, STEP);
      for (int64_t c = 0; c < shape.outputs; c += WIDTH) {
        const Wide shift = bias ? read<Wide>(bias + c) : Wide{};
        Wide own[STEP][STEP];
        transform_2d<POINTS, STEP>(
            parts_to_results<STEP>,
            [&](int i, int j) {
              return read<Wide>(workspace.results[i * POINTS + j].at(tile - begin, c));
            },
            [&](int i, int j, Wide result) { own[i][j] = result + shift; });
        if (shape.pooled) {
          for_each_pool(shape, place, c, [&](int i, int j, bool inside, int64_t at) {
            if (!inside) return;
            const auto best = max4<WIDTH>(own[i][j], own[i][j + 1], own[i + 1][j],
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

  // Calls `action` for each result of a tile, with its row and column there, whether it is inside
  // the image, and its index in memory.
  template <typename Action>
  [[gnu::always_inline]] static void for_each_result(const ConvolutionShape& shape,
                                                     const TilePosition& place, int64_t channel,
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

  // The same for each 2×2 pooling window, with the index of its maximum.
  template <typename Action>
  [[gnu::always_inline]] static void for_each_pool(const ConvolutionShape& shape,
                                                   const TilePosition& place, int64_t channel,
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

  // Accumulates the gradients of the values; input tiles overlap.
  static void store_gradients(const ConvolutionShape& shape, const Workspace& workspace,
                              float* of_values, int64_t begin, int64_t end) {
    const int64_t channels = shape.inputs;
    for (int64_t tile = begin; tile < end; ++tile) {
      const TilePosition place(shape, tile, STEP);
      const int64_t row = place.row - shape.padding, column = place.column - shape.padding;
      const int64_t first = (place.image * shape.height + row) * shape.width + column;
      for (int64_t c = 0; c < channels; c += WIDTH) {
        transform_2d<POINTS, POINTS>(
            parts_to_values,
            [&](int i, int j) {
              return read<Wide>(workspace.values[i * POINTS + j].at(tile - begin, c));
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
    const Workspace workspace(shape, memory);
    const Parts kernels{const_cast<float*>(weights), shape.inputs, shape.outputs};
    for (int64_t first = begin; first < end; first += BLOCK) {
      const int64_t last = lesser(end, first + BLOCK);
      load_inputs(shape, values, workspace, first, last);
      for (int64_t part = 0; part < PARTS; ++part) {
        product(workspace.values[part], kernels[part], workspace.results[part], last - first);
      }
      store_outputs(shape, workspace, bias, results, first, last);
    }
  }

  static void backward(const ConvolutionShape& shape, const float* values, const float* weights,
                       Results gradients, float* of_values, float* of_weights, float* of_bias,
                       float* memory, int64_t begin, int64_t end) {
    const Workspace workspace(shape, memory);
    const Parts kernels{const_cast<float*>(weights), shape.outputs, shape.inputs};
    const Parts of_kernels{of_weights, shape.inputs, shape.outputs};
    const int64_t tiles = shape.down * shape.across;
    for (int64_t first = begin * tiles; first < end * tiles; first += BLOCK) {
      const int64_t last = lesser(end * tiles, first + BLOCK), count = last - first;
      load_inputs(shape, values, workspace, first, last);
      load_gradients(shape, gradients, of_bias, workspace, first, last);
      for (int64_t part = 0; part < PARTS; ++part) {
        add_transposed_product(workspace.values[part], workspace.results[part], of_kernels[part],
                               count);
        // The parts of the values are no longer needed: those of their gradients overwrite them.
        if (of_values) {
          product(workspace.results[part], kernels[part], workspace.values[part], count);
        }
      }
      if (of_values) store_gradients(shape, workspace, of_values, first, last);
    }
  }

  static constexpr Winograd TABLE{
      STEP, WIDTH, matrix_size, workspace, weights_to_parts, parts_to_weights, forward, backward};
};

}  // namespace
}  // namespace INSTRUCTIONS
}  // namespace mnist_tch
