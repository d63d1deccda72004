// 3×3 and 5×5 convolutions with stride 1, over channels-last floats.
//
// They need 25 % (3×3) or 36 % (5×5) of the multiplications of direct convolution, by Winograd's minimal
// filtering (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015): input
// tiles of 6×6 values, kernels and output tiles are each transformed to 36 values, called parts
// here, for which the convolution is an elementwise product. Over all tiles and channels these are
// 36 matrix products, with one row per tile. Gradients use the same transforms, transposed.
//
// kernels.cpp is compiled once for each instruction set; `winograd()` and `one_channel()` return
// the kernels of the selected one.

#pragma once

#include <cstdint>

namespace mnist_tch {

struct ConvolutionShape {
  // Size of an input image.
  int64_t height, width, inputs;
  // Size of its output, before pooling.
  int64_t rows, columns, outputs;
  // Zero padding.
  int64_t padding;
  // Output tiles per image; the last row and column of them may reach beyond it.
  int64_t down, across;
  // Whether 2×2 max-pooling follows, with results of at least `floor`.
  bool pooled;
  float floor;
};

// Parts of a tile: 6×6.
constexpr int64_t PARTS = 36;

// Results or their gradients. With pooling, `winners` has the index of the maximum in each 2×2
// window; it may be null where it is not needed.
struct Results {
  float* values;
  uint8_t* winners;
};

struct Winograd {
  // Height and width of an output tile.
  int64_t step;
  // Channels must be a multiple of this.
  int64_t width;
  // Size of a matrix in floats, in the panel layout of the products.
  int64_t (*matrix)(int64_t rows, int64_t columns);
  // Size in floats of the workspace of a thread.
  int64_t (*workspace)(const ConvolutionShape& shape);

  // Transforms kernels to parts: a matrix each, of which rows from `begin` to `end` are filled. The
  // strides of taps, rows and columns are `tap`, `row` and 1.
  void (*weights_to_parts)(const float* weights, int64_t tap, int64_t row, int64_t rows,
                           int64_t columns, float* parts, int64_t begin, int64_t end);
  // The transposed transform: [taps][rows][columns] from parts.
  void (*parts_to_weights)(const float* parts, int64_t rows, int64_t columns, float* weights,
                           int64_t begin, int64_t end);

  // The results of tiles from `begin` to `end`, numbered across all images. Weights are parts with
  // a row for each input; the bias may be null.
  void (*forward)(const ConvolutionShape& shape, const float* values, const float* weights,
                  const float* bias, Results results, float* workspace, int64_t begin, int64_t end);
  // The backward pass for images from `begin` to `end`. Gradients of the values are added to
  // `of_values`, which is zero at first and may be null; those of weights (as parts with a row for
  // each input) and bias are accumulated. Weights are parts with a row for each output.
  void (*backward)(const ConvolutionShape& shape, const float* values, const float* weights,
                   Results gradients, float* of_values, float* of_weights, float* of_bias,
                   float* workspace, int64_t begin, int64_t end);
};

// Direct convolution for images of one channel, where Winograd saves nothing. Weights are
// [taps][outputs]; begin and end count images.
struct OneChannel {
  // Outputs must be a multiple of this.
  int64_t width;
  // Size in floats of the workspace of a thread.
  int64_t (*workspace)(const ConvolutionShape& shape);
  void (*forward)(const ConvolutionShape& shape, const float* images, const float* weights,
                  const float* bias, Results results, float* workspace, int64_t begin, int64_t end);
  // Accumulates the gradients of weights and bias.
  void (*backward)(const ConvolutionShape& shape, const float* images, Results gradients,
                   float* of_weights, float* of_bias, float* workspace, int64_t begin, int64_t end);
};

// For kernels of 3×3 and 5×5; null for others.
const Winograd* winograd(int64_t kernel);
const OneChannel* one_channel(int64_t kernel);

}  // namespace mnist_tch
