// Direct convolutions of images of one channel, for a few pixels and two vectors of outputs at
// once. There is little to compute; what matters is that each result is written once.

#pragma once

#include "../simd/max4.h"
#include "kernels.h"
#include "matrix.h"

namespace mnist_tch {
namespace INSTRUCTIONS {
namespace {

template <int R>
struct OneChannelLoops {
  static constexpr int TAPS = R * R;

  static int64_t padded_width(const ConvolutionShape& shape) {
    return shape.width + 2 * shape.padding;
  }

  static int64_t padded_size(const ConvolutionShape& shape) {
    return (shape.height + 2 * shape.padding) * padded_width(shape);
  }

  static int64_t workspace(const ConvolutionShape& shape) {
    const int64_t results = shape.rows * shape.columns * shape.outputs;
    return padded_size(shape) + (shape.pooled ? results : 0);
  }

  // Pads an image with zeros, so that taps need no bounds checks.
  static void pad(const ConvolutionShape& shape, const float* image, float* padded) {
    std::memset(padded, 0, padded_size(shape) * sizeof(float));
    const int64_t width = padded_width(shape);
    for (int64_t row = 0; row < shape.height; ++row) {
      std::memcpy(padded + (row + shape.padding) * width + shape.padding, image + row * shape.width,
                  shape.width * sizeof(float));
    }
  }

  static void forward(const ConvolutionShape& shape, const float* images, const float* weights,
                      const float* bias, Results results, float* padded, int64_t begin,
                      int64_t end) {
    const int64_t row_size = shape.columns * shape.outputs, image_size = shape.rows * row_size;
    float* rows = padded + padded_size(shape);
    for (int64_t image = begin; image < end; ++image) {
      pad(shape, images + image * shape.height * shape.width, padded);
      if (!shape.pooled) rows = results.values + image * image_size;
      for (int64_t row = 0; row < shape.rows; ++row) {
        convolve_row(shape, padded + row * padded_width(shape), weights, bias,
                     rows + row * row_size);
        if (shape.pooled && row % 2 == 1) pool_rows(shape, rows, image, row - 1, results);
      }
    }
  }

  static void convolve_row(const ConvolutionShape& shape, const float* padded, const float* weights,
                           const float* bias, float* results) {
    const int64_t width = padded_width(shape), outputs = shape.outputs;
    for_each_panel(outputs, [&](int64_t output, auto vectors) __attribute__((always_inline)) {
      for_each_tile(shape.columns, [&](int64_t column, auto pixels) __attribute__((always_inline)) {
        Tile<pixels.value, vectors.value> tile(bias ? bias + output : nullptr);
        for (int i = 0; i < R; ++i) {
          for (int j = 0; j < R; ++j) {
            const float* pixel = padded + i * width + column + j;
            tile.add([&](int r) { return pixel[r]; }, weights + (i * R + j) * outputs + output);
          }
        }
        tile.store(results + column * outputs + output, outputs);
      });
    });
  }

  // Calls `action` for each 2×2 pooling window of two rows of an image, with the index of its first
  // value in the image, and of its maximum among all pooled results.
  template <typename Action>
  [[gnu::always_inline]] static void for_each_pool(const ConvolutionShape& shape, int64_t image,
                                                   int64_t row, const Action& action) {
    const int64_t height = shape.rows / 2, width = shape.columns / 2;
    for (int64_t column = 0; column < width; ++column) {
      const int64_t first = (row * shape.columns + 2 * column) * shape.outputs;
      const int64_t kept = ((image * height + row / 2) * width + column) * shape.outputs;
      for (int64_t c = 0; c < shape.outputs; c += WIDTH) action(first + c, kept + c);
    }
  }

  static void pool_rows(const ConvolutionShape& shape, const float* rows, int64_t image,
                        int64_t row, Results results) {
    const int64_t right = shape.outputs, below = shape.columns * shape.outputs;
    for_each_pool(shape, image, row, [&](int64_t first, int64_t kept) {
      const float* upper = rows + first;
      const float* lower = upper + below;
      const auto best = max4<WIDTH>(
          read<Floats<WIDTH>>(upper), read<Floats<WIDTH>>(upper + right),
          read<Floats<WIDTH>>(lower), read<Floats<WIDTH>>(lower + right), shape.floor);
      write(results.values + kept, best.value);
      if (results.winners) write_winner<WIDTH>(results.winners + kept, best.winner);
    });
  }

  // The gradients of an image's results: those after pooling at the winners, zero elsewhere.
  static void unpool(const ConvolutionShape& shape, Results gradients, int64_t image, float* rows) {
    const int64_t right = shape.outputs, below = shape.columns * shape.outputs;
    std::memset(rows, 0, shape.rows * below * sizeof(float));
    for (int64_t row = 0; row + 1 < shape.rows; row += 2) {
      for_each_pool(shape, image, row, [&](int64_t first, int64_t kept) {
        const auto gradient = read<Floats<WIDTH>>(gradients.values + kept);
        const auto winner = read_winner<WIDTH>(gradients.winners + kept);
        for (int corner = 0; corner < 4; ++corner) {
          write(rows + first + corner / 2 * below + corner % 2 * right,
                winner == corner ? gradient : Floats<WIDTH>{});
        }
      });
    }
  }

  static void backward(const ConvolutionShape& shape, const float* images, Results gradients,
                       float* of_weights, float* of_bias, float* padded, int64_t begin,
                       int64_t end) {
    const int64_t outputs = shape.outputs, pixels = shape.rows * shape.columns;
    float* own = padded + padded_size(shape);
    for (int64_t image = begin; image < end; ++image) {
      pad(shape, images + image * shape.height * shape.width, padded);
      if (shape.pooled) {
        unpool(shape, gradients, image, own);
      } else {
        own = gradients.values + image * pixels * outputs;
      }
      for_each_panel(outputs, [&](int64_t output, auto vectors) __attribute__((always_inline)) {
        for_each_tile(TAPS, [&](int64_t tap, auto taps) __attribute__((always_inline)) {
          add_taps<taps.value, vectors.value>(shape, padded, own + output, tap,
                                              of_weights + tap * outputs + output);
        });
        Tile<1, vectors.value> sum{};
        for (int64_t pixel = 0; pixel < pixels; ++pixel) {
          sum.add([](int) { return 1.0f; }, own + pixel * outputs + output);
        }
        sum.add_to(of_bias + output, outputs);
      });
    }
  }

  // Accumulates the gradients of some taps over an image.
  template <int COUNT, int VECTORS>
  [[gnu::always_inline]] static void add_taps(const ConvolutionShape& shape, const float* padded,
                                              const float* gradients, int64_t tap,
                                              float* of_weights) {
    const int64_t width = padded_width(shape);
    int64_t offsets[COUNT];
    for (int t = 0; t < COUNT; ++t) offsets[t] = (tap + t) / R * width + (tap + t) % R;
    Tile<COUNT, VECTORS> tile{};
    for (int64_t row = 0; row < shape.rows; ++row) {
      const float* pixel = padded + row * width;
      for (int64_t column = 0; column < shape.columns; ++column, ++pixel) {
        tile.add([&](int t) { return pixel[offsets[t]]; }, gradients);
        gradients += shape.outputs;
      }
    }
    tile.add_to(of_weights, shape.outputs);
  }

  static constexpr OneChannel TABLE{WIDTH, workspace, forward, backward};
};

}  // namespace
}  // namespace INSTRUCTIONS
}  // namespace mnist_tch
