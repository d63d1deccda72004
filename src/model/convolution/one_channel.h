// Convolutions of images of one channel: a plain sum over the kernel's taps, for a few pixels and two
// vectors of outputs at once. There is little to compute; what counts is that each result is written
// once.

#pragma once

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

  static int64_t space(const ConvolutionShape& shape) {
    return (shape.height + 2 * shape.padding) * padded_width(shape);
  }

  // An image with its border of zeros, so that taps need not ask where they are.
  static void pad(const ConvolutionShape& shape, const float* image, float* padded) {
    std::memset(padded, 0, space(shape) * sizeof(float));
    const int64_t width = padded_width(shape);
    for (int64_t row = 0; row < shape.height; ++row) {
      std::memcpy(padded + (row + shape.padding) * width + shape.padding, image + row * shape.width,
                  shape.width * sizeof(float));
    }
  }

  static void forward(const ConvolutionShape& shape, const float* images, const float* weights,
                      const float* bias, float* results, float* padded, int64_t begin,
                      int64_t end) {
    const int64_t width = padded_width(shape), outputs = shape.outputs;
    for (int64_t image = begin; image < end; ++image) {
      pad(shape, images + image * shape.height * shape.width, padded);
      for (int64_t row = 0; row < shape.rows; ++row) {
        float* line = results + (image * shape.rows + row) * shape.columns * outputs;
        for_each_panel(outputs, [&](int64_t output, auto vectors) __attribute__((always_inline)) {
          for_each_tile(shape.columns, [&](int64_t column, auto pixels) __attribute__((always_inline)) {
            Tile<pixels.value, vectors.value> tile(bias ? bias + output : nullptr);
            for (int i = 0; i < R; ++i) {
              for (int j = 0; j < R; ++j) {
                const float* pixel = padded + (row + i) * width + column + j;
                tile.add([&](int r) { return pixel[r]; }, weights + (i * R + j) * outputs + output);
              }
            }
            tile.store(line + column * outputs + output, outputs);
          });
        });
      }
    }
  }

  static void backward(const ConvolutionShape& shape, const float* images, const float* gradients,
                       float* of_weights, float* of_bias, float* padded, int64_t begin,
                       int64_t end) {
    const int64_t outputs = shape.outputs, pixels = shape.rows * shape.columns;
    for (int64_t image = begin; image < end; ++image) {
      pad(shape, images + image * shape.height * shape.width, padded);
      const float* own = gradients + image * pixels * outputs;
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

  // Adds the gradients of some taps, from all of an image.
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

  static constexpr OneChannel TABLE{WIDTH, space, forward, backward};
};

}  // namespace
}  // namespace INSTRUCTIONS
}  // namespace mnist_tch
